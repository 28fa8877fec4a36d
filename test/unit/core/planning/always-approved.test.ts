import { describe, expect, it } from "vitest";
import type { Approval } from "../../../../shared/model/state.ts";
import type { Change } from "../../../../shared/model/change.ts";
import { holdForPerson } from "../../../../shared/core/planning/always-approved.ts";
import { approve, cluster, edit, fleet, ingress, remove, type World } from "../../../support/builders/fleet.ts";
import { gateway, ingressService, policy, route } from "../../../support/builders/objects.ts";
import { planLines, runPass, settle } from "../../../support/builders/pass.ts";
import { hostChange } from "../../../support/reports.ts";

const KEY = "istio-system/gateway-controller-ingress-internal-external-dns-weu";
const world = settle(fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })])).world;
const held = (of: World) =>
  runPass(of).plan.held.map(
    ({ scope, code, changes }) => `${scope} ${code}: ${changes.map(({ key }) => key).join(" ")}`,
  );
const readdressed = (addresses: readonly string[]) =>
  edit(world, { cluster: "w1", kind: "Service", key: "istio-system/ingress" }, (found) => ({ ...found, addresses }));

describe("the last address of a gateway host that a CNAME still points to", () => {
  const gone = remove(world, "w1", "Gateway", "istio-system/internal");

  it("is not taken away without a person, however few names there are", () => {
    expect(held(gone)).toEqual([`cluster/w1 LastAddress: ${KEY}`]);
    expect(planLines(runPass(gone).plan).filter((line) => line.includes("DNSEndpoint"))).toEqual([]);
  });

  it("is not replaced by an address that another cluster wants under that name by mistake", () => {
    const two = fleet([
      cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] }),
      cluster("w2", { objects: ingress("10.0.0.2") }),
    ]);
    const nameless = remove(settle(two).world, "w1", "ClusterIdentity", "identity");
    const mistaken = edit(nameless, { cluster: "w2", kind: "ClusterIdentity", key: "identity" }, (found) => ({
      ...found,
      spec: { ...found.spec, cluster: "w1" },
    }));
    expect(held(remove(mistaken, "w1", "Gateway", "istio-system/internal"))).toContain(
      `cluster/w1 LastAddress: ${KEY}`,
    );
  });

  it("goes once that is approved", () => {
    const approved = approve(gone, runPass(gone).plan.held[0]?.digest ?? "");
    expect(held(approved)).toEqual([]);
    expect(planLines(runPass(approved).plan)).toContain(`withdraw w1 delete DNSEndpoint ${KEY}`);
  });

  it("goes freely when no CNAME points to it any more", () =>
    expect(held(remove(gone, "w1", "ServiceRoute", "shop/cart"))).toEqual([]));

  it("may become another address: it stays addressed", () => expect(held(readdressed(["10.9.9.9"]))).toEqual([]));

  it("may lose one of its record types", () => {
    const both = settle(readdressed(["10.0.0.1", "fd00::1"])).world;
    const less = edit(both, { cluster: "w1", kind: "Service", key: "istio-system/ingress" }, (found) => ({
      ...found,
      addresses: ["fd00::1"],
    }));
    expect(held(less)).toEqual([]);
  });

  it("stays by itself while the Service has none, or is gone: nothing is to be approved", () => {
    expect(runPass(readdressed([])).plan).toMatchObject({ changes: [], held: [] });
    expect(held(remove(world, "w1", "Service", "istio-system/ingress"))).toEqual([]);
  });
});

describe("more than half of a cluster's Istio Gateways", () => {
  const names = ["a", "b", "c", "d"];
  const four = settle(
    fleet(
      [
        cluster("w1", {
          objects: [
            ingressService(),
            policy("shop"),
            ...names.map((name) => gateway(`istio-system/${name}`)),
            ...names.map((name) => route(`shop/${name}`, { gatewayName: name })),
          ],
        }),
      ],
      { budgets: { fromNames: 1000 } },
    ),
  ).world;
  const without = (...gone: readonly string[]) =>
    remove(
      remove(four, "w1", "ServiceRoute", ...gone.map((name) => `shop/${name}`)),
      "w1",
      "Gateway",
      ...gone.map((name) => `istio-system/${name}`),
    );
  const later = (of: World) => ({ ...of, memory: { ...of.memory, lastGood: new Map() } });

  it.each<[number, readonly string[], readonly string[]]>([
    [2, ["a", "b"], []],
    [3, ["a", "b", "c"], ["cluster/w1 ManyGateways: istio-system/a istio-system/b istio-system/c"]],
  ])("from three up: %i of four", (_count, gone, expected) => expect(held(later(without(...gone)))).toEqual(expected));

  it("go freely where there are fewer than three", () => {
    const item = (key: string): Change =>
      hostChange({ key, operation: "delete", phase: "close", joins: [], leaves: [] });
    const hold = (present: number, approvals: readonly Approval[] = []) =>
      holdForPerson({
        changes: [item("i/a"), item("i/b")],
        items: () => [],
        approvals,
        istioGateways: () => present,
      }).held.map(({ reason }) => reason);
    expect(hold(2)).toEqual([]);
    expect(hold(3)).toEqual(["2 of the 3 Istio Gateways of cluster w1 would be deleted"]);
    expect(hold(4)).toEqual([]);
  });
});
