/** Writes a whole file or nothing of it: a reader, or a process that was killed, never leaves half a document. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

let written = 0;

/**
 * Makes the folder where it is missing. The unfinished file is hidden beside the target, so that no reader takes it up;
 * process id and counter keep two writers apart. A killed process may leave it there; it is never read.
 */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  written += 1;
  const folder = dirname(path);
  const unfinished = join(folder, `.${basename(path)}.${process.pid}.${written}.tmp`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(unfinished, text, "utf8");
    await rename(unfinished, path);
  } catch (caught) {
    await rm(unfinished, { force: true });
    throw caught;
  }
}
