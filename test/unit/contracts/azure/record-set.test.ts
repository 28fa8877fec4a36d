import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readRecordSet,
  recordFieldsOf,
  recordSetTypeOf,
  relativeName,
  wholeName,
} from "../../../../shared/contracts/azure/record-set.ts";

const wire = (properties: object, overrides: object = {}): unknown => ({
  id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/example.com/A/gw",
  name: "gw",
  type: "Microsoft.Network/privateDnsZones/A",
  etag: "95d1",
  properties: { ttl: 30, fqdn: "gw.example.com.", isAutoRegistered: false, ...properties },
  ...overrides,
});

describe("readRecordSet", () => {
  it.each([
    ["A", { aRecords: [{ ipv4Address: "10.0.0.2" }, { ipv4Address: "10.0.0.1" }] }, ["10.0.0.1", "10.0.0.2"]],
    ["AAAA", { aaaaRecords: [{ ipv6Address: "FD00::1" }] }, ["fd00::1"]],
    ["CNAME", { cnameRecord: { cname: "GW.Example.com." } }, ["gw.example.com"]],
    ["TXT", { txtRecords: [{ value: ["ab", "c"] }, { value: ["aa"] }] }, ["aa", "abc"]],
    ["A", {}, []],
    ["CNAME", { cnameRecord: null }, []],
    ["TXT", { txtRecords: [{ value: [] }] }, [""]],
  ])("reads values of type %s sorted: %j", (type, properties, values) => {
    const read = readRecordSet("example.com", wire(properties, { type }));
    expect(read).toMatchObject({ is: "record-set", recordSet: { values, ttlSeconds: 30, etag: "95d1" } });
  });

  it("reads whole names in lower case, the apex, and metadata", () => {
    const metadata = { revision: "7", odd: 5 };
    const read = readRecordSet("example.com", wire({ metadata }, { name: "Api.GW" }));
    expect(read).toMatchObject({ recordSet: { name: "api.gw.example.com", metadata: { revision: "7" } } });
    expect(readRecordSet("example.com", wire({}, { name: "@" }))).toMatchObject({ recordSet: { name: "example.com" } });
  });

  it.each(["MX", "SOA", "SRV", "PTR"])("passes over type %s", (type) => {
    const entry = wire({}, { type: `Microsoft.Network/privateDnsZones/${type}` });
    expect(readRecordSet("example.com", entry)).toEqual({ is: "other-type" });
  });

  it.each([
    ["no type", wire({}, { type: undefined })],
    ["no name", wire({}, { name: "" })],
    ["no etag", wire({}, { etag: undefined })],
    ["no ttl", wire({ ttl: undefined })],
    ["no object", null],
  ])("calls an entry with %s a fault", (_what, entry) => {
    expect(readRecordSet("example.com", entry)).toMatchObject({ is: "fault" });
  });

  it("never throws, whatever Azure sends", () => {
    const keys = fc.constantFrom("name", "type", "etag", "properties", "ttl", "aRecords", "txtRecords", "cnameRecord");
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())), (entry) => {
        expect(() => readRecordSet("example.com", entry)).not.toThrow();
      }),
    );
  });
});

describe("recordFieldsOf", () => {
  const write = { name: "x.example.com", ttlSeconds: 60, metadata: { by: "us" }, expected: "absent" } as const;

  it("writes a TXT value in strings of at most 255 bytes, no character cut", () => {
    const texts = fc.array(fc.string({ unit: "binary", maxLength: 700 }), { maxLength: 3 });
    fc.assert(
      fc.property(texts, (values) => {
        const fields = recordFieldsOf({ ...write, type: "TXT", values });
        const records = fields.txtRecords as readonly { readonly value: readonly string[] }[];
        for (const text of records.flatMap(({ value }) => value)) {
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(255);
        }
        expect(records.map(({ value }) => value.join(""))).toEqual(values);
      }),
    );
  });

  it("is read back as it was written", () => {
    const properties = recordFieldsOf({ ...write, type: "AAAA", values: ["fd00::1", "fd00::2"] });
    expect(readRecordSet("example.com", { name: "x", type: "AAAA", etag: "e", properties })).toEqual({
      is: "record-set",
      recordSet: {
        name: "x.example.com",
        type: "AAAA",
        ttlSeconds: 60,
        values: ["fd00::1", "fd00::2"],
        etag: "e",
        metadata: { by: "us" },
      },
    });
  });
});

describe("names", () => {
  it.each([
    ["@", "example.com"],
    ["a", "a.example.com"],
    ["*.a", "*.a.example.com"],
  ])("are relative and whole: %s and %s", (relative, whole) => {
    expect([wholeName(relative, "example.com"), relativeName(whole, "example.com")]).toEqual([whole, relative]);
  });

  it("of another zone have no relative form", () => {
    expect(relativeName("a.badexample.com", "example.com")).toBeUndefined();
  });
});

describe("recordSetTypeOf", () => {
  it.each([
    ["Microsoft.Network/privateDnsZones/A", "A"],
    ["microsoft.network/privatednszones/cname", "CNAME"],
    ["TXT", "TXT"],
    ["NS", undefined],
  ])("reads %s as %s", (type, expected) => expect(recordSetTypeOf(type)).toBe(expected));
});
