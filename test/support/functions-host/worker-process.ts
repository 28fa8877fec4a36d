/**
 * A process that loads the deployed files as the Azure worker does and calls their functions on request. Started by
 * worker.ts; speaks with it over IPC. Arguments: the files that the `main` glob matches.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { loadFunctions, type LogEntry } from "../../../cli/serve/functions-runtime.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

const files = process.argv.slice(2);

/** As the worker: ES modules are imported, all else is required. */
async function loadFiles(): Promise<void> {
  for (const file of files) {
    await (file.endsWith(".mjs") ? import(pathToFileURL(file).href) : createRequire(file)(file));
  }
}

function send(message: FromWorker): void {
  process.send?.(message);
}

const startedAtMs = performance.now();
const runtime = await loadFunctions(files.join(), loadFiles);
send({ kind: "loaded", functions: runtime.functions, loadMs: performance.now() - startedAtMs });

process.on("message", (message: ToWorker) => {
  void answer(message).catch((caught: unknown) => {
    process.stderr.write(`${String(caught)}\n`);
    process.exit(70);
  });
});

async function answer(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case "invoke": {
      const { id, name, data } = message;
      const logs: LogEntry[] = [];
      const invocation = await runtime.invoke({ name, data, log: (entry) => logs.push(entry) });
      send({ kind: "invoked", id, invocation, logs });
      return;
    }
    case "stop":
      await runtime.terminate();
      // From here on the process ends by itself, unless something that was left open holds it.
      process.disconnect();
  }
}
