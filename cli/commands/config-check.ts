/** `service-router config check`: is the fleet configuration valid, and what does it say? Connects to nothing. */
import { presentConfiguration } from "../../shared/presentation/configuration.ts";
import { presentationOf, withFleet } from "../command-context.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-codes.ts";

/** Every fault at once comes as a ConfigurationError from opening the fleet. */
export function configCheck(context: CommandContext): Promise<number> {
  return withFleet(context, ({ app, progress }) => {
    progress.end();
    context.host.stdout.write(presentConfiguration(app.configuration, presentationOf(context)));
    return Promise.resolve(EXIT.ok);
  });
}
