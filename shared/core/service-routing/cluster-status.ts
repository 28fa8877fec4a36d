/** Statuses of ClusterIdentity and DNSConfiguration. */
import type { DesiredCondition, DesiredStatus, Refusal } from "../../model/desired.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { Place } from "../../model/place.ts";
import type { Adoption } from "../../model/placement.ts";
import type { ClusterIdentity, DnsConfiguration } from "../../model/resources.ts";
import { condition, rejectedStatus, statusOf } from "./conditions.ts";

export function clusterStatuses(cluster: FleetCluster, adoptions: readonly Adoption[]): readonly DesiredStatus[] {
  const place: Place = { kind: "cluster", name: cluster.name };
  const identities = cluster.current.ClusterIdentity;
  const configurations = cluster.current.DNSConfiguration;
  const statuses: DesiredStatus[] = [];
  if (identities?.read === "complete") {
    statuses.push(...identities.objects.map((identity) => identityStatus(cluster, identity, adoptions, place)));
    statuses.push(...identities.rejected.map((rejected) => rejectedStatus(place, "ClusterIdentity", rejected)));
  }
  if (configurations?.read === "complete") {
    statuses.push(...configurations.objects.map((found) => configurationStatus(cluster, found, place)));
    statuses.push(...configurations.rejected.map((rejected) => rejectedStatus(place, "DNSConfiguration", rejected)));
  }
  return statuses;
}

/**
 * What a cluster needs to publish anything and does not have. Without an object there is no status to say so; where one is
 * there and not honoured, its own status is refused already.
 */
export function missingSingletons(cluster: FleetCluster): readonly Refusal[] {
  const { name, mode, identity, controllers, refusedIdentities, refusedConfigurations } = cluster;
  if (mode === "retiring") return [];
  const place: Place = { kind: "cluster", name };
  const missing: Refusal[] = [];
  if (identity === undefined && refusedIdentities.size === 0) {
    const kind = "ClusterIdentity";
    missing.push({ place, kind, key: "(none)", code: "ClusterIdentityNotAvailable", reason: missingReason(kind) });
  }
  if (controllers === undefined && refusedConfigurations.size === 0) {
    const kind = "DNSConfiguration";
    missing.push({ place, kind, key: "(none)", code: "DNSConfigurationNotAvailable", reason: missingReason(kind) });
  }
  return missing;
}

function missingReason(kind: string): string {
  return `the cluster has no ${kind}, so none of its routes is judged: nothing new is published, what is published stays`;
}

/** The one write that a frozen cluster gets: its ClusterIdentities say Frozen, everything else of their status stays. */
export function frozenStatuses(cluster: FleetCluster): readonly DesiredStatus[] {
  const { standing } = cluster;
  const identities = cluster.current.ClusterIdentity;
  if (standing.kind !== "frozen" || identities?.read !== "complete") return [];
  const place: Place = { kind: "cluster", name: cluster.name };
  const code = standing.code === "DuplicateClusterName" ? standing.code : "Frozen";
  return identities.objects.map((identity) => {
    const { conditions = [], ...fields } = identity.status;
    const kept = conditions
      .filter(({ type }) => type !== "Frozen")
      .map(({ type, status, reason, message }): DesiredCondition => ({ type, status, reason, message }));
    return statusOf(place, "ClusterIdentity", identity, {
      fields: fields as DesiredStatus["fields"],
      conditions: [...kept, condition("Frozen", "True", code, frozenMessage(standing.code, standing.reason))],
    });
  });
}

/** A message without what changes from pass to pass. */
function frozenMessage(code: string, reason: string): string {
  switch (code) {
    case "ShrunkRead":
      return "the last read lost most of its routes or gateways; nothing is written until it is approved or they are back";
    case "NotRead":
      return "the cluster was not read completely; nothing is written to it";
    default:
      return reason;
  }
}

function identityStatus(
  cluster: FleetCluster,
  identity: ClusterIdentity,
  adoptions: readonly Adoption[],
  place: Place,
): DesiredStatus {
  const refusal = cluster.refusedIdentities.get(identity.meta.name);
  if (refusal !== undefined) {
    return statusOf(place, "ClusterIdentity", identity, {
      fields: { phase: "Failed" },
      conditions: [
        condition("Ready", "False", refusal.code, refusal.reason),
        condition("AdoptedRegionsValid", "False", refusal.code, "not judged: this ClusterIdentity is not honoured"),
      ],
    });
  }
  const own = adoptions.filter((adoption) => adoption.cluster === cluster.name);
  return statusOf(place, "ClusterIdentity", identity, {
    fields: { phase: "Active" },
    conditions: [
      condition("Ready", "True", "ReconciliationSucceeded", "ClusterIdentity is active"),
      adoptedRegions(own),
    ],
  });
}

/** The worst outcome decides; the message names every region that is not simply served. */
function adoptedRegions(adoptions: readonly Adoption[]): DesiredCondition {
  const type = "AdoptedRegionsValid";
  if (adoptions.length === 0) return condition(type, "True", "NoAdoptedRegions", "no region is adopted");
  const sentences = adoptions.map((adoption) => outcomeSentence(adoption)).sort();
  const message = sentences.join("; ");
  const kinds = new Set(adoptions.map((adoption) => adoption.outcome.kind));
  if (kinds.has("refused")) return condition(type, "False", "AdoptedRegionNotFound", message);
  if (kinds.has("standby")) return condition(type, "False", "Standby", message);
  if (kinds.has("requested")) return condition(type, "Unknown", "AdoptionRequested", message);
  return condition(type, "True", "AllAdoptedRegionsValid", message);
}

function outcomeSentence({ region, outcome }: Adoption): string {
  switch (outcome.kind) {
    case "standing":
      return `${region} has no cluster of its own and is served`;
    case "requested":
      if (outcome.unknown !== undefined) {
        return `whether ${region} has a cluster of its own is not known: the region of ${outcome.unknown.join(", ")} is not; what is published there stays`;
      }
      return `${region} has clusters of its own: its adoption is requested and waits for a decision, nothing is published there`;
    case "standby":
      return `${region} is already served by cluster ${outcome.adopter}`;
    case "refused":
      return outcome.reason === "own-region"
        ? `${region} is this cluster's own region`
        : `${region} has no ExternalDNS controller in the DNSConfiguration of this cluster`;
  }
}

function configurationStatus(cluster: FleetCluster, found: DnsConfiguration, place: Place): DesiredStatus {
  const refusal = cluster.refusedConfigurations.get(found.meta.name);
  return statusOf(place, "DNSConfiguration", found, {
    fields: {},
    conditions: [
      refusal === undefined
        ? condition("Ready", "True", "ReconciliationSucceeded", "DNSConfiguration is active")
        : condition("Ready", "False", refusal.code, refusal.reason),
    ],
  });
}
