/** Status of our Gateway: Ready speaks of the Istio Gateway, DNSReady of its address records. */
import type { DesiredCondition, DesiredItem, DesiredStatus, StatusNeed } from "../../model/desired.ts";
import type { IstioGateway } from "../../model/cluster-objects.ts";
import type { Listing } from "../../model/kinds.ts";
import type { Place } from "../../model/place.ts";
import { condition, rejectedStatus, statusOf } from "./conditions.ts";
import { dnsVerified } from "./dns-verified.ts";
import type { ClusterFindings, GatewayFinding } from "./findings.ts";
import type { ZoneView } from "./route-status.ts";

type GatewayContext = {
  readonly findings: ClusterFindings;
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  readonly endpointKeys: ReadonlyMap<string, readonly string[]>;
  /** Items of the gateways' DNSEndpoints. */
  readonly records: readonly DesiredItem[];
  readonly zones: ZoneView;
};

export function gatewayStatuses(context: GatewayContext): readonly DesiredStatus[] {
  const { cluster, gateways } = context.findings;
  const place: Place = { kind: "cluster", name: cluster.name };
  const listing = cluster.believed?.Gateway;
  const rejected = listing?.read === "complete" ? listing.rejected : [];
  return [
    ...[...gateways.values()].map((finding) => gatewayStatus(finding, context, place)),
    ...rejected.map((object) => rejectedStatus(place, "Gateway", object)),
  ];
}

function gatewayStatus(finding: GatewayFinding, context: GatewayContext, place: Place): DesiredStatus {
  const { gateway, addresses } = finding;
  const [address] = addresses;
  if (finding.state === "failed") {
    // Address and DNSReady stay as they were: the records do too.
    const written = gateway.status["loadBalancerIP"];
    const dnsReady = gateway.status.conditions?.find(({ type }) => type === "DNSReady");
    return statusOf(place, "Gateway", gateway, {
      fields: { phase: "Failed", loadBalancerIP: typeof written === "string" ? written : "" },
      conditions: [
        condition("Ready", "False", finding.code ?? "ValidationFailed", finding.reason ?? ""),
        ...(dnsReady === undefined ? [] : [condition("DNSReady", dnsReady.status, dnsReady.reason, dnsReady.message)]),
        ...verified(finding, context),
      ],
    });
  }
  if (finding.state === "waiting") {
    return statusOf(place, "Gateway", gateway, {
      fields: { phase: "Pending", loadBalancerIP: "" },
      conditions: [
        condition("Ready", "False", "ClusterIdentityNotAvailable", "Waiting for ClusterIdentity"),
        condition("DNSReady", "False", "DNSNotReady", "ClusterIdentity not available"),
        ...verified(finding, context),
      ],
    });
  }
  const ready = readyCondition(finding, context);
  const endpointKeys = context.endpointKeys.get(finding.key) ?? [];
  const needs: StatusNeed[] = [
    { kind: "DNSEndpoint", keys: endpointKeys, conditions: ["DNSReady"], reason: "DNSNotReady" },
  ];
  if (ready.status === "True") {
    needs.push({
      kind: "IstioGateway",
      keys: [finding.key],
      conditions: ["Ready"],
      reason: "IstioGatewayGenerationFailed",
    });
  }
  return statusOf(place, "Gateway", gateway, {
    fields: { phase: ready.status === "True" ? "Active" : "Pending", loadBalancerIP: address ?? "" },
    conditions: [ready, dnsReadyCondition(finding, context), ...verified(finding, context), ...ambiguity(finding)],
    needs,
  });
}

function readyCondition(finding: GatewayFinding, context: GatewayContext): DesiredCondition {
  const { cluster } = context.findings;
  const istio = cluster.believed?.IstioGateway;
  if (istio?.read !== "complete" || cluster.istioVersion === undefined) {
    return condition("Ready", "False", "IstioGatewayGenerationFailed", unreadReason(istio));
  }
  if ((context.hosts.get(finding.key) ?? []).length === 0) {
    return condition("Ready", "False", "NoServiceRoutes", "Waiting for ServiceRoutes to reference this Gateway");
  }
  return condition("Ready", "True", "ReconciliationSucceeded", "Gateway is active");
}

/** What keeps Istio Gateways from being read, and what to do; nothing that changes from pass to pass. */
function unreadReason(istio: Listing<IstioGateway> | undefined): string {
  switch (istio?.read === "not-read" ? istio.code : "") {
    case "KIND_NOT_SERVED":
      return "this cluster does not serve Istio Gateways; install Istio's CRDs";
    case "FORBIDDEN":
      return "Istio Gateways of this cluster may not be listed; grant it (crds/rbac/read.yaml)";
    default:
      return "Istio Gateways of this cluster cannot be read";
  }
}

function dnsReadyCondition(finding: GatewayFinding, context: GatewayContext): DesiredCondition {
  if (finding.service === undefined) {
    return condition("DNSReady", "False", "DNSNotReady", "LoadBalancer Service not found");
  }
  if (finding.addresses.length === 0) {
    return condition("DNSReady", "False", "LoadBalancerIPPending", "LoadBalancer IP pending");
  }
  if (context.findings.cluster.controllers === undefined) {
    return condition("DNSReady", "False", "DNSNotReady", "DNSConfiguration not available");
  }
  if ((context.endpointKeys.get(finding.key) ?? []).length === 0) {
    return condition("DNSReady", "False", "DNSNotReady", "no DNSEndpoint is published by this cluster");
  }
  return condition("DNSReady", "True", "DNSEndpointsCreated", "DNSEndpoints provisioned");
}

function ambiguity(finding: GatewayFinding): readonly DesiredCondition[] {
  return finding.ambiguous === undefined
    ? []
    : [condition("ServiceAmbiguous", "True", "SeveralServices", finding.ambiguous)];
}

/** Without a zone there is nothing to say; the condition is left out. */
function verified({ key, gateway }: GatewayFinding, context: GatewayContext): readonly DesiredCondition[] {
  const { verify } = context.zones;
  if (verify === undefined) return [];
  const keys = new Set(context.endpointKeys.get(key) ?? []);
  const wanted = context.records.flatMap((item) => (keys.has(item.key) ? item.names : []));
  return [dnsVerified({ verify, wanted, status: gateway.status }).condition];
}
