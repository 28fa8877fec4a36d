/** The declaration of `service-router migrate`. */
import { InvalidArgumentError, type Command } from "commander";
import { examples, exitCodes, outputOption, type Run } from "./command-parts.ts";
import { migrate, type MigrateOptions } from "./commands/migrate.ts";

export function addMigrate(program: Command, run: Run): void {
  program
    .command("migrate")
    .description(
      "Say how far this fleet is on the way from the in-cluster operator: what is done, what is next with the commands for it, " +
        "what waits for what. Writes nothing; run it again after each step.",
    )
    .option(
      "--values <file>",
      "Helm values of the operator's release, as Helm takes them; may be given several times (no Secret is ever read)",
      collected,
    )
    .addOption(outputOption())
    .addHelpText(
      "after",
      examples(
        ["service-router migrate", "the steps for the fleet of fleet.yaml"],
        ["service-router migrate --values operator-values.yaml", "compare with the operator's Helm values, too"],
        ["service-router migrate --output markdown > migration.md", "for a ticket"],
        ["service-router migrate --output json | jq .summary", "for scripts"],
      ) + exitCodes("all steps are done", "steps are left", "an error"),
    )
    .action((_options, command: Command) => run<MigrateOptions>(command, migrate));
}

function collected(given: string, before: readonly string[] = []): readonly string[] {
  if (given.trim() === "") throw new InvalidArgumentError("It is empty; give a file or leave the option out.");
  return [...before, given];
}
