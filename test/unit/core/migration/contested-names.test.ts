import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contestedNames } from "../../../../shared/core/migration/contested-names.ts";
import type { DnsEndpoint, EndpointRecord } from "../../../../shared/model/cluster-objects.ts";
import { metaOf } from "../../../support/builders/objects.ts";

function endpoint(record: Partial<EndpointRecord> = {}, region: string | null = "weu"): DnsEndpoint {
  const labels = region === null ? {} : { "router.io/region": region };
  const full = { dnsName: "a.example.com", recordType: "CNAME", targets: ["w1.example.com"], ...record };
  return { meta: metaOf("DNSEndpoint", "shop/a", { labels }), spec: { endpoints: [full] } };
}

const of = (...each: readonly (readonly DnsEndpoint[])[]) =>
  Object.fromEntries(contestedNames(each.map((endpoints, index) => ({ cluster: `w${index + 1}`, endpoints }))));

const other = { targets: ["w2.example.com"] };

describe("contestedNames", () => {
  it.each<[string, readonly DnsEndpoint[], readonly DnsEndpoint[], number]>([
    ["two destinations", [endpoint()], [endpoint(other)], 1],
    ["one destination", [endpoint()], [endpoint()], 0],
    ["two TTLs of one destination", [endpoint({ recordTTL: 300 })], [endpoint({ recordTTL: 30 })], 0],
    ["two spellings of one name", [endpoint()], [endpoint({ ...other, dnsName: "A.example.com" })], 1],
    ["two regions", [endpoint()], [endpoint(other, "neu")], 0],
    ["a DNSEndpoint without region", [endpoint()], [endpoint(other, null)], 0],
    [
      "an A beside an AAAA",
      [endpoint({ recordType: "A", targets: ["10.0.0.1"] })],
      [endpoint({ recordType: "AAAA", targets: ["fd00::1"] })],
      0,
    ],
    ["a CNAME against an A", [endpoint()], [endpoint({ recordType: "A", targets: ["10.0.0.1"] })], 1],
    ["two destinations within one cluster, which is not about prefixes", [endpoint(), endpoint(other)], [], 0],
  ])("given %s, finds as many as there are", (_what, first, second, count) => {
    expect((of(first, second)["weu"] ?? []).length).toBe(count);
  });

  it("names the clusters, sorted", () => {
    expect(of([endpoint()], [endpoint(other)])).toEqual({ weu: [{ name: "a.example.com", clusters: ["w1", "w2"] }] });
  });

  it("says the same in any order of clusters", () => {
    const target = fc.constantFrom("x.example.com", "y.example.com");
    const name = fc.constantFrom("a.example.com", "b.example.com");
    const one = fc.record({ dnsName: name, targets: target.map((host) => [host]) }).map((record) => endpoint(record));
    const cluster = fc.record({
      cluster: fc.constantFrom("w1", "w2", "w3"),
      endpoints: fc.array(one, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(cluster, { maxLength: 4 }), (clusters) => {
        expect(Object.fromEntries(contestedNames(clusters.toReversed()))).toEqual(
          Object.fromEntries(contestedNames(clusters)),
        );
      }),
    );
  });
});
