/** Into which zone an instance writes, and how soon. */
import type { Finding } from "../../model/finding.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import { about, knows } from "./audited-fleet.ts";
import type { AuditedInstance } from "./audited-fleet.ts";
import { isUnlimited, reachOf } from "./domain-filter.ts";

const longIntervalSeconds = 300;
const azurePrivateDns = "azure-private-dns";

export function zoneFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance, region, cluster } = audited;
  const { settings } = instance;
  const zones = new Set([
    ...(cluster.domain === undefined ? [] : [cluster.domain]),
    ...(region?.zones ?? []).map(({ zone }) => zone.toLowerCase()),
  ]);
  const missed = [...zones].sort().flatMap((zone) => {
    const reach = reachOf(settings, zone);
    return reach.kind === "missed" ? [{ zone, because: reach.because }] : [];
  });
  const filtersKnown = filterFlags.every((flag) => knows(instance, flag));
  return [
    ...(filtersKnown
      ? missed.map(({ zone, because }) => about(audited, "ZoneNotSelected", { what: `${because} leaves out ${zone}` }))
      : []),
    ...(filtersKnown && isUnlimited(settings)
      ? [about(audited, "DomainFilterMissing", { what: "no --domain-filter" })]
      : []),
    ...(region === undefined ? [] : fleetZoneFindings(audited, region)),
  ];
}

const filterFlags = [
  "domain-filter",
  "exclude-domains",
  "regex-domain-filter",
  "regex-domain-exclusion",
  "zone-name-filter",
] as const;

/** Where its own arguments name another place than the fleet configuration. What its cloud file says is a secret. */
function fleetZoneFindings(audited: AuditedInstance, region: RegionConfiguration): readonly Finding[] {
  const { azureResourceGroup, azureSubscription, provider } = audited.instance.settings;
  const zones = region.zones.flatMap((zone) => (zone.kind === "azure" ? [zone] : []));
  if (zones.length === 0) return [];
  if (provider !== "" && provider !== azurePrivateDns) {
    return [about(audited, "OtherProvider", { what: `--provider=${provider}` })];
  }
  const groups = zones.map(({ resourceGroup }) => resourceGroup);
  const subscriptions = zones.map(({ subscription }) => subscription);
  return [
    ...(isOther(azureResourceGroup, groups)
      ? [
          about(audited, "OtherZone", {
            what: `--azure-resource-group=${azureResourceGroup}, the zone of ${region.name} is in ${groups.join(", ")}`,
          }),
        ]
      : []),
    ...(isOther(azureSubscription, subscriptions)
      ? [
          about(audited, "OtherZone", {
            what: `--azure-subscription-id=${azureSubscription}, the zone of ${region.name} is in ${subscriptions.join(", ")}`,
          }),
        ]
      : []),
  ];
}

function isOther(given: string, wanted: readonly string[]): boolean {
  return given !== "" && !wanted.some((one) => one.toLowerCase() === given.toLowerCase());
}

export function intervalFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance, region } = audited;
  const { intervalSeconds, events } = instance.settings;
  const findings: Finding[] = [];
  if (knows(instance, "interval")) {
    if (intervalSeconds > longIntervalSeconds) {
      findings.push(about(audited, "LongInterval", { what: `--interval is ${intervalSeconds} s` }));
    }
    const expected = region?.externalDns.intervalSeconds;
    if (expected !== undefined && intervalSeconds > expected) {
      const what = `--interval is ${intervalSeconds} s, the fleet configuration says ${expected} s for ${region?.name ?? ""}`;
      findings.push(about(audited, "IntervalUnlikeFleet", { what }));
    }
  }
  if (!events && knows(instance, "events")) {
    findings.push(about(audited, "EventsOff", { what: `no --events; the interval is ${intervalSeconds} s` }));
  }
  return findings;
}
