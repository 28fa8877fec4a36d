/** `service-router config check`: is the fleet configuration valid, and what does it say? Connects to nothing. */
import { ConfigurationError } from "../../shared/errors.ts";
import { presentConfiguration, presentConfigurationFaults } from "../../shared/presentation/configuration.ts";
import { presentationOf, withFleet } from "../command-context.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-codes.ts";

/**
 * Every fault at once comes as a ConfigurationError from opening the fleet. They are the result here: who asked for JSON or
 * Markdown finds them on stdout; text goes to stderr, as with every command.
 */
export async function configCheck(context: CommandContext): Promise<number> {
  try {
    return await withFleet(context, ({ app, progress }) => {
      progress.end();
      context.host.stdout.write(presentConfiguration(app.configuration, presentationOf(context)));
      return Promise.resolve(EXIT.ok);
    });
  } catch (caught) {
    const as = presentationOf(context);
    if (!(caught instanceof ConfigurationError) || as.format === "text") throw caught;
    context.host.stdout.write(presentConfigurationFaults(caught, as));
    return EXIT.error;
  }
}
