/** What a cluster holds, in forms that tests compare with literals or with each other. Read as admin, past the product. */
import type { ApiServer } from "../components/api-server.ts";
import { fullName, get, type KubeObject, list, type ObjectReference } from "../components/test-cluster.ts";

const DNS_ENDPOINT = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" } as const;
export const ISTIO_GATEWAY = { apiVersion: "networking.istio.io/v1", kind: "Gateway" } as const;

type Fields = Readonly<Record<string, unknown>>;
type EndpointSpec = {
  readonly endpoints: readonly {
    readonly dnsName: string;
    readonly recordType: string;
    readonly targets: readonly string[];
    readonly recordTTL?: number;
  }[];
};
type IstioSpec = { readonly servers: readonly { readonly hosts: readonly string[] }[] };

/**
 * Every record of every DNSEndpoint, sorted:
 * `weu cart-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com 300 (shop/cart-external-dns-weu)`.
 */
export async function recordsIn(server: ApiServer): Promise<readonly string[]> {
  const endpoints = await list(server, DNS_ENDPOINT);
  const lines = endpoints.flatMap((object) => {
    const { labels = {} } = object.metadata;
    return (object["spec"] as EndpointSpec).endpoints.map(({ dnsName, recordType, targets, recordTTL }) =>
      [
        labels["router.io/region"] ?? "(no region)",
        dnsName,
        recordType,
        targets.join(","),
        recordTTL ?? "(no TTL)",
        `(${fullName(object)})`,
      ].join(" "),
    );
  });
  return lines.sort();
}

/** Hosts of every Istio Gateway, by its key; a Gateway with two servers has two lists. */
export async function istioHostsIn(
  server: ApiServer,
  version: "v1" | "v1beta1" = "v1",
): Promise<Readonly<Record<string, readonly string[]>>> {
  const gateways = await list(server, { ...ISTIO_GATEWAY, apiVersion: `networking.istio.io/${version}` });
  return Object.fromEntries(
    gateways.map((object) => [fullName(object), (object["spec"] as IstioSpec).servers.flatMap(({ hosts }) => hosts)]),
  );
}

export type StatusPicture = {
  readonly [field: string]: unknown;
  /** type → `True ReconciliationSucceeded`. */
  readonly conditions: Readonly<Record<string, string>>;
};

type StatusFields = {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
};

const KINDS = {
  ClusterIdentity: "cluster.router.io/v1alpha1",
  DNSConfiguration: "cluster.router.io/v1alpha1",
  DNSPolicy: "routing.router.io/v1alpha1",
  Gateway: "routing.router.io/v1alpha1",
  ServiceRoute: "routing.router.io/v1alpha1",
} as const;

/** Reference of one of our five kinds; `key` is `namespace/name`, or the name of a cluster-scoped one. */
export function ours(kind: keyof typeof KINDS, key: string): ObjectReference {
  const [first = "", second] = key.split("/");
  const apiVersion = KINDS[kind];
  return second === undefined
    ? { apiVersion, kind, name: first }
    : { apiVersion, kind, namespace: first, name: second };
}

export function dnsEndpoint(key: string): ObjectReference {
  const [namespace = "", name = ""] = key.split("/");
  return { ...DNS_ENDPOINT, namespace, name };
}

export function istioGateway(key: string): ObjectReference {
  const [namespace = "", name = ""] = key.split("/");
  return { ...ISTIO_GATEWAY, namespace, name };
}

export async function statusIn(server: ApiServer, kind: keyof typeof KINDS, key: string): Promise<StatusPicture> {
  const { conditions, ...fields } = (await present(server, ours(kind, key)))["status"] as StatusFields & Fields;
  return {
    ...fields,
    conditions: Object.fromEntries((conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`])),
  };
}

/** Message of one condition; empty when the condition is not there. */
export async function messageIn(
  server: ApiServer,
  kind: keyof typeof KINDS,
  key: string,
  type = "Ready",
): Promise<string> {
  const { conditions = [] } = ((await present(server, ours(kind, key)))["status"] ?? {}) as StatusFields;
  return conditions.find((condition) => condition.type === type)?.message ?? "";
}

/** The object itself. @throws Error when it is not there. */
export async function present(server: ApiServer, reference: ObjectReference): Promise<KubeObject> {
  const found = await get(server, reference);
  if (found === undefined) {
    throw new Error(`${reference.kind} ${reference.namespace ?? ""}/${reference.name} is not on ${server.name}`);
  }
  return found;
}

/** Kubernetes Events of our controller: `Normal Created ServiceRoute shop/cart: DNSEndpoint shop/cart-external-dns-weu`. */
export async function eventsIn(server: ApiServer): Promise<readonly string[]> {
  const events = await list(server, { apiVersion: "v1", kind: "Event" });
  const lines = events.map((event) => {
    const { type, reason, message, involvedObject } = event as unknown as {
      readonly type: string;
      readonly reason: string;
      readonly message: string;
      readonly involvedObject: { readonly kind: string; readonly namespace?: string; readonly name: string };
    };
    const { kind, namespace, name } = involvedObject;
    return `${type} ${reason} ${kind} ${namespace === undefined ? name : `${namespace}/${name}`}: ${message}`;
  });
  return lines.sort();
}

/**
 * Everything that the product writes, without what differs between two runs or two clusters: uids, versions, times.
 * Two clusters are in the same state when their pictures are equal.
 */
export async function endStateOf(server: ApiServer): Promise<Readonly<Record<string, unknown>>> {
  const state: Record<string, unknown> = {};
  for (const listing of [DNS_ENDPOINT, ISTIO_GATEWAY]) {
    for (const object of await list(server, listing)) {
      const { labels, annotations, ownerReferences } = object.metadata as KubeObject["metadata"] & {
        readonly ownerReferences?: readonly Fields[];
      };
      const owners = (ownerReferences ?? []).map(({ uid: _uid, ...owner }) => owner);
      state[`${listing.kind} ${fullName(object)}`] = { labels, annotations, owners, spec: object["spec"] };
    }
  }
  for (const [kind, apiVersion] of Object.entries(KINDS)) {
    for (const object of await list(server, { apiVersion, kind })) {
      const { conditions = [], ...fields } = (object["status"] ?? {}) as StatusFields & Fields;
      const timeless = conditions.map((condition) => ({ ...condition, lastTransitionTime: undefined }));
      state[`${apiVersion} ${kind} ${fullName(object)} status`] = { ...fields, conditions: timeless };
    }
  }
  return state;
}

type Resource = { readonly name: string; readonly kind: string; readonly verbs: readonly string[] };

/** What changes by itself: the API server renews leases of its own. */
const RESTLESS = /^(coordination\.k8s\.io\/v1 Lease kube-system\/|v1 ComponentStatus )/;

/** resourceVersion of every object of every kind that the server serves: equal pictures mean that nothing was written. */
export async function versionsIn(server: ApiServer): Promise<Readonly<Record<string, string>>> {
  const groups = (await server.request("GET", "/apis")).body as {
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const apiVersions = ["v1", ...groups.groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
  const versions: Record<string, string> = {};
  await Promise.all(
    apiVersions.map(async (apiVersion) => {
      const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const { resources } = (await server.request("GET", path)).body as { readonly resources: readonly Resource[] };
      for (const { name, kind, verbs } of resources) {
        if (name.includes("/") || !verbs.includes("list")) continue;
        for (const object of await list(server, { apiVersion, kind })) {
          versions[`${apiVersion} ${kind} ${fullName(object)}`] = String(object.metadata["resourceVersion"]);
        }
      }
    }),
  );
  return Object.fromEntries(
    Object.entries(versions)
      .filter(([key]) => !RESTLESS.test(key))
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
