/** Changes and plans made by hand, for the rules of applying them. */
import { itemId } from "../../../shared/core/naming/item-id.ts";
import type { Change, ChangeOutcome, ChangeResult, Plan } from "../../../shared/model/change.ts";
import type { PublishedName } from "../../../shared/model/desired.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind } from "../../../shared/model/kinds.ts";
import { keyOf, uidOf, versionOf, type ApiServer } from "../../sim/world/api-server.ts";

export function name(host: string, zone = "weu"): PublishedName {
  return { zone, name: host, content: `CNAME w1.example.com 300` };
}

/** A create of a DNSEndpoint of route `shop/cart` in w1, phase publish, unless overridden. */
export function change(
  key: string,
  overrides: Partial<Omit<Change, "place">> & { readonly cluster?: string; readonly step?: number } = {},
): Change {
  const { cluster = "w1", step, ...rest } = overrides;
  const place = { kind: "cluster", name: cluster } as const;
  const kind: Kind = rest.kind ?? "DNSEndpoint";
  const item = itemId(place, kind, key);
  return {
    id: step === undefined ? item : `${item}#${step}`,
    item,
    place,
    kind,
    key,
    operation: "create",
    phase: "publish",
    after: endpointBody(key),
    leaves: [],
    joins: [],
    dependsOn: [],
    because: {
      kind: "ServiceRoute",
      namespace: "shop",
      name: "cart",
      uid: "uid-cart",
      reason: "the route is published",
    },
    ...rest,
  };
}

export function endpointBody(key: string, host = "cart.example.com"): JsonObject {
  return {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: metadata(key),
    spec: { endpoints: [{ dnsName: host, recordType: "CNAME", recordTTL: 300, targets: ["w1.example.com"] }] },
  };
}

export function istioBody(key: string, hosts: readonly string[]): JsonObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: metadata(key),
    spec: {
      selector: { istio: "ingress" },
      servers: [
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: [...hosts],
          tls: { mode: "SIMPLE", credentialName: "wildcard" },
        },
      ],
    },
  };
}

function metadata(key: string): JsonObject {
  const [namespace = "", own = ""] = key.split("/");
  return { namespace, name: own, labels: { "app.kubernetes.io/managed-by": "service-router-operator" } };
}

/** What the product wrote before: field manager and all. */
export function putOwn(server: ApiServer, kind: Kind, body: JsonObject): void {
  const key = keyOf(body);
  server.apply({ kind, key, body, force: false }, { manager: "service-router" });
}

/** The object as it is there now, to be updated or deleted. */
export function presentAs(
  server: ApiServer,
  kind: Kind,
  key: string,
): { readonly uid: string; readonly resourceVersion: string } {
  const object = server.get(kind, key);
  if (object === undefined) throw new Error(`there is no ${kind} ${key}`);
  return { uid: uidOf(object), resourceVersion: versionOf(object) };
}

export function planOf(...changes: readonly Change[]): Plan {
  return { digest: "d", changes, held: [], observed: [], waiting: [], refusals: [] };
}

export function result(made: Change, outcome: ChangeOutcome = { kind: "done" }): ChangeResult {
  return { change: made, outcome };
}

export const failure: ChangeOutcome = { kind: "failed", code: "OBJECT_REFUSED", reason: "no", retryable: false };

/** `shop/cart done`, in the order of the plan. */
export function outcomeLines(results: readonly ChangeResult[]): readonly string[] {
  return results.map(({ change: { key, place, phase }, outcome }) => `${phase} ${place.name} ${key} ${outcome.kind}`);
}
