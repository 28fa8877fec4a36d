import { describe, expect, it } from "vitest";
import {
  add,
  changeCluster,
  cluster,
  edit,
  fleet,
  ingress,
  put,
  remove,
  unread,
  withMeta,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  cname,
  dnsEndpoint,
  hostOf,
  ownedBy,
  policy,
  route,
  unparsable,
  younger,
  type WorldObject,
} from "../../../support/builders/objects.ts";
import { planLines, play, runPass, settle, collectGarbage } from "../../../support/builders/pass.ts";

const KEY = "shop/cart-external-dns-weu";
const cart = route("shop/cart");
const one = (...objects: readonly WorldObject[]): World =>
  fleet([cluster("w1", { objects: [...ingress(), policy("shop"), cart, ...objects] })]);
const settled = settle(one()).world;
const changes = (world: World) => runPass(world).plan.changes;
const editEndpoint = (world: World, happens: (found: ReturnType<typeof dnsEndpoint>["object"]) => typeof found) =>
  edit(world, { cluster: "w1", kind: "DNSEndpoint", key: KEY }, happens);

describe("a wanted object", () => {
  it("is created with the whole body where there is none", () => {
    const created = changes(one()).find(({ key }) => key === KEY);
    expect(created).toMatchObject({
      id: `cluster/w1|DNSEndpoint|${KEY}`,
      item: `cluster/w1|DNSEndpoint|${KEY}`,
      operation: "create",
      phase: "publish",
      leaves: [],
      joins: [{ zone: "weu", name: hostOf("shop/cart"), content: "CNAME w1-weu-internal.example.com 300" }],
      because: { kind: "ServiceRoute", namespace: "shop", name: "cart", uid: "ServiceRoute:shop/cart" },
    });
    expect(created).not.toHaveProperty("before");
    expect(created).not.toHaveProperty("precondition");
  });

  it("is left alone when it is as it should be", () => expect(changes(settled)).toEqual([]));

  it("is updated against the object that was read", () => {
    const drifted = editEndpoint(settled, (found) => ({
      ...found,
      spec: { endpoints: [cname("x.example.com", "y")] },
    }));
    const [change, ...rest] = changes(drifted);
    expect(rest).toEqual([]);
    expect(change).toMatchObject({
      operation: "update",
      precondition: { uid: expect.stringContaining(KEY), resourceVersion: expect.stringMatching(/^\d+$/) },
      before: { spec: { endpoints: [{ dnsName: "x.example.com" }] } },
      after: { spec: { endpoints: [{ dnsName: hostOf("shop/cart") }] } },
      leaves: [{ name: "x.example.com" }],
      joins: [{ name: hostOf("shop/cart") }],
    });
  });

  it("loses no name when only its TTL changes", () => {
    const spec = { ...cart.object.spec, ttlSeconds: 60 };
    const faster = edit(settled, { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" }, (found) => ({
      ...found,
      spec,
    }));
    expect(changes(faster)).toMatchObject([
      { operation: "update", leaves: [], joins: [{ content: expect.stringMatching(/ 60$/) }] },
    ]);
  });

  it("waits for its next pass while the object there is being deleted", () => {
    const deleting = put(
      settled,
      "w1",
      withMeta(dnsEndpoint(KEY, [], { owner: ownedBy(cart) }), {
        ...dnsEndpoint(KEY, []).object.meta,
        deleting: true,
      }),
    );
    expect(changes(deleting)).toEqual([]);
  });
});

describe("an object of the predecessor", () => {
  const theirs = dnsEndpoint(KEY, [cname(hostOf("shop/cart"), "w1-weu-internal.example.com", null)], {
    owner: ownedBy(cart),
    meta: { managers: ["manager"] },
  });

  it("is adopted in place: it carries the marker and was never applied by us", () => {
    const [change] = changes(one(theirs)).filter(({ key }) => key === KEY);
    expect(change).toMatchObject({ operation: "adopt", precondition: { uid: theirs.object.meta.uid }, leaves: [] });
    expect(planLines(runPass(settle(one(theirs)).world).plan)).toEqual([]);
  });

  it("is adopted even when nothing else would change, so that later changes meet no other owner", () => {
    const made = settle(one()).world;
    const same = editEndpoint(made, (found) => ({ ...found, meta: { ...found.meta, managers: ["manager"] } }));
    expect(changes(same)).toMatchObject([{ operation: "adopt", key: KEY }]);
  });
});

describe("an object that does not carry the marker", () => {
  it("is never touched: the conflict is reported", () => {
    const { plan } = runPass(one(dnsEndpoint(KEY, [cname("a", "b")], { ours: false })));
    expect(plan.changes.filter(({ key }) => key === KEY)).toEqual([]);
    expect(plan.refusals).toMatchObject([
      { kind: "DNSEndpoint", key: KEY, code: "ForeignObject", reason: expect.stringContaining("delete or rename it") },
    ]);
  });

  it("is not touched either when nothing wants it", () => {
    const stranger = dnsEndpoint("shop/theirs", [cname("a", "b")], { ours: false });
    expect(runPass(put(settled, "w1", stranger)).plan).toMatchObject({ changes: [], refusals: [] });
  });

  it("is not written over when it exists and does not parse", () => {
    const world = fleet([
      cluster("w1", {
        objects: [...ingress(), policy("shop"), cart],
        rejected: [unparsable("DNSEndpoint", KEY)],
      }),
    ]);
    const { plan } = runPass(world);
    expect(plan.changes.filter(({ key }) => key === KEY)).toEqual([]);
    expect(plan.refusals).toMatchObject([
      { key: KEY, code: "ForeignObject", reason: expect.stringContaining("cannot be understood") },
    ]);
  });
});

describe("an object that nothing wants any more", () => {
  const stray = (owner: WorldObject | undefined) =>
    put(
      settled,
      "w1",
      dnsEndpoint(
        "shop/stray",
        [cname("stray.example.com", "y.example.com")],
        owner === undefined ? {} : { owner: ownedBy(owner) },
      ),
    );

  it("goes, with the name it had, and says that its source lives", () =>
    expect(changes(stray(cart))).toMatchObject([
      {
        operation: "delete",
        phase: "withdraw",
        key: "shop/stray",
        leaves: [{ zone: "weu", name: "stray.example.com", content: "CNAME y.example.com 300" }],
        because: { name: "cart", reason: "it is not wanted any more" },
      },
    ]));

  it("goes as vanished when its source is gone: that is nobody's loss of ours", () =>
    expect(changes(stray(route("shop/gone")))).toMatchObject([
      {
        operation: "delete",
        leaves: [{ vanished: true }],
        because: { reason: "its source is gone" },
      },
    ]));

  it("goes although nobody owns it: it carries our marker", () =>
    expect(changes(stray(undefined))).toMatchObject([
      { operation: "delete", because: { reason: "its source is gone" } },
    ]));

  it("stays while it is being deleted anyway", () => {
    const world = editAll(stray(cart));
    expect(changes(world)).toEqual([]);
  });
  const editAll = (world: World): World =>
    edit(world, { cluster: "w1", kind: "DNSEndpoint", key: "shop/stray" }, (found) => ({
      ...found,
      meta: { ...found.meta, deleting: true },
    }));

  it("stays while its source exists and does not parse", () => {
    const broken = changeCluster(remove(settled, "w1", "ServiceRoute", "shop/cart"), "w1", (found) => ({
      ...found,
      rejected: new Map([["ServiceRoute shop/cart", unparsable("ServiceRoute", "shop/cart")]]),
    }));
    expect(changes(broken)).toEqual([]);
  });
});

describe("a kind that was not read", () => {
  it("gets no change, and its items are named", () => {
    const pass = runPass(unread(add(settled, "w1", route("shop/new")), "w1", ["IstioGateway"]));
    expect(pass.plan.changes.map(({ kind }) => kind)).toEqual(["DNSEndpoint"]);
    expect(pass.plan.refusals.map(({ code }) => code)).toEqual(["IstioGatewayGenerationFailed"]);
  });
});

describe("two routes that would produce one object name", () => {
  const objects = [route("shop/a-b", { serviceName: "one" }, younger()), route("shop/a", { serviceName: "two" })];
  const controllers = ["weu", { name: "b-external-dns-weu", region: "weu" }];
  const world = fleet([cluster("w1", { controllers, objects: [...ingress(), policy("shop"), ...objects] })]);
  const made = (pass: ReturnType<typeof runPass>) =>
    pass.plan.changes.filter(({ kind, because }) => kind === "DNSEndpoint" && because.kind === "ServiceRoute");

  it("get two objects; the older keeps the pattern", () => {
    const keys = made(runPass(world)).map(({ key, because }) => `${because.name}: ${key}`);
    expect(keys).toContain("a: shop/a-b-external-dns-weu");
    expect(keys.filter((key) => /^a-b: shop\/a-b-external-dns-weu-[0-9a-f]{8}$/.test(key))).toHaveLength(1);
    expect(new Set(keys).size).toBe(4);
  });

  it("name their own objects in their status, and come to rest", () => {
    const { world: after, passes } = settle(world);
    expect(passes.at(-1)?.plan.changes).toEqual([]);
    for (const { object } of [...objects]) {
      const status = [...(after.clusters[0]?.objects.values() ?? [])].find(
        (entry) => entry.kind === "ServiceRoute" && entry.object.meta.name === object.meta.name,
      );
      const named = status?.kind === "ServiceRoute" ? status.object.status["dnsEndpoint"] : undefined;
      const endpoint = after.clusters[0]?.objects.get(`DNSEndpoint shop/${String(named)}`);
      expect(endpoint?.object.meta.owners[0]?.name).toBe(object.meta.name);
    }
    expect(planLines(play(collectGarbage(after)).pass.plan)).toEqual([]);
  });
});
