import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigurationError, StoreUnavailableError } from "../../../shared/errors.ts";
import type { FleetApp } from "../../../shared/compose.ts";
import {
  fakeFleetApp,
  fleetConfiguration,
  passReport,
  untilAborted,
  type FakeFleetApp,
} from "../../support/functions-host/fake-fleet-app.ts";
import { callHttp, type Answer, type CallOptions } from "../../support/functions-host/in-process.ts";

function callWith(open: () => Promise<FleetApp>, line: string, options: CallOptions = {}): Promise<Answer> {
  const [method = "", path = ""] = line.split(" ");
  return callHttp(open, method, path, options);
}

function call(app: FleetApp, line: string, options: CallOptions = {}): Promise<Answer> {
  return callWith(() => Promise.resolve(app), line, options);
}

function json(answer: Answer): unknown {
  return JSON.parse(answer.body);
}

/** What the app did: the scope of each pass or preview, in order. */
function watchedApp(overrides: Partial<FleetApp> = {}): { app: FakeFleetApp; done: string[] } {
  const done: string[] = [];
  const app = fakeFleetApp({
    preview: async (options) => {
      done.push(`preview ${JSON.stringify(options?.scope ?? {})}`);
      return passReport();
    },
    reconcile: async (options) => {
      done.push(`reconcile ${JSON.stringify(options.scope ?? {})} by ${options.by}`);
      return { kind: "ran", report: passReport({ mode: "apply" }) };
    },
    ...overrides,
  });
  return { app, done };
}

const BAD_REQUESTS: readonly (readonly [string, string, unknown, readonly string[]])[] = [
  ["an unknown parameter", "POST /api/reconcile?dryrun=true", undefined, ["dryrun"]],
  ["two faults at once", "POST /api/reconcile?wait=maybe&cluster=W_1", undefined, ["cluster", "wait"]],
  ["a body that is no JSON", "POST /api/reconcile", "{wait:", [""]],
  ["a body that contradicts the query", "POST /api/reconcile?dryRun=true", { dryRun: false }, ["dryRun"]],
  ["a scope that contradicts the query", "POST /api/reconcile?cluster=w1", { cluster: "n1" }, ["cluster"]],
  ["a body that is a list", "POST /api/reconcile", [1], [""]],
  ["a body that undoes the query", "POST /api/reconcile?dryRun=true", { dryRun: false }, ["dryRun"]],
  [
    "a query and a body of which each field differs",
    "POST /api/reconcile?wait=0&cluster=w1&namespace=shop",
    { wait: true, cluster: "w2", namespace: "pay" },
    ["cluster", "namespace", "wait"],
  ],
  ["a field that the query has twice", "POST /api/reconcile?dryRun=true&dryRun=false", undefined, ["dryRun"]],
  ["a cluster that is not in the fleet", "POST /api/reconcile?cluster=w2", undefined, ["cluster"]],
  ["an unknown output", "GET /api/plan?output=yaml", undefined, ["output"]],
  ["a cluster that is not in the plan", "GET /api/plan?cluster=w2", undefined, ["cluster"]],
  ["a cluster in the query of the status", "GET /api/fleet?cluster=w2", undefined, ["cluster"]],
  ["a cluster that contradicts the path", "GET /api/fleet/w1?cluster=n1", undefined, ["cluster"]],
  ["a namespace of which the plan has nothing", "GET /api/plan?namespace=shpo", undefined, ["namespace"]],
  ["a namespace of which the fleet has nothing", "GET /api/fleet?namespace=shpo", undefined, ["namespace"]],
  ["a pass of a namespace that is not in the fleet", "POST /api/reconcile?namespace=shpo", undefined, ["namespace"]],
  ["a region that is not in the fleet", "GET /api/fleet?region=sea", undefined, ["region"]],
  ["a cluster of another region", "GET /api/fleet?region=weu&cluster=n1", undefined, ["region"]],
  ["a path to a cluster of another region", "GET /api/fleet/n1?region=weu", undefined, ["region"]],
  ["a route that no cluster has", "GET /api/fleet?route=shop/cart", undefined, ["route"]],
  ["a route that this cluster does not have", "GET /api/fleet/n1?route=shop/web", undefined, ["route"]],
  ["region and route together", "GET /api/fleet?region=weu&route=shop/cart", undefined, ["route"]],
  ["no body where one is needed", "POST /api/plan/approve", undefined, ["digest", "reason"]],
  ["a digest of another form", "POST /api/plan/approve", { digest: "xyz", reason: "seen" }, ["digest"]],
  ["an approval without a reason", "POST /api/plan/approve", { digest: "0123456789ab", reason: " " }, ["reason"]],
];

/** Every error has these: what to do, and where to look in the logs. */
const NEXT_AND_INVOCATION = { next: expect.stringMatching(/./), invocation: expect.stringMatching(/./) };

const EVERY_FUNCTION: readonly (readonly [string, unknown])[] = [
  ["GET /api/plan", undefined],
  ["GET /api/fleet", undefined],
  ["POST /api/reconcile", undefined],
  ["POST /api/plan/approve", { digest: "0123456789ab", reason: "seen" }],
];

describe("HTTP functions", () => {
  it.each(BAD_REQUESTS)("answer %s with 400 and the field", async (_what, line, body, paths) => {
    const { app } = watchedApp();
    const answer = await call(app, line, { body });
    expect(answer.status).toBe(400);
    expect(json(answer)).toMatchObject({ error: "BAD_REQUEST", ...NEXT_AND_INVOCATION });
    const { faults } = json(answer) as { faults: { path: string; message: string }[] };
    expect(faults.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
    expect(app.marks).toEqual([]);
  });

  it.each(["POST /api/reconcile?cluster=w2", "GET /api/plan?cluster=w2", "GET /api/fleet?cluster=w2"])(
    "%s names the clusters that there are",
    async (line) => {
      const message = expect.stringContaining("there are n1, w1") as unknown;
      expect(json(await call(fakeFleetApp(), line))).toMatchObject({ faults: [{ path: "cluster", message }] });
    },
  );

  it.each([
    "GET /api/plan?namespace=payments",
    "GET /api/fleet?namespace=payments",
    "POST /api/reconcile?namespace=payments",
  ])("do not refuse a namespace while a cluster cannot be judged, for it may be there: %s", async (line) => {
    const standing = { kind: "frozen", code: "NotRead", reason: "timeout" } as const;
    const clusters = passReport().clusters.map((cluster) => ({ ...cluster, standing }));
    const { app } = watchedApp({
      preview: () => Promise.resolve(passReport({ clusters })),
      reconcile: () => Promise.resolve({ kind: "ran", report: passReport({ mode: "apply", clusters }) }),
    });
    expect((await call(app, line)).status).toBe(200);
  });

  it.each(EVERY_FUNCTION)("%s answers a broken configuration with 500 and every fault", async (line, body) => {
    const faults = [{ path: "clusters[1].source", message: "is required" }];
    const answer = await callWith(() => Promise.reject(new ConfigurationError("fleet.yaml", faults)), line, { body });
    expect(answer.status).toBe(500);
    expect(json(answer)).toMatchObject({ error: "CONFIGURATION", faults });
  });

  it.each(EVERY_FUNCTION)(
    "%s answers a store that is away with 503, a code and when to come back",
    async (line, body) => {
      const answer = await callWith(() => Promise.reject(new StoreUnavailableError("timeout")), line, { body });
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "15" } });
      expect(json(answer)).toMatchObject({ error: "STORE_UNAVAILABLE" });
    },
  );

  it.each(EVERY_FUNCTION)(
    "%s says nothing of an error that may hold a secret, neither to the caller nor the log",
    async (line, body) => {
      const answer = await callWith(() => Promise.reject(new Error("Bearer eyJ0")), line, { body });
      expect(answer.status).toBe(500);
      expect(json(answer)).toMatchObject({ error: "INTERNAL" });
      expect(answer.body + JSON.stringify(answer.logs)).not.toContain("eyJ0");
      expect(answer.logs.map(({ level }) => level)).toEqual(["error"]);
    },
  );
});

describe("POST /api/reconcile", () => {
  it("runs a pass of the scope and answers with its report", async () => {
    const { app, done } = watchedApp();
    const answer = await call(app, "POST /api/reconcile?cluster=w1", { body: { namespace: "shop" } });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json; charset=utf-8" } });
    expect(json(answer)).toMatchObject({ kind: "Report", ended: { kind: "complete" } });
    expect(done).toEqual([`reconcile {"cluster":"w1","namespace":"shop"} by http`]);
  });

  it("accepts what query and body say alike", async () => {
    const { app, done } = watchedApp();
    await call(app, "POST /api/reconcile?dryRun=true&cluster=w1", { body: { dryRun: true, cluster: "w1" } });
    expect(done).toEqual([`preview {"cluster":"w1"}`]);
  });

  it("accepts the function key as a parameter of the platform", async () => {
    expect((await call(watchedApp().app, "POST /api/reconcile?code=secret")).status).toBe(200);
  });

  it("takes a field that query and body say alike", async () => {
    const { app, done } = watchedApp();
    const answer = await call(app, "POST /api/reconcile?dryRun=TRUE&namespace=shop", {
      body: { dryRun: true, namespace: "shop" },
    });
    expect([answer.status, done]).toEqual([200, ['preview {"namespace":"shop"}']]);
  });

  it("dryRun=true answers with the plan and applies nothing", async () => {
    const { app, done } = watchedApp();
    const answer = await call(app, "POST /api/reconcile?dryRun=true&namespace=shop");
    expect(json(answer)).toMatchObject({ kind: "Plan" });
    expect(done).toEqual([`preview {"namespace":"shop"}`]);
  });

  it("wait=false leaves a mark and answers 202", async () => {
    const { app, done } = watchedApp();
    const answer = await call(app, "POST /api/reconcile?wait=false");
    expect(answer.status).toBe(202);
    expect(json(answer)).toMatchObject({ state: "requested", mark: "mark-1" });
    expect({ done, marks: app.marks }).toEqual({ done: [], marks: ["http"] });
  });

  it("answers 202 with the mark and the holder while another pass runs", async () => {
    const busy = { kind: "busy", holder: "functions/a1", mark: "mark-7" } as const;
    const answer = await call(fakeFleetApp({ reconcile: () => Promise.resolve(busy) }), "POST /api/reconcile");
    expect(answer.status).toBe(202);
    expect(json(answer)).toMatchObject({ state: "busy", mark: "mark-7", holder: "functions/a1" });
  });

  it("answers 503 with the report when the pass stopped before its end", async () => {
    const stopped = { kind: "stopped", code: "LEASE_LOST", reason: "the lease was lost" } as const;
    const report = passReport({ mode: "apply", ended: stopped });
    const answer = await call(
      fakeFleetApp({ reconcile: () => Promise.resolve({ kind: "ran", report }) }),
      "POST /api/reconcile",
    );
    expect(answer.status).toBe(503);
    expect(json(answer)).toMatchObject({ error: "LEASE_LOST", report: { kind: "Report" } });
  });

  it("runs a pass for a cluster that may have joined by tag, and says when it had not", async () => {
    const discovery = [
      { subscription: "s", tag: "fleet", value: "a", writes: "apply", gatewayNamespace: "g" },
    ] as const;
    const { app, done } = watchedApp({ configuration: fleetConfiguration({ discovery }) });
    const answer = await call(app, "POST /api/reconcile?cluster=w9");
    expect(done).toHaveLength(1);
    expect(json(answer)).toMatchObject({ error: "BAD_REQUEST", faults: [{ path: "cluster" }] });
  });
});

describe("POST /api/reconcile, when 200 s are not enough", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it.each<readonly [string, FleetApp["reconcile"]]>([
    ["a pass that stops when it is told to", ({ signal }) => untilAborted(signal)],
    ["a pass that does not even stop", () => untilAborted(undefined)],
    [
      "a pass that returns what it got done",
      async ({ signal }) => {
        await untilAborted(signal).catch(() => undefined);
        const ended = { kind: "stopped", code: "ABORTED", reason: "asked to stop" } as const;
        return { kind: "ran", report: passReport({ ended }) };
      },
    ],
  ])("answers 202 before Azure gives up and leaves the rest of %s to the next one", async (_which, reconcile) => {
    const app = fakeFleetApp({ reconcile });
    const answering = call(app, "POST /api/reconcile");
    await vi.advanceTimersByTimeAsync(229_000);
    const answer = await answering;
    expect(answer.status).toBe(202);
    expect(json(answer)).toMatchObject({ state: "unfinished", mark: "mark-1" });
  });
});

describe("GET /api/plan", () => {
  it.each([
    ["", "text/plain; charset=utf-8"],
    ["?output=json", "application/json; charset=utf-8"],
    ["?output=markdown", "text/markdown; charset=utf-8"],
  ])("with %s answers %s", async (query, type) => {
    const answer = await call(fakeFleetApp(), `GET /api/plan${query}`);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": type, "cache-control": "no-store" } });
    expect(answer.body).not.toBe("");
  });
});

describe("GET /api/fleet", () => {
  it.each([
    ["/api/fleet?output=json", "FleetStatus"],
    ["/api/fleet/w1?output=json&namespace=shop", "FleetStatus"],
    ["/api/fleet?output=json&region=weu", "RegionStatus"],
  ])("%s answers a %s", async (path, kind) => {
    expect(json(await call(fakeFleetApp(), `GET ${path}`))).toMatchObject({ kind });
  });

  it("answers a path to a cluster that is not in the fleet with 404 and the clusters that are", async () => {
    const answer = await call(fakeFleetApp(), "GET /api/fleet/w2");
    expect(answer.status).toBe(404);
    expect(json(answer)).toMatchObject(NEXT_AND_INVOCATION);
    const message = "is not in the fleet; there are n1, w1; did you mean w1?";
    expect(json(answer)).toMatchObject({ error: "NOT_FOUND", faults: [{ path: "cluster", message }] });
  });
});

describe("POST /api/plan/approve", () => {
  const body = { digest: "0123456789ab", reason: "the shop namespace moves" };
  const never = { kind: "unknown-digest", held: [] } as const;
  const principal = { "x-ms-client-principal": Buffer.from(`{"claims":[]}`).toString("base64") };
  const headers = { ...principal, "x-ms-client-principal-name": "anna@example.com" };

  it.each([
    ["the platform's principal, verified, where it authenticates", true, "anna@example.com", true],
    ["the name in the body, unverified, where it does not", false, "Bert", false],
  ])("keeps %s", async (_whose, principalsTrusted, name, verified) => {
    const app = fakeFleetApp({ hosting: { ignoredIdentities: [], principalsTrusted } });
    const answer = await call(app, "POST /api/plan/approve", { body: { ...body, by: "Bert" }, headers });
    expect(answer.status).toBe(200);
    expect(json(answer)).toMatchObject({ outcome: "approved", changes: 3, by: name, verified });
    expect(app.approvals).toMatchObject([{ ...body, person: { name, verified } }]);
  });

  it("answers 409 with what is held when the digest is not", async () => {
    const held = [{ digest: "ba9876543210", scope: "zone/weu" }];
    const app = fakeFleetApp({ approve: () => Promise.resolve({ kind: "unknown-digest", held }) });
    const answer = await call(app, "POST /api/plan/approve", { body });
    expect(answer.status).toBe(409);
    expect(json(answer)).toMatchObject(NEXT_AND_INVOCATION);
    expect(json(answer)).toMatchObject({ error: "UNKNOWN_DIGEST", held, faults: [{ path: "digest" }] });
  });

  it("takes an approval back where the body says so", async () => {
    const revoked = { kind: "revoked", scope: "zone/weu", by: "Anna", atMs: Date.UTC(2026, 0, 1) } as const;
    const app = fakeFleetApp({ approve: ({ revoke }) => Promise.resolve(revoke === true ? revoked : never) });
    const answer = await call(app, "POST /api/plan/approve", { body: { ...body, revoke: true } });
    expect(json(answer)).toMatchObject({ outcome: "revoked", by: "Anna", at: "2026-01-01T00:00:00.000Z" });
    const none = fakeFleetApp({ approve: () => Promise.resolve({ kind: "not-approved", approved: [] }) });
    const refused = await call(none, "POST /api/plan/approve", { body: { ...body, revoke: true } });
    expect([refused.status, json(refused)]).toMatchObject([409, { error: "UNKNOWN_DIGEST", approved: [] }]);
  });

  it("is asked to stop at the deadline of HTTP answers, as every preview is", async () => {
    const signals: unknown[] = [];
    const app = fakeFleetApp({
      approve: ({ signal }) => {
        signals.push(signal);
        return Promise.resolve({ kind: "approved", scope: "cluster/w1", changes: 3 });
      },
    });
    await call(app, "POST /api/plan/approve", { body });
    expect(signals).toEqual([expect.any(AbortSignal)]);
  });

  it("says who approved before", async () => {
    const atMs = Date.UTC(2026, 0, 1);
    const app = fakeFleetApp({ approve: () => Promise.resolve({ kind: "already", by: "Anna", atMs }) });
    const answer = await call(app, "POST /api/plan/approve", { body });
    expect(json(answer)).toMatchObject({ outcome: "already", by: "Anna", at: "2026-01-01T00:00:00.000Z" });
  });
});
