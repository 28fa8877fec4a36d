import { describe, expect, it } from "vitest";
import type { ServeOptions } from "../../../cli/serve/serve.ts";
import { run } from "./fake-host.ts";

describe("serve", () => {
  it("serves on the given port with the key of the file, and writes what the host says", async () => {
    const seen: Partial<ServeOptions>[] = [];
    const result = await run(
      ["serve", "--config", "f.yaml", "--port", "0", "--key-file", ".key"],
      {},
      {
        files: { ".key": "secret\n" },
        serve: ({ signal: _signal, write, ...rest }) => {
          seen.push(rest);
          write("listening");
          return Promise.resolve();
        },
      },
    );
    expect(seen).toEqual([{ configurationPath: "f.yaml", port: 0, key: "secret" }]);
    expect(result).toMatchObject({ exitCode: 0, stdout: "listening\n" });
  });

  it.each([
    ["does not exist", {}],
    ["is empty", { ".key": "\n" }],
  ])("refuses a key file that %s", async (_what, files) => {
    const result = await run(["serve", "--key-file", ".key"], {}, { files });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("--key-file has 1 fault: .key: ");
  });

  it("ends with 0 when it is asked to stop", async () => {
    let press = notListening;
    const result = await run(
      ["serve"],
      {},
      {
        onListening: (way) => (press = way),
        serve: ({ signal }) => {
          press();
          return signal.aborted ? Promise.resolve() : Promise.reject(new Error("it was not asked to stop"));
        },
      },
    );
    expect(result.exitCode).toBe(0);
  });
});

/** Until the command listens for Ctrl-C. */
function notListening(): void {
  throw new Error("the command does not listen for Ctrl-C yet");
}
