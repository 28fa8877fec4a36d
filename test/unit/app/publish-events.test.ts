import { describe, expect, it } from "vitest";
import { publishEvents } from "../../../shared/app/publish-events.ts";
import type { StatusChange } from "../../../shared/core/planning/status-changes.ts";
import { ThrottledError } from "../../../shared/errors.ts";
import type { Change, ChangeResult } from "../../../shared/model/change.ts";
import type { Condition } from "../../../shared/model/object-meta.ts";
import { change, failure, name, result } from "./changes.ts";
import { givenFleet, type Given } from "./given-fleet.ts";

async function publish(
  given: Given,
  results: readonly ChangeResult[],
  options: { readonly statuses?: readonly StatusChange[]; readonly deadlineMonotonicMs?: number } = {},
): Promise<number> {
  const { clusters } = given.ports.configuration;
  return publishEvents(given.ports, { results, statuses: [], clusters, deadlineMonotonicMs: Infinity, ...options });
}

function events(given: Given, cluster = "w1"): readonly string[] {
  return given
    .server(cluster)
    .events.map(
      ({ event, count }) => `${event.type} ${event.reason} ${event.kind} ${event.key} x${count}: ${event.message}`,
    );
}

function of(route: string): Pick<Change, "because"> {
  return { because: { kind: "ServiceRoute", namespace: "shop", name: route, uid: `uid ${route}`, reason: "" } };
}

function invalid(message: string, before?: string): StatusChange {
  const condition = (said: string): Condition => ({
    type: "Ready",
    status: "False",
    reason: "ValidationFailed",
    message: said,
    observedGeneration: 1,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  const status: StatusChange["status"] = {
    place: { kind: "cluster", name: "w1" },
    kind: "ServiceRoute",
    key: "shop/bad",
    uid: "uid bad",
    generation: 1,
    fields: {},
    conditions: [],
    needs: [],
    observed: before === undefined ? {} : { conditions: [condition(before)] },
  };
  return { status, fields: {}, conditions: [condition(message)], observationOnly: false };
}

describe("publishEvents", () => {
  it("records one event per resource and reason, however many objects it took", async () => {
    const given = givenFleet();
    const created = ["weu", "neu", "frc"].map((region) =>
      result(change(`shop/cart-external-dns-${region}`, of("cart"))),
    );
    expect(await publish(given, created)).toBe(1);
    expect(events(given)).toEqual([
      "Normal Created ServiceRoute shop/cart x1: DNSEndpoint shop/cart-external-dns-frc; " +
        "DNSEndpoint shop/cart-external-dns-neu; DNSEndpoint shop/cart-external-dns-weu",
    ]);
  });

  it.each([
    ["create", "done", "Normal Created"],
    ["update", "done", "Normal Updated"],
    ["adopt", "done", "Normal Updated"],
    ["delete", "done", "Normal Deleted"],
    ["create", "failed", "Warning FailedCreate"],
    ["update", "failed", "Warning FailedUpdate"],
    ["delete", "failed", "Warning FailedUpdate"],
  ] as const)("calls a %s that is %s %s", async (operation, outcome, expected) => {
    const given = givenFleet();
    await publish(given, [result(change("shop/cart", { operation }), outcome === "done" ? { kind: "done" } : failure)]);
    expect(events(given)).toEqual([expect.stringMatching(new RegExp(`^${expected} ServiceRoute shop/cart `))]);
  });

  it("says nothing in a cluster of what was done in a zone of the same name", async () => {
    const given = givenFleet();
    const recorded = await publish(given, [result({ ...change("shop/a"), place: { kind: "zone", name: "w1" } })]);
    expect([recorded, events(given)]).toEqual([0, []]);
  });

  it("says nothing of what was not tried, nor on a resource that is gone", async () => {
    const given = givenFleet();
    const gone = change("shop/x", { operation: "delete", leaves: [{ ...name("x.example.com"), vanished: true }] });
    const recorded = await publish(given, [
      result(change("shop/a"), { kind: "blocked", by: "b" }),
      result(change("shop/b"), { kind: "not-started", reason: "" }),
      result(gone),
    ]);
    expect([recorded, events(given)]).toEqual([0, []]);
  });

  it("puts the reason of a failure into the message, and bounds it", async () => {
    const given = givenFleet();
    const reason = "x".repeat(3000);
    await publish(given, [
      result(change("shop/cart"), { kind: "failed", code: "OBJECT_REFUSED", reason, retryable: false }),
    ]);
    const [only] = given.server("w1").events;
    expect([only?.event.message.startsWith("DNSEndpoint shop/cart: xxx"), only?.event.message.length]).toEqual([
      true,
      1000,
    ]);
  });

  it("raises a count when the same is said again", async () => {
    const given = givenFleet();
    await publish(given, [result(change("shop/cart"), failure)]);
    await publish(given, [result(change("shop/cart"), failure)]);
    expect(events(given)).toEqual(["Warning FailedCreate ServiceRoute shop/cart x2: DNSEndpoint shop/cart: no"]);
  });

  it("at 200 in a cluster keeps the warnings and drops the rest; other clusters keep theirs", async () => {
    const given = givenFleet();
    const numbers = Array.from({ length: 250 }, (_, index) => `a${index}`);
    const done = numbers.map((own) => result(change(`shop/${own}`, of(own))));
    const elsewhere = result(change("shop/cart", { cluster: "n1" }));
    const recorded = await publish(given, [...done, elsewhere, result(change("shop/z", of("zz")), failure)]);
    const said = events(given);
    expect([
      recorded,
      said.length,
      said.filter((line) => line.startsWith("Warning")),
      events(given, "n1").length,
    ]).toEqual([201, 200, [expect.stringContaining("shop/zz")], 1]);
  });

  it("tells a person of a resource that became invalid, once per message", async () => {
    const given = givenFleet();
    await publish(given, [], { statuses: [invalid("the host is too long"), invalid("as before", "as before")] });
    expect(events(given)).toEqual(["Warning ValidationFailed ServiceRoute shop/bad x1: the host is too long"]);
  });

  it("never fails a pass: what is not recorded is logged, and the others are recorded", async () => {
    const given = givenFleet();
    given.faults.write = (_cluster, _what, key) => {
      if (key === "shop/a") throw new ThrottledError("cluster/w1", 1000);
    };
    const recorded = await publish(given, [result(change("shop/a", of("a"))), result(change("shop/b", of("b")))]);
    expect([recorded, events(given).length, given.warnings]).toEqual([1, 1, ["an event was not recorded"]]);
  });

  it("records none after the deadline of the pass", async () => {
    const given = givenFleet();
    await given.clock.advance(50_001);
    expect(await publish(given, [result(change("shop/a"))], { deadlineMonotonicMs: 50_000 })).toBe(0);
    expect(events(given)).toEqual([]);
  });
});
