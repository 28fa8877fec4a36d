/** Writes a whole file or nothing of it: a reader, or a process that was killed, never leaves half a document. */
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isMissing } from "./manifest-folder.ts";

/** `.route-a.yaml.4711.12.tmp`: hidden, of process 4711, its 12th. */
const UNFINISHED_NAME = /^\..+\.\d+\.\d+\.tmp$/;
/** A file is written in milliseconds: one that stands unfinished for so long is of a process that was killed. */
const ABANDONED_MS = 10 * 60_000;

let written = 0;
/** Folders in which this process has looked for what others left. */
const tidied = new Set<string>();

/**
 * Makes the folder where it is missing. The unfinished file is hidden beside the target, so that no reader takes it up;
 * process id and counter keep two writers apart. What a killed process left is never read, and removed by the next that
 * writes into the folder.
 */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  written += 1;
  const folder = dirname(path);
  const unfinished = join(folder, `.${basename(path)}.${process.pid}.${written}.tmp`);
  await mkdir(folder, { recursive: true });
  if (!tidied.has(folder)) {
    tidied.add(folder);
    await removeAbandoned(folder);
  }
  try {
    await writeFile(unfinished, text, "utf8");
    await rename(unfinished, path);
  } catch (caught) {
    await rm(unfinished, { force: true });
    throw caught;
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => UNFINISHED_NAME.test(name));
  for (const name of names) {
    const path = join(folder, name);
    if (await isAbandoned(path)) await rm(path, { force: true });
  }
}

/** False as well for one that its writer has finished meanwhile. */
async function isAbandoned(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS;
  } catch (caught) {
    if (isMissing(caught)) return false;
    throw caught;
  }
}
