/** A copy of the sample fleet without results of earlier runs, in a directory of its own. */
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SAMPLE = join(import.meta.dirname, "../../../samples/fleet");

/** The caller removes it. */
export async function copySampleFleet(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "service-router-sample-"));
  await cp(SAMPLE, directory, { recursive: true, filter: isSource });
  return directory;
}

function isSource(path: string): boolean {
  return !path.endsWith(".out") && !path.endsWith(".service-router");
}
