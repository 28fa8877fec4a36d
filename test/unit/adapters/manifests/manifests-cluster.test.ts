import { readFile, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openManifestsCluster } from "../../../../shared/adapters/manifests/manifests-cluster.ts";
import type { DnsEndpoint } from "../../../../shared/model/cluster-objects.ts";
import type { JsonObject } from "../../../../shared/model/json.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";
import type { ClusterPort } from "../../../../shared/ports.ts";
import { endpointText, manifestDirectory, routeText } from "./manifest-directory.ts";
import type { ManifestDirectory } from "./manifest-directory.ts";

const never = new AbortController().signal;
const open = (directory: ManifestDirectory): ClusterPort =>
  openManifestsCluster({ name: "w1", directory: directory.path });
const keysOf = async (port: ClusterPort, kind: Kind): Promise<readonly string[]> =>
  (await port.list(kind, never)).objects.map(({ meta }) =>
    meta.namespace === undefined ? meta.name : `${meta.namespace}/${meta.name}`,
  );
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (caught: unknown) => (caught instanceof Error && "code" in caught ? String(caught.code) : String(caught)),
  );
const endpoint = async (port: ClusterPort, name: string): Promise<DnsEndpoint> => {
  const found = (await port.list("DNSEndpoint", never)).objects.find(({ meta }) => meta.name === name);
  if (found === undefined) {
    throw new Error(`no DNSEndpoint ${name}`);
  }
  return found;
};
const endpointBody = (name: string, target: string): JsonObject => ({
  apiVersion: "externaldns.k8s.io/v1alpha1",
  kind: "DNSEndpoint",
  metadata: { name, namespace: "orders", labels: { "app.kubernetes.io/managed-by": "service-router-operator" } },
  spec: { endpoints: [{ dnsName: "h.example.com", recordType: "CNAME", targets: [target], recordTTL: 300 }] },
});
const write = (name: string, target: string, precondition?: { uid: string; resourceVersion: string }) => ({
  kind: "DNSEndpoint" as const,
  key: `orders/${name}`,
  body: endpointBody(name, target),
  force: false,
  ...(precondition === undefined ? {} : { precondition }),
});
const asRead = ({ meta }: DnsEndpoint) => ({ uid: meta.uid, resourceVersion: meta.resourceVersion });

const serviceText = (name: string, labels: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: a, labels: ${labels} }\nspec: { type: LoadBalancer }\n`;
const leaseText = (name: string): string =>
  `apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: { name: ${name}, namespace: a }\nspec: { renewTime: "2025-01-01T00:00:00.000000Z" }\n`;
const gatewayText = (apiVersion: string, name: string): string =>
  `apiVersion: ${apiVersion}\nkind: Gateway\nmetadata: { name: ${name}, namespace: a }\nspec: { controller: c, credentialName: s, targetPostfix: p }\n`;

describe("list", () => {
  it("finds objects in every file of every folder, sorted by key", async () => {
    const directory = await manifestDirectory({
      "teams/b.yml": routeText("b"),
      "teams/deep/er/c.yaml": `${routeText("d")}---\n${routeText("c")}`,
      "a.json": JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "orders" } }),
      "readme.md": "# not a manifest",
      ".git/x.yaml": "{{{",
      "kustomization.yaml": "resources: [teams/b.yml]",
    });
    const port = open(directory);
    expect(await keysOf(port, "ServiceRoute")).toEqual(["orders/b", "orders/c", "orders/d"]);
    expect(await keysOf(port, "Namespace")).toEqual(["orders"]);
    expect(await keysOf(port, "Gateway")).toEqual([]);
  });

  it("follows symbolic links, as a mounted ConfigMap has them", async () => {
    const directory = await manifestDirectory({ ".data/a.yaml": routeText("a") });
    await symlink(join(".data", "a.yaml"), join(directory.path, "a.yaml"));
    expect(await keysOf(open(directory), "ServiceRoute")).toEqual(["orders/a"]);
  });

  it("fills in what an API server would: uid, generation, resourceVersion; age 0", async () => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a") });
    const [route] = (await open(directory).list("ServiceRoute", never)).objects;
    expect(route?.meta).toMatchObject({ generation: 1, createdAtMs: 0, deleting: false, managers: [] });
    expect(route?.meta.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const elsewhere = openManifestsCluster({ name: "w2", directory: directory.path });
    const [other] = (await elsewhere.list("ServiceRoute", never)).objects;
    expect(other?.meta.uid).not.toBe(route?.meta.uid);
  });

  it("keeps uid, generation and age of an exported object", async () => {
    const metadata = `, uid: u-1, generation: 7, creationTimestamp: "2025-01-01T00:00:00Z"`;
    const directory = await manifestDirectory({ "a.yaml": endpointText("a", "t.example.com", metadata) });
    const { meta } = await endpoint(open(directory), "a");
    expect([meta.uid, meta.generation, meta.createdAtMs]).toEqual(["u-1", 7, Date.UTC(2025, 0, 1)]);
  });

  it("sees an edit of a file that was read before", async () => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a") });
    const port = open(directory);
    const [before] = (await port.list("ServiceRoute", never)).objects;
    await directory.write("a.yaml", routeText("a", "Checkout"));
    const [after] = (await port.list("ServiceRoute", never)).objects;
    expect([before?.spec.application, after?.spec.application]).toEqual(["checkout", "Checkout"]);
    expect(after?.meta.resourceVersion).not.toBe(before?.meta.resourceVersion);
    await directory.remove("a.yaml");
    expect(await keysOf(port, "ServiceRoute")).toEqual([]);
  });

  it("rejects an object that does not parse, and keeps the others", async () => {
    const broken = routeText("b").replace("serviceName: api, ", "");
    const directory = await manifestDirectory({ "a.yaml": `${routeText("a")}---\n${broken}` });
    const { objects, rejected } = await open(directory).list("ServiceRoute", never);
    expect([objects.length, rejected.map(({ meta }) => meta.name)]).toEqual([1, ["b"]]);
    expect(rejected[0]?.issues.join()).toContain("spec.serviceName");
  });

  it("rejects names that Kubernetes refuses, as an API server would", async () => {
    const texts = [routeText("a"), routeText("../../etc"), routeText("b").replace("orders", "../../tmp")];
    const { objects, rejected } = await open(await manifestDirectory({ "a.yaml": texts.join("---\n") })).list(
      "ServiceRoute",
      never,
    );
    expect(objects.map(({ meta }) => meta.name)).toEqual(["a"]);
    expect(rejected.map(({ issues }) => issues.join()).sort()).toEqual([
      expect.stringContaining("metadata.name: must be"),
      expect.stringContaining("metadata.namespace: must be"),
    ]);
  });

  it("holds only Services with the label istio, and only the predecessor's Lease", async () => {
    const directory = await manifestDirectory({
      "a.yaml": [serviceText("one", "{ istio: x }"), serviceText("two", "{ app: x }")].join("---\n"),
      "b.yaml": [leaseText("3afd9a04.router.io"), leaseText("other")].join("---\n"),
    });
    const port = open(directory);
    expect(await keysOf(port, "Service")).toEqual(["a/one"]);
    expect(await keysOf(port, "OperatorLease")).toEqual(["a/3afd9a04.router.io"]);
  });

  it("tells our Gateway from Istio's, whatever version Istio's is written in", async () => {
    const versions = ["routing.router.io/v1alpha1", "networking.istio.io/v1", "networking.istio.io/v1alpha3"];
    const texts = versions.map((version, index) => gatewayText(version, `g${index}`));
    const port = open(await manifestDirectory({ "a.yaml": texts.join("---\n") }));
    expect(await keysOf(port, "Gateway")).toEqual(["a/g0"]);
    expect(await keysOf(port, "IstioGateway")).toEqual(["a/g1", "a/g2"]);
  });

  it.each([
    ["that does not parse", "a: [1\n", "bad.yaml:2"],
    ["with a document that is no object", "- 1\n", "bad.yaml:1 is a sequence"],
    ["with a document that has no kind", "apiVersion: v1\n", "bad.yaml:1 has no kind"],
  ])("knows nothing about any kind while there is a file %s", async (_given, text, detail) => {
    const directory = await manifestDirectory({ "good.yaml": routeText("a"), "bad.yaml": text });
    const port = open(directory);
    for (const kind of ["ServiceRoute", "Namespace", "DNSEndpoint"] as const) {
      await expect(port.list(kind, never)).rejects.toMatchObject({ code: "LIST_INCOMPLETE", kind });
      await expect(port.list(kind, never)).rejects.toThrow(`${directory.path}/${detail}`);
    }
    await directory.write("bad.yaml", "");
    expect(await keysOf(port, "ServiceRoute")).toEqual(["orders/a"]);
  });

  it.each([
    ["has a version that cannot be read", routeText("b").replace("v1alpha1", "v2"), "apiVersion routing.router.io/v2"],
    ["has no name", routeText("b").replace("name: b, ", ""), "without metadata.name"],
    ["has no namespace", routeText("b").replace(", namespace: orders", ""), "without metadata.namespace"],
    ["stands there twice", routeText("a"), "both hold ServiceRoute orders/a"],
  ])("knows nothing about a kind of which one object %s", async (_given, text, detail) => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a"), "b.yaml": `# one\n${text}` });
    const port = open(directory);
    await expect(port.list("ServiceRoute", never)).rejects.toMatchObject({ code: "LIST_INCOMPLETE" });
    await expect(port.list("ServiceRoute", never)).rejects.toThrow(detail);
    await expect(port.list("ServiceRoute", never)).rejects.toThrow(`${directory.path}/b.yaml:2`);
    expect(await keysOf(port, "DNSEndpoint")).toEqual([]);
  });

  it("says that a link leads nowhere: what stood behind it is unknown", async () => {
    const directory = await manifestDirectory();
    await symlink("gone.yaml", join(directory.path, "a.yaml"));
    await expect(open(directory).list("ServiceRoute", never)).rejects.toThrow("a.yaml is a symbolic link that leads");
  });

  it("reads regular files only: a pipe or a device may never end", async () => {
    const directory = await manifestDirectory();
    await symlink("/dev/null", join(directory.path, "a.yaml"));
    await expect(open(directory).list("ServiceRoute", never)).rejects.toThrow("a.yaml is not a regular file");
  });

  it("does not read a file of more than 8 MiB, and says so", async () => {
    const directory = await manifestDirectory({ "a.yaml": `#${" ".repeat(8 * 1024 * 1024)}\n` });
    await expect(open(directory).list("ServiceRoute", never)).rejects.toThrow("a.yaml is larger than 8 MiB; split it");
  });

  it("ends where links form a loop", async () => {
    const directory = await manifestDirectory({ "a/b.yaml": routeText("b") });
    await symlink("..", join(directory.path, "a", "up"));
    expect(await codeOf(open(directory).list("ServiceRoute", never))).toBe("LIST_INCOMPLETE");
  });

  it("names at most five faults and counts the rest", async () => {
    const files = Object.fromEntries("abcdefg".split("").map((name) => [`${name}.yaml`, "- 1\n"]));
    const port = open(await manifestDirectory(files));
    await expect(port.list("Gateway", never)).rejects.toThrow("and 2 more");
  });

  it("cannot reach a directory that is not there, and names it", async () => {
    const port = openManifestsCluster({ name: "w1", directory: "/nowhere/w1" });
    await expect(port.list("Gateway", never)).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    await expect(port.list("Gateway", never)).rejects.toThrow("/nowhere/w1");
    expect(await codeOf(port.apply(write("a", "t.example.com"), never))).toBe("CLUSTER_UNREACHABLE");
  });

  it("cannot reach a directory that is a file", async () => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a") });
    const port = openManifestsCluster({ name: "w1", directory: join(directory.path, "a.yaml") });
    expect(await codeOf(port.list("Gateway", never))).toBe("CLUSTER_UNREACHABLE");
  });

  it("stops when its signal is aborted, and does not stop lists of others", async () => {
    const port = open(await manifestDirectory({ "a.yaml": routeText("a") }));
    const mine = new AbortController();
    const stopped = port.list("ServiceRoute", mine.signal);
    const other = port.list("ServiceRoute", never);
    mine.abort();
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    expect((await other).objects.length).toBe(1);
    await expect(port.list("ServiceRoute", mine.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("apply", () => {
  it("creates an object beside the directory, where a person finds it, managed by service-router", async () => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a") });
    const port = open(directory);
    await port.apply(write("a", "t.example.com"), never);
    const created = await endpoint(port, "a");
    expect(created.spec.endpoints).toEqual([
      { dnsName: "h.example.com", recordType: "CNAME", targets: ["t.example.com"], recordTTL: 300 },
    ]);
    expect(created.meta).toMatchObject({ generation: 1, managers: ["service-router"] });
    expect(await directory.outFiles()).toEqual(["orders/dnsendpoint-a.yaml"]);
    expect(await directory.readOut("orders/dnsendpoint-a.yaml")).toMatch(/^# Generated/);
  });

  it("writes the same bytes for the same object", async () => {
    const texts = await Promise.all(
      [1, 2].map(async () => {
        const directory = await manifestDirectory();
        await open(directory).apply(write("a", "t.example.com"), never);
        return directory.readOut("orders/dnsendpoint-a.yaml");
      }),
    );
    expect(texts[0]).toBe(texts[1]);
  });

  it.each([
    ["an object that exists by now", undefined],
    ["an object with another uid", { uid: "other" }],
    ["an object that changed since it was read", { resourceVersion: "other" }],
  ])("refuses to write %s", async (_given, expected) => {
    const port = open(await manifestDirectory({ "a.yaml": endpointText("a") }));
    const seen = await endpoint(port, "a");
    const precondition = expected === undefined ? undefined : { ...asRead(seen), ...expected };
    expect(await codeOf(port.apply(write("a", "t.example.com", precondition), never))).toBe("STALE_OBJECT");
    expect(await endpoint(port, "a")).toEqual(seen);
  });

  it.each([
    ["in a file of its own", "new.yaml"],
    ["in a file that was there", "a.yaml"],
  ])("creates nothing over a manifest that was added since the last list, %s", async (_where, file) => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("other") });
    const port = open(directory);
    await port.list("DNSEndpoint", never);
    await directory.write(file, endpointText("a"));
    const codes = await Promise.all([1, 2, 3].map(() => codeOf(port.apply(write("a", "t.example.com"), never))));
    expect(codes).toEqual(["STALE_OBJECT", "STALE_OBJECT", "STALE_OBJECT"]);
  });

  it("refuses to update what is gone", async () => {
    const port = open(await manifestDirectory());
    const precondition = { uid: "u", resourceVersion: "1" };
    expect(await codeOf(port.apply(write("a", "t.example.com", precondition), never))).toBe("STALE_OBJECT");
  });

  it("refuses to update over an edit of the source since the last list", async () => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a") });
    const port = open(directory);
    const precondition = asRead(await endpoint(port, "a"));
    await directory.write("a.yaml", endpointText("a", "b.example.com"));
    expect(await codeOf(port.apply(write("a", "t.example.com", precondition), never))).toBe("STALE_OBJECT");
  });

  it("carries out several steps of one object after one list", async () => {
    const port = open(await manifestDirectory({ "a.yaml": endpointText("a") }));
    const precondition = asRead(await endpoint(port, "a"));
    for (const target of ["one.example.com", "two.example.com", "three.example.com"]) {
      await port.apply(write("a", target, precondition), never);
    }
    expect((await endpoint(port, "a")).spec.endpoints[0]?.targets).toEqual(["three.example.com"]);
    expect(await codeOf(port.apply(write("a", "late.example.com", precondition), never))).toBe("STALE_OBJECT");
  });

  it("refuses a further step when somebody else edited the source in between", async () => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a") });
    const port = open(directory);
    const precondition = asRead(await endpoint(port, "a"));
    await port.apply(write("a", "one.example.com", precondition), never);
    await directory.write("a.yaml", endpointText("a", "edited.example.com"));
    expect(await codeOf(port.apply(write("a", "two.example.com", precondition), never))).toBe("STALE_OBJECT");
  });

  it("refuses to change a field that another manager owns, unless forced", async () => {
    const metadata = `, managedFields: [{ manager: operator, operation: Update, fieldsV1: { "f:spec": { "f:endpoints": {} } } }]`;
    const port = open(await manifestDirectory({ "a.yaml": endpointText("a", "t.example.com", metadata) }));
    const precondition = asRead(await endpoint(port, "a"));
    await expect(port.apply(write("a", "b.example.com", precondition), never)).rejects.toMatchObject({
      code: "FIELD_CONFLICT",
      owned: { managers: ["operator"], fields: [".spec.endpoints"] },
    });
    await port.apply({ ...write("a", "b.example.com", precondition), force: true }, never);
    expect((await endpoint(port, "a")).meta.managers).toEqual(["service-router"]);
  });

  it("leaves a source as it is and shows the written object instead, until the source is edited", async () => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a") });
    const port = open(directory);
    await port.apply(write("a", "t.example.com", asRead(await endpoint(port, "a"))), never);
    expect((await endpoint(port, "a")).spec.endpoints[0]?.targets).toEqual(["t.example.com"]);
    expect(await readFile(join(directory.path, "a.yaml"), "utf8")).toBe(endpointText("a"));
    await directory.write("a.yaml", endpointText("a", "edited.example.com"));
    expect((await endpoint(port, "a")).spec.endpoints[0]?.targets).toEqual(["edited.example.com"]);
    await directory.remove("a.yaml");
    expect(await keysOf(port, "DNSEndpoint")).toEqual([]);
  });

  it("is seen by a list that was asked for while an earlier one was under way", async () => {
    const port = open(await manifestDirectory({ "a.yaml": endpointText("a") }));
    const early = port.list("DNSEndpoint", never);
    await port.apply(write("b", "t.example.com"), never);
    expect(await keysOf(port, "DNSEndpoint")).toEqual(["orders/a", "orders/b"]);
    await early;
  });

  it("removes the unfinished files that a killed process left, and none that is being written", async () => {
    const directory = await manifestDirectory();
    const [old, young] = [".dnsendpoint-a.yaml.1.2.tmp", ".dnsendpoint-b.yaml.1.3.tmp"];
    for (const name of [old, young, "mine.tmp"]) await directory.writeOut(`orders/${name}`, "half");
    const longAgo = new Date(2025, 0, 1);
    for (const name of [old, "mine.tmp"]) await utimes(join(`${directory.path}.out`, "orders", name), longAgo, longAgo);
    await open(directory).apply(write("a", "t.example.com"), never);
    expect(await directory.outFiles()).toEqual([`orders/${young}`, "orders/dnsendpoint-a.yaml", "orders/mine.tmp"]);
  });

  it("cannot write where `.out` is a file, and names the place", async () => {
    const directory = await manifestDirectory();
    await directory.write("../w1.out", "in the way");
    const written = open(directory).apply(write("a", "t.example.com"), never);
    await expect(written).rejects.toThrow(`${directory.path}.out`);
    await expect(written).rejects.toMatchObject({ code: "DIRECTORY_NOT_WRITTEN" });
  });
});

describe("remove", () => {
  it("takes away what was written", async () => {
    const directory = await manifestDirectory();
    const port = open(directory);
    await port.apply(write("a", "t.example.com"), never);
    const precondition = asRead(await endpoint(port, "a"));
    await port.remove({ kind: "DNSEndpoint", key: "orders/a", precondition }, never);
    expect(await keysOf(port, "DNSEndpoint")).toEqual([]);
    expect(await directory.outFiles()).toEqual([]);
  });

  it.each([
    ["never touched", false],
    ["updated before", true],
  ])("notes the deletion of a source that was %s, and leaves the source as it is", async (_given, updated) => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a") });
    const port = open(directory);
    if (updated) {
      await port.apply(write("a", "t.example.com", asRead(await endpoint(port, "a"))), never);
    }
    const precondition = asRead(await endpoint(port, "a"));
    await port.remove({ kind: "DNSEndpoint", key: "orders/a", precondition }, never);
    expect(await keysOf(port, "DNSEndpoint")).toEqual([]);
    expect(await keysOf(open(directory), "DNSEndpoint")).toEqual([]);
    expect(await directory.outFiles()).toEqual(["deleted/orders/dnsendpoint-a.yaml"]);
    expect(await readFile(join(directory.path, "a.yaml"), "utf8")).toBe(endpointText("a"));
  });

  it("is undone by an edit of the source: somebody wants it again", async () => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a") });
    const port = open(directory);
    const target = { kind: "DNSEndpoint" as const, key: "orders/a", precondition: asRead(await endpoint(port, "a")) };
    await port.remove(target, never);
    await directory.write("a.yaml", endpointText("a", "again.example.com"));
    expect(await keysOf(port, "DNSEndpoint")).toEqual(["orders/a"]);
  });

  it("may be followed by a new object of the same name, which takes nothing from the deleted source", async () => {
    const directory = await manifestDirectory({
      "a.yaml": endpointText("a", "x.example.com", ", labels: { old: label }"),
    });
    const port = open(directory);
    const target = { kind: "DNSEndpoint" as const, key: "orders/a", precondition: asRead(await endpoint(port, "a")) };
    await port.remove(target, never);
    await port.apply(write("a", "t.example.com"), never);
    const created = await endpoint(open(directory), "a");
    expect(created.meta.labels).toEqual({ "app.kubernetes.io/managed-by": "service-router-operator" });
    expect(created.spec.endpoints[0]?.targets).toEqual(["t.example.com"]);
  });

  it("counts as done when the object is gone", async () => {
    const port = open(await manifestDirectory());
    const precondition = { uid: "u", resourceVersion: "1" };
    expect(await codeOf(port.remove({ kind: "DNSEndpoint", key: "orders/a", precondition }, never))).toBe("done");
  });

  it.each([["uid"], ["resourceVersion"]])("refuses when %s is another one by now", async (field) => {
    const port = open(await manifestDirectory({ "a.yaml": endpointText("a") }));
    const precondition = { ...asRead(await endpoint(port, "a")), [field]: "other" };
    expect(await codeOf(port.remove({ kind: "DNSEndpoint", key: "orders/a", precondition }, never))).toBe(
      "STALE_OBJECT",
    );
    expect(await keysOf(port, "DNSEndpoint")).toEqual(["orders/a"]);
  });
});

describe("writeStatus", () => {
  const condition = {
    type: "Ready",
    status: "True",
    reason: "ReconciliationSucceeded",
    message: "ServiceRoute is active",
    lastTransitionTime: "2025-01-01T00:00:00Z",
  } as const;

  it("shows the status on the object, whole, and keeps it beside the directory", async () => {
    const directory = await manifestDirectory({
      "a.yaml": `${routeText("a")}status: { phase: Pending, old: field }\n`,
    });
    const port = open(directory);
    const [route] = (await port.list("ServiceRoute", never)).objects;
    const uid = route?.meta.uid ?? "";
    const update = { kind: "ServiceRoute" as const, key: "orders/a", uid, fields: { phase: "Active" } };
    await port.writeStatus({ ...update, conditions: [condition] }, never);
    const [after] = (await open(directory).list("ServiceRoute", never)).objects;
    expect(after?.status).toEqual({ phase: "Active", conditions: [condition] });
    expect(after?.meta.generation).toBe(1);
    expect(await directory.outFiles()).toEqual(["status/orders/serviceroute-a.yaml"]);
  });

  it("can be written for an object that was rejected", async () => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a").replace("serviceName: api, ", "") });
    const port = open(directory);
    const [route] = (await port.list("ServiceRoute", never)).rejected;
    const uid = route?.meta.uid ?? "";
    const update = { kind: "ServiceRoute" as const, key: "orders/a", uid, fields: { phase: "Failed" } };
    await port.writeStatus({ ...update, conditions: [] }, never);
    expect((await port.list("ServiceRoute", never)).rejected[0]?.status).toMatchObject({ phase: "Failed" });
  });

  it.each([
    ["an object that is gone", "orders/b", "u"],
    ["another object of the same name", "orders/a", "u"],
  ])("refuses the status of %s", async (_given, key, uid) => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a") });
    const update = { kind: "ServiceRoute" as const, key, uid, fields: {}, conditions: [] };
    expect(await codeOf(open(directory).writeStatus(update, never))).toBe("STALE_OBJECT");
    expect(await directory.outFiles()).toEqual([]);
  });

  it("does not put the status of an earlier object on a later one of the same name", async () => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a", "t.example.com", ", uid: one") });
    const port = open(directory);
    const update = {
      kind: "DNSEndpoint" as const,
      key: "orders/a",
      uid: "one",
      fields: { observed: 1 },
      conditions: [],
    };
    await port.writeStatus(update, never);
    const before = await endpoint(port, "a");
    await directory.write("a.yaml", endpointText("a", "t.example.com", ", uid: two"));
    const without = await manifestDirectory({ "a.yaml": endpointText("a", "t.example.com", ", uid: two") });
    const fresh = await endpoint(open(without), "a");
    expect((await endpoint(port, "a")).meta).toEqual(fresh.meta);
    expect(before.meta.resourceVersion).not.toBe(fresh.meta.resourceVersion);
  });
});

describe("what stands in .out", () => {
  it("makes every kind unknown when it does not parse, as it may hold any object", async () => {
    const directory = await manifestDirectory({ "a.yaml": routeText("a") });
    await directory.writeOut("orders/dnsendpoint-a.yaml", "a: [1\n");
    const port = open(directory);
    await expect(port.list("DNSEndpoint", never)).rejects.toThrow(`${directory.path}.out/orders/dnsendpoint-a.yaml:2`);
    expect(await codeOf(port.list("ServiceRoute", never))).toBe("LIST_INCOMPLETE");
  });

  it("counts only where the layout puts it", async () => {
    const directory = await manifestDirectory();
    await directory.writeOut("orders/renamed.yaml", endpointText("a"));
    await directory.writeOut("elsewhere/deep/b.yaml", endpointText("b"));
    await directory.writeOut("notes.yaml", "- 1");
    expect(await keysOf(open(directory), "DNSEndpoint")).toEqual([]);
  });

  it("may be removed, and the sources show as they are", async () => {
    const directory = await manifestDirectory({ "a.yaml": endpointText("a") });
    const port = open(directory);
    await port.apply(write("a", "t.example.com", asRead(await endpoint(port, "a"))), never);
    await directory.remove("../w1.out/orders/dnsendpoint-a.yaml");
    expect((await endpoint(port, "a")).spec.endpoints[0]?.targets).toEqual(["a.example.com"]);
  });
});

describe("any sequence of writes", () => {
  const names = ["a", "b", "c"] as const;
  const step = fc.record({
    name: fc.constantFrom(...names),
    what: fc.constantFrom("apply", "apply", "remove", "status", "reopen"),
    target: fc.constantFrom("x.example.com", "y.example.com"),
  });

  it("shows exactly what was written, survives a restart, and never edits a source", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const files = {
          "a.yaml": endpointText("a", "source.example.com"),
          "teams/b.yaml": endpointText("b", "x.example.com"),
        };
        const directory = await manifestDirectory(files);
        let port = open(directory);
        const expected = new Map([
          ["a", "source.example.com"],
          ["b", "x.example.com"],
        ]);
        for (const { name, what, target } of steps) {
          const found = (await port.list("DNSEndpoint", never)).objects.find(({ meta }) => meta.name === name);
          if (what === "apply") {
            await port.apply(write(name, target, found === undefined ? undefined : asRead(found)), never);
            expected.set(name, target);
          } else if (what === "remove" && found !== undefined) {
            await port.remove({ kind: "DNSEndpoint", key: `orders/${name}`, precondition: asRead(found) }, never);
            expected.delete(name);
          } else if (what === "status" && found !== undefined) {
            const uid = found.meta.uid;
            const key = `orders/${name}`;
            await port.writeStatus({ kind: "DNSEndpoint", key, uid, fields: { target }, conditions: [] }, never);
          } else if (what === "reopen") {
            port = open(directory);
          }
          const shown = (await port.list("DNSEndpoint", never)).objects;
          const targets = shown.map(({ meta, spec }) => [meta.name, spec.endpoints[0]?.targets[0]]);
          expect(targets).toEqual([...expected].sort(([left], [right]) => left.localeCompare(right)));
        }
        for (const [file, text] of Object.entries(files)) {
          expect(await readFile(join(directory.path, file), "utf8")).toBe(text);
        }
      }),
      { numRuns: 30 },
    );
  });
});
