/** What the declarations of commands have in common: how one is run, options that several take, and the end of its help. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { PRESENTATION_FORMATS } from "../shared/presentation/presentation-format.ts";
import { layOutTable } from "../shared/presentation/table-layout.ts";
import type { CommandContext, CommonOptions } from "./command-context.ts";

/** Runs a command with the options that commander parsed; their types are those declared beside each command below. */
export type Run = <Options extends CommonOptions>(
  command: Command,
  work: (context: CommandContext<Options>) => Promise<number>,
) => Promise<void>;

export function outputOption(): Option {
  return new Option("-o, --output <format>", "how the result is written").choices(PRESENTATION_FORMATS).default("text");
}

/** Of an option given twice the last would count, and the first be left out without a word; an empty one names nothing. */
export function once(given: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError("Give it once.");
  if (given.trim() === "") throw new InvalidArgumentError("It is empty; give a value or leave the option out.");
  return given;
}

export function examples(...rows: readonly (readonly [string, string])[]): string {
  const lines = layOutTable({ head: [], rows, numbers: [] });
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

export function exitCodes(zero: string, two: string | undefined, one: string): string {
  return `\nExit codes:\n  0  ${zero}\n${two === undefined ? "" : `  2  ${two}\n`}  1  ${one}\n`;
}
