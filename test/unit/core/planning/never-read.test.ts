import { describe, expect, it } from "vitest";
import {
  add,
  approve,
  cluster,
  configure,
  fleet,
  ingress,
  unread,
  type World,
} from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, policy, route } from "../../../support/builders/objects.ts";
import { planLines, play, runPass, settle } from "../../../support/builders/pass.ts";

const objects = [...ingress(), policy("shop"), route("shop/cart")];
/** w1 is readable; w2, n1 of neu, and `dark`, of which nothing is known, as said. */
const first = (dark: Parameters<typeof cluster>[1]): World =>
  fleet([cluster("w1", { controllers: ["weu", "neu"], objects }), cluster("dark", { unread: "all", ...dark })]);
const lines = (world: World) => planLines(runPass(world).plan);
const heldKeys = (world: World) =>
  runPass(world).plan.held.map(
    ({ scope, code, changes }) => `${scope} ${code}: ${changes.map(({ key }) => key).join(" ")}`,
  );
const gatewayKey = (region: string) => `istio-system/gateway-controller-ingress-internal-external-dns-${region}`;

describe("a cluster that was never read", () => {
  it("keeps every name out of its zone that nobody publishes yet, and others go on", () => {
    const world = first({ pinned: true });
    expect(heldKeys(world)).toEqual([`read/dark NeverRead: ${gatewayKey("weu")} shop/cart-external-dns-weu`]);
    expect(lines(world)).toEqual([
      "open w1 create IstioGateway istio-system/internal",
      `publish w1 create DNSEndpoint ${gatewayKey("neu")}`,
    ]);
  });

  it("keeps every new name out of every zone while its region is not known", () =>
    expect(heldKeys(first({}))).toEqual([
      `read/dark NeverRead: ${gatewayKey("neu")} ${gatewayKey("weu")} shop/cart-external-dns-weu`,
    ]));

  it("keeps to itself what it is seen to publish in zones of other regions, although the rest of it is not known", () => {
    const [name] = runPass(first({ pinned: true })).plan.changes.flatMap(({ joins }) =>
      joins.filter(({ zone }) => zone === "neu"),
    );
    const seen = dnsEndpoint("istio-system/seen", [cname(name?.name ?? "", "elsewhere.example.com")], {
      region: "neu",
    });
    const world = first({ pinned: true, unread: ["ServiceRoute"], objects: [seen] });
    expect(heldKeys(world)).toEqual([
      `read/dark NeverRead: ${gatewayKey("neu")} ${gatewayKey("weu")} shop/cart-external-dns-weu`,
    ]);
  });

  it("leaves what others publish there as it is, and lets it change", () => {
    const before = settle(fleet([cluster("w1", { objects })])).world;
    const joined = fleet([...before.clusters, cluster("dark", { unread: "all" })]);
    const grown = add({ ...joined, memory: before.memory, nowMs: before.nowMs }, "w1", route("shop/api"));
    expect(heldKeys(grown)).toEqual(["read/dark NeverRead: shop/api-external-dns-weu"]);
    expect(lines(grown)).toEqual(["open w1 update IstioGateway istio-system/internal"]);
  });

  it.each<[string, (world: World) => World]>([
    ["it was read once", (world) => unread(play(unread(world, "dark", [])).after, "dark", "all")],
    ["it retires", (world) => configure(world, "dark", { writes: "retiring" })],
    ["a person approves going on without it", (world) => approve(world, runPass(world).plan.held[0]?.digest ?? "")],
  ])("holds nothing more once %s", (_what, happens) => {
    const world = happens(first({ pinned: true }));
    expect(runPass(world).plan.held).toEqual([]);
  });

  it("is approved for itself alone: a second unknown cluster is another question", () => {
    const world = fleet([...first({ pinned: true }).clusters, cluster("dusk", { unread: "all", pinned: true })]);
    const approved = approve(world, runPass(world).plan.held[0]?.digest ?? "");
    expect(runPass(approved).plan.held.map(({ scope }) => scope)).toEqual(["read/dusk"]);
  });
});
