/**
 * Joining a zone with what should be in it: every name verified, every record asked whether anybody claims it. Pure, against
 * JSON.parse of the pages that the record sets come from; and a zone of twice the size, for the joining is to be linear.
 */
import { newOwnershipValue } from "../../shared/core/verification/ownership.ts";
import { ownershipName, serviceHosts } from "../../shared/core/naming/hosts.ts";
import { verifyFleet } from "../../shared/app/verify-fleet.ts";
import { verification } from "../../shared/core/verification/verify-record.ts";
import type { Claim, ZoneName } from "../../shared/model/claim.ts";
import type { Fleet } from "../../shared/model/fleet.ts";
import type { RegionConfiguration } from "../../shared/model/fleet-configuration.ts";
import type { Listings } from "../../shared/model/kinds.ts";
import type { ObjectMeta } from "../../shared/model/object-meta.ts";
import type { RecordSet } from "../../shared/model/zone-records.ts";
import { alternate, median, timed, type Benchmark, type BenchOptions, type Outcome } from "./figures.ts";
import { coldCluster } from "./planning-fleet.ts";

const ROUNDS = 7;
const READ_AT_MS = Date.UTC(2026, 0, 3, 10);
const target = "c0-weu-internal.example.com";
const source = { kind: "azure", subscription: "s", resourceGroup: "rg-weu", zone: "example.com" } as const;
const region: RegionConfiguration = {
  name: "weu",
  zones: [source],
  zoneWrites: "observe",
  externalDns: { ownerId: "external-dns-weu", txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
};

const { listings } = coldCluster(0, 1);
const routeMeta = metaOfFirst(listings.ServiceRoute);

function metaOfFirst(listing: Listings["ServiceRoute"]): ObjectMeta {
  const [route] = listing?.read === "complete" ? listing.objects : [];
  if (route === undefined) throw new Error("the generator makes routes");
  return route.meta;
}

export const join: Benchmark = {
  name: "join",
  title: "joining the record sets of a zone with DNSEndpoints and names",
  run: measureJoin,
};

async function measureJoin({ quick, say }: BenchOptions): Promise<Outcome> {
  const size = quick ? 5_000 : 50_000;
  say(`zones of ${size} and ${size * 2} record sets`);
  const [one, twice] = [joinOf(size), joinOf(size * 2)];
  await alternate(2, one.join, one.parse);
  const times = await alternate(ROUNDS, one.join, one.parse);
  const double = await alternate(ROUNDS, twice.join, twice.parse);
  return {
    figures: [
      {
        what: `${size} record sets: CPU`,
        value: median(times.oursCpu),
        unit: "ms",
        floor: { what: "JSON.parse of the record sets", value: median(times.floorCpu), runs: times.floorCpu },
        runs: times.oursCpu,
      },
      {
        what: `CPU per record set of ${size * 2}`,
        value: (median(double.oursCpu) * 1_000) / (size * 2),
        unit: "µs",
        floor: { what: `of ${size}`, value: (median(times.oursCpu) * 1_000) / size },
      },
    ],
    notes: [`${one.verified()} of ${size / 2} names were verified; each has a record and an ownership TXT`],
  };
}

function joinOf(recordSets: number) {
  const routes = recordSets / 2;
  const hostOf = serviceHosts({ region: "weu", cluster: "c0", domain: "example.com", environmentLetter: "p" });
  const names = Array.from({ length: routes }, (_, index) =>
    hostOf({ serviceName: `service-${index}`, environment: "prod", application: "shop" }),
  );
  const text = JSON.stringify(names.flatMap((name, index) => setsOf(name, index)));
  const fleet = fleetOf(names);
  const zones = new Map([["weu", new Map(names.map((name, index) => [name, winnerOf(name, index)]))]]);
  let verified = 0;
  const run = (listed: readonly RecordSet[]): void => {
    const seen = verification({
      fleet,
      regions: [region],
      zones: [
        {
          region: "weu",
          zone: source.zone,
          source,
          readAtMs: READ_AT_MS,
          listing: { read: "complete", recordSets: listed },
        },
      ],
      marks: {},
    });
    const since = { records: {}, garbage: {} };
    const found = verifyFleet({
      fleet,
      desired: { zones, gatewayHosts: () => [] },
      regions: [region],
      verification: seen,
      since,
    });
    verified = found.verified.counts.get("weu")?.verified ?? 0;
  };
  const parsed = JSON.parse(text) as readonly RecordSet[];
  return {
    join: () => timed(async () => run(parsed)),
    parse: () => timed(async () => void JSON.parse(text)),
    verified: () => verified,
  };
}

function setsOf(name: string, index: number): readonly RecordSet[] {
  const common = { ttlSeconds: 300, etag: `etag ${index}`, metadata: {} };
  const owner = newOwnershipValue(region.externalDns.ownerId, `crd/team-${index % 100}/route-${index}`);
  return [
    { ...common, name, type: "CNAME", values: [target] },
    { ...common, name: ownershipName(region.externalDns.txtPrefix, "CNAME", name), type: "TXT", values: [owner] },
  ];
}

function winnerOf(name: string, index: number): ZoneName {
  const claim: Claim = {
    zone: "weu",
    name,
    content: `CNAME ${target} 300`,
    cluster: "c0",
    source: { ...routeMeta, name: `route-${index}` },
  };
  return { winner: claim };
}

/** One cluster, read completely, with a DNSEndpoint for each name. */
function fleetOf(names: readonly string[]): Fleet {
  const objects = names.map((dnsName, index) => ({
    meta: { ...routeMeta, name: `route-${index}-external-dns-weu`, labels: { "router.io/region": "weu" } },
    spec: { endpoints: [{ dnsName, recordType: "CNAME", targets: [target], recordTTL: 300 }] },
    observedGeneration: 1,
  }));
  const current = { ...listings, DNSEndpoint: { read: "complete" as const, objects, rejected: [] } };
  return {
    nowMs: READ_AT_MS,
    regions: ["weu"],
    clusters: [
      {
        name: "c0",
        mode: "apply",
        gatewayNamespace: "istio-system",
        standing: { kind: "complete" },
        writes: { kind: "allowed" },
        region: "weu",
        refusedIdentities: new Map(),
        refusedConfigurations: new Map(),
        current,
        believed: current,
        readAtMs: READ_AT_MS,
      },
    ],
  };
}
