/** Ownership TXTs that decide about nothing any more, and those that only look so. */
import { describe, expect, it } from "vitest";
import type { RecordSet, RecordSetType } from "../../../../shared/model/zone-records.ts";
import type { World } from "../../../support/builders/fleet.ts";
import {
  GONE_HOST,
  GATEWAY_HOST,
  OWNER,
  tidyFleet,
  withRecords,
  garbageLines,
} from "../../../support/builders/litter.ts";
import { hostOf } from "../../../support/builders/objects.ts";
import { ownershipSet, recordSet, removeRecord } from "../../../support/builders/zones.ts";

/** A zone within the zone, with this one record at its apex. */
function withZone(world: World, record: RecordSet): World {
  const inner = (world.zones ?? []).map((outer) => ({
    ...outer,
    zone: record.name,
    listing: { read: "complete" as const, recordSets: [record] },
  }));
  return { ...world, zones: [...(world.zones ?? []), ...inner] };
}

describe("stray ownership", () => {
  const txt = ownershipSet("CNAME", GONE_HOST, OWNER);
  const oldPrefix = (type: RecordSetType, host: string, by = OWNER) => ({
    ...ownershipSet(type, host, by),
    name: `old.${type.toLowerCase()}-${host}`,
  });
  const cart = hostOf("shop/cart");

  it.each<readonly [string, RecordSet, string]>([
    ["the TXT of a record that is gone", txt, `ownership TXT ${txt.name}`],
    ["one of another prefix", oldPrefix("A", GONE_HOST), `ownership TXT old.a-${GONE_HOST}`],
    ["the TXT of a record that got another one", oldPrefix("CNAME", cart), `old-ownership TXT old.cname-${cart}`],
  ])("is %s", (_what, set, line) => {
    expect(garbageLines(withRecords(tidyFleet(), set))).toEqual([line]);
  });

  const apex = [recordSet("A", "example.com", "10.1.1.1"), ownershipSet("A", "example.com", "default")];

  it("is the TXT of a record that is gone, whatever stands at the apex of the zone", () => {
    expect(garbageLines(withRecords(tidyFleet(), ...apex, txt))).toEqual([`ownership TXT ${txt.name}`]);
  });

  const needed: readonly (readonly [string, (world: World) => World])[] = [
    ["a TXT whose record is wanted and only missing", (w) => removeRecord(w, "weu", "CNAME", cart)],
    ["one of another owner", (w) => withRecords(w, ownershipSet("CNAME", GONE_HOST, "default"))],
    ["a fence", (w) => withRecords(w, ownershipSet("CNAME", GONE_HOST, "service-router"))],
    ["one of a name that is not ours", (w) => withRecords(w, ownershipSet("A", "www.example.com", OWNER))],
    ["one below a gateway's name", (w) => withRecords(w, ownershipSet("A", `x.${GATEWAY_HOST}`, OWNER))],
    ["one of another prefix below a gateway's name", (w) => withRecords(w, oldPrefix("A", `x.${GATEWAY_HOST}`))],
    ["one made from a Service", (w) => withRecords(w, ownershipSet("A", GONE_HOST, OWNER, "service/shop/old"))],
    [
      "the older format beside a record that lives",
      (w) => withRecords(w, { ...ownershipSet("CNAME", cart, OWNER), name: `_xdns-.${cart}` }),
    ],
    [
      "the only TXT of a record, under another prefix",
      (w) => withRecords(w, recordSet("CNAME", GONE_HOST, GATEWAY_HOST), oldPrefix("CNAME", GONE_HOST)),
    ],
    [
      "an old TXT of a record that is fenced",
      (w) => withRecords(w, oldPrefix("CNAME", cart), ownershipSet("CNAME", cart, "service-router")),
    ],
    ["an old TXT of a foreign owner", (w) => withRecords(w, oldPrefix("CNAME", cart, "default"))],
    [
      "the TXT of a wildcard, which has a word for the star",
      (w) =>
        withRecords(
          w,
          recordSet("CNAME", `*.${GONE_HOST}`, GATEWAY_HOST),
          ownershipSet("CNAME", `any.${GONE_HOST}`, OWNER),
        ),
    ],
    ["the TXT of the apex", (w) => withRecords(w, ownershipSet("A", "example.com", OWNER))],
    ["one of another prefix of the apex", (w) => withRecords(w, oldPrefix("A", "example.com"))],
    [
      "the only TXT of a zone that has the name of its one host",
      (w) => withZone(withRecords(w, oldPrefix("A", GONE_HOST)), recordSet("A", GONE_HOST, "10.1.1.1")),
    ],
    ["a TXT that no version of ExternalDNS wrote", (w) => withRecords(w, recordSet("TXT", txt.name, "anything"))],
  ];

  it.each(needed)("is not %s", (_what, change) => {
    expect(garbageLines(change(tidyFleet()))).toEqual([]);
  });
});
