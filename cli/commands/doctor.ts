/** `service-router doctor`: what is unsafe in these clusters, and what follows from it. Writes nothing, anywhere. */
import { presentDiagnosis } from "../../shared/presentation/diagnosis.ts";
import { interruptible, presentationOf } from "../command-context.ts";
import type { CommandContext, CommonOptions } from "../command-context.ts";
import { doctorExitCode } from "../exit-codes.ts";
import { progressLine } from "../progress.ts";
import { UsageError } from "../usage-error.ts";

export type DoctorCommandOptions = CommonOptions & {
  readonly context?: readonly string[];
  readonly allContexts?: boolean;
  readonly kubeconfig?: string;
};

export function doctor(context: CommandContext<DoctorCommandOptions>): Promise<number> {
  const { host, options } = context;
  checkClusters(options);
  const progress = progressLine(host, { quiet: options.quiet === true, verbose: options.verbose === true });
  return interruptible(host, progress, async (signal) => {
    try {
      const diagnosis = await host.diagnose({
        ...(options.config === undefined ? {} : { configurationPath: options.config }),
        ...(options.context === undefined ? {} : { contexts: options.context }),
        ...(options.allContexts === undefined ? {} : { allContexts: options.allContexts }),
        ...(options.kubeconfig === undefined ? {} : { kubeconfigPath: options.kubeconfig }),
        progress,
        signal,
      });
      progress.end();
      host.stdout.write(presentDiagnosis(diagnosis, presentationOf(context)));
      return doctorExitCode(diagnosis);
    } finally {
      progress.end();
    }
  });
}

/** A fleet or contexts, never both: nobody could say which clusters were meant. @throws UsageError */
function checkClusters({ config, context, allContexts, kubeconfig }: DoctorCommandOptions): void {
  if (context !== undefined && allContexts === true) {
    throw new UsageError("--context and --all-contexts contradict each other", "leave one of them out");
  }
  if (config === undefined) return;
  const given = context !== undefined ? "--context" : allContexts === true ? "--all-contexts" : undefined;
  const other = given ?? (kubeconfig === undefined ? undefined : "--kubeconfig");
  if (other === undefined) return;
  throw new UsageError(
    `--config and ${other} contradict each other`,
    "give --config for the clusters of a fleet, or contexts of a kubeconfig",
  );
}
