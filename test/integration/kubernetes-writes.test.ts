/** Writing to a real API server through the adapter: what others own, refuse, delete or lose on the way. */
import { createServer, type Server } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../shared/model/json.ts";
import type { ObjectMeta } from "../../shared/model/object-meta.ts";
import type { ClusterPort, ObjectWrite } from "../../shared/ports.ts";
import { createAuthority } from "../support/certificates.ts";
import { createNamespace, get, type KubeObject } from "../support/components/test-cluster.ts";
import type { FaultEffect, SeenRequest } from "../support/fault-proxy.ts";
import { type AdapterCluster, startAdapterCluster } from "../support/kubernetes-access.ts";

const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
const GROUP = "externaldns.k8s.io";

let cluster: AdapterCluster;
let port: ClusterPort;
let namespace: string;

beforeAll(async () => {
  cluster = await startAdapterCluster({ name: "writes", users: ["nobody"] });
  port = await cluster.open();
});
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await createNamespace(cluster.server);
});
afterEach(() => cluster.proxy.clear());

const deadline = (): AbortSignal => AbortSignal.timeout(60_000);
const collection = (): string => `/apis/${GROUP}/v1alpha1/namespaces/${namespace}/dnsendpoints`;
const isWrite = ({ method }: SeenRequest): boolean => method !== "GET";

function write(name: string, target = "t.example.com", overrides: Partial<ObjectWrite> = {}): ObjectWrite {
  const body: JsonObject = {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: "DNSEndpoint",
    metadata: { name, namespace, labels: { "router.io/region": "weu" } },
    spec: { endpoints: [{ dnsName: `${name}.example.com`, recordType: "CNAME", targets: [target] }] },
  };
  return { kind: "DNSEndpoint", key: `${namespace}/${name}`, body, force: false, ...overrides };
}

async function create(name: string): Promise<ObjectMeta> {
  await port.apply(write(name), deadline());
  return await metaOf(name);
}

async function metaOf(name: string): Promise<ObjectMeta> {
  const { objects } = await port.list("DNSEndpoint", deadline());
  const found = objects.find(({ meta }) => meta.namespace === namespace && meta.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found.meta;
}

async function stored(name: string): Promise<KubeObject | undefined> {
  return await get(cluster.server, { apiVersion: `${GROUP}/v1alpha1`, kind: "DNSEndpoint", namespace, name });
}

async function targetOf(name: string): Promise<unknown> {
  const { objects } = await port.list("DNSEndpoint", deadline());
  const found = objects.find(({ meta }) => meta.namespace === namespace && meta.name === name);
  return found?.spec.endpoints[0]?.targets[0];
}

/** Changes the target as another field manager. */
async function edit(name: string, manager: string, kind: "update" | "apply"): Promise<void> {
  const body = write(name, "theirs.example.com").body;
  const type = kind === "apply" ? "application/apply-patch+yaml" : "application/merge-patch+json";
  const query = `fieldManager=${manager}${kind === "apply" ? "&force=true" : ""}`;
  const answer = await cluster.server.request("PATCH", `${collection()}/${name}?${query}`, body, type);
  expect(answer.status).toBe(200);
}

describe("what another field manager owns", () => {
  it.each(["update", "apply"] as const)("is not changed after an %s, and is named", async (kind) => {
    const precondition = await create("a");
    await edit("a", "kubectl-edit", kind);
    const failure = port.apply(write("a", "new.example.com", { precondition }), deadline());
    await expect(failure).rejects.toMatchObject({
      code: "FIELD_CONFLICT",
      owned: { managers: ["kubectl-edit"], fields: [".spec.endpoints"] },
    });
    await expect(targetOf("a")).resolves.toBe("theirs.example.com");
  });

  it("is taken over from the predecessor once, whole, and only where it is the same field", async () => {
    const made = { ...write("a").body, metadata: { name: "a", labels: { "router.io/region": "weu", team: "shop" } } };
    await cluster.server.request("POST", `${collection()}?fieldManager=manager`, made);
    await port.apply(write("a", "t.example.com", { precondition: await metaOf("a"), force: true }), deadline());
    const { managers, labels } = await metaOf("a");
    expect(managers).toEqual(["manager", "service-router"]);
    expect(labels).toEqual({ "router.io/region": "weu", team: "shop" });
    const owned = JSON.stringify((await stored("a"))?.metadata["managedFields"]);
    expect(owned.match(/f:endpoints/g)).toHaveLength(1);
    await port.apply(write("a", "new.example.com", { precondition: await metaOf("a") }), deadline());
    await expect(targetOf("a")).resolves.toBe("new.example.com");
  });

  it("is taken over later when the takeover was cut short halfway", async () => {
    await cluster.server.request("POST", `${collection()}?fieldManager=manager`, write("a").body);
    // The forced apply was done, what takes the other's claim off was not: the process died, or somebody else was faster.
    const half = `${collection()}/a?fieldManager=service-router&force=true`;
    const type = "application/apply-patch+yaml";
    expect((await cluster.server.request("PATCH", half, write("a").body, type)).status).toBe(200);
    const found = await metaOf("a");
    expect(found.managers).toEqual(["manager"]);
    await expect(port.apply(write("a", "new.example.com", { precondition: found }), deadline())).rejects.toMatchObject({
      code: "FIELD_CONFLICT",
      owned: { managers: ["manager"] },
    });
    await port.apply(write("a", "t.example.com", { precondition: found, force: true }), deadline());
    const adopted = await metaOf("a");
    expect(adopted.managers).toEqual(["service-router"]);
    await port.apply(write("a", "new.example.com", { precondition: adopted }), deadline());
    await expect(targetOf("a")).resolves.toBe("new.example.com");
  });

  it("stays with a GitOps tool that applies it, even when forced before", async () => {
    await create("a");
    await edit("a", "flux", "apply");
    await port.apply(write("a", "new.example.com", { precondition: await metaOf("a"), force: true }), deadline());
    await edit("a", "flux", "apply");
    const next = port.apply(write("a", "newer.example.com", { precondition: await metaOf("a") }), deadline());
    await expect(next).rejects.toMatchObject({ code: "FIELD_CONFLICT", owned: { managers: ["flux"] } });
  });
});

describe("what the API server refuses", () => {
  it.each<[string, JsonObject, RegExp]>([
    ["an unknown field", { endpoints: [], bogus: true }, /bogus/],
    ["a field of the wrong type", { endpoints: "none" }, /endpoints/],
  ])("is OBJECT_REFUSED with the reason: %s", async (_given, spec, reason) => {
    const broken = write("a");
    const attempt = port.apply({ ...broken, body: { ...broken.body, spec } }, deadline());
    await expect(attempt).rejects.toMatchObject({ code: "OBJECT_REFUSED", message: expect.stringMatching(reason) });
  });

  it("by a policy for one name costs that object only", async () => {
    await addPolicy(`object.metadata.name != "refused-${namespace}"`, "names that begin with refused are taken");
    await untilRefused(`refused-${namespace}`);
    const attempt = port.apply(write(`refused-${namespace}`), deadline());
    await expect(attempt).rejects.toMatchObject({
      code: "OBJECT_REFUSED",
      message: expect.stringContaining("names that begin with refused are taken"),
    });
    await expect(create("accepted")).resolves.toMatchObject({ managers: ["service-router"] });
  });

  it("without the right to do it is FORBIDDEN with verb and resource", async () => {
    const nobody = await cluster.open({ user: "nobody" });
    await expect(nobody.apply(write("a"), deadline())).rejects.toMatchObject({
      code: "FORBIDDEN",
      what: `patch dnsendpoints.${GROUP}`,
    });
    const update = { kind: "ServiceRoute", key: `${namespace}/a`, uid: "u", fields: {}, conditions: [] } as const;
    await expect(nobody.writeStatus(update, deadline())).rejects.toMatchObject({
      code: "FORBIDDEN",
      what: "patch serviceroutes.routing.router.io/status",
    });
  });

  it("in a namespace that is gone is stale, in one that is going is refused", async () => {
    const missing = write("a");
    const elsewhere = { ...missing.body, metadata: { name: "a", namespace: "nowhere" } };
    await expect(port.apply({ ...missing, key: "nowhere/a", body: elsewhere }, deadline())).rejects.toMatchObject({
      code: "STALE_OBJECT",
    });
    // Nothing finishes the deletion here, so it stays Terminating.
    await cluster.server.request("PUT", `/api/v1/namespaces/${namespace}`, {
      metadata: { name: namespace, finalizers: ["example.com/hold"] },
    });
    await cluster.server.request("DELETE", `/api/v1/namespaces/${namespace}`);
    await expect(port.apply(write("a"), deadline())).rejects.toMatchObject({
      code: "OBJECT_REFUSED",
      message: expect.stringContaining("being terminated"),
    });
  });
});

async function addPolicy(expression: string, message: string): Promise<void> {
  const name = `policy-${namespace}`;
  const rule = { apiGroups: [GROUP], apiVersions: ["*"], operations: ["CREATE"], resources: ["dnsendpoints"] };
  await cluster.server.request("POST", `${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression, message }] },
  });
  await cluster.server.request("POST", `${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
}

/** One that the webhook of this test is asked about. */
function labelled(name: string): ObjectWrite {
  const plain = write(name);
  return { ...plain, body: { ...plain.body, metadata: { name, namespace, labels: { webhook: namespace } } } };
}

/** Admission configuration takes effect a moment after it was written. */
async function untilRefused(name: string): Promise<void> {
  const { body } = labelled(name);
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await cluster.server.request("POST", `${collection()}?dryRun=All`, body);
    if (answer.status >= 400) return;
    await delay(50);
  }
  throw new Error(`${name} is still accepted`);
}

describe("an admission webhook", () => {
  let webhook: Server;
  let denial: string | undefined;

  beforeEach(async () => {
    const authority = createAuthority();
    denial = "labels are wrong, says the token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln";
    webhook = createServer(authority.issue({ commonName: "webhook", hosts: ["127.0.0.1"] }), (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as { readonly request: { readonly uid: string } };
        const verdict = denial === undefined ? { allowed: true } : { allowed: false, status: { message: denial } };
        response.setHeader("content-type", "application/json");
        const answer = { uid: review.request.uid, ...verdict };
        response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer }));
      });
    });
    await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
    const address = webhook.address();
    const url = `https://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
    await cluster.server.request("POST", `${ADMISSION}/validatingwebhookconfigurations`, {
      metadata: { name: `webhook-${namespace}` },
      webhooks: [
        {
          name: "labels.example.com",
          clientConfig: { url, caBundle: Buffer.from(authority.caPem).toString("base64") },
          rules: [{ apiGroups: [GROUP], apiVersions: ["*"], operations: ["CREATE"], resources: ["dnsendpoints"] }],
          objectSelector: { matchLabels: { webhook: namespace } },
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          timeoutSeconds: 2,
        },
      ],
    });
    await untilRefused("probe");
  });
  afterEach(async () => {
    webhook.closeAllConnections();
    await new Promise((resolve) => webhook.close(resolve));
  });

  it("that denies one object is quoted, without secrets, and costs that object only", async () => {
    const failure = await port.apply(labelled("a"), deadline()).catch((caught: unknown) => caught);
    expect(failure).toMatchObject({ code: "OBJECT_REFUSED", message: expect.stringContaining("labels are wrong") });
    expect(String(failure)).not.toContain("eyJ");
    await expect(port.apply(write("b"), deadline())).resolves.toBeUndefined();
    denial = undefined;
    await expect(port.apply(labelled("a"), deadline())).resolves.toBeUndefined();
  });

  it("that cannot be called refuses the object, and the cluster counts as reachable", async () => {
    webhook.closeAllConnections();
    webhook.close();
    await expect(port.apply(labelled("a"), deadline())).rejects.toMatchObject({
      code: "OBJECT_REFUSED",
      message: expect.stringContaining("failed calling webhook"),
    });
  });
});

describe("when the answer is lost or late", () => {
  it("an update that was carried out counts as done", async () => {
    const precondition = await create("a");
    cluster.proxy.inject({ when: isWrite, effect: { kind: "lose-answer" }, times: 1 });
    await port.apply(write("a", "new.example.com", { precondition }), deadline());
    await expect(targetOf("a")).resolves.toBe("new.example.com");
  });

  it("a create that was carried out is left to the next read: it cannot be told from somebody else's", async () => {
    cluster.proxy.inject({ when: isWrite, effect: { kind: "lose-answer" }, times: 1 });
    await expect(port.apply(write("a"), deadline())).rejects.toMatchObject({ code: "STALE_OBJECT", retryable: true });
    await expect(metaOf("a")).resolves.toMatchObject({ managers: ["service-router"] });
  });

  it("a delete that was carried out counts as done", async () => {
    const precondition = await create("a");
    cluster.proxy.inject({ when: isWrite, effect: { kind: "lose-answer" }, times: 1 });
    await port.remove({ kind: "DNSEndpoint", key: `${namespace}/a`, precondition }, deadline());
    await expect(stored("a")).resolves.toBeUndefined();
  });

  it.each<[string, FaultEffect]>([
    ["the connection is cut", { kind: "cut" }],
    ["priority and fairness answers 429", { kind: "answer", status: 429, headers: { "retry-after": "1" }, body: "" }],
    ["a proxy answers 503", { kind: "answer", status: 503, body: "no backend" }],
    ["the gateway times out", { kind: "answer", status: 504, body: "" }],
  ])("a write is repeated after %s", async (_given, effect) => {
    cluster.proxy.inject({ when: isWrite, effect, times: 1 });
    await expect(create("a")).resolves.toMatchObject({ managers: ["service-router"] });
  });

  it("a write that is throttled for long gives up with THROTTLED, and nothing was written", async () => {
    const effect: FaultEffect = { kind: "answer", status: 429, headers: { "retry-after": "60" }, body: "" };
    cluster.proxy.inject({ when: isWrite, effect });
    await expect(port.apply(write("a"), deadline())).rejects.toMatchObject({ code: "THROTTLED", retryAfterMs: 60_000 });
    await expect(stored("a")).resolves.toBeUndefined();
  });

  it("a wait that the deadline ends is THROTTLED as well", async () => {
    const effect: FaultEffect = { kind: "answer", status: 429, headers: { "retry-after": "5" }, body: "" };
    cluster.proxy.inject({ when: isWrite, effect });
    await expect(port.apply(write("a"), AbortSignal.timeout(300))).rejects.toMatchObject({ code: "THROTTLED" });
  });
});

describe("writeStatus", () => {
  it("removes what the predecessor wrote and nobody wants any more", async () => {
    const route = `/apis/routing.router.io/v1alpha1/namespaces/${namespace}/serviceroutes`;
    const spec = { serviceName: "s", gatewayName: "g", environment: "e", application: "a" };
    const body = { apiVersion: "routing.router.io/v1alpha1", kind: "ServiceRoute", metadata: { name: "a" }, spec };
    const made = await cluster.server.request("POST", route, body);
    const { uid } = (made.body as { readonly metadata: { readonly uid: string } }).metadata;
    const old = { phase: "Active", dnsEndpoint: "a-old", conditions: [condition("Ready"), condition("OldType")] };
    await cluster.server.request("PATCH", `${route}/a/status?fieldManager=manager`, { status: old });
    const key = `${namespace}/a`;
    const update = {
      kind: "ServiceRoute",
      key,
      uid,
      fields: { phase: "Active" },
      conditions: [condition("Ready")],
    } as const;
    await port.writeStatus(update, deadline());
    const { objects } = await port.list("ServiceRoute", deadline());
    const after = objects.find(({ meta }) => meta.uid === uid);
    expect(after?.status).toEqual({ phase: "Active", conditions: [condition("Ready")] });
  });
});

function condition(type: string): {
  readonly type: string;
  readonly status: "True";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
} {
  return { type, status: "True", reason: "Reason", message: "message", lastTransitionTime: "2026-01-02T03:04:05Z" };
}

describe("recordEvent", () => {
  it("of a cluster-scoped object goes to the namespace default", async () => {
    const event = { kind: "ClusterIdentity", key: namespace, uid: "u-1", type: "Warning" } as const;
    await port.recordEvent({ ...event, reason: "Frozen", message: "not read", atMs: 0 }, deadline());
    const selector = `fieldSelector=involvedObject.name%3D${namespace}`;
    const answer = await cluster.server.request("GET", `/api/v1/namespaces/default/events?${selector}`);
    expect(answer.body).toMatchObject({
      items: [
        { reason: "Frozen", count: 1, source: { component: "service-router" }, lastTimestamp: "1970-01-01T00:00:00Z" },
      ],
    });
  });
});

describe("an Istio Gateway", () => {
  it.each(["v1", "v1beta1"])("is written as the version that the plan says: %s", async (version) => {
    const body = {
      apiVersion: `networking.istio.io/${version}`,
      kind: "Gateway",
      metadata: { name: "public", namespace },
      spec: { selector: { istio: "public" }, servers: [] },
    };
    await port.apply({ kind: "IstioGateway", key: `${namespace}/public`, body, force: false }, deadline());
    const { objects } = await port.list("IstioGateway", deadline());
    const meta = objects.map((object) => object.meta).find((one) => one.namespace === namespace);
    expect(meta).toMatchObject({ name: "public", managers: ["service-router"] });
    if (meta === undefined) return;
    await port.remove({ kind: "IstioGateway", key: `${namespace}/public`, precondition: meta }, deadline());
    const reference = { apiVersion: "networking.istio.io/v1", kind: "Gateway", namespace, name: "public" };
    await expect(get(cluster.server, reference)).resolves.toBeUndefined();
  });
});

describe("connections", () => {
  it("2,000 requests at 64 at a time, in two passes, use at most 16 connections", async () => {
    await create("a");
    const busy = await cluster.open();
    const before = cluster.proxy.connections().total;
    for (let pass = 0; pass < 2; pass += 1) {
      const left = Array.from({ length: 1_000 }, (_, index) => index);
      const work = async (): Promise<void> => {
        while (left.pop() !== undefined) await busy.istioVersion(deadline());
      };
      await Promise.all(Array.from({ length: 64 }, work));
    }
    expect(cluster.proxy.connections().total - before).toBeLessThanOrEqual(16);
    expect(cluster.proxy.connections().total - before).toBeGreaterThan(1);
  });
});
