/** Every function of the bundle, each called as the Azure worker calls it, on a copy of the sample fleet. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileStateStore } from "../../shared/adapters/storage/open-state-store.ts";
import { systemClock } from "../../shared/adapters/system/clock.ts";
import { copySampleFleet } from "../support/functions-host/sample-copy.ts";
import { startWorker, type Worker } from "../support/functions-host/worker.ts";

const DIST = join(import.meta.dirname, "../../dist");

type Answered = {
  readonly kind?: string;
  readonly error?: string;
  readonly digest?: string;
  readonly faults?: readonly { readonly path: string }[];
  readonly summary?: {
    readonly changes: number;
    readonly done: number;
    readonly failed: number;
    readonly statusesDue: number;
  };
};

let directory: string;
let worker: Worker;

async function start(env: Readonly<Record<string, string>> = {}): Promise<Worker> {
  const settings = { SERVICE_ROUTER_CONFIG: join(directory, "fleet.yaml"), ...env };
  return await startWorker({ directory: DIST, env: settings });
}

function json(answer: { readonly body: string }): Answered {
  return JSON.parse(answer.body) as Answered;
}

/** Who left marks that no pass has taken up yet. */
async function marks(): Promise<readonly string[]> {
  const text = await readFile(join(directory, ".service-router/marks.json"), "utf8");
  const { document } = JSON.parse(text) as { document: { requests: { by: string }[] } };
  return document.requests.map(({ by }) => by);
}

async function written(): Promise<readonly string[]> {
  const names = await readdir(join(directory, "clusters"));
  return names.filter((name) => name.endsWith(".out")).toSorted();
}

/** Clusters into which DNSEndpoints were written. */
async function publishing(): Promise<readonly string[]> {
  const clusters: string[] = [];
  for (const name of await written()) {
    const files = await readdir(join(directory, "clusters", name), { recursive: true });
    if (files.some((file) => basename(file).startsWith("dnsendpoint-"))) {
      clusters.push(name);
    }
  }
  return clusters;
}

function gridEvent(appid: string): unknown {
  return {
    id: "1",
    subject: "/subscriptions/s/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/example.com/A/cart",
    eventType: "Microsoft.Resources.ResourceWriteSuccess",
    eventTime: "2026-01-01T00:00:00Z",
    data: { operationName: "Microsoft.Network/privateDnsZones/A/write", claims: { appid } },
  };
}

const CLOUD_EVENT = {
  specversion: "1.0",
  id: "2",
  type: "Microsoft.Resources.ResourceDeleteSuccess",
  source: "/subscriptions/s",
  data: {},
};

beforeEach(async () => {
  directory = await copySampleFleet();
});

afterEach(async () => {
  expect(await worker.stop()).toBe(0);
  expect(worker.printed()).toBe("");
  await rm(directory, { recursive: true, force: true });
});

describe("the functions on the sample fleet", () => {
  it("show the plan without changing anything, then carry it out, then find nothing to do", async () => {
    worker = await start();
    const plan = json(await worker.http("GET /api/plan?output=json"));
    expect(plan).toMatchObject({ kind: "Plan" });
    expect(plan.summary?.changes).toBeGreaterThan(50);
    expect(json(await worker.http("POST /api/reconcile?dryRun=true")).digest).toBe(plan.digest);
    expect(await written()).toEqual([]);

    const pass = json(await worker.http("POST /api/reconcile"));
    expect(pass).toMatchObject({ kind: "Report", digest: plan.digest, ended: { kind: "complete" } });
    expect(pass.summary).toMatchObject({ done: plan.summary?.changes, failed: 0 });
    expect(await written()).not.toEqual([]);

    const again = json(await worker.http("POST /api/reconcile"));
    expect(again.summary).toMatchObject({ changes: 0, statusesDue: 0 });
  });

  it("answer 202 with the holder and leave a mark while somebody else runs a pass", async () => {
    worker = await start();
    const store = openFileStateStore({ directory: join(directory, ".service-router"), clock: systemClock });
    const lease = await store.acquireLease("reconcile", "somebody else", 60_000);
    const busy = await worker.http("POST /api/reconcile");
    expect(busy.status).toBe(202);
    expect(json(busy)).toMatchObject({ state: "busy", holder: "somebody else" });
    expect(await marks()).toEqual(["http"]);
    expect(await written()).toEqual([]);
    await lease.release();
    expect((await worker.http("POST /api/reconcile")).status).toBe(200);
    expect(await marks()).toEqual([]);
  });

  it("leave a mark only with wait=false", async () => {
    worker = await start();
    expect((await worker.http("POST /api/reconcile?wait=false")).status).toBe(202);
    expect(await marks()).toEqual(["http"]);
    expect(await written()).toEqual([]);
  });

  it("apply a scope only", async () => {
    worker = await start();
    const scoped = json(await worker.http("POST /api/reconcile?cluster=w1"));
    const whole = json(await worker.http("GET /api/plan?output=json"));
    expect(scoped.summary?.done).toBeGreaterThan(0);
    expect(whole.summary?.changes).toBeGreaterThan(0);
    expect(await publishing()).toEqual(["w1.out"]);
  });

  it.each([
    ["GET /api/plan", /^Plan: /],
    ["GET /api/plan?output=markdown", /^### /],
    ["GET /api/fleet", /^Fleet: 5 clusters/],
    ["GET /api/fleet/w1?output=markdown", /^### /],
    ["GET /api/fleet?region=weu", /weu/],
  ])("%s answers something to read", async (line, form) => {
    worker = await start();
    const answer = await worker.http(line);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(form);
  });

  it.each([
    ["GET /api/plan?output=yaml", undefined, 400, "output"],
    ["GET /api/plan?cluster=w9", undefined, 400, "cluster"],
    ["GET /api/fleet/w9", undefined, 404, "cluster"],
    ["POST /api/reconcile?cluster=w9", undefined, 400, "cluster"],
    ["POST /api/reconcile", { wait: 3 }, 400, "wait"],
    ["POST /api/plan/approve", { digest: "0123456789ab" }, 400, "reason"],
    ["POST /api/plan/approve", { digest: "0123456789ab", reason: "seen" }, 409, "digest"],
  ])("%s with %j answers %i and names %s", async (line, body, status, field) => {
    worker = await start();
    const answer = await worker.http(line, body);
    expect(answer.status).toBe(status);
    expect(json(answer).faults?.map(({ path }) => path)).toEqual([field]);
    expect(await written()).toEqual([]);
  });

  it("answer a broken fleet.yaml with every fault at once, and work as soon as it is mended", async () => {
    worker = await start();
    const path = join(directory, "fleet.yaml");
    const good = await readFile(path, "utf8");
    await writeFile(path, good.replace("name: w1", "nome: w1").replace("writes: apply", "writes: perhaps"));
    const answer = await worker.http("GET /api/plan");
    expect(answer.status).toBe(500);
    expect(json(answer)).toMatchObject({ error: "CONFIGURATION" });
    expect(json(answer).faults?.length).toBeGreaterThan(1);
    await writeFile(path, good);
    expect((await worker.http("GET /api/plan")).status).toBe(200);
  });
});

describe("reconcile_timer on the sample fleet", () => {
  it("runs a pass at the first tick; at the second nothing is due", async () => {
    worker = await start();
    const first = await worker.timer("reconcile_timer");
    expect(first.invocation.kind).toBe("succeeded");
    expect(first.logs.map(({ message }) => message).join("\n")).toContain("pass ended");
    const state = await written();
    expect(state).not.toEqual([]);
    const second = await worker.timer("reconcile_timer");
    expect({ kind: second.invocation.kind, logs: second.logs }).toEqual({ kind: "succeeded", logs: [] });
  });
});

describe("reconcile_eventgrid on the sample fleet", () => {
  it("leaves a mark for an event of either schema, none for one of an ignored identity or of no known shape", async () => {
    worker = await start({ SERVICE_ROUTER_IGNORED_IDENTITIES: "11111111-AAAA-4000-8000-000000000000, 2222" });
    await worker.timer("reconcile_timer");
    expect(await marks()).toEqual([]);
    const events = [gridEvent("11111111-aaaa-4000-8000-000000000000"), { hello: "world" }, gridEvent("3"), CLOUD_EVENT];
    for (const event of events) {
      expect((await worker.event("reconcile_eventgrid", event)).invocation.kind).toBe("succeeded");
    }
    expect(await marks()).toEqual(["eventgrid", "eventgrid"]);
  });
});
