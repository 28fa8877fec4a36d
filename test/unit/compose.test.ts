import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { composeFleetApp, type FleetApp } from "../../shared/compose.ts";
import { openClusterSources } from "../../shared/compose-clusters.ts";
import { openStore } from "../../shared/compose-store.ts";
import { openZoneSources } from "../../shared/compose-zones.ts";
import { readSettings } from "../../shared/config.ts";
import { ConfigurationError, FleetError } from "../../shared/errors.ts";
import type { ClusterConfiguration } from "../../shared/model/fleet-configuration.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "compose-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function nothing(): void {
  // Nobody is watching.
}

async function compose(text: string): Promise<FleetApp> {
  const configurationPath = join(folder, "fleet.yaml");
  await writeFile(configurationPath, text);
  const telemetry = { info: nothing, warn: nothing, error: nothing, metric: nothing };
  return composeFleetApp({ configurationPath, telemetry, holder: "test" });
}

const manifests = `
clusters:
  - name: w1
    source: { manifests: clusters/w1 }
    writes: apply
regions:
  - name: weu
`;

describe("composeFleetApp", () => {
  it("opens nothing before the first use: not even what is not there", async () => {
    const app = await compose(`
clusters:
  - name: w1
    source: { manifests: no/such/directory }
  - name: w2
    source: { kubeconfig: { path: no/such/file, context: w2 } }
  - name: w3
    source:
      aks: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/w3
regions:
  - name: weu
store: { blob: { accountUrl: "https://nobody.invalid", container: state } }
`);
    expect(app.configuration.clusters.map(({ name }) => name)).toEqual(["w1", "w2", "w3"]);
    expect(await readdir(folder)).toEqual(["fleet.yaml"]);
    await app.close();
    expect(await readdir(folder)).toEqual(["fleet.yaml"]);
  });

  it("previews without leaving anything, and keeps its state beside fleet.yaml when it applies", async () => {
    await mkdir(join(folder, "clusters/w1"), { recursive: true });
    const app = await compose(manifests);
    await app.preview();
    expect((await readdir(folder)).sort()).toEqual(["clusters", "fleet.yaml"]);
    expect((await app.reconcile({ by: "test" })).kind).toBe("ran");
    expect(await readdir(folder)).toContain(".service-router");
    expect((await app.tick({ by: "timer" })).kind).toBe("not-due");
    await app.close();
  });

  it("tries a cluster again that could not be opened: what was missing may be there meanwhile", async () => {
    const app = await compose(manifests);
    const before = await app.preview();
    await mkdir(join(folder, "clusters/w1"), { recursive: true });
    const after = await app.preview();
    expect([before.clusters[0]?.standing.kind, after.clusters[0]?.standing.kind]).toEqual(["frozen", "complete"]);
    await app.close();
  });

  it("says every fault of the configuration before anything is opened", async () => {
    await expect(compose("clusters: []\nregions: nowhere\n")).rejects.toBeInstanceOf(ConfigurationError);
  });
});

describe("openClusterSources", () => {
  const cluster = (overrides: Partial<ClusterConfiguration>): ClusterConfiguration => ({
    name: "w1",
    source: { kind: "missing" },
    writes: "observe",
    gatewayNamespace: "istio-system",
    operatorStopped: false,
    ...overrides,
  });

  it("keeps one connection per cluster for the life of the process", async () => {
    const directory = join(folder, "w1");
    await mkdir(directory);
    const sources = openClusterSources(readSettings(undefined, {}));
    const w1 = cluster({ source: { kind: "manifests", directory } });
    expect(await sources.open(w1)).toBe(await sources.open(w1));
    await sources.close();
  });

  it("fails for a context that no kubeconfig has, and opens it once it is there", async () => {
    const path = join(folder, "config");
    const sources = openClusterSources(readSettings(undefined, { KUBECONFIG: path }));
    const w1 = cluster({ source: { kind: "kubeconfig", context: "w1" } });
    await expect(sources.open(w1)).rejects.toBeInstanceOf(FleetError);
    await writeFile(
      path,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
        users: [{ name: "u", user: { token: "t" } }],
        contexts: [{ name: "w1", context: { cluster: "c", user: "u" } }],
      }),
    );
    expect((await sources.open(w1)).name).toBe("w1");
    await sources.close();
  });

  it("does not open a cluster that is no longer configured", async () => {
    const sources = openClusterSources(readSettings(undefined, {}));
    await expect(sources.open(cluster({}))).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    await sources.close();
  });
});

describe("openZoneSources", () => {
  const azure = { kind: "azure", subscription: "S", resourceGroup: "rg-weu", zone: "example.com" } as const;

  it("keeps one port per zone, however it is spelled, and asks nobody before its first use", async () => {
    const sources = openZoneSources(readSettings(undefined, {}));
    const port = await sources.open(azure);
    expect(port.zone).toBe("example.com");
    expect(await sources.open({ ...azure, subscription: "s", resourceGroup: "RG-weu" })).toBe(port);
    expect(await sources.open({ ...azure, resourceGroup: "rg-neu" })).not.toBe(port);
    await sources.close();
  });

  it("opens a zone file, and writes beside it", async () => {
    const file = join(folder, "weu.yaml");
    await writeFile(file, "[]\n");
    const sources = openZoneSources(readSettings(undefined, {}));
    const port = await sources.open({ kind: "file", file, zone: "example.com" });
    const write = { name: "a.example.com", type: "TXT", ttlSeconds: 60, values: ["x"], metadata: {} } as const;
    await port.put({ ...write, expected: "absent" }, AbortSignal.timeout(10_000));
    expect(await port.list(AbortSignal.timeout(10_000))).toMatchObject([write]);
    expect(await readdir(folder)).toEqual(["weu.out.yaml", "weu.yaml"]);
    await sources.close();
  });
});

describe("openStore", () => {
  it("names the setting that a connection string is missing from, and never its value", () => {
    const store = { kind: "blob-connection", connectionStringSetting: "STORE", container: "c" } as const;
    expect(() => openStore(store, readSettings(undefined, {}))).toThrow(/names the setting STORE, which is not set/);
  });
});
