/** Our Gateways of one cluster: which are usable, under which host, and with which addresses. */
import type { IngressService } from "../../model/cluster-objects.ts";
import type { FleetCluster, Identity } from "../../model/fleet.ts";
import type { Gateway } from "../../model/resources.ts";
import { gatewayHost, hostFault } from "../naming/hosts.ts";
import { byAge, byText, objectKey } from "../naming/item-id.ts";
import { labelValue } from "../naming/object-names.ts";
import { isOurs } from "../naming/own-objects.ts";
import { recordContent } from "../naming/record-content.ts";
import type { GatewayFinding } from "./findings.ts";
import { routeTtlSeconds } from "./ttl.ts";
import { firstOwnershipFault } from "./txt-prefixes.ts";

const postfix = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * By `namespace/name`. Oldest first, so that an equal postfix stays with the older Gateway.
 * @param prefixes of ownership TXTs (txt-prefixes): a host without room for them is not published.
 */
export function findGateways(cluster: FleetCluster, prefixes: readonly string[]): ReadonlyMap<string, GatewayFinding> {
  const listing = cluster.believed?.Gateway;
  const findings = new Map<string, GatewayFinding>();
  if (listing?.read !== "complete") return findings;
  const services = servicesByController(cluster);
  const unexplained = unexplainedPostfixes(cluster, listing);
  const holders = new Map<string, Gateway>();
  for (const gateway of [...listing.objects].sort((left, right) => byAge(left.meta, right.meta))) {
    const key = objectKey(gateway.meta);
    const chosen = chosenService(services.get(gateway.spec.controller) ?? []);
    const hostFaultOf = (host: string): string | undefined =>
      hostFault(host) ?? firstOwnershipFault(prefixes, longestType(chosen.addresses), host);
    const fault = gatewayFault(gateway, cluster.identity, { holders, unexplained, hostFaultOf });
    if (fault === undefined) {
      const holder = holders.get(gateway.spec.targetPostfix) ?? gateway;
      holders.set(gateway.spec.targetPostfix, holder);
    }
    const host = cluster.identity === undefined ? undefined : gatewayHost(cluster.identity, gateway.spec.targetPostfix);
    findings.set(key, {
      gateway,
      key,
      ...(fault ?? { state: "usable" }),
      ...(host === undefined || fault !== undefined
        ? {}
        : { host, routeContent: recordContent("CNAME", [host], routeTtlSeconds) }),
      ...chosen,
    });
  }
  return findings;
}

type Fault = Pick<GatewayFinding, "state" | "code" | "reason">;

type GatewayRules = {
  /** By postfix: the Gateway that has it. */
  readonly holders: ReadonlyMap<string, Gateway>;
  /** Labels of postfixes that a Gateway which does not parse may have, with the controller it has them for. */
  readonly unexplained: ReadonlyMap<string, string>;
  readonly hostFaultOf: (host: string) => string | undefined;
};

/**
 * A Gateway that does not parse exists: nobody else gets its name. Which one it has is seen only from the address records
 * that no Gateway of this read explains; a Gateway that publishes under the postfix already keeps it.
 */
function unexplainedPostfixes(
  { believed }: FleetCluster,
  gateways: { readonly objects: readonly Gateway[]; readonly rejected: readonly unknown[] },
): ReadonlyMap<string, string> {
  const endpoints = believed?.DNSEndpoint;
  if (gateways.rejected.length === 0 || endpoints?.read !== "complete") return new Map();
  const known = new Set(
    gateways.objects.map(({ spec }) => `${labelValue(spec.controller)}|${labelValue(spec.targetPostfix)}`),
  );
  const records = endpoints.objects.flatMap(({ meta: { labels } }) => {
    const controller = labels["router.io/istio-controller"];
    const targetPostfix = labels["router.io/target-postfix"];
    const ours = isOurs({ labels });
    return ours && controller !== undefined && targetPostfix !== undefined ? [{ controller, targetPostfix }] : [];
  });
  const explained = new Set(
    records.filter((one) => known.has(`${one.controller}|${one.targetPostfix}`)).map((one) => one.targetPostfix),
  );
  return new Map(
    records
      .filter((one) => !explained.has(one.targetPostfix))
      .map((one) => [one.targetPostfix, one.controller] as const)
      .sort(([, left], [, right]) => byText(left, right)),
  );
}

function gatewayFault(
  gateway: Gateway,
  identity: Identity | undefined,
  { holders, unexplained, hostFaultOf }: GatewayRules,
): Fault | undefined {
  const { targetPostfix, controller } = gateway.spec;
  if (!postfix.test(targetPostfix)) {
    return {
      state: "failed",
      code: "ValidationFailed",
      reason: `spec.targetPostfix '${targetPostfix}' must be lower-case letters, digits and inner hyphens`,
    };
  }
  if (identity === undefined) {
    return { state: "waiting", code: "ClusterIdentityNotAvailable", reason: "ClusterIdentity not available" };
  }
  const fault = hostFaultOf(gatewayHost(identity, targetPostfix));
  if (fault !== undefined) return { state: "failed", code: "ValidationFailed", reason: fault };
  const unreadable = unexplained.get(labelValue(targetPostfix));
  if (unreadable !== undefined) {
    return {
      state: "failed",
      code: "TargetConflict",
      reason: `a Gateway that does not parse has the postfix '${targetPostfix}' for controller ${unreadable}; correct it, or choose another`,
    };
  }
  const holder = holders.get(targetPostfix);
  if (holder !== undefined && holder.spec.controller !== controller) {
    return {
      state: "failed",
      code: "TargetConflict",
      reason: `Gateway ${objectKey(holder.meta)} is older and has the postfix '${targetPostfix}' for controller ${holder.spec.controller}; choose another`,
    };
  }
  return undefined;
}

function longestType(addresses: readonly string[]): "A" | "AAAA" {
  return addresses.some((address) => address.includes(":")) ? "AAAA" : "A";
}

function servicesByController(cluster: FleetCluster): ReadonlyMap<string, readonly IngressService[]> {
  const listing = cluster.believed?.Service;
  const found = new Map<string, IngressService[]>();
  if (listing?.read !== "complete") return found;
  for (const service of listing.objects) {
    const controller = service.meta.labels["istio"];
    if (controller === undefined || service.type !== "LoadBalancer") continue;
    const known = found.get(controller);
    if (known === undefined) found.set(controller, [service]);
    else known.push(service);
  }
  return found;
}

/** One with addresses before one without, then the oldest: a second Service cannot take the name away. */
function chosenService(
  candidates: readonly IngressService[],
): Pick<GatewayFinding, "service" | "addresses" | "ambiguous"> {
  const [service, ...others] = [...candidates].sort(
    (left, right) =>
      Number(right.addresses.length > 0) - Number(left.addresses.length > 0) || byAge(left.meta, right.meta),
  );
  if (service === undefined) return { addresses: [] };
  const addresses = [...new Set(service.addresses)].sort();
  if (others.length === 0) return { service, addresses };
  const names = others.map((other) => objectKey(other.meta)).sort();
  return {
    service,
    addresses,
    ambiguous: `Service ${objectKey(service.meta)} is used; ${names.join(", ")} match as well`,
  };
}
