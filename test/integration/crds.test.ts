/**
 * The CRDs and ClusterRoles as a real API server takes them: what it accepts and refuses, what it fills in, whose items
 * stand in a list, what `kubectl get` shows, and what the two roles allow.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { isKind, kinds, kindTable } from "../../shared/contracts/kinds.ts";
import type { ApiAnswer } from "../support/components/api-client.ts";
import { startApiServer, startEtcd, type ApiServer, type Etcd } from "../support/components/api-server.ts";
import { kubectl } from "../support/components/binaries.ts";
import { EXTERNAL_DNS_CRDS, installCrds, ISTIO_CRDS } from "../support/components/crds.ts";
import { resourcePath } from "../support/components/discovery.ts";
import { applyObject, createNamespace, get, referenceOf, type KubeObject } from "../support/components/test-cluster.ts";
import {
  acceptedAsBefore,
  clusterIdentity,
  dnsConfiguration,
  dnsPolicy,
  gateway,
  NAMESPACE,
  refusedByAdmission,
  refusedByBoth,
  serviceRoute,
  type Fields,
  type TestObject,
} from "../unit/contracts/objects.ts";

const CRDS = path.join(import.meta.dirname, "..", "..", "crds");
const READER = "service-router-reader";
const WRITER = "service-router-writer";

let etcd: Etcd;
let server: ApiServer;

beforeAll(async () => {
  etcd = await startEtcd();
  server = await startApiServer({ etcd, users: [READER, WRITER] });
  const ours = ["cluster.router.io", "routing.router.io"].map((group) => path.join(CRDS, group));
  await installCrds(server, ...ours, EXTERNAL_DNS_CRDS, ISTIO_CRDS);
  await Promise.all([createNamespace(server, NAMESPACE), createNamespace(server, "istio-system")]);
  await bindRoles();
});

afterAll(async () => {
  await server?.stop();
  await etcd?.stop();
});

const isObject = (value: unknown): value is KubeObject =>
  typeof value === "object" && value !== null && "kind" in value && "metadata" in value;

function documents(file: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(path.join(CRDS, file), "utf8")).map((document) => {
    const value: unknown = document.toJS();
    if (!isObject(value)) throw new Error(`${file} holds something that is no object`);
    return value;
  });
}

/** The roles as they are shipped, bound by the shipped sample; only the subjects are the users of this test. */
async function bindRoles(): Promise<void> {
  for (const role of [...documents("rbac/read.yaml"), ...documents("rbac/write.yaml")]) await applyObject(server, role);
  for (const binding of documents("rbac/binding.yaml")) {
    const users = binding.metadata.name === "service-router-read" ? [READER, WRITER] : [WRITER];
    const subjects = users.map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }));
    await applyObject(server, { ...binding, subjects });
  }
}

function messageOf({ body }: ApiAnswer): string {
  const message = typeof body === "object" && body !== null && "message" in body ? body.message : undefined;
  return typeof message === "string" ? message : JSON.stringify(body);
}

const STRICT = "fieldManager=test&fieldValidation=Strict";

/** As `kubectl create --dry-run=server` does it: with strict validation, and nothing stays. */
async function tryCreate(object: TestObject | KubeObject): Promise<ApiAnswer> {
  const resource = await resourcePath(server, referenceOf(object));
  return await server.request("POST", `${path.posix.dirname(resource)}?${STRICT}&dryRun=All`, object);
}

/** As the product writes a status: the whole of it, by JSON patch on the subresource. */
async function writeStatus(object: KubeObject, status: object): Promise<ApiAnswer> {
  const resource = `${await resourcePath(server, referenceOf(object))}/status?${STRICT}`;
  const patch = [{ op: "add", path: "/status", value: status }];
  return await server.request("PATCH", resource, patch, "application/json-patch+json");
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});

const specOf = (object: KubeObject | undefined): Fields => fieldsOf(object?.["spec"]);

const condition = (type: string, status: string): object => ({
  type,
  status,
  reason: "ReconciliationSucceeded",
  message: `${type} is ${status}`,
  observedGeneration: 1,
  lastTransitionTime: "2026-01-02T03:04:05Z",
});

describe("the CRDs", () => {
  it.each(refusedByBoth)("refuse %s with a message that names the field", async (_what, object, _issue, message) => {
    const answer = await tryCreate(object);
    expect(messageOf(answer)).toContain(message);
    expect([400, 422]).toContain(answer.status);
  });

  it.each(refusedByAdmission)("refuse %s", async (_what, object, message) => {
    const answer = await tryCreate(object);
    expect(messageOf(answer)).toContain(message);
    expect(answer.status).toBe(422);
  });

  it.each(acceptedAsBefore)("accept %s, as the predecessor's did", async (_what, object) => {
    const answer = await tryCreate(object);
    expect(answer.status, messageOf(answer)).toBe(201);
  });

  it("accept every sample under strict validation, and give it back as the contracts read it", async () => {
    for (const file of readdirSync(path.join(CRDS, "samples"))) {
      for (const sample of documents(path.join("samples", file))) {
        const stored = await applyObject(server, sample);
        // An API server adds a finalizer to the spec of a Namespace, which is none of our kinds.
        if (sample.kind !== "Namespace") expect(specOf(stored), file).toEqual(specOf(sample));
        const parsed = isKind(sample.kind) ? kindTable[sample.kind].parse(stored) : undefined;
        expect(parsed?.ok, file).toBe(true);
      }
    }
  });

  it("fill in that a policy is Active, also where the policy has no spec at all", async () => {
    const namespace = await createNamespace(server);
    const { spec: _none, ...bare } = dnsPolicy();
    const metadata = { name: "bare", namespace };
    expect(specOf(await applyObject(server, { ...bare, metadata }))).toEqual({ mode: "Active" });
    const empty = await applyObject(server, { ...dnsPolicy({ sourceRegion: "weu" }), metadata });
    expect(specOf(empty)).toEqual({ mode: "Active", sourceRegion: "weu" });
  });
});

describe("adoptsRegions", () => {
  it("is owned item by item: a manager that takes its region back leaves those of others", async () => {
    const metadata = { name: "owned-by-two" };
    const identity = (adoptsRegions: readonly string[]): KubeObject => ({
      ...clusterIdentity({ adoptsRegions }),
      metadata,
    });
    await applyObject(server, identity(["frc"]), { manager: "gitops" });
    const added = {
      apiVersion: identity([]).apiVersion,
      kind: "ClusterIdentity",
      metadata,
      spec: { adoptsRegions: ["neu"] },
    };
    const both = await applyObject(server, added, { manager: "service-router-failover" });
    expect(specOf(both)["adoptsRegions"]).toEqual(["frc", "neu"]);
    // A sync of the GitOps tool says what it always said and does not take the failover's item away.
    const synced = await applyObject(server, identity(["frc"]), { manager: "gitops" });
    expect(specOf(synced)["adoptsRegions"]).toEqual(["frc", "neu"]);
    const back = await applyObject(server, { ...added, spec: {} }, { manager: "service-router-failover" });
    expect(specOf(back)["adoptsRegions"]).toEqual(["frc"]);
  });

  it("refuses the own region also when it comes from another manager", async () => {
    const metadata = { name: "owned-by-two" };
    await applyObject(server, { ...clusterIdentity({ adoptsRegions: ["frc"] }), metadata }, { manager: "gitops" });
    const own = { ...clusterIdentity(), metadata, spec: { adoptsRegions: ["weu"] } };
    await expect(applyObject(server, own, { manager: "service-router-failover" })).rejects.toThrow("own region");
  });
});

describe("externalDNSControllers", () => {
  it("is owned instance by instance, in the order in which they were listed", async () => {
    const metadata = { name: "owned-by-two" };
    const weu = { name: "external-dns-weu", region: "weu" };
    const neu = { name: "external-dns-neu", region: "neu" };
    await applyObject(server, { ...dnsConfiguration([weu]), metadata }, { manager: "weu-team" });
    const both = await applyObject(server, { ...dnsConfiguration([neu]), metadata }, { manager: "neu-team" });
    expect(specOf(both)["externalDNSControllers"]).toEqual([weu, neu]);
  });
});

const wholeStatuses: readonly (readonly [string, TestObject, Fields])[] = [
  [
    "ClusterIdentity",
    clusterIdentity(),
    { phase: "Active", conditions: [condition("Ready", "True"), condition("Frozen", "False")] },
  ],
  ["DNSConfiguration", dnsConfiguration(), { conditions: [condition("Ready", "True")] }],
  [
    "DNSPolicy",
    dnsPolicy(),
    {
      phase: "Inactive",
      active: false,
      activeControllers: ["external-dns-weu"],
      conditions: [condition("Ready", "False")],
    },
  ],
  ["Gateway", gateway(), { phase: "Pending", loadBalancerIP: "", conditions: [condition("DNSReady", "Unknown")] }],
  [
    "ServiceRoute",
    serviceRoute(),
    {
      phase: "Active",
      dnsEndpoint: "orders-external-dns-weu",
      dnsNames: ["a.example.com"],
      conditions: [condition("Ready", "True")],
    },
  ],
];

describe("a status", () => {
  it.each(wholeStatuses)(
    "of a %s is stored as it was written, and leaves generation and spec alone",
    async (_kind, object, status) => {
      const stored = await applyObject(server, { ...object, metadata: { ...object.metadata, name: "with-status" } });
      const answer = await writeStatus(stored, status);
      expect(answer.status, messageOf(answer)).toBe(200);
      const after = await get(server, referenceOf(stored));
      expect(after?.["status"]).toEqual(status);
      expect(after?.metadata["generation"]).toBe(stored.metadata["generation"]);
    },
  );

  it("that the schema does not know is refused instead of cut", async () => {
    const stored = await applyObject(server, { ...serviceRoute(), metadata: { name: "typo", namespace: NAMESPACE } });
    const answer = await writeStatus(stored, { dnsName: "a.example.com" });
    expect(messageOf(answer)).toContain('unknown field "status.dnsName"');
  });

  it("is not changed by whoever writes the resource", async () => {
    const object = {
      ...serviceRoute(),
      metadata: { name: "spec-only", namespace: NAMESPACE },
      status: { phase: "Active" },
    };
    const stored = await applyObject(server, object);
    expect(stored["status"]).toBeUndefined();
  });
});

/** Lines of a kubectl table, cells apart: they stand two or more spaces apart, a missing value is `<none>` or empty. */
async function kubectlTable(...args: readonly string[]): Promise<readonly (readonly string[])[]> {
  const text = await runKubectl("get", ...args);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd().split(/\s{2,}/));
}

async function runKubectl(...args: readonly string[]): Promise<string> {
  const file = await server.kubeconfigFile("admin");
  const { stdout } = await promisify(execFile)(await kubectl(), ["--kubeconfig", file, ...args]);
  return stdout;
}

/** Every column has a value, so that the cells of a line can be told apart. */
async function shownObjects(namespace: string): Promise<void> {
  const labelled = (object: TestObject, status: object): [KubeObject, object] => {
    const metadata = { ...object.metadata, name: "shown", labels: { shown: "yes" } };
    return [
      { ...object, metadata: object.metadata.namespace === undefined ? metadata : { ...metadata, namespace } },
      status,
    ];
  };
  const ready = condition("Ready", "True");
  const shown = [
    labelled(clusterIdentity({ adoptsRegions: ["frc", "swe"] }), {
      conditions: [condition("AdoptedRegionsValid", "True"), condition("Frozen", "False"), ready],
    }),
    labelled(dnsConfiguration(), { conditions: [ready] }),
    labelled(dnsPolicy({ sourceRegion: "weu", sourceCluster: "aks01" }), {
      phase: "Active",
      active: true,
      activeControllers: ["external-dns-weu"],
      conditions: [ready],
    }),
    labelled(gateway(), {
      phase: "Active",
      loadBalancerIP: "10.0.0.7",
      conditions: [condition("DNSReady", "True"), ready],
    }),
    labelled(serviceRoute({ gatewayNamespace: "istio-system" }), {
      phase: "Active",
      dnsNames: ["orders-ns-p-prod-shop.example.com"],
      conditions: [
        ready,
        condition("Published", "True"),
        condition("DNSVerified", "Unknown"),
        condition("BackendBound", "False"),
      ],
    }),
  ];
  for (const [object, status] of shown) {
    await applyObject(server, object);
    await writeStatus(object, status);
  }
}

/** Short name, header, row; the age is the last cell. `Reason` and others show in wide tables only. */
const columns: readonly (readonly [string, string, string])[] = [
  ["ci", "REGION CLUSTER ADOPTS READY", 'weu aks01 ["frc","swe"] True'],
  ["dnsc", "READY REASON", "True ReconciliationSucceeded"],
  ["dnsp", "MODE PHASE ACTIVE CONTROLLERS READY", 'Active Active true ["external-dns-weu"] True'],
  [
    "gateways.routing.router.io",
    "CONTROLLER POSTFIX PHASE IP READY DNS-READY",
    "aks-istio-ingressgateway-internal internal Active 10.0.0.7 True True",
  ],
  [
    "sr",
    "HOST GATEWAY PHASE READY PUBLISHED VERIFIED BACKEND",
    "orders-ns-p-prod-shop.example.com internal Active True True Unknown False",
  ],
];

describe("kubectl", () => {
  let namespace: string;

  beforeAll(async () => {
    namespace = await createNamespace(server);
    await shownObjects(namespace);
  });

  it.each(columns)("get %s shows what matters, by its short name", async (name, header, row) => {
    const table = await kubectlTable(name, "-n", namespace, "-l", "shown=yes");
    expect(table.map((line) => line.slice(0, -1).join(" "))).toEqual([`NAME ${header}`, `shown ${row}`]);
  });

  it.each([
    ["ci", "NAME REGION CLUSTER DOMAIN LETTER ADOPTS ADOPTED READY FROZEN REASON AGE"],
    ["dnsc", "NAME READY REASON CONTROLLERS AGE"],
    ["dnsp", "NAME MODE HOME-REGION HOME-CLUSTER PHASE ACTIVE CONTROLLERS READY REASON AGE"],
    ["gateways.routing.router.io", "NAME CONTROLLER POSTFIX CREDENTIAL PHASE IP READY DNS-READY REASON AGE"],
    ["sr", "NAME HOST GATEWAY GATEWAY-NAMESPACE PHASE READY PUBLISHED VERIFIED BACKEND REASON AGE"],
  ])("get %s -o wide adds the reason and more", async (name, header) => {
    const [first] = await kubectlTable(name, "-n", namespace, "-o", "wide");
    expect(first?.join(" ")).toBe(header);
  });

  it("get service-router finds all five kinds", async () => {
    const text = await runKubectl("get", "service-router", "-n", namespace, "-l", "shown=yes", "-o", "name");
    expect(text.trim().split("\n").toSorted()).toEqual([
      "clusteridentity.cluster.router.io/shown",
      "dnsconfiguration.cluster.router.io/shown",
      "dnspolicy.routing.router.io/shown",
      "gateway.routing.router.io/shown",
      "serviceroute.routing.router.io/shown",
    ]);
  });

  it("shows a route that nobody reconciled yet", async () => {
    const fresh = { ...serviceRoute(), metadata: { name: "fresh", namespace, labels: { shown: "fresh" } } };
    await applyObject(server, fresh);
    const [, row] = await kubectlTable("sr", "-n", namespace, "-l", "shown=fresh");
    expect(row?.slice(0, -1)).toEqual(["fresh", "internal"]);
  });

  it.each([
    ["serviceroute", "{serviceName}-ns-{environmentLetter}-{environment}-{application}.{domain}"],
    ["gateways.routing.router.io", "the full name is gateways.routing.router.io"],
    ["serviceroute.spec.ttlSeconds", "1 to 86400"],
    ["dnspolicy.spec.mode", "ENUM: Active RegionBound"],
    ["clusteridentity.status.conditions.reason", "CamelCase"],
  ])("explain %s says what it is for", async (field, sentence) => {
    const text = await runKubectl("explain", field);
    expect(text.replaceAll(/\s+/g, " ")).toContain(sentence);
  });
});

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** Everything that either role could be suspected of: group/resource, name of one object where it matters. */
const SUSPECTS: readonly (readonly [string, string, string?])[] = [
  ...["clusteridentities", "dnsconfigurations"].flatMap((resource): [string, string][] => [
    ["cluster.router.io", resource],
    ["cluster.router.io", `${resource}/status`],
  ]),
  ...["gateways", "dnspolicies", "serviceroutes"].flatMap((resource): [string, string][] => [
    ["routing.router.io", resource],
    ["routing.router.io", `${resource}/status`],
    ["routing.router.io", `${resource}/finalizers`],
  ]),
  ["externaldns.k8s.io", "dnsendpoints"],
  ["externaldns.k8s.io", "dnsendpoints/status"],
  ["networking.istio.io", "gateways"],
  ["networking.istio.io", "virtualservices"],
  ["", "services"],
  ["", "services/status"],
  ["", "namespaces"],
  ["", "secrets"],
  ["", "configmaps"],
  ["", "pods"],
  ["", "events"],
  ["coordination.k8s.io", "leases"],
  ["coordination.k8s.io", "leases", "3afd9a04.router.io"],
  ["discovery.k8s.io", "endpointslices"],
  ["apps", "deployments"],
  ["apps", "deployments/scale"],
  ["apiextensions.k8s.io", "customresourcedefinitions"],
  ["rbac.authorization.k8s.io", "clusterroles"],
];

const READS = [
  "list apps/deployments",
  "list cluster.router.io/clusteridentities",
  "list cluster.router.io/dnsconfigurations",
  "list coordination.k8s.io/leases/3afd9a04.router.io",
  "list core/namespaces",
  "list core/services",
  "list discovery.k8s.io/endpointslices",
  "list externaldns.k8s.io/dnsendpoints",
  "list networking.istio.io/gateways",
  "list networking.istio.io/virtualservices",
  "list routing.router.io/dnspolicies",
  "list routing.router.io/gateways",
  "list routing.router.io/serviceroutes",
];

const WRITES = [
  "create core/events",
  "create externaldns.k8s.io/dnsendpoints",
  "create networking.istio.io/gateways",
  "delete externaldns.k8s.io/dnsendpoints",
  "delete networking.istio.io/gateways",
  "get core/events",
  "patch cluster.router.io/clusteridentities/status",
  "patch cluster.router.io/dnsconfigurations/status",
  "patch core/events",
  "patch externaldns.k8s.io/dnsendpoints",
  "patch networking.istio.io/gateways",
  "patch routing.router.io/dnspolicies/status",
  "patch routing.router.io/gateways/status",
  "patch routing.router.io/serviceroutes/status",
];

/** What the API server's own authoriser allows of all suspects, as `verb group/resource`. */
async function allowed(user: string): Promise<readonly string[]> {
  const asked = SUSPECTS.flatMap(([group, what, name]) => VERBS.map((verb) => ({ group, what, name, verb })));
  const answers = await Promise.all(
    asked.map(async ({ group, what, name, verb }) => {
      const [resource, subresource] = what.split("/");
      const resourceAttributes = { group, resource, subresource, name, verb, namespace: NAMESPACE };
      const review = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user, resourceAttributes },
      };
      const { body } = await server.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
      const yes = fieldsOf(fieldsOf(body)["status"])["allowed"] === true;
      return yes ? [`${verb} ${[group === "" ? "core" : group, what, name].filter(Boolean).join("/")}`] : [];
    }),
  );
  return answers.flat().toSorted();
}

const endpoint = (target: string): KubeObject => ({
  apiVersion: "externaldns.k8s.io/v1alpha1",
  kind: "DNSEndpoint",
  metadata: { name: "by-apply", namespace: NAMESPACE },
  spec: { endpoints: [{ dnsName: "a.example.com", recordType: "CNAME", targets: [target], recordTTL: 300 }] },
});

describe("the ClusterRoles", () => {
  it("allow a reader to list what a pass or doctor reads, and nothing else", async () => {
    // The authoriser reads bindings from a watch, so they count a moment after they are stored.
    await expect.poll(() => allowed(READER), { timeout: 15_000 }).toEqual(READS);
  });

  it("allow a writer what the product writes besides, and nothing else", async () => {
    await expect.poll(() => allowed(WRITER), { timeout: 15_000 }).toEqual([...READS, ...WRITES].toSorted());
  });

  it("suffice to list every kind as the product lists it", async () => {
    for (const kind of kinds) {
      const { group, versions, plural, labelSelector = "", fieldSelector = "" } = kindTable[kind];
      const root = group === "" ? "/api/v1" : `/apis/${group}/${versions[0]}`;
      const query = new URLSearchParams({ limit: "500", labelSelector, fieldSelector });
      const answer = await server.requestAs(READER, { method: "GET", path: `${root}/${plural}?${query.toString()}` });
      expect(answer.status, `${kind}: ${messageOf(answer)}`).toBe(200);
    }
    const everyLease = { method: "GET", path: "/apis/coordination.k8s.io/v1/leases" };
    expect((await server.requestAs(READER, everyLease)).status).toBe(403);
  });

  it("suffice for a writer to make, change and delete a DNSEndpoint by apply, and for a reader to do none of it", async () => {
    await expect(applyObject(server, endpoint("b.example.com"), { user: READER })).rejects.toThrow("403");
    await applyObject(server, endpoint("b.example.com"), { user: WRITER });
    await applyObject(server, endpoint("c.example.com"), { user: WRITER });
    const resource = await resourcePath(server, referenceOf(endpoint("")));
    expect((await server.requestAs(READER, { method: "DELETE", path: resource })).status).toBe(403);
    expect((await server.requestAs(WRITER, { method: "DELETE", path: resource })).status).toBe(200);
  });
});

/** The definition without what ours adds to the predecessor's: list types, CEL, upper bounds. */
function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !/^(x-kubernetes-.*|maxLength|maxItems)$/.test(key));
  return Object.fromEntries(kept.map(([key, entry]) => [key, loosened(entry)]));
}

describe("objects that the predecessor's CRDs accepted", () => {
  const kept = [
    { ...clusterIdentity({ adoptsRegions: ["frc", "frc", "weu"] }), metadata: { name: "from-before" } },
    {
      ...dnsConfiguration([
        { name: "external-dns", region: "weu" },
        { name: "external-dns", region: "weu" },
      ]),
      metadata: { name: "from-before" },
    },
    { ...serviceRoute({ application: "x".repeat(300) }), metadata: { name: "from-before", namespace: NAMESPACE } },
  ] as const;

  it("still get their status, labels and other fields after the upgrade to ours", async () => {
    const files = [
      "cluster.router.io/clusteridentities",
      "cluster.router.io/dnsconfigurations",
      "routing.router.io/serviceroutes",
    ];
    const crds = files.flatMap((file) => documents(`${file}.yaml`));
    for (const crd of crds) await applyObject(server, { ...crd, spec: loosened(crd["spec"]) });
    for (const object of kept) {
      const create = async (): Promise<number> => {
        const collection = path.posix.dirname(await resourcePath(server, referenceOf(object)));
        return (await server.request("POST", `${collection}?${STRICT}`, object)).status;
      };
      await expect.poll(create, { timeout: 15_000 }).toBe(201);
    }
    for (const crd of crds) await applyObject(server, crd);
    for (const object of kept) {
      const again = { ...object, metadata: { ...object.metadata, name: "after-upgrade" } };
      await expect.poll(async () => (await tryCreate(again)).status, { timeout: 15_000 }).toBe(422);
      const written = await writeStatus(object, { conditions: [condition("Ready", "False")] });
      expect(written.status, messageOf(written)).toBe(200);
      const resource = await resourcePath(server, referenceOf(object));
      const labelled = await server.request("PATCH", resource, { metadata: { labels: { team: "shop" } } });
      expect(labelled.status, messageOf(labelled)).toBe(200);
    }
    const route = await resourcePath(server, referenceOf(kept[2]));
    const moved = await server.request("PATCH", route, { spec: { gatewayName: "external" } });
    expect(moved.status, messageOf(moved)).toBe(200);
  });
});
