/** Which clusters doctor looks at. No cluster answers here: that is a finding, and shows which were asked. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { diagnose, type DoctorOptions } from "../../shared/compose-doctor.ts";

const SAMPLE = path.join(import.meta.dirname, "..", "..", "samples", "fleet");
const progress = { stage: () => {}, step: () => {} };
const NAMED = ["SERVICE_ROUTER_CONFIG", "SERVICE_ROUTER_FLEET", "SERVICE_ROUTER_FLEET_BLOB", "KUBECONFIG"] as const;

let folder = "";
let before: Readonly<Record<string, string | undefined>> = {};
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "doctor-"));
  before = Object.fromEntries(NAMED.map((name) => [name, process.env[name]]));
  for (const name of NAMED) delete process.env[name];
});
afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Contexts that lead to ports where nobody listens. */
function kubeconfig(current: string, contexts: Readonly<Record<string, number>>): string {
  const file = path.join(folder, "kubeconfig");
  const ports = [...new Set(Object.values(contexts))];
  writeFileSync(
    file,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": current,
      contexts: Object.entries(contexts).map(([name, port]) => ({ name, context: { cluster: `c${port}`, user: "u" } })),
      clusters: ports.map((port) => ({ name: `c${port}`, cluster: { server: `https://127.0.0.1:${port}` } })),
      users: [{ name: "u", user: { token: "t" } }],
    }),
  );
  return file;
}

async function lookedAt(options: Omit<DoctorOptions, "progress">) {
  const { of, clusters, notes, findings } = await diagnose({ ...options, progress });
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(["ClusterNotRead"]));
  return { of, clusters: clusters.map(({ cluster }) => cluster), notes };
}

describe("diagnose", () => {
  it("looks at the contexts that are named, whatever fleet there is", async () => {
    const kubeconfigPath = kubeconfig("a", { a: 1, b: 2, c: 3 });
    await expect(lookedAt({ kubeconfigPath, contexts: ["c", "b", "c"] })).resolves.toEqual({
      of: "contexts",
      clusters: ["b", "c"],
      notes: [],
    });
  });

  it("looks at every context, and once at an API server that several lead to", async () => {
    const kubeconfigPath = kubeconfig("", { a: 1, "admin@a": 1, b: 2 });
    await expect(lookedAt({ kubeconfigPath, allContexts: true })).resolves.toEqual({
      of: "contexts",
      clusters: ["a", "b"],
      notes: ["context admin@a leads to the same API server as a, which was looked at once"],
    });
  });

  it("looks at the current context of a kubeconfig, also of KUBECONFIG", async () => {
    const kubeconfigPath = kubeconfig("b", { a: 1, b: 2 });
    await expect(lookedAt({ kubeconfigPath })).resolves.toMatchObject({ clusters: ["b"] });
    process.env["KUBECONFIG"] = kubeconfigPath;
    await expect(lookedAt({ contexts: ["a"] })).resolves.toMatchObject({ clusters: ["a"] });
  });

  it.each<[string, Omit<DoctorOptions, "progress">, string]>([
    ["no context that it names", { contexts: ["x", "a"] }, "contexts.x: no such context; available: a"],
    ["no current context", {}, "names no current context; give --context, or --all-contexts (there are: a)"],
  ])("says that a kubeconfig has %s", async (_what, options, message) => {
    const kubeconfigPath = kubeconfig("", { a: 1 });
    await expect(diagnose({ ...options, kubeconfigPath, progress })).rejects.toMatchObject({
      code: "CONFIGURATION",
      message: expect.stringContaining(message),
    });
  });

  it("looks at the fleet that is named, manifests included, and leaves no file behind", async () => {
    const fleet = path.join(folder, "fleet");
    cpSync(SAMPLE, fleet, { recursive: true, filter: (file) => !/\.out$|\.service-router$/.test(file) });
    const { of, clusters, findings } = await diagnose({ configurationPath: path.join(fleet, "fleet.yaml"), progress });
    expect([of, clusters.map(({ cluster }) => cluster)]).toEqual(["fleet", ["n1", "n2", "w1", "w2", "w3"]]);
    expect(findings.map(({ code }) => code)).toContain("HostConflict");
  });

  it("says that a fleet which is named is not there", async () => {
    const configurationPath = path.join(folder, "fleet.yaml");
    await expect(diagnose({ configurationPath, progress })).rejects.toMatchObject({ code: "CONFIGURATION" });
    process.env["SERVICE_ROUTER_CONFIG"] = configurationPath;
    await expect(diagnose({ progress })).rejects.toMatchObject({ code: "CONFIGURATION" });
  });

  it("takes the current context where there is no fleet.yaml and none is named, and says so", async () => {
    process.env["KUBECONFIG"] = kubeconfig("b", { a: 1, b: 2 });
    await expect(lookedAt({})).resolves.toEqual({
      of: "contexts",
      clusters: ["b"],
      notes: ["there is no fleet.yaml here, so the current context was looked at"],
    });
  });
});
