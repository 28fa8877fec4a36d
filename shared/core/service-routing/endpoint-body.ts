/**
 * The DNSEndpoint as it is written. One bare lower-case CNAME target, no trailing dot, no providerSpecific, no
 * setIdentifier, no endpoint labels: each of those makes ExternalDNS rewrite the record in every pass (measured).
 */
import type { Json, JsonObject } from "../../model/json.ts";
import type { OwnerReference } from "../../model/object-meta.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { ExternalDnsController } from "../../model/resources.ts";
import { labelValue } from "../naming/object-names.ts";

export type EndpointRecordBody = {
  readonly dnsName: string;
  readonly recordType: "A" | "AAAA" | "CNAME";
  readonly targets: readonly string[];
  readonly recordTTL: number;
};

type EndpointInput = {
  readonly namespace: string;
  readonly name: string;
  readonly controller: ExternalDnsController;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: OwnerReference;
  readonly records: readonly EndpointRecordBody[];
};

export function endpointBody(input: EndpointInput): JsonObject {
  const publisher = `external-dns-${input.controller.region}`;
  return {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: {
      name: input.name,
      namespace: input.namespace,
      labels: {
        app: labelValue(publisher),
        [serviceRoutingMarker.label]: serviceRoutingMarker.value,
        "router.io/region": labelValue(input.controller.region),
        ...input.labels,
      },
      annotations: { "external-dns.alpha.kubernetes.io/controller": publisher },
      ownerReferences: [ownerBody(input.owner)],
    },
    spec: { endpoints: input.records as readonly Json[] },
  };
}

export function ownerBody(owner: OwnerReference): JsonObject {
  return { ...owner };
}
