import { describe, expect, it } from "vitest";
import { diagnoseFleet, type DiagnosisRequest } from "../../../shared/app/diagnose-fleet.ts";
import {
  ClusterUnreachableError,
  ForbiddenError,
  KindNotServedError,
  ZoneUnreachableError,
} from "../../../shared/errors.ts";
import type { RegionConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind } from "../../../shared/model/kinds.ts";
import * as bodies from "../../sim/world/bodies.ts";
import { timestamp } from "../../sim/world/api-server.ts";
import { argsOf, profile, seedProfile, type Flags } from "../../support/builders/external-dns.ts";
import { createMemoryZone, type MemoryZone } from "../../support/zone-port.ts";
import { configuredCluster, givenFleet, hostOf, type Given, type GivenOptions } from "./given-fleet.ts";

const ours: readonly Kind[] = ["ClusterIdentity", "DNSConfiguration", "DNSPolicy", "Gateway", "ServiceRoute"];

function deployment(name: string, flags: Flags, replicas = 1): JsonObject {
  const container = { name: "external-dns", image: "external-dns:v0.20.0", args: argsOf(flags) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "external-dns", name },
    spec: { replicas, template: { spec: { containers: [container] } } },
  };
}

function run(given: Given, name: string, flags: Flags, cluster = "w1", replicas = 1): void {
  given.server(cluster).put("OperatorDeployment", deployment(name, flags, replicas), "platform");
}

/** Everything that answers the routes of a cluster. */
function answer(given: Given, cluster: string, ...hosts: readonly string[]): void {
  const spec = {
    hosts,
    gateways: ["istio-system/internal"],
    http: [{ route: [{ destination: { host: "cart" } }] }],
  };
  const metadata = { namespace: "shop", name: "cart" };
  const server = given.server(cluster);
  server.put(
    "VirtualService",
    { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec },
    "team",
  );
  server.put("Service", { apiVersion: "v1", kind: "Service", metadata, spec: { type: "ClusterIP" } }, "team");
  const labels = { "kubernetes.io/service-name": "cart" };
  const slice = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { ...metadata, labels } };
  server.put("EndpointSlice", { ...slice, endpoints: [{ addresses: ["10.2.0.1"] }] }, "cloud");
}

const ZONES = "Microsoft.Network/privateDnsZones";

const regionsWithZones = ["weu", "neu"].map((name): RegionConfiguration => ({
  name,
  zones: [{ kind: "azure", subscription: "s", resourceGroup: `rg-${name}`, zone: "example.com" }],
  zoneWrites: "observe",
  externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
}));

/** Gives every region an empty zone. @returns that of weu. */
function zoneOf(given: Given): MemoryZone {
  for (const { name } of regionsWithZones) given.zones.set(`${name}/example.com`, createMemoryZone("example.com"));
  const zone = given.zones.get("weu/example.com");
  if (zone === undefined) throw new Error("region weu has no zone");
  return zone;
}

const discovery = [
  { subscription: "s", tag: "fleet", value: "a", writes: "observe", gatewayNamespace: "istio-system" },
] as const;

const diagnose = (given: Given, request: Partial<DiagnosisRequest> = {}) =>
  diagnoseFleet(given.ports, { of: "fleet", notes: [], ...request });

/** A fleet whose ExternalDNS is as the profile wants it, and whose routes are answered, unless `options` say otherwise. */
function sound(options: GivenOptions = {}): Given {
  const given = givenFleet(options);
  const regions = options.regions ?? { w1: "weu", n1: "neu" };
  for (const [cluster, region] of Object.entries(regions)) {
    run(given, `external-dns-${region}`, profile(region), cluster);
    answer(given, cluster, hostOf(cluster, "cart"));
  }
  return given;
}

const codesOf = async (given: Given, request: Partial<DiagnosisRequest> = {}) =>
  (await diagnose(given, request)).findings.map(({ code, cluster = "-" }) => `${code} ${cluster}`);

describe("diagnoseFleet", () => {
  it("finds nothing wrong in a sound fleet, and writes nothing", async () => {
    const given = sound();
    const diagnosis = await diagnose(given);
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis).toMatchObject({
      of: "fleet",
      clusters: [
        { cluster: "n1", region: "neu", reached: true, routes: 1, dnsEndpoints: 0, externalDns: 1 },
        { cluster: "w1", region: "weu", reached: true, routes: 1, dnsEndpoints: 0, externalDns: 1 },
      ],
      instances: [
        { cluster: "n1", regions: ["neu"] },
        { cluster: "w1", regions: ["weu"] },
      ],
    });
    expect(given.journal).toEqual([]);
  });

  it("finds a sync-mode, empty standby before it is started, and prefixes that differ", async () => {
    const given = sound();
    run(given, "external-dns-weu", { ...seedProfile("weu", "neu-p-aks-") }, "n1", 0);
    const { findings } = await diagnose(given);
    expect(findings[0]).toMatchObject({ code: "PrefixDiffers", severity: "critical", region: "weu" });
    expect(findings[1]).toMatchObject({
      code: "ZoneWiper",
      cluster: "n1",
      what: expect.stringContaining("0 replicas, so it has not run yet"),
      consequence: expect.stringContaining("deletes every record"),
    });
  });

  it("looks at clusters that have nothing of ours, and says so", async () => {
    const given = givenFleet({ empty: true });
    given.faults.list = (cluster, kind) => {
      if (ours.includes(kind)) throw new KindNotServedError(cluster, kind);
    };
    run(given, "external-dns-weu", seedProfile("weu", "a-"), "w1");
    run(given, "external-dns-weu", seedProfile("weu", "b-"), "n1");
    const { findings, coverages, clusters } = await diagnose(given, { of: "contexts" });
    expect(findings.map(({ code, cluster = "-" }) => `${code} ${cluster}`)).toEqual([
      "PrefixDiffers -",
      "ZoneWiper n1",
      "ZoneWiper w1",
      "TxtNameRoom n1",
      "TxtNameRoom w1",
      "CrdsMissing n1",
      "CrdsMissing w1",
    ]);
    expect(coverages).toEqual([]);
    expect(clusters[0]).not.toHaveProperty("routes");
  });

  it("judges ExternalDNS also where service routing is switched off", async () => {
    const given = sound({ configuration: { families: { serviceRouting: false } } });
    run(given, "external-dns-weu", seedProfile("weu", "x-"), "n1", 0);
    await expect(codesOf(given)).resolves.toContain("ZoneWiper n1");
  });

  it("says which hosts another cluster would answer", async () => {
    const given = sound({ regions: { w1: "weu", w2: "weu" }, routes: ["cart"] });
    // The same application in both: w1 has the host, w2 stands by.
    for (const cluster of ["w1", "w2"]) {
      const spec = { serviceName: "cart", gatewayName: "internal", environment: "prod", application: "shop" };
      given.server(cluster).put("ServiceRoute", bodies.serviceRoute("shop", "cart", spec), "gitops");
      answer(given, cluster, "cart-ns-p-prod-shop.example.com");
    }
    const { coverages } = await diagnose(given);
    expect(coverages).toMatchObject([
      { scope: { name: "w1" }, total: 1, covered: 1, substitute: "w2" },
      { scope: { name: "weu" }, covered: 0 },
    ]);
  });

  it("names a cluster that does not answer, once, and goes on with the rest", async () => {
    const given = sound();
    run(given, "external-dns-neu", { ...profile("neu"), policy: "sync" }, "n1");
    given.faults.list = (cluster) => {
      if (cluster === "w1") throw new ClusterUnreachableError("w1", "connect ETIMEDOUT");
    };
    given.faults.denied = (cluster) => {
      if (cluster === "w1") throw new ClusterUnreachableError("w1", "connect ETIMEDOUT");
      return [];
    };
    const { findings, clusters } = await diagnose(given);
    expect(findings).toMatchObject([
      { code: "ClusterNotRead", cluster: "w1", severity: "critical", what: expect.stringContaining("ETIMEDOUT") },
      { code: "ZoneWiper", cluster: "n1" },
    ]);
    expect(clusters).toMatchObject([
      { cluster: "n1", reached: true },
      { cluster: "w1", reached: false },
    ]);
  });

  it("names one whose source cannot even be opened", async () => {
    const given = sound();
    given.faults.open = (cluster) => {
      if (cluster === "n1") throw new ClusterUnreachableError("n1", "no such context");
    };
    await expect(codesOf(given)).resolves.toEqual(["ClusterNotRead n1"]);
  });

  it("names missing rights, by what they are needed for", async () => {
    const given = sound();
    given.faults.denied = () => [
      { right: { verb: "list", kind: "DNSPolicy" }, what: "list dnspolicies.routing.router.io" },
      { right: { verb: "patch", kind: "DNSEndpoint" }, what: "patch dnsendpoints.externaldns.k8s.io" },
    ];
    given.faults.list = (cluster, kind) => {
      if (kind === "DNSPolicy") throw new ForbiddenError(`cluster/${cluster}`, "list dnspolicies.routing.router.io");
    };
    const { findings } = await diagnose(given);
    const rights = findings.filter(({ code }) => code.endsWith("RightsMissing"));
    expect(rights.map(({ code, cluster, names }) => [code, cluster, names])).toEqual([
      ["ReadRightsMissing", "n1", ["list dnspolicies.routing.router.io"]],
      ["ReadRightsMissing", "w1", ["list dnspolicies.routing.router.io"]],
      ["WriteRightsMissing", "n1", ["patch dnsendpoints.externaldns.k8s.io"]],
      ["WriteRightsMissing", "w1", ["patch dnsendpoints.externaldns.k8s.io"]],
    ]);
    expect(findings.map(({ code }) => code)).not.toContain("KindNotRead");
  });

  it("says where nobody could be asked for rights", async () => {
    const given = sound();
    given.faults.denied = () => {
      throw new ForbiddenError("cluster/w1", "create selfsubjectaccessreviews");
    };
    await expect(codesOf(given)).resolves.toEqual(["RightsNotAsked n1", "RightsNotAsked w1"]);
  });

  it("compares clocks", async () => {
    const given = sound();
    given.faults.clockAheadMs = (cluster) => (cluster === "w1" ? 45_000 : undefined);
    const { findings } = await diagnose(given);
    expect(findings).toMatchObject([{ code: "ClockSkew", cluster: "w1", severity: "critical" }]);
  });

  it.each([
    ["apply", "warning"],
    ["observe", "info"],
  ] as const)(
    "sees the operator run, by the cluster's own clock; with writes %s that is %s",
    async (writes, severity) => {
      const given = sound({
        configuration: { clusters: [configuredCluster("w1", { writes }), configuredCluster("n1")] },
      });
      // An hour ahead, as its Lease is: by our clock it would be renewed in an hour.
      given.faults.clockAheadMs = () => 3_600_000;
      const renewedAt = timestamp(given.clock.nowMs() + 3_590_000);
      given.server("w1").put("OperatorLease", bodies.operatorLease(renewedAt), "operator");
      const { findings } = await diagnose(given);
      expect(findings.filter(({ code }) => code === "OperatorRunning")).toMatchObject([{ cluster: "w1", severity }]);
    },
  );

  it("names host conflicts, and routes with nothing behind them", async () => {
    const given = sound({ regions: { w1: "weu" }, routes: ["cart", "search"] });
    const spec = { serviceName: "cart", gatewayName: "internal", environment: "w1", application: "shop" };
    await given.clock.advance(60_000);
    given.server("w1").put("ServiceRoute", bodies.serviceRoute("shop", "younger", spec), "gitops");
    const { findings } = await diagnose(given);
    expect(findings).toMatchObject([
      { code: "HostConflict", object: "ServiceRoute shop/younger" },
      { code: "RouteWithoutBackend", names: [expect.stringContaining(hostOf("w1", "search"))] },
    ]);
  });

  it("says that the app runs where clusters of the fleet are", async () => {
    await expect(codesOf(sound(), { appRegion: "West Europe" })).resolves.toEqual(["AppInFleetRegion -"]);
  });

  it("names a zone that may not be read", async () => {
    const given = sound({ configuration: { regions: regionsWithZones } });
    zoneOf(given).faults.list = () => {
      throw new ForbiddenError("zone rg-weu/example.com", "read record sets");
    };
    const { findings } = await diagnose(given);
    expect(findings.filter(({ region }) => region === "weu")).toMatchObject([{ code: "ZoneRoleMissing" }]);
  });

  it.each([
    ["apply", "critical", ["A/write", "CNAME/read", "CNAME/delete"]],
    ["observe", "warning", ["CNAME/read"]],
  ] as const)(
    "says what the identity may not do on a zone with zoneWrites %s: %s",
    async (zoneWrites, severity, expected) => {
      const given = sound({ configuration: { regions: regionsWithZones.map((one) => ({ ...one, zoneWrites })) } });
      const { denied } = zoneOf(given);
      for (const action of ["A/write", "CNAME/delete", "CNAME/read"] as const) denied.add(`${ZONES}/${action}`);
      const { findings } = await diagnose(given);
      const names = expected.map((action) => `${ZONES}/${action}`).sort();
      expect(findings.filter(({ code }) => code === "ZoneRoleMissing")).toMatchObject([
        { region: "weu", object: "zone example.com", severity, names },
      ]);
    },
  );

  it("knows no role where it may not ask, or gets no answer, and goes on", async () => {
    const given = sound({ configuration: { regions: regionsWithZones } });
    zoneOf(given).faults.deniedActions = () => {
      throw new ForbiddenError("zone rg-weu/example.com", "read permissions");
    };
    const zone = given.zones.get("neu/example.com");
    zone?.denied.add(`${ZONES}/A/read`);
    const { findings } = await diagnose(given);
    expect(findings.filter(({ code }) => code.startsWith("ZoneRole"))).toMatchObject([
      { code: "ZoneRoleMissing", region: "neu" },
      { code: "ZoneRoleUnknown", region: "weu", severity: "info", what: expect.stringContaining("permissions") },
    ]);
  });

  it("says once that a zone does not answer", async () => {
    const given = sound({ configuration: { regions: regionsWithZones } });
    const { faults } = zoneOf(given);
    faults.list = faults.deniedActions = () => {
      throw new ZoneUnreachableError("rg-weu/example.com", "ECONNREFUSED");
    };
    const { findings } = await diagnose(given);
    expect(findings.filter(({ region }) => region === "weu")).toMatchObject([{ code: "ZoneNotRead" }]);
  });

  /** One name without ownership TXT, and one that nobody of the known clusters claims. */
  function littered(options: GivenOptions["configuration"] = {}) {
    const given = sound({ configuration: { regions: regionsWithZones, ...options } });
    const [host, gone] = [hostOf("w1", "cart"), hostOf("w1", "gone")];
    const zone = zoneOf(given);
    zone.put({ name: host, type: "CNAME", ttlSeconds: 300, values: ["w1-weu-internal.example.com"], metadata: {} });
    zone.put({ name: gone, type: "CNAME", ttlSeconds: 300, values: ["w1-weu-internal.example.com"], metadata: {} });
    const owner = '"heritage=external-dns,external-dns/owner=external-dns-weu,external-dns/resource=crd/shop/gone"';
    zone.put({ name: `_xdns-cname.${gone}`, type: "TXT", ttlSeconds: 300, values: [owner], metadata: {} });
    return { given, host, gone };
  }

  it("names records that need somebody, and those that nobody claims", async () => {
    const { given, host, gone } = littered();
    const { findings } = await diagnose(given);
    expect(findings.filter(({ region }) => region === "weu")).toMatchObject([
      { code: "RecordOrphan", severity: "warning", names: [host] },
      { code: "RecordMissing", severity: "info", names: expect.arrayContaining(["w1-weu-internal.example.com"]) },
      { code: "RecordUnclaimed", severity: "info", names: [gone] },
    ]);
  });

  it("calls no record unclaimed while discovery fails: there may be clusters that nobody knows of", async () => {
    const { given, host } = littered({ discovery });
    given.faults.discover = () => Promise.reject(new Error("Azure is away"));
    const { findings } = await diagnose(given);
    expect(findings.filter(({ region, code }) => region === "weu" && code !== "RecordMissing")).toMatchObject([
      { code: "RecordOrphan", names: [host] },
    ]);
  });

  it("keeps what was said before, and what discovery says", async () => {
    const given = sound({ configuration: { discovery } });
    given.faults.discover = () => Promise.reject(new Error("Azure is away"));
    const { notes } = await diagnose(given, { notes: ["one context twice"] });
    expect(notes).toEqual([expect.stringContaining("Azure is away"), "one context twice"]);
  });

  it("ends with the reason of its signal", async () => {
    const reason = new Error("Ctrl-C");
    const given = sound();
    const stop = new AbortController();
    given.faults.list = () => stop.abort(reason);
    await expect(diagnose(given, { signal: stop.signal })).rejects.toBe(reason);
  });
});
