/** An error as a person should read it: what, then what to do next. The stack only with --verbose. */
import { asError, ConfigurationError, FleetError } from "../shared/errors.ts";
import { faultStep, hasNextStep, nextStep } from "../shared/presentation/next-steps.ts";
import type { CliHost } from "./host.ts";
import { UsageError } from "./usage-error.ts";

/** Causes below this depth add nothing for a reader. */
const CAUSES_SHOWN = 5;

export function writeFailure(caught: unknown, host: CliHost, verbose: boolean): void {
  const error = asError(caught);
  const { paint } = host.stderr;
  host.stderr.write(`${paint("bad", "error:")} ${error.message}\n`);
  const next = stepAfter(error);
  if (next !== undefined) host.stderr.write(`${paint("attention", "→")} ${next}\n`);
  if (verbose) host.stderr.write(`${paint("dim", withCauses(error))}\n`);
}

function stepAfter(error: Error): string | undefined {
  if (error instanceof UsageError) return error.next;
  if (error instanceof ConfigurationError) return faultStep(error.source);
  if (error instanceof FleetError) return hasNextStep(error.code) ? nextStep(error.code) : undefined;
  return "this is a fault of service-router itself; run again with --verbose and report what it prints";
}

function withCauses(error: Error): string {
  const stacks: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < CAUSES_SHOWN && current instanceof Error; depth += 1) {
    stacks.push(`${depth === 0 ? "" : "caused by "}${current.stack ?? current.message}`);
    current = current.cause;
  }
  return stacks.join("\n");
}
