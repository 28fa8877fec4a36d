import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathText } from "../../../shared/contracts/issues.ts";
import { parseWrittenZone, parseZoneFile, writtenZonePath } from "../../../shared/contracts/zone-file.ts";

const entry = (overrides: object = {}): object => ({
  name: "gw",
  type: "A",
  ttl: 30,
  aRecords: [{ ipv4Address: "10.0.0.1" }],
  ...overrides,
});
const cname = { type: "CNAME", aRecords: undefined, cnameRecord: { cname: "gw.example.com" } };

function faultsOf(read: ReturnType<typeof parseZoneFile> | ReturnType<typeof parseWrittenZone>): readonly string[] {
  return read.ok ? [] : read.faults.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

describe("parseZoneFile", () => {
  it("reads what az prints: nulls, fields of no interest, other types", () => {
    const printed = {
      aRecords: [{ ipv4Address: "10.1.0.4" }],
      aaaaRecords: null,
      cnameRecord: null,
      etag: "d9ab",
      fqdn: "W1-weu-public.example.com.",
      id: "/subscriptions/s/…/A/w1-weu-public",
      isAutoRegistered: false,
      metadata: null,
      name: "W1-weu-public",
      resourceGroup: "rg-weu",
      ttl: 30,
      txtRecords: null,
      type: "Microsoft.Network/privateDnsZones/A",
    };
    const soa = { name: "@", type: "Microsoft.Network/privateDnsZones/SOA", ttl: 3600, soaRecord: { serialNumber: 1 } };
    expect(parseZoneFile("example.com", [soa, printed])).toEqual({
      ok: true,
      value: [{ name: "w1-weu-public.example.com", type: "A", ttlSeconds: 30, values: ["10.1.0.4"], metadata: {} }],
    });
  });

  it("reads a zone without record sets", () => {
    expect(parseZoneFile("example.com", [])).toEqual({ ok: true, value: [] });
  });

  it.each([
    ["an empty file", null, [": is empty; write [] for a zone without record sets"]],
    ["something else than a list", { recordSets: [] }, [": must be a list of record sets"]],
    ["an entry that is none", [7], ["[0]: must be an object, not a number"]],
    ["a mistyped field", [entry({ tll: 3 })], ["[0].tll: is not known; did you mean ttl?"]],
    ["a missing ttl", [entry({ ttl: undefined })], ["[0].ttl: is required"]],
    ["a ttl of nothing", [entry({ ttl: 0 })], ["[0].ttl: must be at least 1"]],
    [
      "an address that is none",
      [entry({ aRecords: [{ ipv4Address: "10.0.0.1" }, { ipv4Address: "10.0.0" }] })],
      ["[0].aRecords[1].ipv4Address: must be an IPv4 address"],
    ],
    [
      "records of another type",
      [entry({ txtRecords: [{ value: ["a"] }] })],
      ["[0].txtRecords: does not belong to a record set of type A"],
    ],
    [
      "a type that no private zone has",
      [entry({ type: "NS" })],
      [expect.stringContaining('[0].type: is "NS"; known are')],
    ],
    [
      "a name with a final dot",
      [entry({ name: "gw." })],
      ["[0].name: must be relative to the zone, without final dot; @ is the zone itself"],
    ],
    [
      "a whole name, which would lie twice in the zone",
      [entry({ name: "gw.Example.com" })],
      ["[0].name: is relative to the zone: leave out .example.com, or write @ for the zone itself"],
    ],
    [
      "a record set that stands twice, in other spelling",
      [entry(), entry({ name: "GW" })],
      ["[1]: is A gw.example.com once more, after [0]; remove one"],
    ],
    [
      "a CNAME beside another type",
      [entry(), entry(cname)],
      ["[1]: is CNAME gw.example.com beside A at [0]: a CNAME stands alone"],
    ],
  ])("names the fault of %s", (_what, value, faults) => {
    expect(faultsOf(parseZoneFile("example.com", value))).toEqual(faults);
  });

  it("names every fault at once", () => {
    const value = [entry({ ttl: "x" }), entry({ name: "" }), entry({ metadata: { a: 1 } })];
    expect(faultsOf(parseZoneFile("example.com", value))).toEqual([
      "[0].ttl: must be a number, not a string",
      expect.stringMatching(/^\[1\]\.name: /),
      expect.stringMatching(/^\[1\]\.name: /),
      "[2].metadata.a: must be a string, not a number",
    ]);
  });

  it("answers any JSON with record sets or faults", () => {
    const keys = fc.constantFrom("name", "type", "ttl", "aRecords", "cnameRecord", "metadata");
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(keys, fc.jsonValue()))), (value) => {
        expect(() => parseZoneFile("example.com", value)).not.toThrow();
      }),
    );
  });
});

describe("parseWrittenZone", () => {
  it("reads what was written and deleted, each with what it stood over", () => {
    const value = {
      written: [entry({ over: "abc" }), entry({ name: "new" })],
      deleted: [{ name: "@", type: "TXT", over: "def" }],
    };
    const set = { type: "A", ttlSeconds: 30, values: ["10.0.0.1"], metadata: {} };
    expect(parseWrittenZone("example.com", value)).toEqual({
      ok: true,
      value: {
        written: [
          { name: "gw.example.com", over: "abc", ...set },
          { name: "new.example.com", ...set },
        ],
        deleted: [{ name: "example.com", type: "TXT", over: "def" }],
      },
    });
  });

  it.each([
    ["nothing", null, [": must be an object, not empty (null)"]],
    ["half of it", { written: [] }, ["deleted: is required"]],
    [
      "a damaged entry",
      { written: [entry({ ttl: 0 })], deleted: [7] },
      ["written[0].ttl: must be at least 1", "deleted[0]: must be an object, not a number"],
    ],
    [
      "one that stands twice",
      { written: [entry(), entry()], deleted: [] },
      ["written[1]: is A gw.example.com once more, after written[0]; remove one"],
    ],
  ])("names the faults of %s", (_what, value, faults) => {
    expect(faultsOf(parseWrittenZone("example.com", value))).toEqual(faults);
  });
});

describe("writtenZonePath", () => {
  it.each([
    ["zones/weu.yaml", "zones/weu.out.yaml"],
    ["weu.YML", "weu.out.yaml"],
  ])("of %s is %s", (file, expected) => expect(writtenZonePath(file)).toBe(expected));
});
