/** One call of the command line: parse, run the command, and turn whatever happens into an exit code. */
import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";
import { writeFailure } from "./failure.ts";
import type { CliHost } from "./host.ts";
import { buildProgram } from "./program.ts";

/**
 * @param argv arguments without the program.
 * @returns the exit code; never rejects. Usage errors and failures are 1, told on stderr with the next step.
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram(host, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (caught) {
    // Commander has written help or its error already, and knows whether the help was asked for (`help plan`, `--help`).
    if (caught instanceof CommanderError) return endedByCommander(caught, host);
    writeFailure(caught, host, program.opts().verbose === true);
    return EXIT.error;
  }
}

function endedByCommander({ code, exitCode }: CommanderError, host: CliHost): number {
  if (exitCode === 0) return EXIT.ok;
  // Help instead of an answer, as after `dns` alone: the one fault that commander shows without naming it.
  if (code === "commander.help") {
    host.stderr.write(`\n${host.stderr.paint("bad", "error:")} a command is missing; the help above lists them\n`);
  }
  return EXIT.error;
}
