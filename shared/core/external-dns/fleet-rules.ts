/** What only shows between instances: of one region in several clusters, and of one cluster. */
import { finding, type Finding } from "../../model/finding.ts";
import type { ExternalDnsInstance } from "../../model/external-dns.ts";
import { about, knows, mayShareZone, objectOf, placeOf, readsEndpoints } from "./audited-fleet.ts";
import type { AuditedCluster, AuditedFleet, AuditedInstance } from "./audited-fleet.ts";
import type { Flag } from "./flags.ts";
import { affixText } from "./ownership-rules.ts";

/** What all instances of a region must have in common for a name to move between their clusters. */
const shared: readonly {
  readonly code: "OwnerDiffers" | "PrefixDiffers" | "WildcardReplacementDiffers";
  readonly flags: readonly Flag[];
  readonly valueOf: (instance: ExternalDnsInstance) => string;
}[] = [
  { code: "OwnerDiffers", flags: ["txt-owner-id"], valueOf: ({ settings }) => `owner ${settings.ownerId}` },
  { code: "PrefixDiffers", flags: ["txt-prefix", "txt-suffix"], valueOf: ({ settings }) => affixText(settings) },
  {
    code: "WildcardReplacementDiffers",
    flags: ["txt-wildcard-replacement"],
    valueOf: ({ settings }) => settings.txtWildcardReplacement || "none",
  },
];

export function regionFindings({ instances }: AuditedFleet): readonly Finding[] {
  const ours = instances.map(({ instance }) => instance).filter(readsEndpoints);
  const regions = [...new Set(ours.flatMap((instance) => instance.regions))].sort();
  return regions.flatMap((region) => {
    const members = ours.filter((instance) => instance.regions.includes(region));
    return shared.flatMap(({ code, flags, valueOf }) => {
      const known = members.filter((member) => flags.every((flag) => knows(member, flag)));
      const byValue = Map.groupBy(known, valueOf);
      if (byValue.size < 2) return [];
      const parts = [...byValue].map(([value, holders]) => `${value}: ${holders.map(placeOf).join(", ")}`).sort();
      return [
        finding(code, { region, what: `region ${region} has ${parts.join("; ")}`, names: known.map(placeOf).sort() }),
      ];
    });
  });
}

/** Pairs of one cluster that write into one zone: of one region, or under one owner. */
export function pairFindings(audited: AuditedInstance, fleet: AuditedFleet): readonly Finding[] {
  const { instance, cluster } = audited;
  const others = fleet.instances.filter(
    (other) => other.instance !== instance && mayShareZone(instance, other.instance),
  );
  const twins = others.filter(
    (other) =>
      other.cluster === cluster &&
      readsEndpoints(other.instance) &&
      other.instance.regions.some((region) => instance.regions.includes(region)),
  );
  const [twin] = twins;
  // Said once for the two of them.
  if (twin === undefined || fleet.instances.indexOf(twin) < fleet.instances.indexOf(audited)) return [];
  const running = [audited, ...twins].filter((one) => one.instance.replicas > 0).length;
  const names = [audited, ...twins].map((one) => placeOf(one.instance)).sort();
  return [
    about(audited, "TwoControllers", {
      what: `${twins.map((one) => objectOf(one.instance)).join(", ")} publishes for ${instance.regions.join(", ")} as well`,
      names,
      ...(running > 1 ? {} : { severity: "warning" }),
    }),
  ];
}

/** An instance with other sources: none of ours, unless it shares its owner with one that is. */
export function otherSourceFindings(audited: AuditedInstance, fleet: AuditedFleet): readonly Finding[] {
  const { instance } = audited;
  const { sources, ownerId } = instance.settings;
  const owned = fleet.instances.filter(
    (other) =>
      readsEndpoints(other.instance) &&
      other.instance.settings.ownerId === ownerId &&
      knows(other.instance, "txt-owner-id") &&
      knows(instance, "txt-owner-id") &&
      mayShareZone(instance, other.instance),
  );
  const source = `--source ${sources.join(", ")}`;
  if (owned.length === 0) return [about(audited, "NotForDnsEndpoints", { what: `${source}, owner ${ownerId}` })];
  const names = owned.map((other) => placeOf(other.instance)).sort();
  return [
    about(audited, "OwnerSharedWithOthers", {
      what: `${source}; owner ${ownerId} is also that of ${names.join(", ")}`,
      names,
    }),
  ];
}

/** Controllers that a cluster is said to have, and has not. Left out where an instance may be for any region. */
export function clusterFindings(cluster: AuditedCluster, { instances }: AuditedFleet): readonly Finding[] {
  if (cluster.deployments === undefined) return [];
  const own = instances.filter((one) => one.cluster === cluster);
  const { controllers } = cluster;
  if (own.length === 0) {
    const named = controllers.length === 0 ? "" : `; its DNSConfiguration names ${controllerNames(controllers)}`;
    return [
      finding("NoExternalDns", {
        cluster: cluster.cluster,
        what: `no Deployment of ExternalDNS was found${named}`,
        ...(controllers.length === 0 ? {} : { severity: "warning" }),
      }),
    ];
  }
  const ours = own.filter(({ instance }) => readsEndpoints(instance));
  if (ours.some(({ instance }) => instance.regions.length === 0)) return [];
  const missing = controllers.filter(({ region }) => !ours.some(({ instance }) => instance.regions.includes(region)));
  if (missing.length === 0) return [];
  return [
    finding("ControllerMissing", {
      cluster: cluster.cluster,
      object: "DNSConfiguration",
      what: `it names ${controllerNames(missing)}, and no instance of ExternalDNS was found for ${missing.length === 1 ? "it" : "them"}`,
    }),
  ];
}

/** `external-dns-weu (weu), external-dns-neu (neu)` */
function controllerNames(controllers: AuditedCluster["controllers"]): string {
  return controllers.map(({ name, region }) => `${name} (${region})`).join(", ");
}
