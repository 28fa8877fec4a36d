import { describe, expect, it } from "vitest";
import { computeDesired, mergeDesired, readsOf } from "../../../shared/core/compute-desired.ts";
import { planFleet } from "../../../shared/core/planning/plan-fleet.ts";
import type { Desired, DesiredItem, Marker } from "../../../shared/model/desired.ts";
import { add, cluster, fleet, ingress, type World } from "../../support/builders/fleet.ts";
import { cname, dnsEndpoint, policy, route } from "../../support/builders/objects.ts";
import { changeLine, runPass, settle } from "../../support/builders/pass.ts";

const world = fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })]);

describe("readsOf", () => {
  it("is what the enabled families list, each kind once", () => {
    const kinds = readsOf({ serviceRouting: true }).map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(readsOf({ serviceRouting: false })).toEqual([]);
  });
});

describe("computeDesired", () => {
  const { assessment, placement } = runPass(world);
  const desired = (serviceRouting: boolean) =>
    computeDesired(assessment.fleet, placement, { ...world.configuration, families: { serviceRouting } });

  it("has a place for every cluster, and may be asked for its items again", () => {
    const { places } = desired(true);
    expect(places.map(({ place }) => place)).toEqual([{ kind: "cluster", name: "w1" }]);
    const keys = () => places.flatMap(({ project }) => [...project().items].map(({ kind, key }) => `${kind} ${key}`));
    expect(keys()).toEqual(keys());
    expect(keys()).toContain("IstioGateway istio-system/internal");
  });

  it("manages nothing while the family is switched off: what is there stays", () =>
    expect(desired(false)).toMatchObject({ places: [], managed: [], claimedElsewhere: [] }));
});

/** A second kind of work in the same clusters: it wants its own DNSEndpoint `dev/wanted` in each, and nothing else. */
const otherMarker: Marker = { label: "app.kubernetes.io/managed-by", value: "developer-router" };

function otherEndpoint(key: string) {
  const labels = { [otherMarker.label]: otherMarker.value };
  return dnsEndpoint(key, [cname(`${key.replace("/", "-")}.example.com`, "dev.example.com")], { labels });
}

function otherFamily(...clusters: readonly string[]): Desired {
  const places = clusters.map((name) => {
    const place = { kind: "cluster", name } as const;
    const item: DesiredItem = {
      place,
      kind: "DNSEndpoint",
      key: "dev/wanted",
      marker: otherMarker,
      phase: "publish",
      names: [],
      because: { kind: "ServiceRoute", namespace: "dev", name: "wanted", uid: "uid", reason: "it is wanted" },
      want: "kept",
    };
    return { place, project: () => ({ items: [item], statuses: [] }) };
  });
  return { places, claimedElsewhere: [], managed: [{ kind: "DNSEndpoint", marker: otherMarker }] };
}

function planBoth(shared: World, desired: (routing: Desired) => Desired): readonly string[] {
  const { assessment, desired: routing } = runPass(shared);
  const { plan } = planFleet({
    fleet: assessment.fleet,
    desired: desired(routing),
    configuration: shared.configuration,
    since: shared.memory.since,
    approvals: [],
    heldReads: [],
  });
  return plan.changes.map((change) => changeLine(change));
}

describe("mergeDesired", () => {
  const shared = add(settle(world).world, "w1", otherEndpoint("dev/wanted"), otherEndpoint("dev/left"));

  it.each<[string, (routing: Desired) => Desired]>([
    ["first", (routing) => mergeDesired([routing, otherFamily("w1")])],
    ["last", (routing) => mergeDesired([otherFamily("w1"), routing])],
  ])("lets two families share a cluster: neither takes what the other wants away (%s)", (_which, desired) =>
    expect(planBoth(shared, desired)).toEqual(["withdraw w1 delete DNSEndpoint dev/left"]),
  );

  it("has every place once, and its items and statuses as often as they are asked for", () => {
    const { desired: routing } = runPass(shared);
    const { places, managed } = mergeDesired([routing, otherFamily("w1", "n1")]);
    expect(places.map(({ place }) => place.name)).toEqual(["w1", "n1"]);
    const keys = () => places.map(({ project }) => [...project().items].map(({ key }) => key));
    expect(keys()).toEqual(keys());
    expect(keys().map((each) => each.filter((key) => key === "dev/wanted"))).toEqual([["dev/wanted"], ["dev/wanted"]]);
    const statuses = (from: Desired) => from.places.flatMap(({ project }) => [...project().statuses]).length;
    expect(statuses(mergeDesired([routing, otherFamily("w1")]))).toBe(statuses(routing));
    expect(managed).toEqual([...routing.managed, { kind: "DNSEndpoint", marker: otherMarker }]);
  });

  it("is what planning insists on: a place that stands twice stops the run", () =>
    expect(() =>
      planBoth(shared, (routing) => ({ ...routing, places: [...routing.places, ...otherFamily("w1").places] })),
    ).toThrow("cluster/w1 stands twice"));
});
