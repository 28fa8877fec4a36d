/** From Deployments to instances of ExternalDNS with every setting filled in: what is given, else the default of the version. */
import type {
  ExternalDnsContainer,
  ExternalDnsDeployment,
  ExternalDnsInstance,
  ExternalDnsSettings,
  ExternalDnsVersion,
} from "../../model/external-dns.ts";
import { objectKey } from "../naming/item-id.ts";
import { durationSeconds, flagNames, givenSettings, isTrue, type Flag, type GivenSettings } from "./flags.ts";
import { regionsOf, type RegionClues } from "./regions.ts";
import { policyOf, versionOf } from "./version.ts";

/** Sorted by Deployment, then container. */
export function readInstances(
  cluster: string,
  deployments: readonly ExternalDnsDeployment[],
  clues: RegionClues,
): readonly ExternalDnsInstance[] {
  return deployments
    .flatMap((deployment) =>
      deployment.containers.map((container) => instanceOf(cluster, deployment, container, clues)),
    )
    .sort((left, right) => (idOf(left) < idOf(right) ? -1 : 1));
}

function idOf({ deployment, container }: ExternalDnsInstance): string {
  return `${deployment} ${container}`;
}

function instanceOf(
  cluster: string,
  deployment: ExternalDnsDeployment,
  container: ExternalDnsContainer,
  clues: RegionClues,
): ExternalDnsInstance {
  const version = versionOf(container.image);
  const given = givenSettings(container);
  const settings = settingsOf(given, version);
  const unknown = flagNames.filter(
    (flag) => given.unknown.has(flag) || (given.mayBeElsewhere && !given.values.has(flag)),
  );
  return {
    cluster,
    deployment: objectKey(deployment.meta),
    container: container.name,
    image: container.image,
    ...(version === undefined ? {} : { version }),
    replicas: deployment.replicas,
    ...(deployment.readyReplicas === undefined ? {} : { readyReplicas: deployment.readyReplicas }),
    settings,
    unknown,
    regions: regionsOf({ name: deployment.meta.name, settings, unknown }, clues),
  };
}

const standardTypes = ["A", "AAAA", "CNAME"];
const standardIntervalSeconds = 60;

function settingsOf({ values }: GivenSettings, version: ExternalDnsVersion | undefined): ExternalDnsSettings {
  const one = (flag: Flag, otherwise = ""): string => values.get(flag)?.at(-1) ?? otherwise;
  const many = (flag: Flag, otherwise: readonly string[] = []): readonly string[] => values.get(flag) ?? otherwise;
  const seconds = (flag: Flag, otherwise: number): number => durationSeconds(one(flag)) ?? otherwise;
  const policy = policyOf(values.get("policy")?.at(-1), version);
  return {
    sources: many("source"),
    provider: one("provider"),
    ...(policy === undefined ? {} : { policy }),
    policyByDefault: !values.has("policy"),
    registry: one("registry", "txt"),
    ownerId: one("txt-owner-id", "default"),
    txtPrefix: one("txt-prefix"),
    txtSuffix: one("txt-suffix"),
    txtWildcardReplacement: one("txt-wildcard-replacement"),
    txtEncrypted: isTrue(one("txt-encrypt-enabled")),
    txtCacheSeconds: seconds("txt-cache-interval", 0),
    migrateFromOwner: one("migrate-from-txt-owner"),
    providerCacheSeconds: seconds("provider-cache-time", 0),
    labelFilter: one("label-filter").trim(),
    annotationFilter: one("annotation-filter").trim(),
    namespace: one("namespace"),
    domainFilters: many("domain-filter"),
    excludedDomains: many("exclude-domains"),
    regexDomainFilter: one("regex-domain-filter"),
    regexDomainExclusion: one("regex-domain-exclusion"),
    zoneNameFilters: many("zone-name-filter"),
    managedRecordTypes: many("managed-record-types", standardTypes),
    excludedRecordTypes: many("exclude-record-types"),
    intervalSeconds: seconds("interval", standardIntervalSeconds),
    events: isTrue(one("events")),
    dryRun: isTrue(one("dry-run")),
    azureResourceGroup: one("azure-resource-group"),
    azureSubscription: one("azure-subscription-id"),
  };
}
