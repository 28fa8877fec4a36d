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

/** What the objects of one controller have in common, made once: a fleet has hundreds of thousands of them. */
type Common = { readonly name: string; readonly labels: JsonObject; readonly annotations: JsonObject };
const commons = new WeakMap<ExternalDnsController, Common>();

function commonOf(controller: ExternalDnsController): Common {
  const known = commons.get(controller);
  if (known !== undefined) return known;
  const publisher = `external-dns-${controller.region}`;
  const common = {
    name: labelValue(controller.name),
    labels: {
      app: labelValue(publisher),
      [serviceRoutingMarker.label]: serviceRoutingMarker.value,
      "router.io/region": labelValue(controller.region),
    },
    annotations: { "external-dns.alpha.kubernetes.io/controller": publisher },
  };
  commons.set(controller, common);
  return common;
}

/** Value of the label that names the ExternalDNS controller. */
export function controllerLabel(controller: ExternalDnsController): string {
  return commonOf(controller).name;
}

export function endpointBody(input: EndpointInput): JsonObject {
  const { labels, annotations } = commonOf(input.controller);
  return {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: {
      name: input.name,
      namespace: input.namespace,
      labels: { ...labels, ...input.labels },
      annotations,
      ownerReferences: [input.owner],
    },
    spec: { endpoints: input.records as readonly Json[] },
  };
}
