/** `service-router apply`: one pass, or with --wait as many as it takes until nothing is waiting. */
import { presentReport } from "../../shared/presentation/report.ts";
import { presentationOf, scopeOf, withFleet } from "../command-context.ts";
import type { CommandContext, CommonOptions } from "../command-context.ts";
import { applyExitCode, EXIT } from "../exit-codes.ts";
import { checkCluster, checkScope } from "../known-names.ts";
import { LEASE_WAIT_MS, runPasses } from "../run-passes.ts";

/** `wait`: true after --wait, false after --no-wait, absent otherwise. */
export type ApplyOptions = CommonOptions & { readonly wait?: boolean };

export function apply(context: CommandContext<ApplyOptions>): Promise<number> {
  const { host, options } = context;
  return withFleet(context, async (fleet) => {
    const { app, progress, signal } = fleet;
    const scope = scopeOf(options);
    checkCluster(app, scope);
    const passes = await runPasses(host, fleet, {
      scope,
      waitForLeaseMs: options.wait === false ? 0 : LEASE_WAIT_MS,
      untilSettled: options.wait === true,
    });
    if (passes.results === 0) await checkScope(passes.report, scope, () => app.preview({ signal }));
    progress.end();
    host.stdout.write(presentReport(passes.report, presentationOf(context)));
    if (passes.gaveUp !== undefined) host.stderr.write(`${passes.gaveUp}\n`);
    return passes.gaveUp === undefined ? applyExitCode(passes.report) : EXIT.error;
  });
}
