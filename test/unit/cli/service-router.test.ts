/** The file that `npx service-router` starts, in a process of its own: it must work when an older Node starts it. */
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(import.meta.resolve("../../../cli/service-router.mjs"));

/** Runs the program in a Node that says it is of this version, on this platform. */
async function started(by: { readonly node: string; readonly platform?: string }, argv: readonly string[]) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${by.node}" } });
    Object.defineProperty(process, "platform", { value: "${by.platform ?? process.platform}" });`;
  const load = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return promisify(execFile)(process.execPath, ["--import", load, program, ...argv]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  );
}

describe("service-router.mjs", () => {
  it("runs as it is on a Node that is new enough", async () => {
    expect(await started({ node: "22.19.0" }, ["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it("hands over to the Node among the dependencies on an older one, exit code and output included", async () => {
    expect(await started({ node: "20.20.2" }, ["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
    expect(await started({ node: "22.18.0" }, ["plna"])).toMatchObject({ code: 1, stdout: "" });
  });

  it("says in one sentence what is needed where there is none", async () => {
    const result = await started({ node: "20.20.2", platform: "plan9" }, ["plan"]);
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr: "service-router needs Node 22.19 or later and this is 20.20.2; install it.\n",
    });
  });
});

describe("main", () => {
  it("says in one line that the result cannot be written, and exits 1", async () => {
    // Opened to be read: no write succeeds, as on a full disk.
    const readOnly = openSync(program, "r");
    const child = spawn(process.execPath, [program, "--version"], { stdio: ["ignore", readOnly, "pipe"] });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => void (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    closeSync(readOnly);
    expect(stderr).toMatch(/^error: the result cannot be written to stdout: EBADF[^\n]*\n$/);
    expect(code).toBe(1);
  });
});

describe("service-router serve", () => {
  it("ends with 1 when its port is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? `${address.port}` : "";
    const fleet = fileURLToPath(import.meta.resolve("../../../samples/fleet/fleet.yaml"));
    const argv = [program, "serve", "--port", port, "--config", fleet];
    const ended = await promisify(execFile)(process.execPath, argv, { timeout: 15_000 }).then(
      () => ({ code: 0, stderr: "" }),
      (error: { code: number | null; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
    );
    taken.close();
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("choose another with --port") as unknown });
  });
});
