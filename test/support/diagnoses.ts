/** Builders of diagnoses as presentation and the command line get them: small, with overrides. */
import type { Coverage } from "../../shared/model/coverage.ts";
import type { Diagnosis } from "../../shared/model/diagnosis.ts";
import type { ExternalDnsInstance, ExternalDnsSettings } from "../../shared/model/external-dns.ts";
import { PASS_AT_MS } from "./reports.ts";

/** One cluster that was read in 1.2 s and has nothing wrong. */
export function diagnosis(overrides: Partial<Diagnosis> = {}): Diagnosis {
  return {
    of: "fleet",
    startedAtMs: PASS_AT_MS,
    endedAtMs: PASS_AT_MS + 1_200,
    clusters: [{ cluster: "w1", region: "weu", reached: true, routes: 2, dnsEndpoints: 3, externalDns: 1 }],
    instances: [instance()],
    findings: [],
    coverages: [],
    notJudged: [],
    notes: [],
    ...overrides,
  };
}

/** As the profile wants it, for region weu. */
export function instance(overrides: Partial<ExternalDnsInstance> = {}): ExternalDnsInstance {
  return {
    cluster: "w1",
    deployment: "external-dns/external-dns-weu",
    container: "external-dns",
    image: "registry.k8s.io/external-dns/external-dns:v0.20.0",
    version: { major: 0, minor: 20, patch: 0 },
    replicas: 1,
    settings: settings(),
    unknown: [],
    regions: ["weu"],
    ...overrides,
  };
}

export function settings(overrides: Partial<ExternalDnsSettings> = {}): ExternalDnsSettings {
  return {
    sources: ["crd"],
    provider: "azure-private-dns",
    policy: "upsert-only",
    policyByDefault: false,
    registry: "txt",
    ownerId: "external-dns-weu",
    txtPrefix: "_xdns-%{record_type}.",
    txtSuffix: "",
    txtWildcardReplacement: "",
    txtEncrypted: false,
    txtCacheSeconds: 0,
    migrateFromOwner: "",
    providerCacheSeconds: 0,
    labelFilter: "router.io/region=weu",
    annotationFilter: "",
    namespace: "",
    domainFilters: ["example.com"],
    excludedDomains: [],
    regexDomainFilter: "",
    regexDomainExclusion: "",
    zoneNameFilters: [],
    managedRecordTypes: ["A", "AAAA", "CNAME"],
    excludedRecordTypes: [],
    intervalSeconds: 60,
    events: true,
    dryRun: false,
    azureResourceGroup: "",
    azureSubscription: "",
    ...overrides,
  };
}

export function coverage(overrides: Partial<Coverage> = {}): Coverage {
  return {
    scope: { kind: "cluster", name: "w1" },
    clusters: ["w1"],
    total: 2,
    covered: 2,
    substitute: "n1",
    uncovered: [],
    ...overrides,
  };
}
