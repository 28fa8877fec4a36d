/** `service-router serve`: the functions of the app in a local host, with their real timers and routes. */
import { asError, ConfigurationError } from "../../shared/errors.ts";
import { interruptible } from "../command-context.ts";
import type { CommandContext, CommonOptions } from "../command-context.ts";
import { EXIT } from "../exit-codes.ts";

/** `keyFile`: a file, because a key on the command line would show in the list of processes. */
export type ServeCommandOptions = CommonOptions & { readonly port: number; readonly keyFile?: string };

export async function serve(context: CommandContext<ServeCommandOptions>): Promise<number> {
  const { host, options } = context;
  const key = options.keyFile === undefined ? undefined : await readKey(context, options.keyFile);
  let stopped = false;
  const exitCode = await interruptible(host, { end: () => {} }, async (signal) => {
    signal.addEventListener("abort", () => (stopped = true), { once: true });
    await host.serve({
      ...(options.config === undefined ? {} : { configurationPath: options.config }),
      ...(key === undefined ? {} : { key }),
      port: options.port,
      signal,
      write: (line) => host.stdout.write(`${line}\n`),
    });
    return EXIT.ok;
  });
  // Stopping is how a server ends; only an error makes it fail.
  return stopped ? EXIT.ok : exitCode;
}

async function readKey({ host }: CommandContext, path: string): Promise<string> {
  const key = (await readFile(host, path)).trim();
  if (key === "")
    throw new ConfigurationError("--key-file", [{ path, message: "the file is empty; write the key into it" }]);
  return key;
}

async function readFile(host: CommandContext["host"], path: string): Promise<string> {
  try {
    return await host.readText(path);
  } catch (caught) {
    const { message } = asError(caught);
    throw new ConfigurationError("--key-file", [{ path, message: `cannot be read: ${message}` }], caught);
  }
}
