/** Whatever a fleet lived through and whatever lies in its zones: what anybody wants, or what is not ours, is never garbage. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordSetType } from "../../../../shared/model/zone-records.ts";
import { anyLivedFleet, runs } from "../../../support/builders/arbitraries.ts";
import { configure, unread } from "../../../support/builders/fleet.ts";
import { withRecords, foundIn, garbageLines } from "../../../support/builders/litter.ts";
import { runPass } from "../../../support/builders/pass.ts";
import {
  editZone,
  ownershipSet,
  recordSet,
  recordsOf,
  txtName,
  unreadZone,
  withZones,
} from "../../../support/builders/zones.ts";

/** A lived fleet with zones, and what may lie around in them. */
const anyLittered = fc
  .tuple(
    anyLivedFleet(),
    fc.array(
      fc.record({
        type: fc.constantFrom<RecordSetType[]>("A", "AAAA", "CNAME", "TXT"),
        host: fc.constantFrom(
          "web-ns-p-prod-shop",
          "api-ns-p-prod-shop",
          "w1-weu-internal",
          "n1-neu-public",
          "gone-ns-p-prod-shop",
          "www",
        ),
        owner: fc.constantFrom(
          "external-dns-weu",
          "external-dns-weu",
          "external-dns-weu",
          "default",
          "service-router",
          "none",
        ),
        prefix: fc.constantFrom("_xdns-%{record_type}.", "_xdns-%{record_type}.", "old.", ""),
      }),
      { maxLength: 10 },
    ),
  )
  .map(([{ world }, scraps]) => {
    const start = withZones(world);
    return scraps.reduce((current, { type, host, owner: by, prefix }) => {
      const name = `${host}.example.com`;
      const record =
        type === "TXT"
          ? []
          : [recordSet(type, name, type === "A" ? "10.9.9.9" : type === "AAAA" ? "fd00::9" : "else.example.com")];
      const of = type === "TXT" ? "CNAME" : type;
      const typed = prefix.includes("%") ? txtName(of, name) : `${prefix}${of.toLowerCase()}-${name}`;
      const txt = by === "none" ? [] : [{ ...ownershipSet(of, name, by), name: typed }];
      return withRecords(current, ...record, ...txt);
    }, start);
  });

describe("garbage of any fleet", () => {
  it("is never claimed or published by anybody, of no foreign OWNER, and new when no pass has seen it", () => {
    fc.assert(
      fc.property(anyLittered, (world) => {
        const pass = runPass(world);
        const published = new Set(
          world.clusters.flatMap((one) =>
            [...one.objects.values()].flatMap((entry) =>
              entry.kind === "DNSEndpoint"
                ? entry.object.spec.endpoints.map(
                    ({ dnsName, recordType }) =>
                      `${entry.object.meta.labels["router.io/region"]} ${recordType} ${dnsName}`,
                  )
                : [],
            ),
          ),
        );
        for (const { region, kind, record, txts, firstSeenAtMs } of pass.garbage.found) {
          const contest = pass.desired.zones.get(region)?.get(record.name);
          const claimed = [contest?.winner, ...(contest?.losers ?? [])].flatMap(
            (claim) => claim?.content.split(" ")[0] ?? [],
          );
          expect(claimed).not.toContain(record.type);
          expect(published).not.toContain(`${region} ${record.type} ${record.name}`);
          for (const txt of kind === "record" ? txts : [record]) {
            expect(txt.values.join()).toContain(`external-dns/owner=external-dns-${region},`);
          }
          expect(firstSeenAtMs).toBe(world.nowMs);
        }
      }),
      runs,
    );
  });

  it("takes no last record from a name that anybody wants", () => {
    fc.assert(
      fc.property(anyLittered, (world) => {
        const pass = runPass(world);
        for (const { region, record } of pass.garbage.found) {
          const wanted = pass.wanted.contentsAt(region, record.name);
          if (wanted.length === 0 || record.type === "TXT") continue;
          const left = recordsOf(world, region).filter(
            (one) => one.name === record.name && one.type !== "TXT" && one.type !== record.type,
          );
          expect(left.map(({ type }) => type)).toEqual(
            expect.arrayContaining(wanted.map((content) => content.split(" ")[0])),
          );
        }
      }),
      runs,
    );
  });

  it("leaves nothing that still needs what is gone: no live record loses its ownership", () => {
    fc.assert(
      fc.property(anyLittered, (world) => {
        const gone = new Set(
          runPass(world).garbage.found.flatMap(({ region, record, txts }) =>
            [record, ...txts].map((one) => `${region} ${one.type} ${one.name}`),
          ),
        );
        for (const { name: region } of world.configuration.regions) {
          for (const { type, name } of recordsOf(world, region)) {
            if (type === "TXT" || gone.has(`${region} ${type} ${name}`)) continue;
            expect(gone).not.toContain(`${region} TXT ${txtName(type, name)}`);
          }
        }
      }),
      runs,
    );
  });

  it("is nothing at all while a required kind of any cluster is not read", () => {
    fc.assert(
      fc.property(anyLittered, fc.constantFrom("DNSEndpoint", "ServiceRoute", "Gateway", "Service"), (world, kind) => {
        const dark = unread(configure(world, "w1", { writes: "apply" }), "w1", [kind]);
        expect(foundIn(dark)).toEqual([]);
      }),
      runs,
    );
  });

  it("of a zone that was not read is nothing, and the others do not change", () => {
    fc.assert(
      fc.property(anyLittered, (world) => {
        const others = foundIn(world).filter(({ region }) => region !== "weu");
        expect(foundIn(unreadZone(world, "weu"))).toEqual(others);
      }),
      runs,
    );
  });

  it("is the same in whatever order the zone is listed", () => {
    fc.assert(
      fc.property(anyLittered, (world) => {
        const turned = editZone(world, "weu", (sets) => sets.toReversed());
        expect(garbageLines(turned)).toEqual(garbageLines(world));
      }),
      runs,
    );
  });
});
