/**
 * Part of compose: where numbers and sentences go. Whoever composes decides about sentences (the functions host ships its
 * invocation's log, the command line prints); numbers also go to Application Insights where a connection string is set.
 * Its SDK is loaded with the first number: it must not be on the way to registering functions.
 */
import type { SendingTelemetry } from "./adapters/telemetry/app-insights-telemetry.ts";
import { azureCredential } from "./compose-store.ts";
import type { Settings } from "./config.ts";
import { asError } from "./errors.ts";
import type { Telemetry } from "./ports.ts";

export type ComposedTelemetry = {
  readonly telemetry: Telemetry;
  /** Sends what waits: at the end of a pass, because the instance may be frozen after it. Never throws. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export function openTelemetry(sentences: Telemetry, settings: Settings): ComposedTelemetry {
  const connectionString = settings.telemetryConnectionString;
  if (connectionString === undefined) return { telemetry: sentences, flush: settled, close: settled };
  let opening: Promise<SendingTelemetry | undefined> | undefined;
  const open = async (): Promise<SendingTelemetry | undefined> => {
    try {
      const { openAppInsightsTelemetry } = await import("./adapters/telemetry/app-insights-telemetry.ts");
      return await openAppInsightsTelemetry({ connectionString, credential: azureCredential(settings) });
    } catch (caught) {
      sentences.warn("Application Insights cannot be used; numbers go to the log only", {
        error: asError(caught).message,
      });
      return undefined;
    }
  };
  const numbers = (): Promise<SendingTelemetry | undefined> => (opening ??= open());
  return {
    telemetry: {
      info: (message, fields) => sentences.info(message, fields),
      warn: (message, fields) => sentences.warn(message, fields),
      error: (message, fields) => sentences.error(message, fields),
      metric: (name, value, attributes) => {
        sentences.metric(name, value, attributes);
        void numbers().then((sending) => sending?.metric(name, value, attributes));
      },
    },
    flush: async () => (await opening)?.flush(),
    close: async () => (await opening)?.close(),
  };
}

async function settled(): Promise<void> {
  // Nothing waits.
}
