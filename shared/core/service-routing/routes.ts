/**
 * Each ServiceRoute of one cluster: may it publish, and if not, why, and what happens to what it published before.
 * The order of the checks is that of the operator we replace, so that reasons stay what teams know.
 */
import type { FleetCluster } from "../../model/fleet.ts";
import type { AllowedNamespaces, ExternalDnsController, ServiceRoute } from "../../model/resources.ts";
import { hostFault } from "../naming/hosts.ts";
import { objectKey } from "../naming/item-id.ts";
import type { GatewayFinding, PolicyFinding, PolicyVerdict, RouteFinding, RouteVerdict } from "./findings.ts";
import type { Policies } from "./policies.ts";
import { firstOwnershipFault } from "./txt-prefixes.ts";

type RouteContext = {
  readonly cluster: FleetCluster;
  /** By the cluster's identity; absent without one. */
  readonly hostOf: ((spec: ServiceRoute["spec"]) => string) | undefined;
  readonly policies: Policies;
  readonly gateways: ReadonlyMap<string, GatewayFinding>;
  /** TXT prefixes of ExternalDNS by region, for the length of ownership names. */
  readonly txtPrefixes: readonly string[];
  readonly namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
};

export function findRoute(route: ServiceRoute, context: RouteContext): RouteFinding {
  const key = objectKey(route.meta);
  const { hostOf } = context;
  const empty = emptyField(route);
  if (empty !== undefined) {
    return { route, key, verdict: { kind: "invalid", reason: `spec.${empty} must not be empty` } };
  }
  if (hostOf === undefined) {
    return { route, key, verdict: pending("ClusterIdentityNotAvailable", "Waiting for ClusterIdentity") };
  }
  const host = hostOf(route.spec);
  const fault = hostFault(host) ?? firstOwnershipFault(context.txtPrefixes, "CNAME", host);
  if (fault !== undefined) return { route, key, verdict: { kind: "invalid", reason: withFields(route, fault) } };

  const gatewayKey = `${route.spec.gatewayNamespace ?? context.cluster.gatewayNamespace}/${route.spec.gatewayName}`;
  const gateway = context.gateways.get(gatewayKey);
  const allowed = gateway === undefined || allows(gateway, route, context);
  const usable = gateway?.state === "usable" && allowed ? gateway : undefined;
  if (gateway !== undefined && !allowed) {
    const reason = `Gateway ${gatewayKey} does not allow routes from namespace ${route.meta.namespace ?? ""}`;
    return { route, key, host, verdict: { kind: "withdrawn", code: "NotAllowedByGateway", reason } };
  }
  const policy = context.policies.honoured.get(route.meta.namespace ?? "");
  const verdict =
    policyVerdict(route, policy, context) ?? gatewayVerdict(gateway, gatewayKey) ?? publishes(policy?.verdict);
  return usable === undefined ? { route, key, host, verdict } : { route, key, host, verdict, gateway: usable };
}

const neededFields = ["serviceName", "gatewayName", "environment", "application"] as const;

function emptyField({ spec }: ServiceRoute): string | undefined {
  for (const field of neededFields) if (spec[field] === "") return field;
  return undefined;
}

/** A fault of the host, with the fields that it is made of: the one that cannot be part of a name, or all where none is odd. */
function withFields({ spec }: ServiceRoute, fault: string): string {
  const odd = hostFields.filter(({ field, allowed }) => !allowed.test(spec[field]));
  return odd.length === 0
    ? `of ${hostFields.map(({ field }) => `spec.${field}`).join(", ")} together: ${fault}`
    : `${odd.map(({ field }) => `spec.${field} '${spec[field]}'`).join(", ")}: ${fault}`;
}

/** In the order of the host. The first starts and the last ends a label. */
const hostFields = [
  { field: "serviceName", allowed: /^[a-z0-9][a-z0-9.-]*$/ },
  { field: "environment", allowed: /^[a-z0-9.-]+$/ },
  { field: "application", allowed: /^[a-z0-9.-]*[a-z0-9]$/ },
] as const;

/** What the namespace's policy says against publishing; undefined when it is active. */
function policyVerdict(
  route: ServiceRoute,
  finding: PolicyFinding | undefined,
  context: RouteContext,
): RouteVerdict | undefined {
  if (finding === undefined) {
    const namespace = route.meta.namespace ?? "";
    const unreadable = context.policies.unreadable.get(namespace);
    const reason =
      unreadable === undefined
        ? `Waiting for a DNSPolicy in namespace ${namespace}`
        : `DNSPolicy ${unreadable.meta.name} is not valid: ${unreadable.issues.join("; ")}`;
    return pending("DNSPolicyNotFound", reason);
  }
  const { verdict } = finding;
  switch (verdict.kind) {
    case "active":
      return undefined;
    case "inactive":
      return {
        kind: "withdrawn",
        code: "DNSPolicyInactive",
        reason: `${verdict.reason}. DNSEndpoints have been removed to prevent conflicts.`,
      };
    case "unusable":
      return verdict.code === "ValidationFailed"
        ? pending("DNSPolicyNotFound", `DNSPolicy ${finding.policy.meta.name} is not valid: ${verdict.reason}`)
        : pending(verdict.code, verdict.reason);
  }
}

function gatewayVerdict(gateway: GatewayFinding | undefined, gatewayKey: string): RouteVerdict | undefined {
  if (gateway === undefined) {
    const [namespace, name] = gatewayKey.split("/");
    return pending("GatewayNotFound", `Gateway ${name ?? ""} not found in namespace ${namespace ?? ""}`);
  }
  if (gateway.state === "usable") return undefined;
  return pending("GatewayNotFound", `Gateway ${gatewayKey} cannot be used: ${gateway.reason ?? gateway.state}`);
}

const none: readonly ExternalDnsController[] = [];
const verdicts = new WeakMap<readonly ExternalDnsController[], RouteVerdict>();

function publishes(policy: PolicyVerdict | undefined): RouteVerdict {
  const controllers = policy?.kind === "active" ? policy.controllers : none;
  // One verdict per policy: a namespace has many routes.
  let verdict = verdicts.get(controllers);
  if (verdict === undefined) verdicts.set(controllers, (verdict = { kind: "publishes", controllers }));
  return verdict;
}

function pending(code: Extract<RouteVerdict, { kind: "pending" }>["code"], reason: string): RouteVerdict {
  return { kind: "pending", code, reason };
}

function allows(finding: GatewayFinding, route: ServiceRoute, context: RouteContext): boolean {
  const allowed: AllowedNamespaces = finding.gateway.spec.allowedNamespaces ?? { from: "All" };
  const namespace = route.meta.namespace ?? "";
  switch (allowed.from) {
    case "All":
      return true;
    case "Same":
      return namespace === finding.gateway.meta.namespace;
    case "Selector": {
      const labels = context.namespaceLabels.get(namespace) ?? {};
      return Object.entries(allowed.matchLabels).every(([label, value]) => labels[label] === value);
    }
  }
}
