import { describe, expect, it } from "vitest";
import { emptyOrder } from "../../../../shared/core/reading/stored-order.ts";
import type { WaitingChange } from "../../../../shared/model/change.ts";
import {
  cluster,
  configure,
  edit,
  fleet,
  ingress,
  later,
  put,
  remove,
  unread,
  type World,
} from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, hostOf, ownedBy, policy, route } from "../../../support/builders/objects.ts";
import { collectGarbage, planLines, play, runPass, settle } from "../../../support/builders/pass.ts";

const HOST = hostOf("shop/cart");
const KEY = "shop/cart-external-dns-weu";
const objects = (...routes: readonly string[]) => [...ingress(), policy("shop"), ...routes.map((key) => route(key))];
/** w1 publishes the host in weu, w2 stands by; both have another name each, so that neither is empty. */
const two = (): World =>
  settle(
    fleet([
      cluster("w1", { objects: objects("shop/cart", "shop/one") }),
      cluster("w2", { objects: objects("shop/cart", "shop/two") }),
    ]),
  ).world;
const withdrawn = (world: World) => remove(world, "w1", "ServiceRoute", "shop/cart");
const passIn = (world: World, seconds: number) => later(collectGarbage(play(world).after), seconds * 1000);
const waits = (world: World) =>
  runPass(world).plan.waiting.map(
    ({ change, code }) => `${code} ${change.place.name} ${change.operation} ${change.key}`,
  );
const lines = (world: World) => planLines(runPass(world).plan);
/** Somebody's own record of the host in weu. */
const byHand = (key: string) => dnsEndpoint(key, [cname(HOST, "elsewhere.example.com")], { ours: false });
const only = (world: World): WaitingChange | undefined => runPass(world).plan.waiting[0];

describe("a name that changes its publisher", () => {
  it("is withdrawn by the loser first, and published by the winner an interval and 10 s after it was seen gone", () => {
    let world = withdrawn(two());
    // 1: the loser withdraws; the winner waits, because one missing object in one list proves nothing.
    expect(lines(world)).toEqual([`withdraw w1 delete DNSEndpoint ${KEY}`]);
    expect(waits(world)).toEqual([`Handover w2 create ${KEY}`]);
    // 2: the loser's DNSEndpoint is seen gone: its ExternalDNS may still be writing.
    world = passIn(world, 60);
    const seenGoneAtMs = world.nowMs;
    expect(lines(world)).toEqual(["close w1 update IstioGateway istio-system/internal"]);
    expect(only(world)).toMatchObject({ code: "Handover", dueAtMs: seenGoneAtMs + 70_000 });
    // 3: still too early.
    world = passIn(world, 69);
    expect(lines(world)).toEqual([]);
    expect(only(world)).toMatchObject({ code: "Handover", dueAtMs: seenGoneAtMs + 70_000 });
    // 4: now.
    world = passIn(world, 1);
    expect(lines(world)).toEqual([`publish w2 create DNSEndpoint ${KEY}`]);
    expect(waits(world)).toEqual([]);
    // 5: done, and forgotten.
    world = passIn(world, 60);
    expect(lines(world)).toEqual([]);
    expect(world.memory.since.handovers).toEqual({});
  });

  it("waits as long as the zone's ExternalDNS takes", () => {
    const slow = (world: World): World => ({
      ...world,
      configuration: {
        ...world.configuration,
        regions: world.configuration.regions.map((region) => ({
          ...region,
          externalDns: { ...region.externalDns, intervalSeconds: 300 },
        })),
      },
    });
    const world = slow(passIn(withdrawn(two()), 60));
    expect(only(world)?.dueAtMs).toBe(world.nowMs + 310_000);
  });

  it("keeps its time when passes come often, and when nobody looked for long", () => {
    let world = passIn(withdrawn(two()), 5);
    const dueAtMs = only(world)?.dueAtMs;
    for (let pass = 0; pass < 5; pass += 1) {
      world = passIn(world, 5);
      expect(only(world)?.dueAtMs).toBe(dueAtMs);
    }
    expect(lines(later(world, 24 * 60 * 60_000))).toEqual([`publish w2 create DNSEndpoint ${KEY}`]);
  });

  it("waits from the last good read when the store has forgotten the handover", () => {
    const world = passIn(withdrawn(two()), 60);
    const forgotten = { ...world, memory: { ...world.memory, since: { ...world.memory.since, handovers: {} } } };
    expect(only(forgotten)?.dueAtMs).toBe(world.nowMs + 70_000);
  });

  it("waits when the loser's object went by itself, without a change of ours", () => {
    const world = collectGarbage(withdrawn(two()));
    expect(waits(world)).toEqual([`Handover w2 create ${KEY}`]);
  });

  it("waits from the second loss when the name came back and went again inside the wait", () => {
    let world = play(passIn(withdrawn(two()), 60)).after;
    world = later(put(world, "w1", byHand(KEY)), 20_000);
    world = later(remove(play(world).after, "w1", "DNSEndpoint", KEY), 20_000);
    expect(only(world)?.dueAtMs).toBe(world.nowMs + 70_000);
  });

  it("goes back at once to a loser that never lost its record: nothing was handed over", () => {
    const world = two();
    const again = put(withdrawn(world), "w1", route("shop/cart"));
    expect(lines(again)).toEqual([]);
    expect(waits(again)).toEqual([]);
  });

  it("does not wait for itself when a handover turns back before the winner published", () => {
    const world = passIn(withdrawn(two()), 5);
    const back = put(world, "w1", route("shop/cart"));
    const { plan } = runPass(back);
    expect(plan.waiting).toEqual([]);
    expect(planLines(plan)).toContain(`publish w1 create DNSEndpoint ${KEY}`);
  });

  it("needs no wait between objects of one cluster, nor for content that stays the same", () => {
    const world = two();
    const renamed = edit(world, { cluster: "w1", kind: "DNSConfiguration", key: "dns" }, (found) => ({
      ...found,
      spec: { externalDNSControllers: [{ name: "renamed", region: "weu" }] },
    }));
    expect(waits(renamed)).toEqual([]);
    expect(lines(renamed)).toContain("publish w1 create DNSEndpoint shop/cart-renamed");
  });
});

describe("a name that another object of the same cluster publishes and keeps", () => {
  it("stays with that one, and the change says which it waits for", () => {
    const world = settle(fleet([cluster("w1", { objects: objects("shop/cart") })])).world;
    const foreign = edit(world, { cluster: "w1", kind: "DNSEndpoint", key: KEY }, ({ meta, ...rest }) => ({
      ...rest,
      meta: { ...meta, labels: { "router.io/region": "weu" } },
    }));
    const renamed = put(
      remove(foreign, "w1", "ServiceRoute", "shop/cart"),
      "w1",
      route("shop/basket", { serviceName: "cart", ttlSeconds: 60 }),
    );
    expect(waits(renamed)).toEqual(["Contended w1 create shop/basket-external-dns-weu"]);
    expect(only(renamed)?.reason).toContain(`DNSEndpoint ${KEY} of the same cluster`);
    expect(only(renamed)).not.toHaveProperty("dueAtMs");
  });
});

describe("a name that another cluster publishes", () => {
  /** w2 wants the host; w1 is written to and does not want it, but somebody publishes it there. */
  const contended = (): World => withdrawn(put(two(), "w1", byHand("shop/theirs")));

  it("is waited for without a time where nothing takes it away there", () => {
    const world = collectGarbage(contended());
    expect(waits(world)).toEqual([`Contended w2 create ${KEY}`]);
    expect(only(world)?.reason).toContain("published by cluster w1 and stays there");
    expect(only(world)).not.toHaveProperty("dueAtMs");
  });

  it("is waited for where that cluster is frozen and the record came after its last good read", () => {
    const before = settle(
      fleet([cluster("w1", { objects: objects("shop/one") }), cluster("w2", { objects: objects("shop/two") })]),
    ).world;
    const frozen = unread(put(before, "w1", byHand("shop/theirs")), "w1", ["ServiceRoute"]);
    expect(waits(put(frozen, "w2", route("shop/cart")))).toEqual([`Contended w2 create ${KEY}`]);
  });

  it("is not waited for where that cluster retires and cannot be read: nobody can withdraw it there", () => {
    const gone = unread(configure(two(), "w1", { writes: "retiring" }), "w1", "all");
    expect(waits(gone)).toEqual([]);
    expect(lines(gone)).toEqual([`publish w2 create DNSEndpoint ${KEY}`]);
  });
});

describe("a cluster that is not written to now", () => {
  it.each<[string, (world: World) => World]>([
    ["cannot be read", (world) => unread(world, "w1", "all")],
    ["is only observed", (world) => configure(world, "w1", { writes: "observe" })],
    [
      "is no longer configured to be written and cannot be read either",
      (world) => unread(configure(world, "w1", { writes: "observe" }), "w1", "all"),
    ],
  ])("and %s keeps the name that it publishes: whoever comes for it gets nothing", (_what, happens) => {
    const first = happens(
      edit(two(), { cluster: "w2", kind: "ServiceRoute", key: "shop/two" }, (found) => ({
        ...found,
        spec: { ...found.spec, serviceName: "one" },
      })),
    );
    for (const world of [first, passIn(first, 3600)]) {
      const waiting = runPass(world).plan.waiting.filter(({ code }) => code === "Contended");
      // w2 renamed its route to a host that w1 publishes: w1 has it, wins, and w2 gets nothing.
      expect(waiting).toEqual([]);
      expect(lines(world).filter((line) => line.includes("shop/one"))).toEqual([]);
    }
  });

  it("holds a name that a winner wants, as Contended, and says who has to go first", () => {
    const unwritten = fleet([
      cluster("w1", { objects: objects("shop/cart") }),
      cluster("w2", {
        writes: "observe",
        objects: [
          ...objects("shop/cart"),
          dnsEndpoint(KEY, [cname(HOST, "w2-weu-internal.example.com")], { owner: ownedBy(route("shop/cart")) }),
        ],
      }),
    ]);
    const order = { ...emptyOrder, clusters: ["w1", "w2"] };
    const { plan } = runPass({ ...unwritten, memory: { ...unwritten.memory, order } });
    expect(plan.waiting).toMatchObject([
      { code: "Contended", change: { place: { name: "w1" }, key: KEY }, reason: expect.stringContaining("cluster w2") },
    ]);
    expect(plan.waiting[0]).not.toHaveProperty("dueAtMs");
  });

  it("holds it too when it only claims the name: an observed cluster's operator will publish it", () => {
    const unwritten = fleet([
      cluster("w1", { objects: objects("shop/cart") }),
      cluster("w2", { writes: "observe", objects: objects("shop/cart") }),
    ]);
    expect(waits(unwritten)).toEqual([`Contended w1 create ${KEY}`]);
  });

  it("does not hold content that is the same: identical claims never conflict", () => {
    const twin = dnsEndpoint(KEY, [cname(HOST, "w1-weu-internal.example.com")], { owner: ownedBy(route("shop/cart")) });
    const same = fleet([
      cluster("w1", { objects: objects("shop/cart") }),
      cluster("w2", { writes: "observe", objects: [twin] }),
    ]);
    expect(waits(same)).toEqual([]);
  });
});

describe("two publishers that are there already", () => {
  it("come to one: the loser withdraws, the winner's own record is adopted when that is done", () => {
    const theirs = (name: string) =>
      dnsEndpoint(KEY, [cname(HOST, `${name}-weu-internal.example.com`, null)], {
        owner: ownedBy(route("shop/cart")),
        meta: { managers: ["manager"] },
      });
    const start = fleet([
      cluster("w1", { objects: [...objects("shop/cart"), theirs("w1")] }),
      cluster("w2", { objects: [...objects("shop/cart"), theirs("w2")] }),
    ]);
    expect(lines(start)).toContain(`withdraw w2 delete DNSEndpoint ${KEY}`);
    expect(waits(start)).toEqual([`Handover w1 adopt ${KEY}`]);
    const { passes } = settle(start);
    expect(passes.map(({ plan }) => planLines(plan).filter((line) => line.includes(KEY)))).toEqual([
      [`withdraw w2 delete DNSEndpoint ${KEY}`],
      [],
      [`publish w1 adopt DNSEndpoint ${KEY}`],
      [],
      [],
    ]);
  });
});
