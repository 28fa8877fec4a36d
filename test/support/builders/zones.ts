/** The real zones of a world: what an ExternalDNS that works made of its DNSEndpoints, and what somebody did to it since. */
import { ownershipName } from "../../../shared/core/naming/hosts.ts";
import { newOwnershipValue } from "../../../shared/core/verification/ownership.ts";
import { objectKey } from "../../../shared/core/naming/item-id.ts";
import type { RegionConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { RecordSet, RecordSetType, ZoneSnapshot } from "../../../shared/model/zone-records.ts";
import { objectsOf, put, type World } from "./fleet.ts";

export const DOMAIN = "example.com";

/** Every region gets one zone, and each zone what the DNSEndpoints of its region say, read and written by ExternalDNS. */
export function withZones(world: World): World {
  const regions = world.configuration.regions.map((region): RegionConfiguration => ({
    ...region,
    zones: [{ kind: "azure", subscription: "s", resourceGroup: `rg-${region.name}`, zone: DOMAIN }],
  }));
  return publish({ ...world, configuration: { ...world.configuration, regions } });
}

/** ExternalDNS reads every DNSEndpoint and writes what it says. What it once wrote stays: it never deletes. */
export function publish(world: World): World {
  const zones = world.configuration.regions.map((region): ZoneSnapshot => {
    const sets = new Map(recordsOf(world, region.name).map((set) => [`${set.type} ${set.name}`, set]));
    for (const set of endpointRecords(world, region)) sets.set(`${set.type} ${set.name}`, set);
    return snapshot(world, region, [...sets.values()]);
  });
  return picked({ ...world, zones });
}

/** Record sets of a region's zone now. */
export function recordsOf(world: World, region: string): readonly RecordSet[] {
  const zone = world.zones?.find((one) => one.region === region);
  return zone?.listing.read === "complete" ? zone.listing.recordSets : [];
}

export function editZone(
  world: World,
  region: string,
  change: (sets: readonly RecordSet[]) => readonly RecordSet[],
): World {
  const zones = (world.zones ?? []).map((zone) =>
    zone.region === region && zone.listing.read === "complete"
      ? { ...zone, listing: { read: "complete" as const, recordSets: change(zone.listing.recordSets) } }
      : zone,
  );
  return { ...world, zones };
}

/** Somebody writes a record set, whatever stood there. */
export function putRecord(world: World, region: string, set: RecordSet): World {
  return editZone(world, region, (sets) => [...sets.filter((one) => !isSame(one, set)), set]);
}

export function removeRecord(world: World, region: string, type: RecordSetType, name: string): World {
  return editZone(world, region, (sets) => sets.filter((one) => !isSame(one, { type, name })));
}

export function unreadZone(world: World, region: string, code = "FORBIDDEN", reason = "not allowed to read"): World {
  const zones = (world.zones ?? []).map((zone) =>
    zone.region === region ? { ...zone, listing: { read: "not-read" as const, code, reason } } : zone,
  );
  return { ...world, zones };
}

export function recordSet(type: RecordSetType, name: string, ...values: readonly string[]): RecordSet {
  return {
    name,
    type,
    ttlSeconds: 300,
    values: [...values].sort(),
    etag: `${type} ${name} ${values.join()}`,
    metadata: {},
  };
}

/** Name of the TXT under the prefix of the test fleet. */
export function txtName(type: RecordSetType, name: string): string {
  return ownershipName("_xdns-%{record_type}.", type, name);
}

export function ownershipSet(type: RecordSetType, name: string, owner: string, resource = "crd/shop/cart"): RecordSet {
  return recordSet("TXT", txtName(type, name), newOwnershipValue(owner, resource));
}

function isSame(left: Pick<RecordSet, "type" | "name">, right: Pick<RecordSet, "type" | "name">): boolean {
  return left.type === right.type && left.name === right.name;
}

function snapshot(world: World, region: RegionConfiguration, recordSets: readonly RecordSet[]): ZoneSnapshot {
  const [source = { kind: "file", file: "none", zone: DOMAIN } as const] = region.zones;
  return {
    region: region.name,
    zone: DOMAIN,
    source,
    readAtMs: world.nowMs,
    listing: { read: "complete", recordSets },
  };
}

function endpointRecords(world: World, region: RegionConfiguration): readonly RecordSet[] {
  return world.clusters.flatMap(({ name: cluster }) =>
    objectsOf(world, cluster, "DNSEndpoint")
      .filter(({ meta }) => meta.labels["router.io/region"] === region.name)
      .flatMap(({ meta, spec }) =>
        spec.endpoints.flatMap(({ dnsName, recordType, targets, recordTTL = 300 }) => {
          const type = recordType as RecordSetType;
          // A zone knows no case.
          const name = dnsName.toLowerCase();
          const set = { ...recordSet(type, name, ...targets.map((one) => one.toLowerCase())), ttlSeconds: recordTTL };
          return [set, ownershipSet(type, name, region.externalDns.ownerId, `crd/${objectKey(meta)}`)];
        }),
      ),
  );
}

/** ExternalDNS writes into the status of each DNSEndpoint which generation it has read. */
function picked(world: World): World {
  let after = world;
  for (const { name } of world.clusters) {
    for (const object of objectsOf(world, name, "DNSEndpoint")) {
      after = put(after, name, {
        kind: "DNSEndpoint",
        object: { ...object, observedGeneration: object.meta.generation },
      });
    }
  }
  return after;
}
