/** Which names an object publishes or serves, in one spelling, for the two kinds that clusters get from us. */
import type { DnsEndpoint, IstioGateway } from "../../model/cluster-objects.ts";
import type { PublishedName } from "../../model/desired.ts";
import { recordContent } from "./record-content.ts";

/** Records of a DNSEndpoint, by its region label. Without the label no regional ExternalDNS selects it. */
export function endpointNames(endpoint: DnsEndpoint): readonly PublishedName[] {
  const zone = endpoint.meta.labels["router.io/region"];
  if (zone === undefined) return [];
  return endpoint.spec.endpoints.map((record) => ({
    zone,
    name: record.dnsName,
    content: recordContent(record.recordType, record.targets, record.recordTTL),
  }));
}

/** Hosts by spec, gone with it: one that serves thousands is asked for them by many rules of a pass. */
const hostsOfSpecs = new WeakMap<IstioGateway["spec"], readonly string[]>();

/** Hosts of an Istio Gateway: lower case, without namespace prefix and final dot, each once. */
export function istioHosts({ spec }: IstioGateway): readonly string[] {
  const known = hostsOfSpecs.get(spec);
  if (known !== undefined) return known;
  const hosts = new Set<string>();
  for (const server of spec.servers ?? []) {
    for (const host of server.hosts ?? []) hosts.add(istioHostName(host));
  }
  const found = [...hosts];
  hostsOfSpecs.set(spec, found);
  return found;
}

/** A host as Istio may spell it (`./host`, `ns/Host`, `host.`) in the one form that is compared. */
export function istioHostName(host: string): string {
  const bare = host.slice(host.indexOf("/") + 1).toLowerCase();
  return bare.endsWith(".") ? bare.slice(0, -1) : bare;
}

/** Istio controller that an Istio Gateway selects; empty when it selects none by the usual label. */
export function istioController(gateway: IstioGateway): string {
  return gateway.spec.selector?.["istio"] ?? "";
}

/** The zone of names that are hosts of an Istio controller rather than DNS records. */
export function istioZone(cluster: string, controller: string): string {
  return `istio/${cluster}/${controller}`;
}

export function isDnsZone(zone: string): boolean {
  return !zone.startsWith("istio/");
}
