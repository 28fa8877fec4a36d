/**
 * A gateway's address record, in every region's zone, so that a CNAME resolves from each of them and only a gateway
 * record ever has to move.
 */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { DesiredItem } from "../../model/desired.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { Place } from "../../model/place.ts";
import type { ExternalDnsController } from "../../model/resources.ts";
import { objectKey } from "../naming/item-id.ts";
import { distinctName, gatewayEndpointName } from "../naming/object-names.ts";
import { gatewayRecordLabels, isGatewayRecord, isOurs, postfixKey, recordPostfix } from "../naming/own-objects.ts";
import { recordContent } from "../naming/record-content.ts";

import { becauseOf } from "./because.ts";
import { endpointBody, type EndpointRecordBody } from "./endpoint-body.ts";
import { bareItem } from "./endpoints.ts";
import type { ClusterFindings, GatewayFinding } from "./findings.ts";
import { gatewayTtlSeconds } from "./ttl.ts";

export type GatewayItems = {
  readonly items: readonly DesiredItem[];
  /** Keys of the DNSEndpoints of each Gateway, by its key. */
  readonly keysByGateway: ReadonlyMap<string, readonly string[]>;
};

export function gatewayEndpoints(findings: ClusterFindings): GatewayItems {
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const items = new Map<string, DesiredItem>();
  const keysByGateway = new Map<string, readonly string[]>();
  if (findings.cluster.mode === "retiring") return { items: [], keysByGateway };
  const observed = observedByPostfix(findings);
  const holders = new Map<string, string>();
  // Oldest first: of two that would have one object name, the older keeps the pattern.
  for (const finding of findings.gateways.values()) {
    // Without a DNSConfiguration nothing says which controllers there are: what is there stays.
    const wanted = publishes(finding) ? presentItems(finding, { findings, place, holders }) : undefined;
    const own = wanted ?? keptItems(finding, observed, place);
    const id = postfixKey(finding.gateway.spec);
    for (const item of own) {
      if (wanted !== undefined || !items.has(item.key)) items.set(item.key, item);
      if (!holders.has(item.key)) holders.set(item.key, id);
    }
    if (own.length > 0)
      keysByGateway.set(
        finding.key,
        own.map((item) => item.key),
      );
  }
  keepRejected(findings, observed, items, place);
  return { items: [...items.values()], keysByGateway };
}

/** What a Gateway published before stays while it cannot be judged; a name that another Gateway has does not. */
function keptItems(
  finding: GatewayFinding,
  observed: ReadonlyMap<string, readonly DnsEndpoint[]>,
  place: Place,
): readonly DesiredItem[] {
  if (finding.code === "TargetConflict") return [];
  const because = becauseOf("Gateway", finding.gateway.meta, finding.reason ?? "the gateway has no address yet");
  const kept = observed.get(postfixKey(finding.gateway.spec)) ?? [];
  return kept.map((endpoint) => bareItem(endpoint, "kept", because, place));
}

function publishes(finding: GatewayFinding): boolean {
  return finding.state === "usable" && finding.addresses.length > 0 && finding.service?.meta.deleting === false;
}

type PresentContext = {
  readonly findings: ClusterFindings;
  readonly place: Place;
  /** Controller and postfix that have an object's key already. */
  readonly holders: ReadonlyMap<string, string>;
};

function presentItems(
  finding: GatewayFinding,
  { findings, place, holders }: PresentContext,
): readonly DesiredItem[] | undefined {
  const { controllers } = findings.cluster;
  const { service, host } = finding;
  if (controllers === undefined || service === undefined || host === undefined) return undefined;
  const records = addressRecords(host, finding.addresses);
  const { spec } = finding.gateway;
  return controllers.map((controller) => {
    const pattern = gatewayEndpointName(spec.controller, spec.targetPostfix, controller.name);
    const holder = holders.get(`${service.meta.namespace ?? ""}/${pattern}`);
    const isFree = holder === undefined || holder === postfixKey(spec);
    const name = isFree ? pattern : distinctName(pattern, [spec.controller, spec.targetPostfix, controller.name]);
    return gatewayItem({ finding, controller, name, records, place });
  });
}

type GatewayItemInput = {
  readonly finding: GatewayFinding;
  readonly controller: ExternalDnsController;
  readonly name: string;
  readonly records: readonly EndpointRecordBody[];
  readonly place: Place;
};

function gatewayItem({ finding, controller, name, records, place }: GatewayItemInput): DesiredItem {
  const { gateway, service } = finding;
  const namespace = service?.meta.namespace ?? "";
  return {
    place,
    kind: "DNSEndpoint",
    key: `${namespace}/${name}`,
    marker: serviceRoutingMarker,
    phase: "publish",
    names: records.map((record) => ({
      zone: controller.region,
      name: record.dnsName,
      content: recordContent(record.recordType, record.targets, record.recordTTL),
    })),
    because: becauseOf("Gateway", gateway.meta, "the gateway has an address"),
    want: "present",
    body: () =>
      endpointBody({
        namespace,
        name,
        controller,
        labels: gatewayRecordLabels(gateway.spec),
        owner: {
          apiVersion: "v1",
          kind: "Service",
          name: service?.meta.name ?? "",
          uid: service?.meta.uid ?? "",
          controller: true,
        },
        records,
      }),
  };
}

/** One A for IPv4 addresses, one AAAA for IPv6; a type without an address is left out. */
function addressRecords(host: string, addresses: readonly string[]): readonly EndpointRecordBody[] {
  const ipv6 = addresses.filter((address) => address.includes(":"));
  const ipv4 = addresses.filter((address) => !address.includes(":"));
  const records: EndpointRecordBody[] = [];
  if (ipv4.length > 0) records.push({ dnsName: host, recordType: "A", targets: ipv4, recordTTL: gatewayTtlSeconds });
  if (ipv6.length > 0) records.push({ dnsName: host, recordType: "AAAA", targets: ipv6, recordTTL: gatewayTtlSeconds });
  return records;
}

function observedByPostfix(findings: ClusterFindings): ReadonlyMap<string, readonly DnsEndpoint[]> {
  const listing = findings.cluster.believed?.DNSEndpoint;
  const found = new Map<string, DnsEndpoint[]>();
  for (const endpoint of listing?.read === "complete" ? listing.objects : []) {
    if (!isOurs(endpoint.meta) || !isGatewayRecord(endpoint.meta)) continue;
    const key = recordPostfix(endpoint.meta);
    const known = found.get(key);
    if (known === undefined) found.set(key, [endpoint]);
    else known.push(endpoint);
  }
  return found;
}

/** A Gateway that does not parse may be the one behind any address record that no other Gateway explains: all of them stay. */
function keepRejected(
  findings: ClusterFindings,
  observed: ReadonlyMap<string, readonly DnsEndpoint[]>,
  items: Map<string, DesiredItem>,
  place: Place,
): void {
  const listing = findings.cluster.believed?.Gateway;
  const [rejected] = listing?.read === "complete" ? listing.rejected : [];
  if (rejected === undefined) return;
  const because = becauseOf("Gateway", rejected.meta, "a Gateway of this cluster does not parse");
  const explained = new Set([...findings.gateways.values()].map(({ gateway }) => postfixKey(gateway.spec)));
  for (const [postfix, endpoints] of observed) {
    if (explained.has(postfix)) continue;
    for (const endpoint of endpoints) {
      const key = objectKey(endpoint.meta);
      if (!items.has(key)) items.set(key, bareItem(endpoint, "kept", because, place));
    }
  }
}
