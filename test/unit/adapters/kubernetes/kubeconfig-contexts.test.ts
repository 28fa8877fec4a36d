import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readContexts } from "../../../../shared/adapters/kubernetes/kubeconfig-contexts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "contexts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function kubeconfig(name: string, current: string, contexts: Readonly<Record<string, string>>): string {
  const file = path.join(folder, name);
  const servers = [...new Set(Object.values(contexts))].filter((server) => server !== "");
  const document = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": current,
    contexts: Object.entries(contexts).map(([context, server]) => ({
      name: context,
      context: { cluster: server || "gone", user: "u" },
    })),
    clusters: servers.map((server) => ({ name: server, cluster: { server: `https://${server}` } })),
    users: [{ name: "u", user: { token: "t" } }],
  };
  writeFileSync(file, stringify(document));
  return file;
}

describe("readContexts", () => {
  it("lists contexts in the order of the files, with where each leads", async () => {
    const first = kubeconfig("a", "", { "weu-admin": "weu", weu: "weu" });
    const second = kubeconfig("b", "neu", { neu: "neu", weu: "other" });
    await expect(readContexts([first, second])).resolves.toEqual({
      current: "neu",
      contexts: [
        { name: "weu-admin", server: "https://weu" },
        { name: "weu", server: "https://weu" },
        { name: "neu", server: "https://neu" },
      ],
    });
  });

  it("keeps a context whose cluster is not there: who uses it is told", async () => {
    await expect(readContexts([kubeconfig("a", "lost", { lost: "" })])).resolves.toEqual({
      current: "lost",
      contexts: [{ name: "lost" }],
    });
  });

  it.each([
    ["a file that is not there", () => [path.join(folder, "missing")], "has 1 fault: cannot be read"],
    ["no file at all", () => [], "give --kubeconfig"],
  ])("names %s", async (_what, paths, message) => {
    await expect(readContexts(paths())).rejects.toMatchObject({
      code: "CONFIGURATION",
      message: expect.stringContaining(message),
    });
  });

  it("names a file that is no kubeconfig", async () => {
    const file = path.join(folder, "broken");
    writeFileSync(file, "{");
    await expect(readContexts([file])).rejects.toMatchObject({ code: "CONFIGURATION" });
  });
});
