import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditExternalDns, type AuditedCluster } from "../../../../shared/core/external-dns/audit.ts";
import type { ExternalDnsDeployment } from "../../../../shared/model/external-dns.ts";
import type { Finding, FindingCode } from "../../../../shared/model/finding.ts";
import type { RegionConfiguration } from "../../../../shared/model/fleet-configuration.ts";
import {
  argsOf,
  auditedCluster,
  endpointsFor,
  externalDns,
  image,
  profile,
  seedProfile,
  type Flags,
} from "../../../support/builders/external-dns.ts";

const region = (name: string, overrides: Partial<RegionConfiguration> = {}): RegionConfiguration => ({
  name,
  zones: [],
  zoneWrites: "observe",
  externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
  ...overrides,
});

const azureZone = (resourceGroup: string) =>
  ({
    kind: "azure",
    subscription: "11111111-2222-4333-8444-555555555555",
    resourceGroup,
    zone: "example.com",
  }) as const;

function audit(clusters: readonly AuditedCluster[], regions: readonly RegionConfiguration[] = []) {
  return auditExternalDns(clusters, regions).findings;
}

/** One cluster with one instance for weu: the profile with these flags instead. */
function auditOne(
  flags: Flags,
  {
    regions = [],
    cluster = {},
    ...overrides
  }: Parameters<typeof externalDns>[2] & {
    readonly regions?: readonly RegionConfiguration[];
    readonly cluster?: Parameters<typeof auditedCluster>[2];
  } = {},
): readonly Finding[] {
  const deployment = externalDns("external-dns-weu", { ...profile(), ...flags }, overrides);
  return audit([auditedCluster("w1", [deployment], cluster)], regions);
}

const codesOf = (findings: readonly Finding[], severity?: Finding["severity"]): readonly FindingCode[] =>
  findings
    .filter((one) => severity === undefined || one.severity === severity)
    .map(({ code }) => code)
    .sort();

const only = (findings: readonly Finding[], code: FindingCode): Finding => {
  const found = findings.filter((one) => one.code === code);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} ${code} in ${codesOf(findings).join()}`);
  return found[0];
};

describe("the profile", () => {
  it.each(["0.19.0", "0.20.0"])("has nothing wrong with %s", (version) => {
    expect(auditOne({}, { image: image(version), regions: [region("weu")] })).toEqual([]);
  });

  it.each(["0.21.0", "0.22.0"])("has nothing but its blindness to be known with %s", (version) => {
    expect(codesOf(auditOne({}, { image: image(version) }))).toEqual(["GoesOnBlindly"]);
  });

  it("has nothing wrong in two clusters for two regions, standbys without a DNSEndpoint included", () => {
    const deployments = ["weu", "neu"].map((name) => externalDns(`external-dns-${name}`, profile(name)));
    const w1 = auditedCluster("w1", deployments, {
      endpoints: endpointsFor(["a.example.com"], "weu"),
      regions: ["weu", "neu"],
    });
    const n1 = auditedCluster("n1", deployments, {
      endpoints: endpointsFor(["b.example.com"], "neu"),
      regions: ["weu", "neu"],
    });
    expect(audit([w1, n1], [region("weu"), region("neu")])).toEqual([]);
  });
});

describe("policy", () => {
  const standby = { cluster: { endpoints: endpointsFor(["a.example.com"], "neu") } };

  it("sync with nothing selected is a wiper of the zone, named before it ever runs", () => {
    const found = only(auditOne({ policy: "sync" }, { ...standby, replicas: 0 }), "ZoneWiper");
    expect(found).toMatchObject({
      severity: "critical",
      cluster: "w1",
      object: "Deployment external-dns/external-dns-weu",
    });
    expect(found.what).toBe(
      "policy sync, and none of 1 DNSEndpoints is selected (--label-filter=router.io/region=weu); owner external-dns-weu, 0 replicas, so it has not run yet",
    );
    expect(found.consequence).toContain("deletes every record");
    expect(found.fix).toContain("--policy=upsert-only");
  });

  it.each<[string, Parameters<typeof auditOne>]>([
    ["no DNSEndpoint at all", [{ policy: "sync" }, { cluster: { endpoints: [] } }]],
    ["a cluster without the CRD of DNSEndpoint", [{ policy: "sync" }, { cluster: { endpoints: "not-served" } }]],
    ["no policy, with 0.20", [{ policy: false }, standby]],
    ["another namespace", [{ policy: "sync", namespace: "dns" }, {}]],
    [
      "an annotation filter, with 0.22",
      [{ policy: "sync", "annotation-filter": "router.io/x=y", "label-filter": false }, { image: image("0.22.0") }],
    ],
  ])("sync wipes with %s", (_what, [flags, options]) => {
    expect(codesOf(auditOne(flags, options), "critical")).toContain("ZoneWiper");
  });

  it("sync with something selected waits for the day on which the cluster is empty", () => {
    expect(codesOf(auditOne({ policy: "sync" }))).toEqual(["SyncPolicy"]);
  });

  it("sync whose selection is not known is no wiper, but sync", () => {
    expect(codesOf(auditOne({ policy: "sync" }, { cluster: { unread: ["endpoints"] } }))).toEqual(["SyncPolicy"]);
  });

  it("sync with sources that may fill the set is no wiper", () => {
    expect(codesOf(auditOne({ policy: "sync", source: ["crd", "service"] }, standby))).toEqual([
      "OtherSources",
      "SyncPolicy",
    ]);
  });

  it("sync on one of two instances of a region deletes what the other publishes", () => {
    const [w1, n1] = ["w1", "n1"].map((name) =>
      auditedCluster(name, [
        externalDns("external-dns-weu", { ...profile(), policy: name === "w1" ? "sync" : "upsert-only" }),
      ]),
    );
    if (w1 === undefined || n1 === undefined) throw new Error("two clusters");
    const found = only(audit([w1, n1]), "SyncShared");
    expect(found).toMatchObject({ cluster: "w1", names: ["n1 external-dns/external-dns-weu"] });
    expect(found.consequence).toMatch(/^In every pass it deletes/);
  });

  it("sync without replicas beside another instance does nothing now, and says what it will do once it runs", () => {
    const [w1, n1] = ["w1", "n1"].map((name) =>
      auditedCluster(name, [
        externalDns(
          "external-dns-weu",
          { ...profile(), policy: name === "w1" ? "sync" : "upsert-only" },
          { replicas: name === "w1" ? 0 : 1 },
        ),
      ]),
    );
    if (w1 === undefined || n1 === undefined) throw new Error("two clusters");
    const found = only(audit([w1, n1]), "SyncShared");
    expect(found.severity).toBe("critical");
    expect(found.what).toMatch(/; 0 replicas, so it does not run now$/);
    expect(found.consequence).toMatch(/^As soon as it runs it deletes/);
  });

  it.each([
    ["create-only", { policy: "create-only" }, "0.20.0", "PolicyCreateOnly"],
    ["none with 0.22, which refuses to start", { policy: false }, "0.22.0", "PolicyMissing"],
    ["one that does not exist", { policy: "delete-all" }, "0.20.0", "PolicyMissing"],
  ] as const)("%s is critical", (_what, flags, version, code) => {
    expect(codesOf(auditOne(flags, { image: image(version) }), "critical")).toEqual([code]);
  });

  it("none with an unknown version is sync or refuses to start", () => {
    expect(codesOf(auditOne({ policy: false }, { image: "external-dns@sha256:0a" }))).toEqual([
      "PolicyMissing",
      "VersionUnknown",
    ]);
  });

  it("that comes from a ConfigMap is not judged", () => {
    const env = [{ name: "EXTERNAL_DNS_POLICY" }];
    expect(codesOf(auditOne({ policy: false }, { env }))).toEqual(["SettingsUnknown"]);
  });
});

describe("settings of one instance", () => {
  it.each<[FindingCode, Finding["severity"], Flags]>([
    ["RegistryNotTxt", "critical", { registry: "noop" }],
    ["RegistryNotTxt", "critical", { registry: "dynamodb" }],
    ["RegistryNotTxt", "critical", { registry: "crd" }],
    ["TxtCache", "warning", { "txt-cache-interval": "5m" }],
    ["ProviderCache", "warning", { "provider-cache-time": "30s" }],
    ["TxtEncrypted", "warning", { "txt-encrypt-enabled": true, "txt-encrypt-aes-key": "(not kept)" }],
    ["MigrateFromOwner", "warning", { "migrate-from-txt-owner": "old" }],
    ["DryRun", "critical", { "dry-run": true }],
    ["RecordTypesMissing", "critical", { "managed-record-types": ["A", "AAAA"] }],
    ["RecordTypesMissing", "critical", { "exclude-record-types": "A" }],
    ["RecordTypesMissing", "warning", { "managed-record-types": ["A", "CNAME"] }],
    ["LongInterval", "warning", { interval: "10m" }],
    ["EventsOff", "info", { events: false }],
    ["EventsOff", "info", { events: false, "no-events": true }],
    ["OwnerDefault", "warning", { "txt-owner-id": false }],
    ["DomainFilterMissing", "info", { "domain-filter": false }],
    ["ZoneNotSelected", "critical", { "domain-filter": "example.org" }],
    ["ZoneNotSelected", "critical", { "exclude-domains": "example.com" }],
    ["OtherSources", "warning", { source: ["crd", "service", "ingress"] }],
    ["TxtNameRoom", "warning", { "txt-prefix": false }],
    ["TxtNameRoom", "warning", { "txt-prefix": "weu-p-aks-" }],
    ["LabelFilterMissing", "warning", { "label-filter": false }],
    ["FilterNotByRegion", "warning", { "label-filter": "team=shop" }],
    ["FilterUnreadable", "critical", { "label-filter": "region in weu" }],
    ["SeveralRegions", "critical", { "label-filter": "router.io/region in (weu,neu)" }],
    ["NamespaceLimited", "critical", { namespace: "dns" }],
  ])("%s is %s for %o", (code, severity, flags) => {
    const findings = auditOne(flags);
    expect(only(findings, code).severity).toBe(severity);
    expect(codesOf(findings)).toEqual([code]);
  });

  it.each([
    ["SeveralReplicas", { replicas: 2 }],
    ["NotReady", { readyReplicas: 0 }],
    ["VersionUntested", { image: image("0.13.5") }],
    ["VersionUntested", { image: image("0.23.0") }],
    ["VersionUnknown", { image: "external-dns:latest" }],
  ] as const)("%s for %o", (code, overrides) => expect(codesOf(auditOne({}, overrides))).toEqual([code]));

  it("a standby without replicas is not asked to be ready", () => {
    expect(auditOne({}, { replicas: 0, readyReplicas: 0 })).toEqual([]);
  });

  it("settings of a ConfigMap, a Secret or a file are named, and defaults in their place are not judged", () => {
    const found = only(auditOne({}, { args: ["--source=crd"], envFrom: true }), "SettingsUnknown");
    expect(found.what).toBe("all that its arguments do not set may come from a ConfigMap, a Secret or a file");
    expect(codesOf(auditOne({}, { args: ["--source=crd"], envFrom: true }))).toEqual(["SettingsUnknown"]);
    expect(codesOf(auditOne({}, { args: ["@/flags"] }))).toEqual(["SettingsUnknown"]);
    const named = auditOne({ "txt-owner-id": "$(OWNER)" }, { env: [{ name: "OWNER" }] });
    expect(only(named, "SettingsUnknown").what).toBe("--txt-owner-id may come from a ConfigMap, a Secret or a file");
  });

  it("one that is started in a way that is not understood is said to be so, and not judged by defaults", () => {
    const found = auditOne({}, { args: [], command: ["sh", "-c", "/start.sh"] });
    expect(codesOf(found)).toEqual(["SettingsUnknown"]);
  });
});

describe("filters", () => {
  it("no filter is worse where names of several regions are there", () => {
    const endpoints = [...endpointsFor(["a.example.com"], "weu"), ...endpointsFor(["b.example.com"], "neu")];
    const found = only(auditOne({ "label-filter": false }, { cluster: { endpoints } }), "LabelFilterMissing");
    expect(found).toMatchObject({
      severity: "critical",
      what: "no --label-filter; DNSEndpoints are there for neu, weu",
    });
  });

  it.each([
    ["0.20.0", "AnnotationFilter", "warning"],
    ["0.21.0", "AnnotationFilter", "warning"],
    ["0.22.0", "AnnotationFilterEmpties", "critical"],
    ["0.23.0", "AnnotationFilter", "warning"],
  ] as const)("an annotation filter with %s is %s (%s)", (version, code, severity) => {
    const flags = {
      "label-filter": false,
      "annotation-filter": "external-dns.alpha.kubernetes.io/controller=external-dns-weu",
    };
    const found = only(auditOne(flags, { image: image(version) }), code);
    expect(found).toMatchObject({
      severity,
      region: "weu",
      fix: "replace --annotation-filter by --label-filter=router.io/region=weu",
    });
  });

  it("a namespace that hides nothing is only a limit for later", () => {
    expect(only(auditOne({ namespace: "shop" }), "NamespaceLimited").severity).toBe("warning");
  });

  it("a filter for one region under the owner of another writes into the wrong zone", () => {
    const flags = { "label-filter": "router.io/region=neu" };
    const found = only(auditOne(flags, { regions: [region("weu"), region("neu")] }), "FilterOtherRegion");
    expect(found).toMatchObject({ severity: "critical", region: "neu" });
    expect(found.what).toContain("stands for weu");
  });

  it("by the label app, as one of the guides has it, is by region", () => {
    expect(auditOne({ "label-filter": "app=external-dns-weu" })).toEqual([]);
  });
});

describe("ownership records", () => {
  const long = `${"a".repeat(58)}.example.com`;

  it("names hosts whose ownership record does not fit", () => {
    const endpoints = endpointsFor([long, `${"b".repeat(57)}.example.com`, "short.example.com"]);
    const found = only(auditOne({ "txt-prefix": false }, { cluster: { endpoints } }), "TxtNameTooLong");
    expect(found).toMatchObject({
      severity: "critical",
      names: [long],
      what: "1 host too long for ownership records with no prefix",
    });
  });

  it("fits every host under the prefix of the profile", () => {
    const endpoints = endpointsFor([`${"a".repeat(63)}.example.com`]);
    expect(auditOne({}, { cluster: { endpoints } })).toEqual([]);
  });

  it("names wildcard hosts without a replacement", () => {
    const cluster = { endpoints: endpointsFor(["*.apps.example.com", "a.example.com"]) };
    expect(only(auditOne({}, { cluster }), "WildcardReplacementMissing").names).toEqual(["*.apps.example.com"]);
    expect(auditOne({ "txt-wildcard-replacement": "anything" }, { cluster })).toEqual([]);
  });

  it("are not judged where ownership does not stand in TXT records", () => {
    expect(codesOf(auditOne({ "txt-prefix": false, registry: "noop" }))).toEqual(["RegistryNotTxt"]);
  });
});

describe("against the fleet configuration", () => {
  it.each<[FindingCode, Flags, Partial<RegionConfiguration>]>([
    ["OwnerUnlikeFleet", { "txt-owner-id": "weu-dns" }, {}],
    ["PrefixUnlikeFleet", { "txt-prefix": "%{record_type}-weu." }, {}],
    ["PrefixUnlikeFleet", { "txt-prefix": false, "txt-suffix": "-%{record_type}" }, {}],
    ["IntervalUnlikeFleet", { interval: "3m" }, {}],
    ["OtherProvider", { provider: "azure" }, { zones: [azureZone("rg-weu")] }],
    ["OtherZone", { "azure-resource-group": "rg-neu" }, { zones: [azureZone("rg-weu")] }],
    [
      "OtherZone",
      { "azure-subscription-id": "99999999-2222-4333-8444-555555555555" },
      { zones: [azureZone("rg-weu")] },
    ],
    ["ZoneNotSelected", { "domain-filter": "aks.example.com" }, { zones: [azureZone("rg-weu")] }],
  ])("%s for %o", (code, flags, overrides) => {
    const findings = auditOne(flags, {
      regions: [region("weu", overrides)],
      cluster: { domain: "aks.example.com" },
    }).filter(({ code: one }) => one !== "TxtNameRoom");
    expect(codesOf(findings)).toEqual([code]);
  });

  it("takes a resource group in any case, and one of several zones", () => {
    const zones = [azureZone("rg-dns-weu"), azureZone("RG-WEU")];
    expect(auditOne({ "azure-resource-group": "rg-weu" }, { regions: [region("weu", { zones })] })).toEqual([]);
  });
});

describe("instances of one region in several clusters", () => {
  const across = (...flags: readonly Flags[]) =>
    audit(
      flags.map((own, index) =>
        auditedCluster(`c${index}`, [externalDns("external-dns-weu", { ...profile(), ...own })]),
      ),
    );

  it.each<[FindingCode, Flags, string]>([
    [
      "OwnerDiffers",
      { "txt-owner-id": "weu-2" },
      "region weu has owner external-dns-weu: c0 external-dns/external-dns-weu; owner weu-2: c1 external-dns/external-dns-weu",
    ],
    [
      "PrefixDiffers",
      { "txt-prefix": "c1-%{record_type}." },
      'region weu has prefix "_xdns-%{record_type}.": c0 external-dns/external-dns-weu; prefix "c1-%{record_type}.": c1 external-dns/external-dns-weu',
    ],
    [
      "WildcardReplacementDiffers",
      { "txt-wildcard-replacement": "any" },
      "region weu has any: c1 external-dns/external-dns-weu; none: c0 external-dns/external-dns-weu",
    ],
  ])("%s", (code, flags, what) => expect(only(across({}, flags), code).what).toBe(what));

  it("PrefixDiffers says which are alike", () => {
    const found = only(across({}, { "txt-prefix": "x-%{record_type}." }, {}), "PrefixDiffers");
    expect(found.what).toContain("c0 external-dns/external-dns-weu, c2 external-dns/external-dns-weu");
    expect(found).toMatchObject({ severity: "critical", region: "weu" });
    expect(found).not.toHaveProperty("cluster");
  });

  it("one that writes into a zone of another resource group is no rival", () => {
    const flags = { policy: "sync", "azure-resource-group": "rg-a" };
    expect(codesOf(across(flags, { ...flags, "azure-resource-group": "rg-b" }))).toEqual(["SyncPolicy", "SyncPolicy"]);
  });

  it("finds all that the guides of the operator deploy", () => {
    const clusters = ["w1", "n1"].map((name) =>
      auditedCluster(
        name,
        ["weu", "neu"].map((one) =>
          externalDns(`external-dns-${one}`, seedProfile(one, `${name}-p-aks-`), {
            replicas: name.startsWith(one[0] ?? "") ? 1 : 0,
          }),
        ),
        { endpoints: endpointsFor(["a.example.com"], name === "w1" ? "weu" : "neu"), regions: ["weu", "neu"] },
      ),
    );
    expect(codesOf(audit(clusters), "critical")).toEqual([
      "PrefixDiffers",
      "PrefixDiffers",
      "SyncShared",
      "SyncShared",
      "ZoneWiper",
      "ZoneWiper",
    ]);
  });
});

describe("instances of one cluster", () => {
  const both = (first: Flags, second: Flags, replicas = 1) =>
    audit([
      auditedCluster("w1", [
        externalDns("a", { ...profile(), ...first }),
        externalDns("b", { ...profile(), ...second }, { replicas }),
      ]),
    ]);

  it("two for one region are two writers", () => {
    const found = only(both({}, {}), "TwoControllers");
    expect(found).toMatchObject({ severity: "critical", names: ["w1 external-dns/a", "w1 external-dns/b"] });
  });

  it("a second one that does not run is a warning", () => {
    expect(only(both({}, {}, 0), "TwoControllers").severity).toBe("warning");
  });

  it("two for two domains are none", () => {
    expect(codesOf(both({}, { "domain-filter": "example.org" }))).toEqual(["ZoneNotSelected"]);
  });

  it("one with other sources and an owner of its own is none of ours", () => {
    const found = both({}, { source: "service", "txt-owner-id": "services", "label-filter": false });
    expect(codesOf(found)).toEqual(["NotForDnsEndpoints"]);
  });

  it("one with other sources under the same owner deletes or changes our records", () => {
    const found = both({}, { source: ["service", "ingress"], "label-filter": false, policy: "sync" });
    expect(only(found, "OwnerSharedWithOthers")).toMatchObject({ severity: "critical", names: ["w1 external-dns/a"] });
  });

  it("one of which nothing says a region cannot be compared", () => {
    const found = audit([
      auditedCluster("w1", [externalDns("dns", { ...profile(), "label-filter": "team=a", "txt-owner-id": "x" })]),
    ]);
    expect(codesOf(found)).toEqual(["FilterNotByRegion", "RegionUnknown"]);
  });
});

describe("a cluster", () => {
  it("without ExternalDNS is said to be so", () => {
    expect(audit([auditedCluster("w1", [])])).toMatchObject([{ code: "NoExternalDns", severity: "info" }]);
    expect(audit([auditedCluster("w1", [], { regions: ["weu"] })])).toMatchObject([
      { code: "NoExternalDns", severity: "warning" },
    ]);
  });

  it("whose Deployments could not be read is not said to have none", () => {
    expect(audit([auditedCluster("w1", [], { unread: ["deployments"], regions: ["weu"] })])).toEqual([]);
  });

  it("with a controller that nobody runs", () => {
    const found = audit([
      auditedCluster("w1", [externalDns("external-dns-weu", profile())], { regions: ["weu", "neu"] }),
    ]);
    expect(found).toMatchObject([{ code: "ControllerMissing", severity: "warning", object: "DNSConfiguration" }]);
    expect(found[0]?.what).toContain("external-dns-neu (neu)");
  });
});

describe("auditExternalDns", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      ...argsOf(profile()),
      ...argsOf(seedProfile("weu", "x-")),
      "--annotation-filter=a=b",
      "--no-events",
    ),
    fc
      .tuple(fc.constantFrom("policy", "label-filter", "txt-prefix", "regex-domain-filter", "interval"), fc.string())
      .map(([flag, value]) => `--${flag}=${value}`),
  );
  const anyDeployment = fc
    .tuple(
      fc.array(word),
      fc.constantFrom("external-dns", image("0.20.0"), image("0.22.0")),
      fc.integer({ min: 0, max: 3 }),
      fc.boolean(),
    )
    .map(([args, of, replicas, envFrom]) => externalDns("any", {}, { args, image: of, replicas, envFrom }));

  it("judges anything, and gives the same answer whatever the order of clusters", () => {
    fc.assert(
      fc.property(
        fc.array(anyDeployment, { maxLength: 3 }),
        fc.array(anyDeployment, { maxLength: 3 }),
        (first, second) => {
          const [w1, n1] = [auditedCluster("w1", first), auditedCluster("n1", second)];
          const texts = (findings: readonly Finding[]): readonly string[] =>
            findings.map((one) => JSON.stringify(one)).sort();
          expect(texts(audit([w1, n1]))).toEqual(texts(audit([n1, w1])));
        },
      ),
    );
  });

  it("never calls an upsert-only instance a wiper, and never leaves an empty sync one out", () => {
    const policies = fc.constantFrom("sync", "upsert-only", "create-only");
    fc.assert(
      fc.property(fc.array(word), policies, fc.integer({ min: 0, max: 1 }), (args, policy, replicas) => {
        const own = args.filter((arg) => !/^--(?:policy|source|label-filter|annotation-filter)/.test(arg));
        const deployment: ExternalDnsDeployment = externalDns(
          "any",
          {},
          {
            args: [
              ...own.filter((arg) => arg.startsWith("--") && arg.includes("=")),
              "--source=crd",
              `--policy=${policy}`,
              "--label-filter=router.io/region=weu",
            ],
            replicas,
          },
        );
        const codes = codesOf(audit([auditedCluster("w1", [deployment], { endpoints: [] })]));
        expect(codes.includes("ZoneWiper")).toBe(policy === "sync");
      }),
    );
  });
});
