/**
 * What every command gets: the process, the options that all commands share, and one way to open the fleet, to stop it,
 * and to close it again.
 */
import type { FleetApp } from "../shared/compose.ts";
import type { Scope } from "../shared/model/pass.ts";
import { plainPaint } from "../shared/presentation/document.ts";
import type { Presentation } from "../shared/presentation/presentation-format.ts";
import type { CliHost } from "./host.ts";
import { progressLine } from "./progress.ts";
import type { ProgressLine } from "./progress.ts";
import { silentTelemetry, verboseTelemetry } from "./verbose-telemetry.ts";

/** Options as commander leaves them; those that a command does not declare are absent. */
export type CommonOptions = {
  readonly config?: string;
  /** False after `--no-color`. */
  readonly color: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly output?: Presentation["format"];
  readonly cluster?: string;
  readonly namespace?: string;
};

export type CommandContext<Options extends CommonOptions = CommonOptions> = {
  readonly host: CliHost;
  readonly options: Options;
};

export type OpenFleet = { readonly app: FleetApp; readonly progress: ProgressLine; readonly signal: AbortSignal };

/** The `--cluster` and `--namespace` of a command. */
export function scopeOf({ cluster, namespace }: CommonOptions): Scope {
  return { ...(cluster === undefined ? {} : { cluster }), ...(namespace === undefined ? {} : { namespace }) };
}

/** How the result is to be written: format, colours, width; and the `--config` that its commands repeat. */
export function presentationOf({ host, options }: CommandContext): Presentation {
  const format = options.output ?? "text";
  const config = options.config === undefined ? {} : { config: options.config };
  if (format !== "text") return { format, ...config };
  const { columns, paint } = host.stdout;
  return {
    format,
    ...config,
    paint: options.color ? paint : plainPaint,
    ...(columns === undefined ? {} : { width: columns }),
    ...(options.quiet === true ? { brief: true } : {}),
  };
}

/**
 * Opens the fleet, does the work and closes it, whatever happens. The first Ctrl-C asks the work to stop where nothing is
 * left half done; the second ends the process.
 * @returns what `work` answers, or 130 (143) when it was interrupted.
 */
export async function withFleet(context: CommandContext, work: (fleet: OpenFleet) => Promise<number>): Promise<number> {
  const { host, options } = context;
  const progress = progressLine(host, { quiet: options.quiet === true, verbose: options.verbose === true });
  return interruptible(host, progress, async (signal) => {
    const app = await host.compose({
      ...(options.config === undefined ? {} : { configurationPath: options.config }),
      telemetry: options.verbose === true ? verboseTelemetry(host) : silentTelemetry,
      progress,
      holder: "cli",
    });
    try {
      return await work({ app, progress, signal });
    } finally {
      progress.end();
      await app.close();
    }
  });
}

/** Runs work that the user may stop. An error that comes of the stop itself is not reported. */
export async function interruptible(
  host: CliHost,
  progress: Pick<ProgressLine, "end">,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  let interruptedBy: number | undefined;
  const release = host.onInterrupt((exitCode) => {
    if (interruptedBy !== undefined) return host.exit(exitCode);
    interruptedBy = exitCode;
    progress.end();
    host.stderr.write("stopping after what is under way; press Ctrl-C again to stop at once\n");
    stop.abort();
  });
  try {
    const exitCode = await work(stop.signal);
    return interruptedBy ?? exitCode;
  } catch (caught) {
    if (interruptedBy === undefined || !stop.signal.aborted) throw caught;
    return interruptedBy;
  } finally {
    release();
  }
}
