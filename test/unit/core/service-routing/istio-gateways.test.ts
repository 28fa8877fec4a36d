import { describe, expect, it } from "vitest";
import type { Change } from "../../../../shared/model/change.ts";
import {
  add,
  breakObject,
  changeCluster,
  cluster,
  configure,
  edit,
  find,
  fleet,
  has,
  ingress,
  put,
  remove,
  unread,
  type ClusterOptions,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  gateway,
  hostOf,
  ingressService,
  istioGateway,
  ownedBy,
  policy,
  route,
  younger,
  type WorldObject,
} from "../../../support/builders/objects.ts";
import { istioHosts } from "../../../../shared/core/naming/published-names.ts";
import { changeLine, collectGarbage, play, runPass, settle } from "../../../support/builders/pass.ts";

const KEY = "istio-system/internal";
const shop = policy("shop");
const one = (objects: readonly WorldObject[], options: ClusterOptions = {}): World =>
  fleet([cluster("w1", { objects, ...options })], { budgets: { fromNames: 1000 } });
const settled = (objects: readonly WorldObject[], options: ClusterOptions = {}): World =>
  settle(one(objects, options)).world;

const istioChanges = (world: World): readonly Change[] =>
  runPass(world).plan.changes.filter(({ kind }) => kind === "IstioGateway");
const lines = (world: World) => istioChanges(world).map((change) => changeLine(change));
const hostsIn = (world: World, key = KEY): readonly string[] =>
  has(world, "w1", "IstioGateway", key)
    ? istioHosts(find(world, { cluster: "w1", kind: "IstioGateway", key }).object)
    : [];
const hostsAfter = (change: Change | undefined): unknown => {
  const spec = change?.after?.["spec"] as { readonly servers: readonly { readonly hosts: readonly string[] }[] };
  return spec.servers[0]?.hosts;
};
const editRoute = (world: World, key: string, spec: Partial<ReturnType<typeof route>["object"]["spec"]>): World =>
  edit(world, { cluster: "w1", kind: "ServiceRoute", key }, (found) => ({
    ...found,
    spec: { ...found.spec, ...spec },
  }));

describe("the Istio Gateway of a Gateway", () => {
  it("is one HTTPS server with sorted hosts, owned by the Gateway", () => {
    const [change] = istioChanges(one([...ingress(), shop, route("shop/web"), route("shop/api"), route("shop/cart")]));
    expect(change).toMatchObject({ operation: "create", phase: "open", key: KEY });
    expect(change?.after).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: {
        name: "internal",
        namespace: "istio-system",
        labels: { "app.kubernetes.io/managed-by": "service-router-operator", "router.io/gateway": "internal" },
        ownerReferences: [
          {
            apiVersion: "routing.router.io/v1alpha1",
            kind: "Gateway",
            name: "internal",
            uid: "Gateway:istio-system/internal",
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        selector: { istio: "ingress" },
        servers: [
          {
            port: { number: 443, name: "https", protocol: "HTTPS" },
            hosts: [hostOf("shop/api"), hostOf("shop/cart"), hostOf("shop/web")],
            tls: { mode: "SIMPLE", credentialName: "wildcard" },
          },
        ],
      },
    });
  });

  it("redirects from HTTP and asks for a TLS version where the Gateway says so", () => {
    const strict = gateway(KEY, { httpsRedirect: true, minProtocolVersion: "TLSV1_3" });
    const [change] = istioChanges(one([strict, ingressService(), shop, route("shop/cart")]));
    expect(change?.after?.["spec"]).toEqual({
      selector: { istio: "ingress" },
      servers: [
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: [hostOf("shop/cart")],
          tls: { mode: "SIMPLE", credentialName: "wildcard", minProtocolVersion: "TLSV1_3" },
        },
        {
          port: { number: 80, name: "http", protocol: "HTTP" },
          hosts: [hostOf("shop/cart")],
          tls: { httpsRedirect: true },
        },
      ],
    });
  });

  it("is written as v1beta1 where only that is served", () => {
    const [change] = istioChanges(one([...ingress(), shop, route("shop/cart")], { istioVersion: "v1beta1" }));
    expect(change?.after?.["apiVersion"]).toBe("networking.istio.io/v1beta1");
  });

  it("needs no address and no policy: hosts of all valid routes stand, whatever their policy says", () => {
    const elsewhere = policy("pay", { sourceRegion: "neu" });
    const world = one([gateway(), shop, elsewhere, route("shop/cart"), route("pay/pay"), route("none/none")]);
    expect(hostsAfter(istioChanges(world)[0])).toEqual(
      [hostOf("shop/cart"), hostOf("none/none"), hostOf("pay/pay")].sort(),
    );
  });

  it("is not made without a host", () => expect(lines(one([...ingress(), shop]))).toEqual([]));

  it("takes a new host in place, and loses one last of all", () => {
    const before = settled([...ingress(), shop, route("shop/cart"), route("shop/web")]);
    expect(lines(add(before, "w1", route("shop/api")))).toEqual([`open w1 update IstioGateway ${KEY}`]);
    const after = collectGarbage(play(remove(before, "w1", "ServiceRoute", "shop/web")).after);
    expect(lines(after)).toEqual([`close w1 update IstioGateway ${KEY}`]);
    expect(hostsAfter(istioChanges(after)[0])).toEqual([hostOf("shop/cart")]);
  });

  it("opens before it closes when one host comes and another goes; the old one stays until a second read", () => {
    const before = settled([...ingress(), shop, route("shop/cart"), route("shop/web")]);
    const renamed = editRoute(before, "shop/web", { serviceName: "api" });
    const [open, ...none] = istioChanges(renamed);
    expect(none).toEqual([]);
    expect([open?.phase, hostsAfter(open)]).toEqual([
      "open",
      [hostOf("shop/api"), hostOf("shop/cart"), hostOf("shop/web")],
    ]);
    const [close, ...rest] = istioChanges(play(renamed).after);
    expect(rest).toEqual([]);
    expect([close?.phase, hostsAfter(close)]).toEqual(["close", [hostOf("shop/api"), hostOf("shop/cart")]]);
    expect(close?.leaves.map(({ name }) => name)).toEqual([hostOf("shop/web")]);
  });

  it("is deleted when no host is left", () => {
    const before = settled([...ingress(), shop, route("shop/cart")]);
    const once = collectGarbage(play(remove(before, "w1", "ServiceRoute", "shop/cart")).after);
    expect(lines(once)).toEqual([`close w1 delete IstioGateway ${KEY}`]);
  });

  it("is put right when somebody changed it by hand", () => {
    const before = settled([...ingress(), shop, route("shop/cart")]);
    const drifted = edit(before, { cluster: "w1", kind: "IstioGateway", key: KEY }, (found) => ({
      ...found,
      spec: {
        ...found.spec,
        servers: (found.spec.servers ?? []).map((server) => ({ ...server, hosts: ["x.example.com"] })),
      },
    }));
    expect(lines(drifted)).toEqual([`open w1 update IstioGateway ${KEY}`, `close w1 update IstioGateway ${KEY}`]);
    expect(hostsIn(settle(drifted).world)).toEqual([hostOf("shop/cart")]);
  });
});

describe("hosts that keep their place", () => {
  const before = settled([...ingress(), shop, route("shop/cart"), route("shop/web")]);
  const hosts = [hostOf("shop/cart"), hostOf("shop/web")];

  it.each<[string, (world: World) => World]>([
    ["becomes invalid", (world) => editRoute(world, "shop/web", { environment: "" })],
    ["gets a name that is too long", (world) => editRoute(world, "shop/web", { serviceName: "x".repeat(64) })],
    ["no longer parses", (world) => breakObject(world, "w1", "ServiceRoute", "shop/web")],
    ["loses its policy", (world) => remove(world, "w1", "DNSPolicy", "shop/policy")],
    ["has a policy that does not parse", (world) => breakObject(world, "w1", "DNSPolicy", "shop/policy")],
    ["is bound elsewhere by its policy", (world) => put(world, "w1", policy("shop", { sourceRegion: "neu" }))],
    ["vanished one read ago", (world) => remove(world, "w1", "ServiceRoute", "shop/web")],
    [
      "is being deleted",
      (world) =>
        edit(world, { cluster: "w1", kind: "ServiceRoute", key: "shop/web" }, (found) => ({
          ...found,
          meta: { ...found.meta, deleting: true },
        })),
    ],
    ["names a Gateway that does not exist", (world) => editRoute(world, "shop/web", { gatewayName: "none" })],
    ["is in a cluster without identity", (world) => remove(world, "w1", "ClusterIdentity", "identity")],
    ["is in a cluster that retires", (world) => configure(world, "w1", { writes: "retiring" })],
    [
      "stands on a Gateway whose postfix became bad",
      (world) =>
        edit(world, { cluster: "w1", kind: "Gateway", key: KEY }, (found) => ({
          ...found,
          spec: { ...found.spec, targetPostfix: "Bad" },
        })),
    ],
    ["stands on a Gateway that no longer parses", (world) => breakObject(world, "w1", "Gateway", KEY)],
  ])("are those of a route that %s", (_what, happens) => {
    const pass = runPass(happens(before));
    const closed = pass.plan.changes.filter(({ kind, leaves }) => kind === "IstioGateway" && leaves.length > 0);
    expect(closed).toEqual([]);
    expect([...hostsIn(play(happens(before)).after)].sort()).toEqual(hosts);
  });

  it("survive the loss of the store: DNSEndpoints and statuses remember them", () => {
    const broken = breakObject(before, "w1", "ServiceRoute", "shop/web");
    const forgotten = { ...broken, memory: fleet([]).memory };
    expect([...hostsIn(settle(forgotten).world)].sort()).toEqual(hosts);
  });

  it("leave when a Gateway stops allowing the namespace: first the records, in the next read the hosts", () => {
    const closed = edit(before, { cluster: "w1", kind: "Gateway", key: KEY }, (found) => ({
      ...found,
      spec: { ...found.spec, allowedNamespaces: { from: "Same" } },
    }));
    expect(runPass(closed).plan.changes.map((change) => changeLine(change))).toEqual([
      "withdraw w1 delete DNSEndpoint shop/cart-external-dns-weu",
      "withdraw w1 delete DNSEndpoint shop/web-external-dns-weu",
    ]);
    expect(lines(play(closed).after)).toEqual([`close w1 delete IstioGateway ${KEY}`]);
  });

  it.each<[string, (world: World) => World]>([
    ["is in a cluster that retires", (world) => configure(world, "w1", { writes: "retiring" })],
    [
      "is being deleted",
      (world) =>
        edit(world, { cluster: "w1", kind: "Gateway", key: "istio-system/outer" }, (found) => ({
          ...found,
          meta: { ...found.meta, deleting: true },
        })),
    ],
  ])("do not leave for a Gateway that takes no host because it %s", (_what, happens) => {
    const world = settled([
      ...ingress(),
      gateway("istio-system/outer"),
      shop,
      route("shop/cart"),
      route("shop/web", { gatewayName: "outer" }),
    ]);
    const moving = happens(editRoute(world, "shop/cart", { gatewayName: "outer" }));
    expect(lines(moving)).toEqual([]);
    expect(hostsIn(settle(moving).world)).toEqual([hostOf("shop/cart")]);
  });

  it("do not follow a younger route to another Gateway in the read in which the older one is missing", () => {
    const objects = [
      ...ingress(),
      gateway("istio-system/public"),
      shop,
      policy("pay"),
      route("shop/cart"),
      route("shop/web"),
      route("pay/web", { application: "shop", gatewayName: "public" }, younger()),
    ];
    const contested = settled(objects);
    const missing = remove(contested, "w1", "ServiceRoute", "shop/web");
    expect(lines(missing)).toEqual([]);
    const back = put(
      play(missing).after,
      "w1",
      find(contested, { cluster: "w1", kind: "ServiceRoute", key: "shop/web" }),
    );
    expect(lines(back)).toEqual([]);
    const { world } = settle(missing);
    expect(hostsIn(world, "istio-system/public")).toEqual([hostOf("shop/web")]);
    expect(hostsIn(world)).toEqual([hostOf("shop/cart")]);
  });
});

describe("a host that two routes yield", () => {
  it("is the younger one's as soon as the older one is being deleted", () => {
    const rival = route("pay/web", { application: "shop" }, younger());
    const contested = settled([...ingress(), shop, policy("pay"), route("shop/cart"), route("shop/web"), rival]);
    const refused = (world: World) => runPass(world).plan.refusals.map(({ key, code }) => `${code} ${key}`);
    expect(refused(contested)).toEqual(["HostConflict pay/web"]);
    const deleting = edit(contested, { cluster: "w1", kind: "ServiceRoute", key: "shop/web" }, (found) => ({
      ...found,
      meta: { ...found.meta, deleting: true },
    }));
    expect(refused(deleting)).toEqual([]);
  });
});

describe("a host that stays on two Istio Gateways", () => {
  it("keeps the one that its controller has already when the other one comes to that controller", () => {
    const outer = gateway("istio-system/a-outer", { controller: "edge" });
    const web = hostOf("shop/web");
    const standing = settled([outer, ...ingress(), shop, route("shop/cart"), route("shop/web")]);
    const there = find(standing, { cluster: "w1", kind: "IstioGateway", key: KEY });
    const onEdge = istioGateway("istio-system/a-outer", [web], { controller: "edge", owner: ownedBy(outer) });
    const broken = breakObject(standing, "w1", "ServiceRoute", "shop/web");
    // The API server lists by name: the one that comes stands before the one that is there.
    const both = put(remove(broken, "w1", "IstioGateway", KEY), "w1", onEdge, there);
    expect(hostsIn(play(both).after, "istio-system/a-outer")).toEqual([web]);
    const coming = edit(both, { cluster: "w1", kind: "Gateway", key: "istio-system/a-outer" }, (found) => ({
      ...found,
      spec: { ...found.spec, controller: "ingress" },
    }));
    const { after } = play(coming);
    expect([hostsIn(after), hostsIn(after, "istio-system/a-outer")]).toEqual([[hostOf("shop/cart"), web], []]);
  });
});

describe("a host that leaves its Istio Gateway", () => {
  const before = settled([...ingress(), shop, route("shop/cart"), route("shop/web")]);
  const closed = edit(before, { cluster: "w1", kind: "Gateway", key: KEY }, (found) => ({
    ...found,
    spec: { ...found.spec, allowedNamespaces: { from: "Same" } },
  }));
  const gone = remove(before, "w1", "ServiceRoute", "shop/cart", "shop/web");

  it.each<[string, World, true | undefined]>([
    ["counts as taken away while its route exists", closed, undefined],
    ["has vanished when its route is gone: that is nobody's loss of ours", gone, true],
  ])("%s", (_what, world, vanished) => {
    const leaving = istioChanges(collectGarbage(play(world).after)).flatMap(({ leaves }) => leaves);
    expect(leaving.map((left) => [left.name, left.vanished])).toEqual([
      [hostOf("shop/cart"), vanished],
      [hostOf("shop/web"), vanished],
    ]);
  });
});

describe("a host that moves between two Istio Gateways", () => {
  const objects = [
    ...ingress(),
    gateway("istio-system/public"),
    shop,
    route("shop/cart"),
    route("shop/web"),
    route("shop/front", { gatewayName: "public" }),
  ];

  it("leaves the first before it joins the second, within one phase, and the second waits for the first", () => {
    const moved = editRoute(settled(objects), "shop/web", { gatewayName: "public" });
    const [leave, join, ...rest] = istioChanges(moved);
    expect(rest).toEqual([]);
    expect([leave?.key, leave?.phase, hostsAfter(leave)]).toEqual([KEY, "open", [hostOf("shop/cart")]]);
    expect([join?.key, join?.phase, hostsAfter(join)]).toEqual([
      "istio-system/public",
      "open",
      [hostOf("shop/front"), hostOf("shop/web")],
    ]);
    expect(join?.dependsOn).toEqual([leave?.item]);
  });

  it("deletes the first when it was the only host there, and not before", () => {
    const alone = settled(objects.filter(({ object }) => object.meta.name !== "cart"));
    const moved = editRoute(alone, "shop/web", { gatewayName: "public" });
    expect(lines(moved)).toEqual([
      `open w1 delete IstioGateway ${KEY}`,
      "open w1 update IstioGateway istio-system/public",
    ]);
  });

  it("comes into a Gateway that had no host before, and depends on the leaving there too", () => {
    const world = settled(objects.filter(({ object }) => object.meta.name !== "front"));
    const [leave, join] = istioChanges(editRoute(world, "shop/web", { gatewayName: "public" }));
    expect(join).toMatchObject({ operation: "create", dependsOn: [leave?.item] });
  });

  const swapped = (world: World): World =>
    editRoute(editRoute(world, "shop/web", { gatewayName: "public" }), "shop/front", { gatewayName: "internal" });
  const steps = (world: World) =>
    istioChanges(world).map((change) => `${changeLine(change)} ${change.id === change.item ? "first" : "then"}`);

  it("never stands on both: two hosts may change places", () => {
    const world = swapped(settled([...objects, route("shop/side", { gatewayName: "public" })]));
    expect(steps(world)).toEqual([
      `open w1 update IstioGateway ${KEY} first`,
      `open w1 update IstioGateway ${KEY} then`,
      "open w1 update IstioGateway istio-system/public first",
      "open w1 update IstioGateway istio-system/public then",
    ]);
    const { world: after } = settle(world);
    expect(hostsIn(after)).toEqual([hostOf("shop/cart"), hostOf("shop/front")]);
    expect(hostsIn(after, "istio-system/public")).toEqual([hostOf("shop/side"), hostOf("shop/web")]);
  });

  it("binds a later step to the object alone: the step before it leaves a version that nobody knows yet", () => {
    const world = swapped(settled([...objects, route("shop/side", { gatewayName: "public" })]));
    const { uid, resourceVersion } = find(world, { cluster: "w1", kind: "IstioGateway", key: KEY }).object.meta;
    const bound = istioChanges(world).flatMap(({ key, precondition }) => (key === KEY ? [precondition] : []));
    expect(bound).toEqual([{ uid, resourceVersion }, { uid }]);
  });

  it("makes an Istio Gateway anew only where its only host leaves as another comes: it cannot stand without one", () =>
    expect(steps(swapped(settled(objects))).slice(2)).toEqual([
      "open w1 delete IstioGateway istio-system/public first",
      "open w1 create IstioGateway istio-system/public then",
    ]));

  it("does not count for budgets: the name still leads to the same controller", () => {
    const moved = editRoute(settled(objects), "shop/web", { gatewayName: "public" });
    const { counted } = runPass(moved).planned;
    expect([...counted.keys()].filter((id) => id.includes("IstioGateway"))).toEqual([]);
  });

  it("joins another controller's Gateway before it leaves the first: both answer meanwhile", () => {
    const world = settled([...objects, gateway("edge/outer", { controller: "edge" })]);
    const moved = editRoute(world, "shop/web", { gatewayName: "outer", gatewayNamespace: "edge" });
    expect(lines(moved)).toEqual(["open w1 create IstioGateway edge/outer", `close w1 update IstioGateway ${KEY}`]);
  });
});

describe("a host that stands on somebody else's Istio Gateway", () => {
  const foreign = istioGateway("team/own", [`*/${hostOf("shop/web").toUpperCase()}.`], { ours: false });

  it("is refused, and the others are served", () => {
    const world = one([...ingress(), shop, route("shop/cart"), route("shop/web"), foreign]);
    expect(hostsAfter(istioChanges(world)[0])).toEqual([hostOf("shop/cart")]);
    expect(runPass(world).plan.refusals).toMatchObject([
      { kind: "ServiceRoute", key: "shop/web", code: "HostConflict", reason: expect.stringContaining("team/own") },
    ]);
  });

  it("is no concern of another Istio controller", () => {
    const other = istioGateway("team/own", [hostOf("shop/web")], { ours: false, controller: "edge" });
    expect(hostsAfter(istioChanges(one([...ingress(), shop, route("shop/web"), other]))[0])).toEqual([
      hostOf("shop/web"),
    ]);
  });

  it("is refused by every controller when that Gateway selects by no istio label", () => {
    const { object } = istioGateway("team/own", [hostOf("shop/web")], { ours: false });
    const all = { kind: "IstioGateway", object: { ...object, spec: { ...object.spec, selector: {} } } } as const;
    expect(lines(one([...ingress(), shop, route("shop/web"), all]))).toEqual([]);
  });

  it("never touches an object of the same name that is not ours", () => {
    const taken = istioGateway(KEY, ["x.example.com"], { ours: false });
    const { plan } = runPass(one([...ingress(), shop, route("shop/web"), taken]));
    expect(plan.changes.filter(({ kind }) => kind === "IstioGateway")).toEqual([]);
    expect(plan.refusals).toMatchObject([{ kind: "IstioGateway", key: KEY, code: "ForeignObject" }]);
  });
});

describe("Istio Gateways that cannot be judged", () => {
  const before = settled([...ingress(), shop, route("shop/cart")]);

  it("stay when their list was not read", () => expect(lines(unread(before, "w1", ["IstioGateway"]))).toEqual([]));

  it("stay when the served version is not known, with all their hosts", () => {
    const unknown = changeCluster(before, "w1", ({ istioVersion: _forgotten, ...rest }) => rest);
    expect(lines(unknown)).toEqual([]);
    expect(runPass(unknown).plan.held).toEqual([]);
  });

  it("go with their Gateway, when nothing stands on them any more", () => {
    const gone = remove(remove(before, "w1", "ServiceRoute", "shop/cart"), "w1", "Gateway", KEY);
    expect(lines(play(gone).after)).toEqual([`close w1 delete IstioGateway ${KEY}`]);
  });

  it("are taken over from the operator by force, once", () => {
    const theirs = istioGateway(KEY, [hostOf("shop/cart")], {
      owner: ownedBy(gateway()),
      meta: { managers: ["manager"] },
    });
    const world = one([...ingress(), shop, route("shop/cart"), theirs]);
    expect(lines(world)).toEqual([`open w1 adopt IstioGateway ${KEY}`]);
    expect(lines(settle(world).world)).toEqual([]);
  });

  it("lose only what moved away while their Gateway cannot be used, and keep their version", () => {
    const objects = [...ingress(), gateway("istio-system/public"), shop, route("shop/cart"), route("shop/web")];
    const bad = edit(
      settled(objects, { istioVersion: "v1beta1" }),
      { cluster: "w1", kind: "Gateway", key: KEY },
      (found) => ({
        ...found,
        spec: { ...found.spec, targetPostfix: "Bad" },
      }),
    );
    const [leave, join] = istioChanges(editRoute(bad, "shop/web", { gatewayName: "public" }));
    expect([leave?.key, hostsAfter(leave), leave?.after?.["apiVersion"]]).toEqual([
      KEY,
      [hostOf("shop/cart")],
      "networking.istio.io/v1beta1",
    ]);
    expect(join?.key).toBe("istio-system/public");
  });
});
