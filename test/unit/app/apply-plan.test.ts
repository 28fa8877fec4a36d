import { describe, expect, it } from "vitest";
import { applyPlan, type ApplyInput, type ApplyResult } from "../../../shared/app/apply-plan.ts";
import { holdLease } from "../../../shared/app/held-lease.ts";
import { ClusterUnreachableError, ObjectRefusedError, ThrottledError } from "../../../shared/errors.ts";
import type { Change } from "../../../shared/model/change.ts";
import { change, endpointBody, istioBody, name, outcomeLines, planOf, presentAs, putOwn } from "./changes.ts";
import { givenFleet, keysIn, type Given } from "./given-fleet.ts";

async function apply(
  given: Given,
  changes: readonly Change[],
  options: Partial<ApplyInput> = {},
): Promise<ApplyResult> {
  const lease = await holdLease(given.ports.store, given.clock, { name: "reconcile", holder: "us", waitMs: 0 });
  const { clusters } = given.ports.configuration;
  return applyPlan(given.ports, { plan: planOf(...changes), clusters, lease, placementRevision: 0, ...options });
}

/** Writes of these keys are refused; `cluster key`. */
function refuse(given: Given, ...refused: readonly string[]): void {
  given.faults.write = (cluster, _what, key) => {
    if (refused.includes(`${cluster} ${key}`)) throw new ObjectRefusedError(`cluster/${cluster}`, key, "a policy");
  };
}

const empty = { empty: true };

async function movePlacement({ store }: Given, revision: number): Promise<void> {
  const found = await store.read("placement");
  const version = found.found === "value" ? found.version : "absent";
  await store.write("placement", { revision, entries: [] }, version);
}

describe("applyPlan", () => {
  it("makes, changes and deletes objects, and says so in the plan's order", async () => {
    const given = givenFleet(empty);
    const server = given.server("w1");
    putOwn(server, "DNSEndpoint", endpointBody("shop/old"));
    putOwn(server, "DNSEndpoint", endpointBody("shop/moved"));
    const { results, stopped } = await apply(given, [
      change("shop/new"),
      change("shop/moved", {
        operation: "update",
        after: endpointBody("shop/moved", "pay.example.com"),
        precondition: presentAs(server, "DNSEndpoint", "shop/moved"),
      }),
      change("shop/old", {
        operation: "delete",
        phase: "close",
        precondition: presentAs(server, "DNSEndpoint", "shop/old"),
      }),
    ]);
    expect([stopped, outcomeLines(results)]).toEqual([
      undefined,
      ["publish w1 shop/new done", "publish w1 shop/moved done", "close w1 shop/old done"],
    ]);
    const hosts = server.list("DNSEndpoint").objects.map(({ meta, spec }) => [meta.name, spec.endpoints[0]?.dnsName]);
    expect(hosts).toEqual([
      ["moved", "pay.example.com"],
      ["new", "cart.example.com"],
    ]);
  });

  it("writes to no cluster what is meant for a zone of the same name", async () => {
    const given = givenFleet(empty);
    const { results } = await apply(given, [{ ...change("shop/new"), place: { kind: "zone", name: "w1" } }]);
    expect([results.map(({ outcome }) => outcome), keysIn(given.server("w1"), "DNSEndpoint")]).toEqual([
      [{ kind: "not-started", reason: "zone/w1 is not a configured cluster" }],
      [],
    ]);
  });

  it("does not delete what was changed or made again since it was read", async () => {
    const given = givenFleet(empty);
    const server = given.server("w1");
    putOwn(server, "DNSEndpoint", endpointBody("shop/old"));
    const precondition = presentAs(server, "DNSEndpoint", "shop/old");
    server.edit("DNSEndpoint", "shop/old", "kubectl", (copy) => (copy["spec"] = { endpoints: [] }));
    const { results } = await apply(given, [change("shop/old", { operation: "delete", precondition })]);
    expect(results[0]?.outcome).toMatchObject({ kind: "failed", code: "STALE_OBJECT", retryable: true });
    expect(keysIn(server, "DNSEndpoint")).toEqual(["shop/old"]);
  });

  it("takes the predecessor's fields when it adopts, and only then", async () => {
    const given = givenFleet(empty);
    const server = given.server("w1");
    for (const key of ["shop/a", "shop/b"]) server.put("DNSEndpoint", endpointBody(key), "operator");
    const adopted = (key: string, operation: "adopt" | "update"): Change =>
      change(key, {
        operation,
        after: endpointBody(key, "pay.example.com"),
        precondition: presentAs(server, "DNSEndpoint", key),
      });
    const { results } = await apply(given, [adopted("shop/a", "adopt"), adopted("shop/b", "update")]);
    expect(results.map(({ outcome }) => (outcome.kind === "failed" ? outcome.code : outcome.kind))).toEqual([
      "done",
      "FIELD_CONFLICT",
    ]);
  });

  it("ends a phase in every place before the next one begins anywhere", async () => {
    const given = givenFleet(empty);
    given.faults.write = async (cluster) => {
      // w1 is slow: everything of n1 could be long over.
      if (cluster === "w1") for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    };
    const both = (phase: Change["phase"]): readonly Change[] =>
      ["w1", "n1"].map((cluster) => change(`shop/${phase}`, { cluster, phase }));
    await apply(given, [
      ...both("open"),
      ...both("withdraw"),
      ...both("publish"),
      ...both("close"),
      ...both("release"),
    ]);
    const order = given.journal.map((line) => line.split("shop/")[1]);
    expect(order).toEqual([
      "open",
      "open",
      "withdraw",
      "withdraw",
      "publish",
      "publish",
      "close",
      "close",
      "release",
      "release",
    ]);
  });

  it("after a failed change leaves out later phases of the same name only", async () => {
    const given = givenFleet(empty);
    refuse(given, "w1 shop/cart-record");
    const { results } = await apply(given, [
      change("shop/cart-record", { phase: "withdraw", leaves: [name("cart.example.com")] }),
      change("shop/cart-close", { phase: "close", leaves: [name("cart.example.com", "istio/w1/ingress")] }),
      change("shop/pay-close", { phase: "close", leaves: [name("pay.example.com")] }),
    ]);
    expect(outcomeLines(results)).toEqual([
      "withdraw w1 shop/cart-record failed",
      "close w1 shop/cart-close blocked",
      "close w1 shop/pay-close done",
    ]);
  });

  it("after a failed change goes on with the same phase, earlier phases of its name, and the name in other places", async () => {
    const given = givenFleet(empty);
    refuse(given, "w1 shop/b");
    const joins = [name("cart.example.com")];
    const { results } = await apply(given, [
      change("shop/a", { phase: "open", joins }),
      change("shop/b", { joins }),
      change("shop/c", { joins }),
      change("shop/d", { cluster: "n1", phase: "close", joins }),
    ]);
    expect(outcomeLines(results)).toEqual([
      "open w1 shop/a done",
      "publish w1 shop/b failed",
      "publish w1 shop/c done",
      "close n1 shop/d done",
    ]);
  });

  it("after a failed change goes on with the same phase also where that is made later", async () => {
    const given = givenFleet(empty);
    refuse(given, "w1 shop/cart-one");
    const joins = [name("cart.example.com")];
    const first = change("shop/first");
    const { results } = await apply(given, [
      // Two controllers of one zone: the record of the second one is as right as ever.
      change("shop/cart-one", { joins }),
      change("shop/cart-two", { joins, dependsOn: [first.item] }),
      first,
    ]);
    expect(outcomeLines(results)).toEqual([
      "publish w1 shop/cart-one failed",
      "publish w1 shop/cart-two done",
      "publish w1 shop/first done",
    ]);
  });

  it("takes the failure along: what a blocked change would have led to is left out as well", async () => {
    const given = givenFleet(empty);
    refuse(given, "w1 shop/a");
    const { results } = await apply(given, [
      change("shop/a", { phase: "withdraw", leaves: [name("one.example.com")] }),
      change("shop/b", { phase: "publish", joins: [name("one.example.com"), name("two.example.com")] }),
      change("shop/c", { phase: "close", leaves: [name("two.example.com")] }),
    ]);
    expect(outcomeLines(results)).toEqual([
      "withdraw w1 shop/a failed",
      "publish w1 shop/b blocked",
      "close w1 shop/c blocked",
    ]);
  });

  it("within a phase does what depends on others after them, and not at all when one of them failed", async () => {
    const given = givenFleet(empty);
    refuse(given, "w1 shop/refused");
    const older = change("shop/older", { phase: "open" });
    const refused = change("shop/refused", { phase: "open" });
    const { results } = await apply(given, [
      change("shop/1-after", { phase: "open", dependsOn: [older.item] }),
      change("shop/2-never", { phase: "open", dependsOn: [refused.item] }),
      older,
      refused,
    ]);
    expect(given.journal).toEqual(["w1 DNSEndpoint shop/older", "w1 DNSEndpoint shop/1-after"]);
    expect(outcomeLines(results)).toContain("open w1 shop/2-never blocked");
  });

  it("does not take the second step of an object when its first failed", async () => {
    const given = givenFleet(empty);
    given.faults.write = (_cluster, _what, key) => {
      if (key === "shop/a" && given.journal.length === 0) throw new ThrottledError("cluster/w1", 1000);
    };
    const { results } = await apply(given, [
      change("shop/a", { phase: "open" }),
      change("shop/a", { phase: "open", step: 1 }),
    ]);
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(["failed", "blocked"]);
    expect(keysIn(given.server("w1"), "DNSEndpoint")).toEqual([]);
  });

  it("tells our own bug from a refusal", async () => {
    const given = givenFleet(empty);
    given.faults.write = () => {
      throw new TypeError("x is undefined");
    };
    const { results } = await apply(given, [change("shop/a")]);
    expect(results[0]?.outcome).toEqual({
      kind: "failed",
      code: "UNEXPECTED",
      reason: "x is undefined",
      retryable: false,
    });
  });

  it("goes on in other clusters when one cannot be opened", async () => {
    const given = givenFleet(empty);
    given.faults.open = (cluster) => {
      if (cluster === "w1") throw new ClusterUnreachableError("w1", "timeout");
    };
    const { results, stopped } = await apply(given, [change("shop/a"), change("shop/a", { cluster: "n1" })]);
    expect([outcomeLines(results), stopped]).toEqual([
      ["publish w1 shop/a failed", "publish n1 shop/a done"],
      undefined,
    ]);
  });
});

describe("applyPlan closing hosts of an Istio Gateway", () => {
  const key = "istio-system/internal";
  const hosts = (given: Given) => given.server("w1").list("IstioGateway").objects[0]?.spec.servers?.[0]?.hosts;

  function closing(given: Given, overrides: Parameters<typeof change>[1] = {}): Change {
    const server = given.server("w1");
    return change(key, {
      kind: "IstioGateway",
      phase: "close",
      operation: "update",
      after: istioBody(key, ["stays.example.com"]),
      leaves: [name("cart.example.com", "istio/w1/ingress"), name("pay.example.com", "istio/w1/ingress")],
      precondition: { uid: presentAs(server, "IstioGateway", key).uid },
      ...overrides,
    });
  }

  function withGateway(): Given {
    const given = givenFleet(empty);
    putOwn(
      given.server("w1"),
      "IstioGateway",
      istioBody(key, ["cart.example.com", "pay.example.com", "stays.example.com"]),
    );
    return given;
  }

  it("keeps the host of which the record could not be withdrawn, and closes the others", async () => {
    const given = withGateway();
    refuse(given, "w1 shop/cart");
    const { results } = await apply(given, [
      change("shop/cart", { phase: "withdraw", leaves: [name("cart.example.com")] }),
      closing(given),
    ]);
    expect([hosts(given), results.map(({ outcome }) => outcome.kind)]).toEqual([
      ["cart.example.com", "stays.example.com"],
      ["failed", "done"],
    ]);
  });

  it("leaves it as it is when none of its hosts may leave, and never deletes it in part", async () => {
    const given = withGateway();
    refuse(given, "w1 shop/cart");
    const both = [name("cart.example.com"), name("pay.example.com")];
    await apply(given, [change("shop/cart", { phase: "withdraw", leaves: both }), closing(given)]);
    expect(hosts(given)).toHaveLength(3);
    const server = given.server("w1");
    const precondition = presentAs(server, "IstioGateway", key);
    const { after: _after, ...deletion } = closing(given, { operation: "delete", precondition });
    const again = givenFleet(empty);
    putOwn(again.server("w1"), "IstioGateway", istioBody(key, ["cart.example.com", "pay.example.com"]));
    refuse(again, "w1 shop/cart");
    const withdrawal = change("shop/cart", { phase: "withdraw", leaves: [name("cart.example.com")] });
    const { results } = await apply(again, [
      withdrawal,
      { ...deletion, precondition: presentAs(again.server("w1"), "IstioGateway", key) },
    ]);
    expect([results[1]?.outcome.kind, keysIn(again.server("w1"), "IstioGateway")]).toEqual(["blocked", [key]]);
  });

  it("closes nothing when an earlier step of the same Gateway failed: its body was made from that step", async () => {
    const given = withGateway();
    refuse(given, `w1 shop/cart`, `w1 ${key}`);
    const opening = closing(given, { phase: "open", leaves: [], joins: [name("new.example.com", "istio/w1/ingress")] });
    let refusals = 0;
    given.faults.write = (_cluster, _what, written) => {
      if (written === "shop/cart") throw new ObjectRefusedError("cluster/w1", written, "a policy");
      refusals += 1;
      // Only the first step is refused: the second one would get through.
      if (refusals === 1) throw new ThrottledError("cluster/w1", 1000);
    };
    const { results } = await apply(given, [
      opening,
      change("shop/cart", { phase: "withdraw", leaves: [name("cart.example.com")] }),
      closing(given, { step: 1 }),
    ]);
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(["failed", "failed", "blocked"]);
    expect(hosts(given)).toHaveLength(3);
  });
});

describe("applyPlan stopping early", () => {
  it("begins no phase after placement moved, and says what it did not start", async () => {
    const given = givenFleet(empty);
    given.faults.write = (_cluster, _what, key) => (key === "shop/a" ? movePlacement(given, 1) : undefined);
    const { results, stopped } = await apply(given, [change("shop/a", { phase: "open" }), change("shop/b")]);
    expect([stopped?.code, outcomeLines(results)]).toEqual([
      "PLACEMENT_MOVED",
      ["open w1 shop/a done", "publish w1 shop/b not-started"],
    ]);
    expect(keysIn(given.server("w1"), "DNSEndpoint")).toEqual(["shop/a"]);
  });

  it("does not mind a placement that it was planned for", async () => {
    const given = givenFleet(empty);
    await movePlacement(given, 7);
    expect((await apply(given, [change("shop/a")], { placementRevision: 7 })).stopped).toBeUndefined();
  });

  it("writes nothing when placement cannot be read", async () => {
    const given = givenFleet({ ...empty, storeFaults: { read: () => "fail" } });
    const { results, stopped } = await apply(given, [change("shop/a")]);
    expect([stopped?.code, outcomeLines(results)]).toEqual(["STORE_UNAVAILABLE", ["publish w1 shop/a not-started"]]);
  });

  it("writes nothing more when the lease is lost, and says what it did not start", async () => {
    const given = givenFleet(empty);
    given.faults.write = async (_cluster, _what, key) => {
      if (key === "shop/a") await given.clock.advance(61_000);
    };
    const { results, stopped } = await apply(given, [
      change("shop/a", { phase: "open" }),
      change("shop/b"),
      change("shop/c"),
    ]);
    expect([stopped, outcomeLines(results)]).toEqual([
      { code: "LEASE_LOST", reason: "the lease was lost; another pass goes on" },
      ["open w1 shop/a done", "publish w1 shop/b not-started", "publish w1 shop/c not-started"],
    ]);
  });

  it("when interrupted ends the write that has begun and starts no other", async () => {
    const given = givenFleet(empty);
    const caller = new AbortController();
    given.faults.write = () => caller.abort();
    const { results } = await apply(given, [change("shop/a", { phase: "open" }), change("shop/b")], {
      signal: caller.signal,
    });
    expect(outcomeLines(results)).toEqual(["open w1 shop/a done", "publish w1 shop/b not-started"]);
  });

  it("fails changes that are not paid for untried, and what follows from them", async () => {
    const given = givenFleet(empty);
    const withdrawal = change("shop/cart", { phase: "withdraw", leaves: [name("cart.example.com")] });
    const unpaid = { changes: new Set([withdrawal.id]), code: "STORE_CONFLICT", reason: "not recorded" };
    const { results } = await apply(
      given,
      [withdrawal, change("shop/new"), change("shop/close", { phase: "close", leaves: [name("cart.example.com")] })],
      { unpaid },
    );
    expect(outcomeLines(results)).toEqual([
      "withdraw w1 shop/cart failed",
      "publish w1 shop/new done",
      "close w1 shop/close blocked",
    ]);
  });
});
