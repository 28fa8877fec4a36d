/** The five kinds that teams write: what parses, into what, and with which words it is rejected. */
import { describe, expect, it } from "vitest";
import { isKind, kindTable } from "../../../shared/contracts/kinds.ts";
import type { Parsed } from "../../../shared/contracts/parsed.ts";
import {
  acceptedAsBefore,
  clusterIdentity,
  dnsConfiguration,
  dnsPolicy,
  gateway,
  refusedByAdmission,
  refusedByBoth,
  serviceRoute,
  type TestObject,
} from "./objects.ts";

function parse(object: TestObject): Parsed<unknown> {
  if (!isKind(object.kind)) throw new Error(`${object.kind} is no kind`);
  return kindTable[object.kind].parse(object);
}

function specOf(object: TestObject): unknown {
  const parsed = parse(object);
  if (!parsed.ok) throw new Error(parsed.rejected.issues.join("\n"));
  return typeof parsed.value === "object" && parsed.value !== null && "spec" in parsed.value
    ? parsed.value.spec
    : undefined;
}

const identity = { region: "weu", cluster: "aks01", domain: "example.com", environmentLetter: "p" };
const entrance = {
  controller: "aks-istio-ingressgateway-internal",
  credentialName: "wildcard",
  targetPostfix: "internal",
};
const route = { serviceName: "orders", gatewayName: "internal", environment: "prod", application: "shop" };

describe("the parsers of our kinds", () => {
  it.each([
    ["an identity that adopts nothing", clusterIdentity(), { ...identity, adoptsRegions: [] }],
    [
      "adopted regions in order",
      clusterIdentity({ adoptsRegions: ["neu", "frc"] }),
      { ...identity, adoptsRegions: ["neu", "frc"] },
    ],
    [
      "a region that stands twice, and the own one",
      clusterIdentity({ adoptsRegions: ["frc", "weu", "frc"] }),
      { ...identity, adoptsRegions: ["frc", "weu"] },
    ],
    [
      "an instance that stands twice",
      dnsConfiguration([
        { name: "a", region: "weu" },
        { name: "b", region: "neu" },
        { name: "a", region: "weu" },
      ]),
      {
        externalDNSControllers: [
          { name: "a", region: "weu" },
          { name: "b", region: "neu" },
        ],
      },
    ],
    ["an empty policy", dnsPolicy(), { mode: "Active" }],
    ["a policy with empty restrictions", dnsPolicy({ sourceRegion: "", sourceCluster: "" }), { mode: "Active" }],
    [
      "a bound policy",
      dnsPolicy({ mode: "RegionBound", sourceRegion: "weu", sourceCluster: "aks01" }),
      { mode: "RegionBound", sourceRegion: "weu", sourceCluster: "aks01" },
    ],
    ["a gateway without options", gateway(), entrance],
    [
      "a gateway with all options",
      gateway({
        httpsRedirect: false,
        minProtocolVersion: "TLSV1_3",
        allowedNamespaces: { from: "Selector", matchLabels: { "a.b/c": "" } },
      }),
      {
        ...entrance,
        httpsRedirect: false,
        minProtocolVersion: "TLSV1_3",
        allowedNamespaces: { from: "Selector", matchLabels: { "a.b/c": "" } },
      },
    ],
    [
      "a gateway for its own namespace",
      gateway({ allowedNamespaces: { from: "Same" } }),
      { ...entrance, allowedNamespaces: { from: "Same" } },
    ],
    ["a route without options", serviceRoute(), route],
    ["a route with an empty gateway namespace", serviceRoute({ gatewayNamespace: "" }), route],
    [
      "a route with all options",
      serviceRoute({ gatewayNamespace: "istio-system", ttlSeconds: 86_400 }),
      { ...route, gatewayNamespace: "istio-system", ttlSeconds: 86_400 },
    ],
  ])("read %s", (_what, object, spec) => {
    expect(specOf(object)).toEqual(spec);
  });

  it("read a policy that has no spec at all", () => {
    const { spec: _none, ...bare } = dnsPolicy();
    expect(specOf(bare)).toEqual({ mode: "Active" });
  });

  it.each(refusedByBoth)("reject %s with the path", (_what, object, issue) => {
    const parsed = parse(object);
    expect(parsed.ok ? [] : parsed.rejected.issues).toEqual([expect.stringContaining(issue)]);
  });

  it.each(refusedByAdmission)("read %s, which only admission refuses", (_what, object) => {
    expect(parse(object).ok).toBe(true);
  });

  it.each(acceptedAsBefore)("judge %s as the predecessor's controllers did", (_what, object, { parses }) => {
    expect(parse(object).ok).toBe(parses);
  });

  it("name every fault of an object at once, metadata first", () => {
    const parsed = parse({
      ...serviceRoute({ serviceName: 7, ttlSeconds: 0.5, x: 1 }),
      metadata: { name: "", namespace: "shop" },
    });
    expect(parsed.ok ? [] : parsed.rejected.issues).toEqual([
      "metadata.name: must be a string that is not empty",
      "spec.serviceName: must be a string, not a number",
      "spec.ttlSeconds: must be a whole number",
      expect.stringContaining("spec.x: is not known"),
    ]);
  });

  it("keep metadata and status of a rejected object, so that it can be answered", () => {
    const metadata = { name: "orders", namespace: "shop", uid: "u-1", generation: 4 };
    const status = { phase: "Active", conditions: [{ type: "Ready", status: "True" }] };
    const parsed = parse({ ...serviceRoute({ serviceName: undefined }), metadata, status });
    expect(parsed).toMatchObject({
      ok: false,
      rejected: {
        meta: { name: "orders", namespace: "shop", uid: "u-1", generation: 4 },
        issues: ["spec.serviceName: is required"],
        status: { phase: "Active", conditions: [{ type: "Ready", status: "True", reason: "" }] },
      },
    });
  });

  it.each([
    ["a word", "ready"],
    ["a list", [1]],
    ["broken conditions", { conditions: { Ready: true }, phase: 7 }],
  ])("never reject an object for its status: %s", (_what, status) => {
    expect(parse({ ...serviceRoute(), status }).ok).toBe(true);
  });
});
