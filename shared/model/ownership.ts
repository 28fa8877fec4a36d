/** Who wrote what: field managers of server-side apply, and the label that marks our objects. */
import type { Marker } from "./desired.ts";

/** Field manager of everything that a pass writes. */
export const fieldManager = "service-router";

/** Kept from the operator that this product replaces: it lets us take over its objects. */
export const serviceRoutingMarker: Marker = {
  label: "app.kubernetes.io/managed-by",
  value: "service-router-operator",
};
