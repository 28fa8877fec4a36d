import { describe, expect, it } from "vitest";
import { holdLease } from "../../../shared/app/held-lease.ts";
import { writableStatuses } from "../../../shared/app/writable-statuses.ts";
import { dueStatuses, writeStatuses } from "../../../shared/app/write-statuses.ts";
import type { StatusChange } from "../../../shared/core/planning/status-changes.ts";
import { ThrottledError } from "../../../shared/errors.ts";
import type { DesiredCondition, DesiredStatus } from "../../../shared/model/desired.ts";
import type { Condition } from "../../../shared/model/object-meta.ts";
import { uidOf } from "../../sim/world/api-server.ts";
import { cluster, fleet, ingress, type WorldCluster } from "../../support/builders/fleet.ts";
import { policy, route } from "../../support/builders/objects.ts";
import { desiredStatuses, runPass } from "../../support/builders/pass.ts";
import { TEST_START_MS } from "../../support/clock.ts";
import { givenFleet, type Given } from "./given-fleet.ts";

const ready: DesiredCondition = { type: "Ready", status: "True", reason: "ReconciliationSucceeded", message: "" };
const verified: DesiredCondition = { type: "DNSVerified", status: "True", reason: "Verified", message: "" };

function status(key: string, overrides: Partial<DesiredStatus> & { readonly cluster?: string } = {}): DesiredStatus {
  const { cluster: name = "w1", ...rest } = overrides;
  return {
    place: { kind: "cluster", name },
    kind: "ServiceRoute",
    key,
    uid: `uid ${key}`,
    generation: 1,
    fields: { phase: "Active" },
    conditions: [ready],
    needs: [],
    observed: {},
    ...rest,
  };
}

function written(condition: DesiredCondition): Condition {
  return { ...condition, observedGeneration: 1, lastTransitionTime: "2026-01-01T00:00:00Z" };
}

const asIs = { phase: "Active", conditions: [written(ready)] };

function due(statuses: readonly DesiredStatus[]): readonly StatusChange[] {
  return dueStatuses({ statuses, outcomeOf: () => undefined, nowMs: TEST_START_MS });
}

function keys(changes: readonly StatusChange[]): readonly string[] {
  return changes.map((one) => `${one.status.place.name} ${one.status.kind} ${one.status.key}`);
}

describe("dueStatuses", () => {
  it("are those that differ from what is written, sorted by place, kind and key", () => {
    const statuses = [
      status("shop/b"),
      status("shop/a", { observed: asIs }),
      status("shop/a", { kind: "Gateway" }),
      status("shop/z", { cluster: "n1" }),
      status("shop/c", { observed: { ...asIs, phase: "Pending" } }),
    ];
    expect(keys(due(statuses))).toEqual([
      "n1 ServiceRoute shop/z",
      "w1 Gateway shop/a",
      "w1 ServiceRoute shop/b",
      "w1 ServiceRoute shop/c",
    ]);
  });

  it("limit what only reports an observation to 200 in a cluster; what a route's owner must know is not limited", () => {
    const observation = (key: string, name: string): DesiredStatus =>
      status(key, { cluster: name, conditions: [ready, verified], observed: asIs });
    const numbers = Array.from({ length: 250 }, (_, index) => `shop/${index}`);
    const changes = due([
      ...numbers.flatMap((key) => [observation(key, "w1"), observation(key, "n1")]),
      ...numbers.map((key) => status(`other${key}`)),
    ]);
    const only = changes.filter(({ observationOnly }) => observationOnly).map((one) => one.status.place.name);
    expect([only.filter((name) => name === "w1").length, only.length, changes.length]).toEqual([200, 400, 650]);
  });

  it("leave out a status of which the pass cannot tell how its item ended", () => {
    const reason = "DNSEndpointGenerationFailed";
    const needs = [{ kind: "DNSEndpoint", keys: ["shop/x"], conditions: ["Ready"], reason }] as const;
    const outcomeOf = () => ({ kind: "not-started" }) as const;
    expect(dueStatuses({ statuses: [status("shop/a", { needs })], outcomeOf, nowMs: TEST_START_MS })).toEqual([]);
  });
});

async function write(
  given: Given,
  changes: readonly StatusChange[],
  options: { readonly deadlineMonotonicMs?: number; readonly signal?: AbortSignal } = {},
) {
  const lease = await holdLease(given.store, given.clock, { name: "reconcile", holder: "us", waitMs: 0 });
  const { clusters } = given.ports.configuration;
  return writeStatuses(given.ports, { due: changes, clusters, lease, deadlineMonotonicMs: Infinity, ...options });
}

/** Statuses of the routes of w1, as due. */
function dueOf(given: Given, ...names: readonly string[]): readonly StatusChange[] {
  return due(
    names.map((own) => status(`shop/${own}`, { uid: uidOf(given.server("w1").get("ServiceRoute", `shop/${own}`)) })),
  );
}

function phases(given: Given): readonly (string | undefined)[] {
  return given
    .server("w1")
    .list("ServiceRoute")
    .objects.map(({ meta, status: now }) => `${meta.name} ${String(now["phase"])}`);
}

describe("writeStatuses", () => {
  it("writes each status whole", async () => {
    const given = givenFleet({ routes: ["a", "b"] });
    expect(await write(given, dueOf(given, "a", "b"))).toEqual([
      { place: { kind: "cluster", name: "w1" }, kind: "ServiceRoute", key: "shop/a", outcome: "written" },
      { place: { kind: "cluster", name: "w1" }, kind: "ServiceRoute", key: "shop/b", outcome: "written" },
    ]);
    expect(phases(given)).toEqual(["a Active", "b Active"]);
  });

  it("defers what would begin after the deadline of the pass", async () => {
    const given = givenFleet({ routes: ["a"] });
    const changes = dueOf(given, "a");
    await given.clock.advance(50_001);
    const [one] = await write(given, changes, { deadlineMonotonicMs: 50_000 });
    expect([one?.outcome, one?.reason, phases(given)]).toEqual([
      "deferred",
      "the pass reached its deadline",
      ["a undefined"],
    ]);
  });

  it("writes to no cluster what is meant for a zone of the same name", async () => {
    const given = givenFleet({ routes: ["a"] });
    const place = { kind: "zone", name: "w1" } as const;
    const ofZone = dueOf(given, "a").map((one) => ({ ...one, status: { ...one.status, place } }));
    const [one] = await write(given, ofZone);
    expect([one?.outcome, one?.reason, phases(given)]).toEqual([
      "deferred",
      "zone/w1 is not a configured cluster",
      ["a undefined"],
    ]);
  });

  it("defers the rest when it is interrupted", async () => {
    const given = givenFleet({ routes: ["a"] });
    const [one] = await write(given, dueOf(given, "a"), { signal: AbortSignal.abort() });
    expect([one?.outcome, phases(given)]).toEqual(["deferred", ["a undefined"]]);
  });

  it("defers the status of what was deleted or made again, and writes the others", async () => {
    const given = givenFleet({ routes: ["a", "b"] });
    const changes = dueOf(given, "a", "b");
    given.server("w1").delete("ServiceRoute", "shop/a", { writer: { manager: "kubectl" } });
    const outcomes = await write(given, changes);
    expect([outcomes.map(({ outcome }) => outcome), phases(given)]).toEqual([["deferred", "written"], ["b Active"]]);
  });

  it("reports a status that was refused, and writes the others", async () => {
    const given = givenFleet({ routes: ["a", "b"] });
    given.faults.write = (_cluster, _what, key) => {
      if (key === "shop/a") throw new ThrottledError("cluster/w1", 1000);
    };
    const [a, b] = await write(given, dueOf(given, "a", "b"));
    expect([a?.outcome, a?.reason, b?.outcome]).toEqual([
      "failed",
      "cluster/w1 is throttling; it asks for 1000 ms",
      "written",
    ]);
  });

  it("writes none without a lease", async () => {
    const given = givenFleet({ routes: ["a"] });
    const lease = await holdLease(given.store, given.clock, { name: "reconcile", holder: "us", waitMs: 0 });
    const changes = dueOf(given, "a");
    await given.clock.advance(60_000);
    const { clusters } = given.ports.configuration;
    const [one] = await writeStatuses(given.ports, { due: changes, clusters, lease, deadlineMonotonicMs: Infinity });
    expect([one?.outcome, phases(given)]).toEqual(["failed", ["a undefined"]]);
  });
});

describe("writableStatuses", () => {
  const objects = [...ingress("10.0.0.1"), policy("shop"), policy("pay"), route("shop/cart"), route("pay/card")];

  function desiredOf(clusters: readonly WorldCluster[]) {
    const pass = runPass(fleet(clusters));
    return { statuses: desiredStatuses(pass), seen: pass.assessment.fleet };
  }

  it("are of clusters that are written to, and of frozen ones; not of observed ones", () => {
    const { statuses, seen } = desiredOf([
      cluster("w1", { objects }),
      cluster("w2", { objects, writes: "observe" }),
      cluster("w3", { objects, unread: ["ServiceRoute"] }),
    ]);
    expect(new Set(writableStatuses(statuses, seen, undefined).map(({ place }) => place.name))).toEqual(
      new Set(["w1", "w3"]),
    );
  });

  it("are those in scope", () => {
    const { statuses, seen } = desiredOf([cluster("w1", { objects }), cluster("w2", { objects })]);
    const scoped = writableStatuses(statuses, seen, { cluster: "w2", namespace: "pay" });
    expect(scoped.map(({ place, kind, key }) => `${place.name} ${kind} ${key}`).sort()).toEqual([
      "w2 DNSPolicy pay/policy",
      "w2 ServiceRoute pay/card",
    ]);
  });
});
