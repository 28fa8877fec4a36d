/** What of a zone is garbage: never what anybody may still want, never what is not ours, never before its time. */
import { describe, expect, it } from "vitest";
import { newOwnershipValue } from "../../../../shared/core/verification/ownership.ts";
import type { RecordSet } from "../../../../shared/model/zone-records.ts";
import {
  add,
  changeCluster,
  cluster,
  configure,
  fleet,
  ingress,
  later,
  remove,
  unread,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  litter,
  GONE_HOST,
  GATEWAY_HOST,
  OWNER,
  tidyFleet,
  withRecords,
  litterLine,
  foundIn,
  garbageLines,
} from "../../../support/builders/litter.ts";
import { cname, dnsEndpoint, hostOf, policy, route, unparsable } from "../../../support/builders/objects.ts";
import { collectGarbage, play, runPass, settle } from "../../../support/builders/pass.ts";
import {
  ownershipSet,
  publish,
  recordSet,
  removeRecord,
  txtName,
  unreadZone,
  withZones,
} from "../../../support/builders/zones.ts";

const minute = 60_000;
const hour = 60 * minute;

describe("findGarbage", () => {
  it("finds nothing in a zone that holds what is wanted", () => {
    expect(garbageLines(tidyFleet())).toEqual([]);
  });

  it("finds a record of our grammar and owner that nobody wants, with its ownership", () => {
    expect(garbageLines(withRecords(tidyFleet(), ...litter))).toEqual([litterLine]);
  });

  it("finds what a deleted route left behind", () => {
    const world = remove(tidyFleet(), "w1", "ServiceRoute", "shop/cart");
    const gone = settle(collectGarbage(world)).world;
    const host = hostOf("shop/cart");
    expect(garbageLines(gone)).toEqual([`record CNAME ${host} ${txtName("CNAME", host)}`]);
  });

  const notGarbage: readonly (readonly [string, (world: World) => World])[] = [
    [
      "a name of another grammar",
      (w) => withRecords(w, recordSet("A", "www.example.com", "10.1.1.1"), ownershipSet("A", "www.example.com", OWNER)),
    ],
    [
      "a name with an empty part",
      (w) =>
        withRecords(
          w,
          recordSet("A", "a-ns-p-.example.com", "10.1.1.1"),
          ownershipSet("A", "a-ns-p-.example.com", OWNER),
        ),
    ],
    [
      "a record of another owner",
      (w) => withRecords(w, recordSet("CNAME", GONE_HOST, GATEWAY_HOST), ownershipSet("CNAME", GONE_HOST, "default")),
    ],
    [
      "a fenced record",
      (w) =>
        withRecords(w, recordSet("CNAME", GONE_HOST, GATEWAY_HOST), ownershipSet("CNAME", GONE_HOST, "service-router")),
    ],
    ["an orphan", (w) => withRecords(w, recordSet("CNAME", GONE_HOST, GATEWAY_HOST))],
    [
      "an ownership that cannot be read",
      (w) =>
        withRecords(
          w,
          recordSet("CNAME", GONE_HOST, GATEWAY_HOST),
          recordSet("TXT", txtName("CNAME", GONE_HOST), '"3b+Q9=="'),
        ),
    ],
    [
      "a record made from a Service",
      (w) =>
        withRecords(w, recordSet("A", GONE_HOST, "10.1.1.1"), ownershipSet("A", GONE_HOST, OWNER, "service/shop/old")),
    ],
    [
      "an ownership TXT with a second value",
      (w) =>
        withRecords(w, recordSet("CNAME", GONE_HOST, GATEWAY_HOST), {
          ...ownershipSet("CNAME", GONE_HOST, OWNER),
          values: ['"heritage=external-dns,external-dns/owner=external-dns-weu"', '"v=spf1 -all"'],
        }),
    ],
    [
      "a name that a DNSEndpoint of anybody publishes",
      (w) =>
        withRecords(
          add(w, "w1", dnsEndpoint("team/x", [cname(GONE_HOST, "else.example.com")], { ours: false })),
          ...litter,
        ),
    ],
    [
      "a name published with a final dot",
      (w) =>
        withRecords(
          add(w, "w1", dnsEndpoint("team/x", [cname(`${GONE_HOST}.`, "else.example.com")], { ours: false })),
          ...litter,
        ),
    ],
    [
      "a name of a DNSEndpoint without region",
      (w) => {
        const { kind, object } = dnsEndpoint("team/x", [cname(GONE_HOST, "else.example.com")], { ours: false });
        return withRecords(
          add(w, "w1", { kind, object: { ...object, meta: { ...object.meta, labels: {} } } }),
          ...litter,
        );
      },
    ],
    [
      "a CNAME whose name somebody wants as an address: it would be left with nothing",
      (w) =>
        withRecords(
          removeRecord(w, "weu", "A", GATEWAY_HOST),
          recordSet("CNAME", GATEWAY_HOST, "else.example.com"),
          ownershipSet("CNAME", GATEWAY_HOST, OWNER),
        ),
    ],
    [
      "an ownership that also decides about another record",
      (w) => {
        const bare = {
          ...w,
          configuration: {
            ...w.configuration,
            regions: w.configuration.regions.map((one) => ({
              ...one,
              externalDns: { ...one.externalDns, txtPrefix: "" },
            })),
          },
        };
        const other = `a-${GONE_HOST}`;
        return withRecords(
          bare,
          recordSet("A", GONE_HOST, "10.1.1.1"),
          { ...ownershipSet("A", GONE_HOST, OWNER), name: other },
          recordSet("A", other, "10.1.1.2"),
        );
      },
    ],
  ];

  it.each(notGarbage)("does not find %s", (_what, change) => {
    expect(garbageLines(change(tidyFleet()))).toEqual([]);
  });

  it("takes away both formats of an ownership", () => {
    const untyped = { ...ownershipSet("CNAME", GONE_HOST, OWNER), name: `_xdns-.${GONE_HOST}` };
    expect(garbageLines(withRecords(tidyFleet(), ...litter, untyped))).toEqual([`${litterLine} ${untyped.name}`]);
  });

  it.each<readonly [string, RecordSet]>([
    ["of another owner", ownershipSet("CNAME", GONE_HOST, "default")],
    ["made from a Service", ownershipSet("CNAME", GONE_HOST, OWNER, "service/shop/old")],
    [
      "with a second value",
      {
        ...ownershipSet("CNAME", GONE_HOST, OWNER),
        values: [newOwnershipValue(OWNER, "crd/shop/old"), '"v=spf1 -all"'],
      },
    ],
  ])("leaves alone the older format %s", (_what, txt) => {
    const untyped = { ...txt, name: `_xdns-.${GONE_HOST}` };
    expect(garbageLines(withRecords(tidyFleet(), ...litter, untyped))).toEqual([litterLine]);
  });

  it("finds A and AAAA of a host each with its own ownership", () => {
    const both = (["A", "AAAA"] as const).flatMap((type) => [
      recordSet(type, GONE_HOST, type === "A" ? "10.1.1.1" : "fd00::1"),
      ownershipSet(type, GONE_HOST, OWNER),
    ]);
    expect(garbageLines(withRecords(tidyFleet(), ...both))).toEqual([
      `record A ${GONE_HOST} ${txtName("A", GONE_HOST)}`,
      `record AAAA ${GONE_HOST} ${txtName("AAAA", GONE_HOST)}`,
    ]);
  });

  it("finds an AAAA that a gateway lost, beside the A that it has, and says that the name goes on", () => {
    const world = withRecords(
      tidyFleet(),
      recordSet("AAAA", GATEWAY_HOST, "fd00::1"),
      ownershipSet("AAAA", GATEWAY_HOST, OWNER),
    );
    expect(foundIn(world)).toMatchObject([{ kind: "record", record: { type: "AAAA" }, endsName: false }]);
    expect(garbageLines(removeRecord(world, "weu", "A", GATEWAY_HOST))).toEqual([]);
  });

  it("keeps what a CNAME that stays leads to, and takes a whole chain that nobody wants", () => {
    const gateway = "gone-weu-internal.example.com";
    const address = [recordSet("A", gateway, "10.1.1.1"), ownershipSet("A", gateway, OWNER)];
    const world = withRecords(tidyFleet(), ...address, recordSet("CNAME", GONE_HOST, gateway));
    expect(garbageLines(world)).toEqual([]);
    const chain = withRecords(world, ownershipSet("CNAME", GONE_HOST, OWNER));
    expect(foundIn(chain).map(({ record }) => record.name)).toEqual([gateway, GONE_HOST]);
    const led = withRecords(chain, recordSet("CNAME", "www.example.com", GONE_HOST));
    expect(garbageLines(led)).toEqual([]);
  });

  it("judges by the inner one of two nested zones", () => {
    const world = withRecords(tidyFleet(), ...litter);
    const [outer] = world.zones ?? [];
    const inner =
      outer === undefined
        ? []
        : [{ ...outer, zone: "shop.example.com", listing: { read: "complete" as const, recordSets: [] } }];
    const shadowed = "old-ns-p-prod-x.shop.example.com";
    const nested = withRecords(
      world,
      recordSet("CNAME", shadowed, GATEWAY_HOST),
      ownershipSet("CNAME", shadowed, OWNER),
    );
    expect(garbageLines({ ...nested, zones: [...(nested.zones ?? []), ...inner] })).toEqual([litterLine]);
  });
});

describe("the time of garbage", () => {
  it("runs from the first pass that saw it, and is due an hour later", () => {
    const world = withRecords(tidyFleet(), ...litter);
    const [first] = foundIn(world);
    expect(first).toMatchObject({ isNew: true, firstSeenAtMs: world.nowMs, dueAtMs: world.nowMs + hour });
    const [second] = foundIn(later(play(world).after, hour));
    expect(second).toMatchObject({ isNew: false, firstSeenAtMs: world.nowMs, dueAtMs: world.nowMs + hour });
  });

  it("begins anew once somebody wanted it, and after the store was lost", () => {
    const world = later(play(withRecords(tidyFleet(), ...litter)).after, hour);
    const claimed = play(add(world, "w1", route("shop/old"))).after;
    const again = later(settle(collectGarbage(remove(claimed, "w1", "ServiceRoute", "shop/old"))).world, 1);
    expect(again.memory.since.garbage[`weu|${GONE_HOST}|CNAME`]?.firstSeenAtMs).toBeGreaterThanOrEqual(world.nowMs);
    const lost = { ...world, memory: { ...world.memory, since: { ...world.memory.since, garbage: {} } } };
    expect(foundIn(lost)).toMatchObject([{ isNew: true, firstSeenAtMs: world.nowMs }]);
  });

  /** What may be wanted and dropped while nobody can judge: a cluster, or the zone, is not read. */
  const blind: readonly (readonly [string, (world: World) => World])[] = [
    ["a cluster is not read", (world) => unread(world, "w1", "all")],
    ["the zone is not read", (world) => unreadZone(world, "weu")],
  ];

  it.each(blind)("runs on for some minutes while %s", (_what, darken) => {
    const world = play(withRecords(tidyFleet(), ...litter)).after;
    const { memory } = play(later(darken(world), 10 * minute)).after;
    expect(memory.since.garbage).toEqual(world.memory.since.garbage);
    expect(foundIn(later({ ...world, memory }, 20 * minute))).toMatchObject([{ firstSeenAtMs: world.nowMs }]);
  });

  it.each(blind)("begins anew after half an hour in which %s", (_what, darken) => {
    let world = later(play(withRecords(tidyFleet(), ...litter)).after, 50 * minute);
    for (let pass = 0; pass < 3; pass += 1) {
      const { memory } = play(darken(world)).after;
      world = later({ ...world, memory }, 10 * minute);
    }
    expect(foundIn(world)).toMatchObject([{ isNew: true, firstSeenAtMs: world.nowMs }]);
  });

  it("goes on in every pass, however long they see it, without a write of the store for each", () => {
    const start = play(withRecords(tidyFleet(), ...litter)).after;
    expect(play(later(start, minute)).after.memory.since.garbage).toEqual(start.memory.since.garbage);
    let world = start;
    for (let pass = 0; pass < 12; pass += 1) world = play(later(world, 4 * minute)).after;
    const dark = play(later(unread(world, "w1", "all"), minute)).after.memory.since.garbage;
    expect(dark).toEqual(world.memory.since.garbage);
    expect(foundIn(world)).toMatchObject([{ isNew: false, firstSeenAtMs: start.nowMs }]);
  });

  it("holds for a person who comes back the next day, and not for one who comes back next week", () => {
    const world = play(withRecords(tidyFleet(), ...litter)).after;
    expect(foundIn(later(world, 24 * hour))).toMatchObject([{ isNew: false, dueAtMs: world.nowMs + hour }]);
    expect(foundIn(later(world, 7 * 24 * hour))).toMatchObject([{ isNew: true }]);
  });

  it("is forgotten with the zone that leaves the configuration", () => {
    const world = play(withRecords(tidyFleet(), ...litter)).after;
    const regions = world.configuration.regions.map((region) => ({ ...region, zones: [] }));
    const { after } = play({ ...world, configuration: { ...world.configuration, regions }, zones: [] });
    expect(after.memory.since.garbage).toEqual({});
  });
});

describe("what is not known", () => {
  it("stops every judgement while a cluster is not read completely", () => {
    const judgement = runPass(unread(withRecords(tidyFleet(), ...litter), "w1", ["DNSEndpoint"])).garbage;
    expect(judgement).toMatchObject({ found: [], blocked: "not every cluster was read completely (w1)" });
  });

  it("does not wait for a cluster that a person gave up", () => {
    const two = settle(
      withZones(
        fleet([
          cluster("w1", { objects: [...ingress(), policy("shop")] }),
          cluster("w2", { objects: ingress("10.0.0.2") }),
        ]),
      ),
    ).world;
    const world = configure(unread(withRecords(publish(two), ...litter), "w2", "all"), "w2", { writes: "retiring" });
    expect(garbageLines(world)).toContain(litterLine);
  });

  it("leaves a region out where a DNSEndpoint cannot be understood", () => {
    const broken = unparsable("DNSEndpoint", "team/broken");
    const world = changeCluster(withRecords(tidyFleet(), ...litter), "w1", (one) => ({
      ...one,
      rejected: new Map([["DNSEndpoint team/broken", broken]]),
    }));
    const { garbage } = runPass(world);
    expect(garbage.found).toEqual([]);
    expect(garbage.skipped).toEqual([
      { region: "weu", reason: expect.stringContaining("DNSEndpoint team/broken of cluster w1") },
    ]);
  });

  it("leaves a region out of which a zone was not read", () => {
    const { garbage } = runPass(unreadZone(withRecords(tidyFleet(), ...litter), "weu"));
    expect(garbage).toMatchObject({ found: [], skipped: [{ region: "weu" }] });
  });
});
