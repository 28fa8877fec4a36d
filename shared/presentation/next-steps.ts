/**
 * What to do next, by code: condition reasons, refusals, held groups, and codes of errors of the outside.
 * A report never ends at "failed": whoever reads it knows the next step without opening the documentation.
 */

const STEPS: Readonly<Record<string, string>> = {
  // Refusals and conditions of resources.
  ValidationFailed: "correct the field that the reason names",
  InvalidSpec: "correct the field that the reason names",
  SingletonViolation: "delete the one that is not honoured; one per cluster counts",
  HostConflict: "rename one of the two, or delete the one that should not have the host",
  TargetConflict: "give one of the two Gateways another targetPostfix",
  NotAllowedByGateway: "use another Gateway, or let its allowedNamespaces include this namespace",
  GatewayNotFound: "create the Gateway, or correct gatewayName and gatewayNamespace of the route",
  DNSPolicyNotFound: "create a DNSPolicy in the namespace of the route",
  DNSPolicyInactive:
    "nothing, when the policy is meant to be inactive here; else correct sourceRegion and sourceCluster",
  PolicyInactive: "nothing, when it is meant to be inactive here; else correct sourceRegion and sourceCluster",
  NoUsableControllers: "add a controller for this region to the cluster's DNSConfiguration",
  ClusterIdentityNotAvailable: "create a ClusterIdentity in the cluster",
  DNSConfigurationNotAvailable: "create a DNSConfiguration in the cluster",
  NoServiceRoutes: "nothing; it becomes active with the first ServiceRoute that names it",
  LoadBalancerIPPending: "look at the LoadBalancer Service with the label istio=<controller>: it has no IP yet",
  DNSEndpointGenerationFailed: "see what the plan or report says of its DNSEndpoint: failed or refused, and why",
  IstioGatewayGenerationFailed:
    "do what the reason says: the cluster must serve Istio Gateways and let them be listed (Istio's CRDs, crds/rbac/), and the change of this one must succeed",
  AdoptedRegionNotFound:
    "correct adoptsRegions, or add a controller for the region to the DNSConfiguration of that cluster",
  AdoptionRequested: "nothing is moved by the request alone; the region keeps serving itself",
  IdentityMismatch: "correct the ClusterIdentity, or the identity that the fleet configuration pins",
  RegionNotFound: "correct the region, or add it to regions in the fleet configuration",
  DuplicateClusterName:
    "undo the rename, if one of the two is only the other under a new name in the fleet configuration; else give each a (region, cluster) of its own in its ClusterIdentity",
  OperatorRunning: "stop the operator in that cluster (scale its Deployment to 0), then run again",
  Contended:
    "see which two write the name, and stop the one that should not: the cluster or DNSEndpoint that the reason names, else a writer outside the fleet (the activity log of the zone in Azure names it)",
  ForeignObject: "delete or rename the object; or give it the label, if it should be managed here",
  ForeignOwner:
    "correct --txt-owner-id of ExternalDNS or the region's ownerId in the fleet configuration; a TXT that cannot be read (encrypted: leave --txt-encrypt-enabled out first) must be written anew, or deleted with its record, by hand: service-router never touches such a record",
  Orphan:
    "let its ownership TXT be written: service-router dns repair; or, where the message names a TXT of another prefix, copied: service-router dns copy-ownership",
  RecordMissing:
    "look at the log of ExternalDNS for that name; service-router doctor says what is unsafe in its settings",
  WrongTarget: "ExternalDNS mends a target that it owns; a record of another type must be deleted by hand",
  Flapping: "remove one of the writers that the reason names",
  Standby: "nothing; another cluster of the region publishes the name",
  BackendNotRead: "nothing to do: this version reads no backends",
  ZoneNotRead:
    "name the zones of the region in the fleet configuration; where they are named, status says why they are not read",
  // Clusters and reads.
  NotRead: "make the cluster readable again (the reason says what failed), then run again",
  Frozen: "see why its cluster is frozen; the cluster must be readable first",
  ShrunkRead: "if the objects are meant to be gone, approve the digest; else restore them",
  NeverRead: "make the cluster readable once, declare it retiring, or approve the digest",
  // Errors of the outside.
  CLUSTER_UNREACHABLE:
    "check the network path to the API server and that it runs and is healthy (manifests: that the directory is there and readable), then run again",
  DIRECTORY_NOT_WRITTEN:
    "free space on the disk, or let this user write the directory that the reason names, then run again",
  CLUSTER_NOT_CONFIGURED:
    "put its entry back into the fleet configuration; if it is to leave the fleet, with writes: retiring until it publishes nothing",
  CLUSTER_CERTIFICATE: "correct the CA or the server name in the cluster's source, as the reason says",
  CLUSTER_UNAUTHORIZED: "renew the credential of the cluster's source",
  FORBIDDEN: "grant the rule that the reason names (crds/rbac/), then run again",
  KIND_NOT_SERVED: "install the CRD in that cluster (crds/)",
  LIST_INCOMPLETE:
    "correct the file that the reason names; where it names none run again, and look at the API server's load if it stays",
  FIELD_CONFLICT:
    "remove the fields from the manager that the reason names, or delete the object so that it is made again",
  STALE_OBJECT: "run again: it changed while the pass ran",
  OBJECT_REFUSED: "see what the cluster says against the object: a schema, a policy or an admission webhook",
  THROTTLED: "run again in a minute; the place asked for fewer requests",
  ZONE_UNREACHABLE:
    "check the network path to Azure Resource Manager, or that the zone file can be read and written; the zone is read again in each pass",
  ZONE_FILE_INVALID: "correct the zone file where the reason says (docs/reference/zone-file.md)",
  ZONE_NOT_FOUND: "correct subscription, resourceGroup and zone in regions[].zones of the fleet configuration",
  ZONE_FAILING: "mend what the changes before it failed with, then look at the list again",
  RECORD_RETURNED: "nothing: ExternalDNS keeps the record; it is listed again should nobody want it",
  BUDGET_EXCEEDED: "look at the list again: it holds these now, and their own digest approves them",
  NOT_AS_APPROVED: "nothing, or look at the list again: what is there now has another digest",
  NOT_JUDGED: "mend what the reason says, then look at the list again",
  AZURE_UNAVAILABLE: "run again; if it stays, look at Azure's own status",
  STORE_UNAVAILABLE: "check that the state store (store in the fleet configuration) can be reached and written",
  STORE_NEWER_SCHEMA:
    "run the later version that wrote the document, or move the document away (docs/explanation/state.md: what that loses)",
  STORE_CONFLICT: "run again: somebody else wrote the document meanwhile",
  LEASE_HELD:
    "run again when the other pass has ended, or 60 s after its holder died; where a timer runs passes, it looks at the fleet again by itself",
  PLACEMENT_MOVED: "run again: the next pass plans for the new placement",
  LEASE_LOST: "run again; the rest of the plan was not started",
  INTERRUPTED: "run again: what was not started is planned again",
  UNEXPECTED: "run again with --verbose, and report what it prints",
  CONFIGURATION:
    "correct what is listed, then look at it again: fleet.yaml with service-router config check, a kubeconfig with kubectl config view",
};

const OTHERWISE = "see the reason; service-router status shows more";

export function nextStep(code: string): string {
  return STEPS[code] ?? OTHERWISE;
}

/** Whether the code has a step of its own, not only the general one. */
export function hasNextStep(code: string): boolean {
  return STEPS[code] !== undefined;
}

/**
 * The step for a frozen cluster. "Not read" is mended by what failed: when one code stands behind every list that was not
 * read, its step says more than "make it readable".
 * @param notRead codes of the lists that were not read.
 */
export function frozenStep(code: string, notRead: readonly string[]): string {
  const [first] = notRead;
  const one = code === "NotRead" && first !== undefined && notRead.every((other) => other === first);
  return nextStep(one && hasNextStep(first) ? first : code);
}

/**
 * The step after faults in one source: `config check` reads the fleet configuration and nothing else.
 * @param source of the ConfigurationError.
 */
export function faultStep(source: string): string {
  if (/^kubeconfig\b/.test(source)) {
    return "correct it (kubectl config view shows what it says), or name another with --context or --kubeconfig";
  }
  const isFleet = !/^(cluster|function|Helm values|--key-file|serve|telemetry)(?![.\w/-])/.test(source);
  return isFleet
    ? "correct what is listed, then run service-router config check"
    : "correct what is listed, then run again";
}

/** The command that approves held changes. */
export function approveCommand(digest: string): string {
  return `service-router approve ${digest} --reason "…"`;
}
