import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFleetBlob } from "../../shared/compose-store.ts";
import { loadFleetConfiguration, parseFleetText, readSettings, type Environment } from "../../shared/config.ts";
import { ConfigurationError, StoreUnavailableError } from "../../shared/errors.ts";

const text = `
clusters:
  - name: w1
    source: { manifests: clusters/w1 }
  - name: w2
    source: { kubeconfig: { path: kube/config, context: w2 } }
  - name: w3
    source: { manifests: /srv/w3 }
  - name: w4
    source: { kubeconfig: { context: w4 } }
regions:
  - name: weu
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-"));
  await writeFile(join(folder, "fleet.yaml"), text);
  await mkdir(join(folder, "folder.yaml"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const noBlob = (): Promise<string> => Promise.reject(new StoreUnavailableError("no blob was asked for"));

async function faultOf(work: () => unknown): Promise<ConfigurationError> {
  try {
    await work();
  } catch (caught) {
    if (caught instanceof ConfigurationError) return caught;
    throw caught;
  }
  throw new Error("it was expected to fail");
}

describe("readSettings", () => {
  const documents: readonly (readonly [string, string | undefined, Environment, object])[] = [
    ["fleet.yaml here, when nothing says otherwise", undefined, {}, { kind: "file", path: "fleet.yaml" }],
    ["the path of the environment", undefined, { SERVICE_ROUTER_CONFIG: "a.yaml" }, { kind: "file", path: "a.yaml" }],
    [
      "the app setting before a path",
      undefined,
      { SERVICE_ROUTER_CONFIG: "a.yaml", SERVICE_ROUTER_FLEET: "clusters: []" },
      { kind: "setting", text: "clusters: []" },
    ],
    [
      "the blob before both",
      undefined,
      { SERVICE_ROUTER_CONFIG: "a", SERVICE_ROUTER_FLEET: "b", SERVICE_ROUTER_FLEET_BLOB: "https://x/fleet.yaml" },
      { kind: "blob", url: "https://x/fleet.yaml" },
    ],
    [
      "the flag before everything",
      "flag.yaml",
      { SERVICE_ROUTER_FLEET_BLOB: "https://x" },
      { kind: "file", path: "flag.yaml" },
    ],
    ["nothing of an empty setting", undefined, { SERVICE_ROUTER_FLEET: "  " }, { kind: "file", path: "fleet.yaml" }],
  ];
  it.each(documents)("takes the document from %s", (_what, path, environment, document) => {
    expect(readSettings(path, environment).document).toEqual(document);
  });

  it("takes ignored identities as a list, spaces and empty entries aside", () => {
    const settings = readSettings(undefined, { SERVICE_ROUTER_IGNORED_IDENTITIES: " a-1 ,, b-2," });
    expect([settings.ignoredIdentities, readSettings(undefined, {}).ignoredIdentities]).toEqual([["a-1", "b-2"], []]);
  });

  it.each([
    ["True", true],
    ["true", true],
    ["False", false],
    ["1", false],
    [undefined, false],
  ])("believes the platform's principal header when WEBSITE_AUTH_ENABLED is %s: %s", (value, trusted) => {
    expect(readSettings(undefined, { WEBSITE_AUTH_ENABLED: value }).principalsTrusted).toBe(trusted);
  });

  it("leaves out what is not set", () => {
    const settings = readSettings(undefined, { AZURE_CLIENT_ID: "", APPLICATIONINSIGHTS_CONNECTION_STRING: " " });
    expect(settings).not.toHaveProperty("identityClientId");
    expect(settings).not.toHaveProperty("telemetryConnectionString");
    const set = readSettings(undefined, { AZURE_CLIENT_ID: "id", APPLICATIONINSIGHTS_CONNECTION_STRING: "key" });
    expect([set.identityClientId, set.telemetryConnectionString]).toEqual(["id", "key"]);
  });

  it.each<[string, Environment, readonly string[]]>([
    ["all that KUBECONFIG lists", { KUBECONFIG: "/a:/b", HOME: "/home/me" }, ["/a", "/b"]],
    ["the one at home", { HOME: "/home/me" }, ["/home/me/.kube/config"]],
    ["none without a home", {}, []],
  ])("takes kubeconfig files as kubectl does: %s", (_what, environment, paths) => {
    expect(readSettings(undefined, environment).kubeconfigPaths).toEqual(paths);
  });

  it("names deployment and instance for leases, in Azure and on a laptop", () => {
    const azure = { WEBSITE_SITE_NAME: "router-weu", WEBSITE_INSTANCE_ID: "0123456789abcdef" };
    expect(readSettings(undefined, azure).instance).toBe("router-weu/01234567");
    expect(readSettings(undefined, {}).instance).toMatch(new RegExp(`^.+/${process.pid}$`));
  });

  it("reads a secret by the name that the configuration gives", () => {
    const { secret } = readSettings(undefined, { STORE: "AccountName=x" });
    expect([secret("STORE"), secret("OTHER")]).toEqual(["AccountName=x", undefined]);
  });
});

describe("loadFleetConfiguration", () => {
  it("resolves paths of a file from where the file is", async () => {
    const path = join(folder, "fleet.yaml");
    const { clusters, store } = await loadFleetConfiguration({ kind: "file", path }, noBlob);
    expect(clusters.map(({ source }) => source)).toEqual([
      { kind: "manifests", directory: join(folder, "clusters/w1") },
      { kind: "kubeconfig", path: join(folder, "kube/config"), context: "w2" },
      { kind: "manifests", directory: "/srv/w3" },
      { kind: "kubeconfig", context: "w4" },
    ]);
    expect(store).toEqual({ kind: "file", directory: join(folder, ".service-router") });
  });

  it.each([
    ["an app setting", { kind: "setting", text } as const],
    ["a blob", { kind: "blob", url: "https://x/fleet.yaml" } as const],
  ])("resolves paths of %s from the working directory", async (_what, document) => {
    const { clusters } = await loadFleetConfiguration(document, () => Promise.resolve(text));
    expect(clusters[0]?.source).toEqual({ kind: "manifests", directory: resolve("clusters/w1") });
  });

  it("lets through why a blob cannot be read", async () => {
    const why = new ConfigurationError("https://x", [{ path: "", message: "cannot be read" }]);
    const fault = await faultOf(() =>
      loadFleetConfiguration({ kind: "blob", url: "https://x" }, () => Promise.reject(why)),
    );
    expect(fault).toBe(why);
  });

  it.each([
    ["a file that is not there", "none.yaml", /does not exist; name another with --config or SERVICE_ROUTER_CONFIG/],
    ["a folder", "folder.yaml", /is a directory; name the file in it/],
  ])("names %s and what to do", async (_what, name, message) => {
    const path = join(folder, name);
    const fault = await faultOf(() => loadFleetConfiguration({ kind: "file", path }, noBlob));
    expect([fault.source, fault.faults[0]?.path]).toEqual([path, ""]);
    expect(fault.message).toMatch(message);
  });
});

describe("readFleetBlob", () => {
  it.each(["foo", "file:///fleet.yaml"])("says of %s that it is no address of a blob, and asks nobody", async (url) => {
    const fault = await readFleetBlob(url, readSettings(undefined, {})).catch((caught: unknown) => caught);
    expect(fault).toMatchObject({ code: "CONFIGURATION", source: "SERVICE_ROUTER_FLEET_BLOB" });
    expect(String(fault)).toContain("https://<account>.blob.core.windows.net/");
  });
});

describe("parseFleetText", () => {
  it("says where text is not YAML, in one line", async () => {
    const fault = await faultOf(() => parseFleetText("clusters:\n  - name: [w1\n", "fleet.yaml", "/x"));
    expect(fault.faults).toEqual([
      { path: "", message: expect.stringMatching(/^is not YAML: .*line \d+, column \d+$/) },
    ]);
    expect(fault.faults[0]?.message).not.toContain("\n");
  });

  it("names every fault by source and path at once", async () => {
    const broken =
      "clusters:\n  - name: W 1\n    source: { manifests: a }\n    writes: sometimes\nregions:\n  - name: weu\nsurprise: 1\n";
    const fault = await faultOf(() => parseFleetText(broken, "SERVICE_ROUTER_FLEET", "/x"));
    expect(fault.source).toBe("SERVICE_ROUTER_FLEET");
    expect(fault.faults.map(({ path }) => path).sort()).toEqual(["clusters[0].name", "clusters[0].writes", "surprise"]);
    expect(fault.message).toMatch(/^SERVICE_ROUTER_FLEET has 3 faults:\n/);
  });

  it.each(["", "# nothing but a comment\n", "null"])("says that an empty document is empty: %j", async (empty) => {
    const fault = await faultOf(() => parseFleetText(empty, "fleet.yaml", "/x"));
    expect(fault.faults).toEqual([{ path: "", message: "is empty; it needs clusters or discovery" }]);
  });

  it.each<readonly [string, readonly string[], string, readonly string[]]>([
    ["one directory in two spellings", ["x", "./y/../x/"], ".s", ["clusters[1].source.manifests"]],
    ["a source in another", ["x", "x/y"], ".s", ["clusters[1].source.manifests"]],
    ["a source that holds another", ["x/y", "x"], ".s", ["clusters[0].source.manifests"]],
    ["a source that is another's results", ["x", "x.out"], ".s", ["clusters[1].source.manifests"]],
    ["a store in a source", ["x"], "x/state", ["store.file"]],
    ["a store in the results", ["x"], "x.out/state", ["store.file"]],
    ["a hidden store in a source, which nobody looks into", ["x"], "x/.state", []],
    ["neighbours of like names", ["x", "xy", "x..y"], "x-state", []],
    ["a store that holds a source", ["x/y"], "x", []],
  ])("judges %s", async (_what, directories, store, paths) => {
    const clusters = directories.map((manifests, index) => ({ name: `c${index}`, source: { manifests } }));
    const text = JSON.stringify({ clusters, regions: [{ name: "weu" }], store: { file: store } });
    const fault = await Promise.resolve()
      .then(() => parseFleetText(text, "fleet.yaml", "/srv/fleet"))
      .then(
        () => undefined,
        (caught: unknown) => caught,
      );
    const found = fault instanceof ConfigurationError ? fault.faults.map(({ path }) => path) : [];
    expect(found).toEqual(paths);
  });

  it("resolves zone files from where the document is", () => {
    const zones = [{ file: "zones/weu.yaml", zone: "example.com" }];
    const text = JSON.stringify({
      clusters: [{ name: "w1", source: { manifests: "w1" } }],
      regions: [{ name: "weu", zones }],
    });
    expect(parseFleetText(text, "fleet.yaml", "/srv/fleet").regions[0]?.zones).toEqual([
      { kind: "file", file: "/srv/fleet/zones/weu.yaml", zone: "example.com" },
    ]);
  });

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["files beside each other", ["zones/weu.yaml", "zones/neu.yaml"], []],
    ["one file in two spellings", ["weu.yaml", "./x/../weu.yaml"], ["regions[1].zones[0].file"]],
    ["two files with results in one place", ["weu.yaml", "weu.yml"], ["regions[1].zones[0].file"]],
    ["a file that is another's results", ["weu.out.yaml", "weu.yaml"], ["regions[0].zones[0].file"]],
    ["a file among manifests", ["clusters/w1/zones/weu.yaml"], ["regions[0].zones[0].file"]],
    ["a file among results of manifests", ["clusters/w1.out/weu.yaml"], ["regions[0].zones[0].file"]],
    ["a hidden folder among manifests, which nobody looks into", ["clusters/w1/.zones/weu.yaml"], []],
  ])("judges zones: %s", async (_what, files, paths) => {
    const clusters = [{ name: "w1", source: { manifests: "clusters/w1" } }];
    const regions = files.map((file, index) => ({ name: `r${index}`, zones: [{ file, zone: "example.com" }] }));
    const parse = (): unknown => parseFleetText(JSON.stringify({ clusters, regions }), "fleet.yaml", "/srv/fleet");
    if (paths.length === 0) expect(parse).not.toThrow();
    else expect((await faultOf(parse)).faults.map(({ path }) => path)).toEqual(paths);
  });

  it("refuses aliases that would grow without bound", async () => {
    const rows = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
    for (const [one, before] of ["ba", "cb", "dc", "ed", "fe"])
      rows.push(`${one}: &${one} [${Array(10).fill(`*${before}`).join(",")}]`);
    const fault = await faultOf(() => parseFleetText(rows.join("\n"), "fleet.yaml", "/x"));
    expect(fault.faults[0]?.message).toMatch(/alias/i);
  });
});
