/**
 * What follows from the settings of ExternalDNS, code by code, and what to set instead. Measured with the real binaries of
 * 0.20 and 0.22 (docs/platform/external-dns.md).
 */
import type { FindingText } from "./finding-text.ts";

/** The prefix of the profile: leaves every label its 63 characters, and no name collides with an ownership record. */
const prefix = "--txt-prefix=_xdns-%{record_type}.";

export const externalDnsTexts = {
  ZoneWiper: {
    severity: "critical",
    consequence:
      "As soon as it runs it deletes every record that its owner id has in the zone, because it wants none of them: whatever other clusters publish under that owner stops resolving.",
    fix: "set --policy=upsert-only before it is started or started again",
  },
  SyncShared: {
    severity: "critical",
    consequence:
      "In every pass it deletes what only the other instances publish and they write it again, so names are missing about half of the time, for ever.",
    fix: "set --policy=upsert-only on every instance of the region; the change itself writes nothing",
  },
  SyncPolicy: {
    severity: "warning",
    consequence:
      "It deletes what it does not want: the same cluster rebuilt and still empty empties the zone, and a second instance of the region would fight with it.",
    fix: "set --policy=upsert-only; the change itself writes nothing",
  },
  PolicyMissing: {
    severity: "critical",
    consequence:
      "From 0.22 on it refuses to start and nothing is published; before that it runs as sync and deletes what it does not want.",
    fix: "set --policy=upsert-only",
  },
  PolicyCreateOnly: {
    severity: "critical",
    consequence: "A record is never changed: neither a takeover nor a new address ever reaches the zone.",
    fix: "set --policy=upsert-only",
  },
  OwnerDiffers: {
    severity: "critical",
    consequence:
      "An instance never changes records of another owner: no name can move between these clusters, and nothing says so.",
    fix: "give all instances of the region one --txt-owner-id",
  },
  OwnerDefault: {
    severity: "warning",
    consequence:
      "Every ExternalDNS that sets no owner id takes these records for its own, and changes them or, with sync, deletes them.",
    fix: "set --txt-owner-id to one value per region, as external-dns-<region>",
  },
  OwnerUnlikeFleet: {
    severity: "warning",
    consequence:
      "service-router takes the records of this instance for somebody else's: they are not verified and cannot be taken over.",
    fix: "correct --txt-owner-id, or externalDns.ownerId of the region in the fleet configuration",
  },
  PrefixDiffers: {
    severity: "critical",
    consequence:
      "Each looks for ownership records under another name and takes the records of the others for nobody's: a takeover never happens, silently.",
    fix: `give all instances of the region one ${prefix}; a new prefix orphans what an instance published before, so plan it as a migration`,
  },
  PrefixUnlikeFleet: {
    severity: "warning",
    consequence:
      "service-router looks for the ownership records of this instance under other names: its records look like nobody's, and hosts are judged too long or short enough by the wrong measure.",
    fix: "correct externalDns.txtPrefix of the region in the fleet configuration, or plan a migration of the prefix",
  },
  WildcardReplacementDiffers: {
    severity: "warning",
    consequence: "A wildcard name never moves between these clusters, silently.",
    fix: "give all instances of the region one --txt-wildcard-replacement",
  },
  WildcardReplacementMissing: {
    severity: "critical",
    consequence:
      "Azure refuses the ownership record of a wildcard name: the record is written once and never changed or deleted again.",
    fix: "set --txt-wildcard-replacement to an unlikely word, the same on all instances of the region",
  },
  TxtNameTooLong: {
    severity: "critical",
    consequence:
      "These names get a record without an ownership record, which ExternalDNS never changes and never deletes again.",
    fix: `set ${prefix} on all instances of the region (a migration), or shorten the names`,
  },
  TxtNameRoom: {
    severity: "warning",
    consequence:
      "A first label that is longer gets a record without an ownership record, which ExternalDNS never touches again.",
    fix: `set ${prefix} on all instances of the region; it is a migration`,
  },
  TxtEncrypted: {
    severity: "warning",
    consequence:
      "Nobody else can read who owns a record: verification, takeover and cleaning up cannot judge its names.",
    fix: "leave --txt-encrypt-enabled out",
  },
  TxtCache: {
    severity: "warning",
    consequence:
      "It plans on what the zone held a while ago and overwrites what somebody else wrote since, a takeover included.",
    fix: "leave --txt-cache-interval out",
  },
  ProviderCache: {
    severity: "warning",
    consequence:
      "It plans on what the zone held a while ago and overwrites what somebody else wrote since, a takeover included.",
    fix: "leave --provider-cache-time out",
  },
  RegistryNotTxt: {
    severity: "critical",
    consequence:
      "Who owns a record does not stand in the zone: it overwrites what another cluster or a takeover wrote, and nobody can see whose a record is.",
    fix: "set --registry=txt",
  },
  MigrateFromOwner: {
    severity: "warning",
    consequence:
      "It treats all records of the old owner as its own: with sync it deletes every one that it does not want, otherwise it may repeat writes in each pass.",
    fix: "remove --migrate-from-txt-owner once the records are moved; never together with sync",
  },
  LabelFilterMissing: {
    severity: "warning",
    consequence:
      "It publishes the names of every region into its one zone, where they compete with those that belong there.",
    fix: "set --label-filter=router.io/region=<region>",
  },
  FilterNotByRegion: {
    severity: "warning",
    consequence:
      "Which names it publishes does not follow the region that they are meant for: names can be missing from its zone, or stand in the wrong one.",
    fix: "set --label-filter=router.io/region=<region>",
  },
  FilterOtherRegion: {
    severity: "critical",
    consequence: "It writes the names of one region under the owner, and so into the zone, of another.",
    fix: "let --label-filter=router.io/region and --txt-owner-id name the same region",
  },
  FilterUnreadable: {
    severity: "critical",
    consequence: "ExternalDNS refuses to start with such a filter, so nothing is published.",
    fix: "correct the filter; --label-filter=router.io/region=<region> is enough",
  },
  SeveralRegions: {
    severity: "critical",
    consequence:
      "It writes the names of several regions into one zone, where the last writer decides which region a client is sent to.",
    fix: "run one instance per region, each with --label-filter=router.io/region=<region>",
  },
  AnnotationFilterEmpties: {
    severity: "critical",
    consequence:
      "In 0.22 a single DNSEndpoint that does not match empties the whole set: nothing is published any more, and with sync every record of the owner is deleted a second after the start.",
    fix: "replace --annotation-filter by --label-filter=router.io/region=<region>",
  },
  AnnotationFilter: {
    severity: "warning",
    consequence:
      "It works up to 0.20, keeps objects that no longer match in 0.21, and gives an empty set in 0.22, so an update of ExternalDNS can empty the zone.",
    fix: "replace --annotation-filter by --label-filter=router.io/region=<region>",
  },
  NamespaceLimited: {
    severity: "warning",
    consequence: "Names of routes in all other namespaces never reach the zone, silently.",
    fix: "leave --namespace out",
  },
  OtherSources: {
    severity: "warning",
    consequence:
      "Names also come from objects of any team, in the same zone and under the same owner, where they compete unseen with those of ServiceRoutes.",
    fix: "give DNSEndpoints an instance of their own: --source=crd and no other",
  },
  RecordTypesMissing: {
    severity: "critical",
    consequence: "Records of the missing types are neither written nor seen nor taken over, silently.",
    fix: "leave --managed-record-types and --exclude-record-types out, or manage A, AAAA and CNAME",
  },
  ZoneNotSelected: {
    severity: "critical",
    consequence: "None of the names of this domain reaches the zone, and nothing says so.",
    fix: "set --domain-filter to the name of the zone",
  },
  DomainFilterMissing: {
    severity: "info",
    consequence: "It writes into whichever zone of its resource group fits a name best, also into one added later.",
    fix: "set --domain-filter to the name of the zone",
  },
  OtherZone: {
    severity: "critical",
    consequence:
      "Names of the region are written into another zone than the fleet configuration names, so clients of the region do not find them.",
    fix: "correct the resource group or subscription of the instance, or regions[].zones of the fleet configuration",
  },
  OtherProvider: {
    severity: "warning",
    consequence: "It does not write into the Private DNS zones that the fleet configuration names.",
    fix: "set --provider=azure-private-dns, or correct regions[].zones of the fleet configuration",
  },
  LongInterval: {
    severity: "warning",
    consequence:
      "A record that somebody changed in the zone stays wrong for that long, and every handover of a name waits for it.",
    fix: "set --interval=1m and --events",
  },
  IntervalUnlikeFleet: {
    severity: "warning",
    consequence:
      "A handover waits only for the interval that the fleet configuration names, so two clusters can publish one name at a time and flip it.",
    fix: "set externalDns.intervalSeconds of the region to the longest --interval of its instances",
  },
  EventsOff: {
    severity: "info",
    consequence: "A new or changed name reaches the zone only with the next interval.",
    fix: "set --events",
  },
  TwoControllers: {
    severity: "critical",
    consequence:
      "Two writers of one set write everything twice, Azure throttles them, and names lose their ownership record and are never touched again.",
    fix: "keep one of them per zone and cluster",
  },
  SeveralReplicas: {
    severity: "warning",
    consequence:
      "There is no leader election: each replica writes everything, Azure throttles them, and names lose their ownership record and are never touched again.",
    fix: "set replicas to 1",
  },
  DryRun: {
    severity: "critical",
    consequence: "It writes nothing at all, whatever its log says.",
    fix: "leave --dry-run out",
  },
  NotReady: {
    severity: "warning",
    consequence: "Changes of this cluster do not reach the zone until it runs; what is in the zone stays.",
    fix: "see why its pods are not ready: kubectl describe, kubectl logs --previous",
  },
  ControllerMissing: {
    severity: "warning",
    consequence: "DNSEndpoints are written for that region and nothing in this cluster makes records of them.",
    fix: "install the instance, or take the controller out of the DNSConfiguration",
  },
  NotForDnsEndpoints: {
    severity: "info",
    consequence: "It publishes nothing of service-router; in the same zone it needs an owner id of its own.",
    fix: "nothing, as long as its owner id is used by no instance with --source=crd",
  },
  OwnerSharedWithOthers: {
    severity: "critical",
    consequence:
      "It takes the records made of DNSEndpoints for its own: it changes them, and with sync it deletes them in every pass.",
    fix: "give instances with other sources a --txt-owner-id of their own",
  },
  SettingsUnknown: {
    severity: "warning",
    consequence: "What cannot be read is taken for the default here, so an unsafe setting may look safe.",
    fix: "write the settings into the arguments of the Deployment, or check them by hand against docs/platform/external-dns.md",
  },
  RegionUnknown: {
    severity: "info",
    consequence: "It cannot be compared with the instances of other clusters for its zone.",
    fix: "set --label-filter=router.io/region=<region>",
  },
  VersionUnknown: {
    severity: "info",
    consequence: "What its filters and its missing settings do depends on the version, which is not known.",
    fix: "give the image a tag that names its version, beside the digest",
  },
  VersionUntested: {
    severity: "info",
    consequence: "The rules here were measured with 0.20 and 0.22 and read in the code of 0.19 to 0.22.",
    fix: "run one of 0.19 to 0.22, or check the profile against the release notes",
  },
  GoesOnBlindly: {
    severity: "info",
    consequence:
      "While its API server is away it goes on asserting what it last knew, with a green health check: an unreachable cluster is no proof that nothing writes there.",
    fix: "nothing; a takeover fences the records, and 0.20 exits instead",
  },
} as const satisfies Readonly<Record<string, FindingText>>;
