/**
 * A fleet with zones in memory, an ExternalDNS that works, and something in the zone that nobody wants. Cluster w1 is in region
 * weu, n1 in neu; both zones may be written to.
 */
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { carryOutZoneChanges } from "../../../shared/app/carry-out-zone-changes.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import { ownershipName } from "../../../shared/core/naming/hosts.ts";
import { newOwnershipValue } from "../../../shared/core/verification/ownership.ts";
import type { RegionConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { ZoneRequest, ZoneRun } from "../../../shared/model/zone-change.ts";
import type { RecordSetType } from "../../../shared/model/zone-records.ts";
import { createMemoryZone, filed, type MemoryZone, type RecordSetParts } from "../../support/zone-port.ts";
import { givenFleet, type Given, type GivenOptions } from "./given-fleet.ts";

export const domain = "example.com";
export const prefix = "_xdns-%{record_type}.";

export type GivenZones = Given & {
  readonly weu: MemoryZone;
  readonly neu: MemoryZone;
  /** What was said, with its fields: `zone change made CNAME old…`. */
  readonly audit: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
};

export type GivenZonesOptions = Pick<GivenOptions, "routes" | "storeFaults"> & {
  readonly zoneWrites?: RegionConfiguration["zoneWrites"];
  readonly kind?: "azure" | "file";
};

/** Published, verified, and nothing else there. */
export async function givenZones(options: GivenZonesOptions = {}): Promise<GivenZones> {
  const regions = ["weu", "neu"].map((name): RegionConfiguration => ({
    name,
    zones: [
      options.kind === "file"
        ? { kind: "file", file: `${name}.yaml`, zone: domain }
        : { kind: "azure", subscription: "s", resourceGroup: `rg-${name}`, zone: domain },
    ],
    zoneWrites: options.zoneWrites ?? "apply",
    externalDns: { ownerId: `external-dns-${name}`, txtPrefix: prefix, intervalSeconds: 60 },
  }));
  const given = givenFleet({ routes: ["cart"], ...options, configuration: { regions } });
  const weu = createMemoryZone(domain);
  const neu = createMemoryZone(domain);
  given.zones.set(`weu/${domain}`, weu);
  given.zones.set(`neu/${domain}`, neu);
  const audit: GivenZones["audit"] = [];
  const telemetry = {
    ...given.ports.telemetry,
    info: (message: string, fields = {}) => void audit.push({ message, fields }),
    warn: (message: string, fields = {}) => void audit.push({ message, fields }),
  };
  const all: GivenZones = { ...given, ports: { ...given.ports, telemetry }, weu, neu, audit };
  await pass(all);
  externalDns(all);
  await pass(all);
  return all;
}

export async function pass(given: Given): Promise<void> {
  await reconcileFleet(given.ports, { mode: "apply" });
  await given.clock.advance(60_000);
}

/** Every ExternalDNS makes its pass: it writes what DNSEndpoints say where it owns the name or nothing is there. */
export function externalDns(given: GivenZones): void {
  for (const cluster of ["w1", "n1"]) {
    for (const { meta, spec } of given.server(cluster).list("DNSEndpoint").objects) {
      const region = meta.labels["router.io/region"] ?? "";
      const zone = region === "weu" ? given.weu : given.neu;
      for (const { dnsName, recordType, targets, recordTTL } of spec.endpoints) {
        const type = recordType as RecordSetType;
        const txt = txtOf(type, dnsName, region, `crd/${meta.namespace}/${meta.name}`);
        const isOwned = zone.get({ name: txt.name, type: "TXT" })?.values[0]?.includes(`owner=external-dns-${region},`);
        if (zone.get({ name: dnsName, type }) !== undefined && isOwned !== true) continue;
        writeUnlessSame(zone, { name: dnsName, type, values: targets, ttlSeconds: recordTTL ?? 300 });
        if (isOwned !== true) zone.put(filed(txt));
      }
    }
  }
}

function writeUnlessSame(zone: MemoryZone, parts: RecordSetParts): void {
  const found = zone.get(parts);
  if (found?.values.join() !== [...parts.values].sort().join()) zone.put(filed(parts));
}

export function txtOf(type: RecordSetType, host: string, region = "weu", resource = "crd/shop/gone"): RecordSetParts {
  return {
    name: ownershipName(prefix, type, host),
    type: "TXT",
    values: [newOwnershipValue(`external-dns-${region}`, resource)],
  };
}

export function oldHost(number: number | string = "old"): string {
  return `${number}-ns-p-prod-gone.${domain}`;
}

/** CNAMEs of our grammar that nobody wants, with their TXTs. */
export function litter(zone: MemoryZone, ...hosts: readonly string[]): void {
  for (const host of hosts) {
    zone.put(filed({ name: host, type: "CNAME", values: [`w1-weu-internal.${domain}`] }));
    zone.put(filed(txtOf("CNAME", host)));
  }
}

/** A pass sees it, and the hour goes by. */
export async function grace(given: Given): Promise<void> {
  await pass(given);
  await given.clock.advance(61 * 60_000);
}

export const person = { name: "robin", verified: false };

/** What a person does: look, and approve what is there. */
export async function approveAll(given: GivenZones, request: ZoneRequest, signal?: AbortSignal): Promise<ZoneRun> {
  const { digest } = await planZoneChanges(given.ports, request);
  return approve(given, request, digest, signal);
}

export function approve(
  given: GivenZones,
  request: ZoneRequest,
  digest: string,
  signal?: AbortSignal,
): Promise<ZoneRun> {
  return carryOutZoneChanges(given.ports, {
    ...request,
    digest,
    person,
    reason: "INC-1",
    waitForLeaseMs: 0,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** `delete-record CNAME old…: done` */
export function outcomeLines(run: ZoneRun): readonly string[] {
  if (run.kind !== "ran") return [run.kind];
  return run.results.map(({ change, outcome }) => {
    const [first] = change.writes;
    const code = outcome.kind === "done" ? "" : ` ${outcome.code}`;
    return `${change.kind} ${first?.type} ${first?.name}: ${outcome.kind}${code}`;
  });
}

/** `CNAME cart…`, sorted. */
export function namesIn(zone: MemoryZone): readonly string[] {
  return zone.recordSets().map(({ type, name }) => `${type} ${name}`);
}

export const garbage = { task: "garbage" } as const;

/** Garbage that is due: one CNAME unless hosts are given. */
export async function givenGarbage(
  options: GivenZonesOptions = {},
  hosts: readonly string[] = [oldHost()],
): Promise<GivenZones> {
  const given = await givenZones(options);
  litter(given.weu, ...hosts);
  await grace(given);
  return given;
}

export function hosts(count: number): readonly string[] {
  return Array.from({ length: count }, (_none, index) => oldHost(`h${100 + index}`));
}

/** A fleet whose zones may lose everything, up to a number of names; and what happens between two rounds. */
export function generous(given: GivenZones, budget: { readonly names: number }) {
  const between = { happens: async (): Promise<void> => {} };
  const { clock, configuration } = given.ports;
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await between.happens();
    await clock.sleep(ms, signal);
  };
  const ports = {
    ...given.ports,
    configuration: { ...configuration, budgets: { ...configuration.budgets, share: 1, ...budget } },
    clock: { ...clock, sleep },
  };
  return { given: { ...given, ports }, between };
}
