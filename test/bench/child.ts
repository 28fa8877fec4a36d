/** Runs one of our processes to its end and answers what it printed. */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);

export type ChildOptions = {
  readonly args: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the Node that runs this. */
  readonly node?: string;
};

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * The script as one JavaScript file: a process that is measured must not carry Node's TypeScript parser as well, which
 * alone takes some 50 MB.
 * @param script beside this file. @param folder where the file goes. @returns its path.
 */
export async function bundled(script: string, folder: string): Promise<string> {
  const outfile = join(folder, script.replace(/\.ts$/, ".mjs"));
  await build({
    entryPoints: [join(import.meta.dirname, script)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    logLevel: "warning",
  });
  return outfile;
}

/** @param script beside this file, or an absolute path. @throws with the process's stderr when it fails. */
export async function runChild(script: string, options: ChildOptions): Promise<string> {
  const { args, nodeArgs = [], env = {}, node = process.execPath } = options;
  const command = ["--disable-warning=ExperimentalWarning", ...nodeArgs, resolve(import.meta.dirname, script), ...args];
  const { stdout } = await run(node, command, { env: { ...process.env, ...env }, maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}
