import { describe, expect, it } from "vitest";
import { clusterFindings, isReached } from "../../../../shared/core/diagnosis/cluster-findings.ts";
import { doctorReads } from "../../../../shared/core/diagnosis/doctor-reads.ts";
import { reads } from "../../../../shared/core/service-routing/reads.ts";
import type { Kind, Listing, Listings } from "../../../../shared/model/kinds.ts";
import { metaOf } from "../../../support/builders/objects.ts";

const kinds: readonly Kind[] = [...reads, ...doctorReads].map(({ kind }) => kind);
const ours: readonly Kind[] = ["ClusterIdentity", "DNSConfiguration", "DNSPolicy", "Gateway", "ServiceRoute"];
const empty: Listing<never> = { read: "complete", objects: [], rejected: [] };

/** Everything read, but for what is given by kind: the code of why it was not. */
function listings(codes: Partial<Record<Kind, string>> | string): Listings {
  return Object.fromEntries(
    kinds.map((kind): [Kind, Listing<never>] => {
      const code = typeof codes === "string" ? codes : codes[kind];
      return [kind, code === undefined ? empty : { read: "not-read", code, reason: `${kind} ${code}` }];
    }),
  );
}

const codesOf = (read: Listings, rightsAsked = true) =>
  clusterFindings("w1", read, rightsAsked).map(({ code, severity, object = "" }) =>
    `${severity} ${code} ${object}`.trim(),
  );

const without = (kindsWithout: readonly Kind[], code = "KIND_NOT_SERVED") =>
  listings(Object.fromEntries(kindsWithout.map((kind) => [kind, code])));

describe("clusterFindings", () => {
  it("says nothing of a cluster that was read", () => expect(codesOf(listings({}))).toEqual([]));

  it.each([
    ["CONFIGURATION", "correct what the reason names"],
    ["CLUSTER_UNREACHABLE", "network path"],
    ["CLUSTER_UNAUTHORIZED", "renew the credential"],
    ["CLUSTER_CERTIFICATE", "the server name"],
    ["LIST_INCOMPLETE", "repair what the reason names"],
  ])("says what to do about %s", (code, fix) => {
    expect(clusterFindings("w1", listings(code), false)[0]?.fix).toContain(fix);
  });

  it.each(["CLUSTER_UNREACHABLE", "CLUSTER_UNAUTHORIZED", "CLUSTER_CERTIFICATE", "CONFIGURATION"])(
    "names one that answers %s to everything, once",
    (code) => expect(codesOf(listings(code))).toEqual(["critical ClusterNotRead"]),
  );

  it("says that our kinds are not there, and calls it no error", () => {
    expect(codesOf(without(ours))).toEqual(["info CrdsMissing"]);
  });

  it("says it of a bare cluster without DNSEndpoints and Istio, too", () => {
    expect(codesOf(without([...ours, "DNSEndpoint", "IstioGateway", "VirtualService"]))).toEqual([
      "info CrdsMissing",
      "warning DnsEndpointsNotServed",
      "info KindNotRead IstioGateway",
      "info KindNotRead VirtualService",
    ]);
  });

  it("names a single kind of ours that is missing among the others", () => {
    expect(codesOf(without(["Gateway"]))).toEqual(["info KindNotRead Gateway"]);
  });

  it("names a list that was not read to its end", () => {
    expect(codesOf(without(["EndpointSlice"], "LIST_INCOMPLETE"))).toEqual(["warning KindNotRead EndpointSlice"]);
  });

  it("leaves what may not be listed to the rights, where those could be asked for", () => {
    expect(codesOf(listings("FORBIDDEN"))).toEqual([]);
    expect(codesOf(without(["DNSEndpoint"], "FORBIDDEN"), false)).toEqual(["warning KindNotRead DNSEndpoint"]);
  });

  it("names objects that do not parse", () => {
    const rejected = [{ meta: metaOf("ServiceRoute", "shop/cart"), issues: ["x"], status: {} }];
    const read = { ...listings({}), ServiceRoute: { read: "complete", objects: [], rejected } } as const;
    expect(clusterFindings("w1", read, true)).toMatchObject([
      { code: "ObjectInvalid", what: "1 object does not parse", names: ["shop/cart"] },
    ]);
  });
});

describe("isReached", () => {
  it.each([
    ["nothing is served", "KIND_NOT_SERVED", true],
    ["nothing is allowed", "FORBIDDEN", true],
    ["nothing answers", "CLUSTER_UNREACHABLE", false],
  ])("where %s", (_what, code, reached) => expect(isReached(listings(code))).toBe(reached));
});
