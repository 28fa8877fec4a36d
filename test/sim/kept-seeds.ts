/** Seeds that once broke a rule, kept for all time: they run first, before any other. */
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("./seeds.json", import.meta.url);

export type KeptSeed = { readonly seed: number; readonly rule: string };

export function keptSeeds(): readonly KeptSeed[] {
  const read: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(read)) throw new Error("test/sim/seeds.json must be a list");
  return read.map((entry: unknown) => {
    const { seed, rule } = entry as Partial<KeptSeed>;
    if (typeof seed !== "number" || typeof rule !== "string") {
      throw new Error("test/sim/seeds.json: every entry needs a seed (number) and a rule (text)");
    }
    return { seed, rule };
  });
}

/** Adds seeds that are not there yet. @returns the number of seeds added. */
export function keepSeeds(found: readonly KeptSeed[]): number {
  const before = keptSeeds();
  const known = new Set(before.map(({ seed }) => seed));
  const added = found.filter(
    ({ seed }, index) => !known.has(seed) && found.findIndex((one) => one.seed === seed) === index,
  );
  if (added.length === 0) return 0;
  const all = [...before, ...added].sort((left, right) => left.seed - right.seed);
  writeFileSync(path, `[\n${all.map((entry) => `  ${JSON.stringify(entry)}`).join(",\n")}\n]\n`);
  return added.length;
}
