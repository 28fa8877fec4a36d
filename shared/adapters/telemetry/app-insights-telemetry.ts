/**
 * Telemetry to Application Insights. Opened only where a connection string is configured: its SDK costs more than a second
 * and 80 MB to load, so nothing on the way to registering functions may import it.
 * Sampling is off on purpose (ratio 1 *and* no limit of traces per second; the SDK has both): a pass is rare, and the one
 * that moved traffic must not be the one that was dropped.
 * Never throws after it was opened; what cannot be sent is dropped by the SDK.
 */
import type { Histogram, Meter } from "@opentelemetry/api";
import type { Logger, SeverityNumber } from "@opentelemetry/api-logs";
import type { TokenCredential } from "@azure/identity";
import { ConfigurationError } from "../../errors.ts";
import type { Telemetry } from "../../ports.ts";

export type SendingTelemetry = Telemetry & {
  /** Sends what waits. At the end of a pass, because a function's instance may be frozen or removed after it. */
  flush(): Promise<void>;
  /** Flushes and stops the exporters. */
  close(): Promise<void>;
};

export type AppInsightsOptions = {
  readonly connectionString: string;
  /** Needed where the component has local authentication switched off; the role is "Monitoring Metrics Publisher". */
  readonly credential?: TokenCredential;
};

/** A limit for `flush` and `close`: an ingestion endpoint that does not answer must not hold up a pass. */
const FLUSH_MS = 10_000;
const SCOPE = "service-router";

/** @throws ConfigurationError when the SDK refuses the connection string. */
export async function openAppInsightsTelemetry(options: AppInsightsOptions): Promise<SendingTelemetry> {
  const [sdk, api, apiLogs] = await Promise.all([
    import("applicationinsights"),
    import("@opentelemetry/api"),
    import("@opentelemetry/api-logs"),
  ]);
  try {
    sdk.useAzureMonitor({
      azureMonitorExporterOptions: {
        connectionString: options.connectionString,
        ...(options.credential === undefined ? {} : { credential: options.credential }),
        disableOfflineStorage: true,
      },
      samplingRatio: 1,
      tracesPerSecond: 0,
      // Each costs steady traffic and is there already, from the Functions host.
      enableLiveMetrics: false,
      enableStandardMetrics: false,
      enablePerformanceCounters: false,
    });
  } catch (caught) {
    const message = "not a connection string of Application Insights; copy it from the component's overview";
    throw new ConfigurationError("telemetry", [{ path: "APPLICATIONINSIGHTS_CONNECTION_STRING", message }], caught);
  }
  // Only now: initialising replaces what was registered before.
  const { INFO, WARN, ERROR } = apiLogs.SeverityNumber;
  const severities = { info: INFO, warn: WARN, error: ERROR };
  const send = sender(apiLogs.logs.getLogger(SCOPE), severities, api.metrics.getMeter(SCOPE));
  return {
    ...send,
    flush: () => withinLimit(sdk.flushAzureMonitor()),
    close: async () => {
      await withinLimit(sdk.flushAzureMonitor());
      await withinLimit(sdk.shutdownAzureMonitor());
    },
  };
}

type Severities = Readonly<Record<"info" | "warn" | "error", SeverityNumber>>;

/** Histograms, because several passes may end between two exports: sum, count, least and most survive, a last value would not. */
function sender(logger: Logger, severities: Severities, meter: Meter): Telemetry {
  const histograms = new Map<string, Histogram>();
  const log = (level: keyof Severities, body: string, attributes: Record<string, string | number | boolean>): void =>
    quietly(() => {
      logger.emit({ severityNumber: severities[level], severityText: level, body, attributes });
    });
  return {
    info: (message, fields = {}) => log("info", message, fields),
    warn: (message, fields = {}) => log("warn", message, fields),
    error: (message, fields = {}) => log("error", message, fields),
    metric: (name, value, attributes = {}) =>
      quietly(() => {
        const histogram = histograms.get(name) ?? meter.createHistogram(name);
        histograms.set(name, histogram);
        histogram.record(value, attributes);
      }),
  };
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // See the head of this file.
  }
}

/** Resolves in any case: with the work, or when the limit is reached. */
async function withinLimit(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
  });
  try {
    await Promise.race([work, limit]);
  } catch {
    // See the head of this file.
  } finally {
    clearTimeout(timer);
  }
}
