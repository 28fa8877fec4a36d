/**
 * Seeds that break a rule today: open defects, each of them to be mended. They are run with the others and shown in every run;
 * a seed that is not in the list may not break anything. Whoever mends one takes it out, and adds it to seeds.json.
 */
import { readFileSync } from "node:fs";

const path = new URL("./open-seeds.json", import.meta.url);

export type OpenSeed = { readonly seed: number; readonly rule: string };

export function openSeeds(): readonly OpenSeed[] {
  const read: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(read)) throw new Error("test/sim/open-seeds.json must be a list");
  return read.map((entry: unknown) => {
    const { seed, rule } = entry as Partial<OpenSeed>;
    if (typeof seed !== "number" || typeof rule !== "string") {
      throw new Error("test/sim/open-seeds.json: every entry needs a seed (number) and a rule (text)");
    }
    return { seed, rule };
  });
}
