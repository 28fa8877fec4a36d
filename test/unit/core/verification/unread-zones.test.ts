/** A route in two zones, one of which cannot be read: what its conditions go on saying, and what not. */
import { describe, expect, it } from "vitest";
import { breakObject, cluster, edit, fleet, ingress, later, type World } from "../../../support/builders/fleet.ts";
import { hostOf, policy, route } from "../../../support/builders/objects.ts";
import { desiredStatuses, play, runPass, settle } from "../../../support/builders/pass.ts";
import {
  ownershipSet,
  publish,
  putRecord,
  recordSet,
  removeRecord,
  txtName,
  unreadZone,
  withZones,
} from "../../../support/builders/zones.ts";

const host = hostOf("shop/cart");
const target = "w1-weu-internal.example.com";
const minute = 60_000;
const everywhere = `${host} leads to ${target} in zone neu, weu`;

/** One route that is published in two zones; settled, and verified in both. */
function verifiedInTwo(): World {
  const bound = policy("shop", { mode: "RegionBound", sourceRegion: "weu" });
  const w1 = cluster("w1", { controllers: ["weu", "neu"], objects: [...ingress(), bound, route("shop/cart")] });
  const start = fleet([w1], { regions: ["weu", "neu"] });
  return settle(withZones(settle(start).world)).world;
}

function said(world: World) {
  const status = desiredStatuses(runPass(world)).find(({ key }) => key === "shop/cart");
  const of = (type: string) => status?.conditions.find((condition) => condition.type === type);
  return { verified: of("DNSVerified"), published: of("Published") };
}

const foreign = (world: World, zone: string): World =>
  putRecord(world, zone, ownershipSet("CNAME", host, "external-dns-other"));

/** The pass after, with everything that it wrote. */
const written = (world: World): World => later(play(world).after, minute);

describe("DNSVerified with one zone of two that cannot be read", () => {
  it("stays true while nothing else is wrong", () => {
    expect(said(unreadZone(verifiedInTwo(), "neu")).verified).toMatchObject({ status: "True", message: everywhere });
  });

  it("says what is wrong in the other one", () => {
    const world = removeRecord(verifiedInTwo(), "weu", "TXT", txtName("CNAME", host));
    const { verified } = said(unreadZone(world, "neu"));
    expect(verified).toMatchObject({ status: "False", reason: "Orphan" });
    expect(verified?.message).not.toContain("zone neu");
  });

  it("goes on saying what was wrong in the one that is not read", () => {
    const world = written(foreign(verifiedInTwo(), "neu"));
    expect(said(unreadZone(world, "neu"))).toEqual(said(world));
  });

  it("goes on saying only that of what was wrong in both", () => {
    const world = written(foreign(foreign(verifiedInTwo(), "weu"), "neu"));
    const repaired = unreadZone(publish(world), "neu");
    const { verified } = said(repaired);
    expect(verified).toMatchObject({ status: "False", reason: "ForeignOwner" });
    expect(verified?.message).toMatch(/^\S+ in zone neu: [^;]*; it leads where it should, but is not ours to keep so$/);
  });

  it("goes on saying it where the other one has a lesser trouble", () => {
    const world = written(foreign(verifiedInTwo(), "neu"));
    const erased = removeRecord(world, "weu", "CNAME", host);
    expect(said(unreadZone(erased, "neu"))).toEqual(said(world));
    const both = said(unreadZone(foreign(world, "weu"), "neu"));
    expect(both.verified?.message).toMatch(/^\S+ in zone neu: .*; \S+ in zone weu: /);
    const orphan = written(removeRecord(verifiedInTwo(), "neu", "TXT", txtName("CNAME", host)));
    expect(said(unreadZone(foreign(orphan, "weu"), "neu")).verified).toMatchObject({ reason: "ForeignOwner" });
  });

  it("speaks of the host whose record stays, where a route was given another one and cannot be published", () => {
    const shop = { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" } as const;
    const lost = edit(verifiedInTwo(), shop, ({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, serviceName: "basket", gatewayName: "nowhere" },
    }));
    const world = written(lost);
    expect(said(world).verified).toMatchObject({ status: "True", message: everywhere });
    expect(said(unreadZone(unreadZone(world, "weu"), "neu"))).toEqual(said(world));
  });

  it("does not go on saying what was wrong in the one that is read", () => {
    const world = written(foreign(verifiedInTwo(), "weu"));
    const { verified, published } = said(unreadZone(publish(world), "neu"));
    expect(verified).toMatchObject({
      status: "Unknown",
      reason: "ZoneNotRead",
      message: "zone neu has not been read; the others are verified",
    });
    expect(published).toMatchObject({ status: "True" });
  });

  const gateway = { cluster: "w1", kind: "Gateway", key: "istio-system/internal" } as const;

  /** The route leads elsewhere by now; neither zone could be read since. */
  const movedInTheDark = (): World => {
    const moved = edit(verifiedInTwo(), gateway, ({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, targetPostfix: "public" },
    }));
    return settle(unreadZone(unreadZone(moved, "weu"), "neu")).world;
  };

  it("is unknown once another target is wanted than the one that was verified", () => {
    const dark = movedInTheDark();
    expect(said(dark).verified).toMatchObject({ status: "Unknown", reason: "ZoneNotRead" });
    expect(said(unreadZone(publish(dark), "neu")).verified).toMatchObject({
      status: "Unknown",
      reason: "ZoneNotRead",
      message: "zone neu has not been read; the others are verified",
    });
  });

  it("is unknown for a route that was given another host, which leads to the same place", () => {
    const shop = { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" } as const;
    const renamed = edit(verifiedInTwo(), shop, ({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, serviceName: "basket" },
    }));
    expect(said(unreadZone(unreadZone(renamed, "weu"), "neu")).verified).toMatchObject({
      status: "Unknown",
      reason: "ZoneNotRead",
    });
    expect(said(renamed).verified).toMatchObject({ status: "Unknown", reason: "AwaitingPublication" });
  });

  it("is unknown for a Gateway that was given another host, at the same address", () => {
    const world = verifiedInTwo();
    const moved = edit(world, gateway, ({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, targetPostfix: "public" },
    }));
    const ofGateway = (at: World) =>
      desiredStatuses(runPass(at))
        .find(({ kind }) => kind === "Gateway")
        ?.conditions.find(({ type }) => type === "DNSVerified");
    expect(ofGateway(unreadZone(world, "neu"))).toMatchObject({ status: "True" });
    expect(ofGateway(moved)).toMatchObject({ status: "Unknown", reason: "AwaitingPublication" });
    expect(ofGateway(unreadZone(unreadZone(moved, "weu"), "neu"))).toMatchObject({ reason: "ZoneNotRead" });
  });

  it("stays true where the name is wanted in fewer zones", () => {
    const bound = { cluster: "w1", kind: "DNSPolicy", key: "shop/policy" } as const;
    const fewer = edit(verifiedInTwo(), bound, ({ spec: _bound, ...rest }) => ({ ...rest, spec: { mode: "Active" } }));
    expect(said(unreadZone(fewer, "weu")).verified).toMatchObject({
      status: "True",
      message: `${host} leads to ${target} in zone weu`,
    });
  });

  it("says at once that a verified record is gone, although another zone is only just wanted", () => {
    const bound = { cluster: "w1", kind: "DNSPolicy", key: "shop/policy" } as const;
    const one = edit(verifiedInTwo(), bound, ({ spec: _bound, ...rest }) => ({ ...rest, spec: { mode: "Active" } }));
    const inOne = removeRecord(settle(one).world, "neu", "CNAME", host);
    expect(said(inOne).verified).toMatchObject({ status: "True", message: `${host} leads to ${target} in zone weu` });
    const inTwo = edit(inOne, bound, (object) => ({
      ...object,
      spec: { mode: "RegionBound", sourceRegion: "weu" },
    }));
    expect(said(inTwo).verified).toMatchObject({ status: "Unknown", reason: "AwaitingPublication" });
    expect(said(removeRecord(inTwo, "weu", "CNAME", host)).verified).toMatchObject({
      status: "False",
      reason: "RecordMissing",
    });
  });

  it("speaks of no zone that is not configured", () => {
    const world = verifiedInTwo();
    const regions = world.configuration.regions.map((one) => (one.name === "neu" ? { ...one, zones: [] } : one));
    const zones = world.zones?.filter(({ region }) => region !== "neu") ?? [];
    const without = { ...world, zones, configuration: { ...world.configuration, regions } };
    expect(said(without).verified).toMatchObject({ status: "True", message: `${host} leads to ${target} in zone weu` });
  });
});

describe("Published while a zone cannot be read", () => {
  it("stays false where that zone once showed another owner", () => {
    const world = written(foreign(foreign(verifiedInTwo(), "weu"), "neu"));
    expect(said(world).published).toMatchObject({ status: "False", reason: "ForeignOwner" });
    expect(said(unreadZone(unreadZone(world, "weu"), "neu"))).toEqual(said(world));
  });
});

describe("DNSVerified of a route that does not parse any more", () => {
  const broken = (): World => written(breakObject(verifiedInTwo(), "w1", "ServiceRoute", "shop/cart"));

  it("goes on being looked at, for its DNSEndpoints stay", () => {
    expect(said(broken()).verified).toMatchObject({ status: "True", message: everywhere });
    const wrong = putRecord(broken(), "weu", recordSet("CNAME", host, "elsewhere.example.com"));
    expect(said(wrong).verified).toMatchObject({ status: "False", reason: "WrongTarget" });
  });

  it("takes Published back, and gives it again", () => {
    const taken = written(foreign(broken(), "weu"));
    expect(said(taken).published).toMatchObject({ status: "False", reason: "ForeignOwner" });
    expect(said(publish(taken)).published).toMatchObject({ status: "True" });
  });
});
