/**
 * Which ExternalDNS controllers a policy activates. Decided from spec and placement in one step;
 * no stage acts on another stage's status.
 */
import type { FleetCluster } from "../../model/fleet.ts";
import type { ResolvedPlacement } from "../../model/placement.ts";
import type { DnsPolicy, ExternalDnsController } from "../../model/resources.ts";
import type { PolicyVerdict } from "./findings.ts";

/** @returns active with controllers in configuration order (own region first, then adopted ones), without duplicates. */
export function judgePolicy(policy: DnsPolicy, cluster: FleetCluster, placement: ResolvedPlacement): PolicyVerdict {
  const { identity, controllers } = cluster;
  if (identity === undefined) {
    return { kind: "unusable", code: "ClusterIdentityNotAvailable", reason: "ClusterIdentity not available" };
  }
  if (controllers === undefined) {
    return { kind: "unusable", code: "DNSConfigurationNotAvailable", reason: "DNSConfiguration not available" };
  }
  const { mode, sourceRegion, sourceCluster } = policy.spec;
  if (mode === "RegionBound" && isUnset(sourceRegion)) {
    return {
      kind: "unusable",
      code: "ValidationFailed",
      reason: "mode RegionBound needs spec.sourceRegion: without it every cluster would publish to every zone",
    };
  }
  const homeRegion = isUnset(sourceRegion) ? identity.region : sourceRegion;
  const homeIsHere = homeRegion === identity.region && (isUnset(sourceCluster) || sourceCluster === identity.cluster);
  const adopted = adoptedBy(cluster.name, placement);
  const homeIsServed = adopted.includes(homeRegion) && isUnset(sourceCluster);
  if (!homeIsHere && !homeIsServed) return { kind: "inactive", reason: mismatch(policy, identity) };

  const regions = mode === "RegionBound" ? undefined : homeIsHere ? [identity.region, ...adopted] : [homeRegion];
  const active = regions === undefined ? controllers : inRegions(controllers, regions);
  if (active.length === 0) {
    return {
      kind: "unusable",
      code: "NoUsableControllers",
      reason: `DNSConfiguration has no ExternalDNS controller for region ${(regions ?? [identity.region]).join(", ")}`,
    };
  }
  return { kind: "active", controllers: withoutDuplicates(active) };
}

/** Regions without fleet clusters that this cluster serves, sorted. */
function adoptedBy(cluster: string, placement: ResolvedPlacement): readonly string[] {
  return [...placement.adopters]
    .filter(([, adopter]) => adopter === cluster)
    .map(([region]) => region)
    .sort();
}

/** Regions in the order given, controllers of one region in configuration order. */
function inRegions(
  controllers: readonly ExternalDnsController[],
  regions: readonly string[],
): readonly ExternalDnsController[] {
  return regions.flatMap((region) => controllers.filter((controller) => controller.region === region));
}

function withoutDuplicates(controllers: readonly ExternalDnsController[]): readonly ExternalDnsController[] {
  const seen = new Set<string>();
  return controllers.filter((controller) => !seen.has(controller.name) && seen.add(controller.name));
}

function mismatch(policy: DnsPolicy, identity: { readonly region: string; readonly cluster: string }): string {
  const { sourceRegion, sourceCluster } = policy.spec;
  if (!isUnset(sourceRegion) && sourceRegion !== identity.region) {
    return `DNSPolicy is not active for this cluster: sourceRegion '${sourceRegion}' does not match ${identity.region}`;
  }
  return `DNSPolicy is not active for this cluster: sourceCluster '${sourceCluster ?? ""}' does not match ${identity.cluster}`;
}

/** The operator treated an empty string as "no restriction". */
function isUnset(value: string | undefined): value is undefined | "" {
  return value === undefined || value === "";
}
