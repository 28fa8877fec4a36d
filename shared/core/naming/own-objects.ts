/** Which objects of a cluster are ours, and which of our DNSEndpoints are the address records of a Gateway: by their labels. */
import type { Marker } from "../../model/desired.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import { labelValue } from "./object-names.ts";

export function carries({ labels }: Pick<ObjectMeta, "labels">, { label, value }: Marker): boolean {
  return labels[label] === value;
}

/** Written by this product or by the operator that it replaces. */
export function isOurs(meta: Pick<ObjectMeta, "labels">): boolean {
  return carries(meta, serviceRoutingMarker);
}

/** Value of `router.io/resource-type` on the address records of Gateways; those of routes have no such label. */
const gatewayRecord = "gateway-service";

type PostfixOf = { readonly controller: string; readonly targetPostfix: string };

/** Labels of the address records of a Gateway, whichever ExternalDNS controller reads them. */
export function gatewayRecordLabels({ controller, targetPostfix }: PostfixOf) {
  return {
    "router.io/istio-controller": labelValue(controller),
    "router.io/target-postfix": labelValue(targetPostfix),
    "router.io/resource-type": gatewayRecord,
  };
}

export function isGatewayRecord({ labels }: Pick<ObjectMeta, "labels">): boolean {
  return labels["router.io/resource-type"] === gatewayRecord;
}

/** Equal for a Gateway and for the records of its postfix. */
export function postfixKey(spec: PostfixOf): string {
  return recordPostfix({ labels: gatewayRecordLabels(spec) });
}

export function recordPostfix({ labels }: Pick<ObjectMeta, "labels">): string {
  return `${labels["router.io/istio-controller"] ?? ""}|${labels["router.io/target-postfix"] ?? ""}`;
}
