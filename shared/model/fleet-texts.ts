/** What follows from the state of clusters, rights, clocks and routes, code by code, and what to do. */
import type { FindingText } from "./finding-text.ts";

export const fleetTexts = {
  ClusterNotRead: {
    severity: "critical",
    consequence: "Nothing is known of this cluster: whatever is wrong there is missing from this report.",
    fix: "repair what the reason names, then run doctor again",
  },
  KindNotRead: {
    severity: "warning",
    consequence: "What depends on it was not looked at here.",
    fix: "grant the right or repair what the reason names, then run doctor again",
  },
  CrdsMissing: {
    severity: "info",
    consequence: "There are no ServiceRoutes to judge, so host conflicts and coverage are left out for this cluster.",
    fix: "to publish from it: kubectl apply -k crds",
  },
  DnsEndpointsNotServed: {
    severity: "warning",
    consequence: "ExternalDNS with --source=crd has nothing to read there: 0.20 exits, 0.22 runs with an empty set.",
    fix: "install the CRD of DNSEndpoint (externaldns.k8s.io)",
  },
  NoExternalDns: {
    severity: "info",
    consequence: "Nothing makes records of the DNSEndpoints of this cluster.",
    fix: "install one instance per region, as docs/platform/external-dns.md shows",
  },
  ObjectInvalid: {
    severity: "info",
    consequence: "What they published before stays, and nothing new comes of them.",
    fix: "correct the fields: service-router plan names each",
  },
  HostConflict: {
    severity: "warning",
    consequence: "Only one of them is published: clients of the other reach somebody else's service under this name.",
    fix: "rename one of the two, or delete the one that should not have the host",
  },
  Refused: {
    severity: "info",
    consequence: "They are not published as their authors wrote them.",
    fix: "service-router plan names each, with the reason and the next step",
  },
  RouteWithoutBackend: {
    severity: "warning",
    consequence: "The host resolves and the gateway answers 404 or 503, because nothing stands behind it.",
    fix: "add a VirtualService for host and Gateway that leads to a Service with ready endpoints, or remove the route",
  },
  OperatorRunning: {
    severity: "info",
    consequence: "service-router writes nothing to this cluster while the in-cluster operator runs.",
    fix: "to hand the cluster over: service-router migrate (docs/migration.md)",
  },
  ReadRightsMissing: {
    severity: "warning",
    consequence: "service-router cannot read these kinds: it freezes the cluster, or leaves out what they would show.",
    fix: "apply and bind the ClusterRole service-router-read (crds/rbac/read.yaml)",
  },
  WriteRightsMissing: {
    severity: "warning",
    consequence: "An apply fails at the first change that needs them.",
    fix: "apply and bind the ClusterRole service-router-write (crds/rbac/write.yaml)",
  },
  RightsNotAsked: {
    severity: "info",
    consequence: "Missing rights show only when they are needed.",
    fix: "let the credential create selfsubjectaccessreviews (system:basic-user), then run doctor again",
  },
  ClockSkew: {
    severity: "warning",
    consequence:
      "Times of this cluster and ours do not fit together: the running operator, ages and health samples are judged wrongly.",
    fix: "correct the clock that is wrong (this machine's or the API server's; NTP)",
  },
  AppInFleetRegion: {
    severity: "warning",
    consequence: "The failure that takes the region's clusters takes the app with it, so nobody is left to move them.",
    fix: "run the app, and its store, in a region without fleet clusters",
  },
  ZoneNotRead: {
    severity: "warning",
    consequence: "Whether names of this zone really resolve is not known.",
    fix: "repair what the reason names, then run doctor again",
  },
  RecordOrphan: {
    severity: "warning",
    consequence:
      "ExternalDNS never touches these records again: a change of target, a takeover or a deletion does not reach them.",
    fix: "service-router dns repair writes the missing ownership TXTs, dns copy-ownership copies those of another prefix, both after approval; status says which it is",
  },
  RecordForeign: {
    severity: "warning",
    consequence:
      "The ExternalDNS of the region leaves these records alone: what the fleet publishes never reaches them.",
    fix: "give all instances of the region one --txt-owner-id; write TXTs that cannot be read anew, or delete what is not meant to be there, by hand (service-router never touches it)",
  },
  RecordFlapping: {
    severity: "critical",
    consequence: "Several writers set these records in turn, so clients are led to one target or the other by chance.",
    fix: "service-router status names the writers: remove one of them; who writes from outside the fleet is in the activity log of the zone in Azure",
  },
  RecordWrong: {
    severity: "warning",
    consequence: "These names lead elsewhere than the fleet says.",
    fix: "service-router status says at which stage each is stuck",
  },
  NameOutsideZones: {
    severity: "warning",
    consequence:
      "Whether these names resolve is never looked at: they lie in none of the zones configured for their region.",
    fix: "correct regions[].zones of the fleet configuration, or the domain of the ClusterIdentity",
  },
  RecordMissing: {
    severity: "warning",
    consequence: "These names do not resolve in this zone.",
    fix: "service-router status says at which stage each is stuck",
  },
  RecordUnclaimed: {
    severity: "info",
    consequence:
      "Nobody claims these records any more; under upsert-only they stay for ever and lead to what was there once.",
    fix: "service-router garbage lists them, and deletes them after approval",
  },
  ZoneRoleMissing: {
    severity: "warning",
    consequence:
      "Without the reads no name of the zone is verified; without writes and deletes none is taken over, repaired or cleaned up.",
    fix: "assign Reader on the zone to the identity, or Private DNS Zone Contributor where zoneWrites is apply",
  },
  ZoneRoleUnknown: {
    severity: "info",
    consequence: "A missing role shows only when it is needed.",
    fix: "let the identity do Microsoft.Authorization/permissions/read on the zone (Reader and Private DNS Zone Contributor have it), then run doctor again",
  },
} as const satisfies Readonly<Record<string, FindingText>>;
