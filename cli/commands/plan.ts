/** `service-router plan`: what would change and why. Writes nothing, anywhere. */
import { presentPlan } from "../../shared/presentation/plan.ts";
import { presentationOf, scopeOf, withFleet } from "../command-context.ts";
import type { CommandContext } from "../command-context.ts";
import { planExitCode } from "../exit-codes.ts";
import { checkScope } from "../known-names.ts";

export function plan(context: CommandContext): Promise<number> {
  return withFleet(context, async ({ app, progress, signal }) => {
    const scope = scopeOf(context.options);
    const report = await app.preview({ scope, signal });
    await checkScope(report, scope, () => app.preview({ signal }));
    progress.end();
    context.host.stdout.write(presentPlan(report, presentationOf(context)));
    return planExitCode(report);
  });
}
