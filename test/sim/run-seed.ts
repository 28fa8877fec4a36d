/** Runs one seed, and again where it is its turn: the same seed gives the same trace (rule 1). */
import { simulate, type SimulationOptions, type SimulationResult } from "./simulation.ts";

/** Every so many seeds one is run twice; kept seeds always are. */
const twiceEvery = 8;

export type SeedOptions = Pick<SimulationOptions, "sabotage"> & { readonly twice?: boolean };

/** Never throws: a run that breaks down is a violation as well. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SimulationResult> {
  const { twice = seed % twiceEvery === 0, ...rest } = options;
  const first = await simulateSafely({ seed, ...rest });
  if (!twice) return first;
  const second = await simulateSafely({ seed, ...rest });
  if (first.trace === second.trace) return first;
  const message = `two runs of one seed went different ways: ${first.trace} and ${second.trace}`;
  return { ...first, violations: [...first.violations, { rule: "1 determinism", atMs: 0, message }] };
}

async function simulateSafely(options: SimulationOptions): Promise<SimulationResult> {
  try {
    return await simulate(options);
  } catch (caught) {
    const message = caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
    const { seed } = options;
    const violations = [{ rule: "the simulation itself", atMs: 0, message }];
    return { seed, violations, trace: message, passes: 0, writes: 0, rounds: 0 };
  }
}
