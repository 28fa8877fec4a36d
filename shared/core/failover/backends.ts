/**
 * Whether anything answers behind a host on a Gateway: a VirtualService bound to both, and behind it a Service with a ready
 * endpoint. Told from what stands in the cluster, without a probe.
 */
import type { VirtualService } from "../../model/backend-objects.ts";
import type { GatewayEntrance, UnboundHost } from "../../model/coverage.ts";
import type { Listings } from "../../model/kinds.ts";
import { objectKey } from "../naming/item-id.ts";

export type BackendListings = Pick<Listings, "VirtualService" | "DestinationService" | "EndpointSlice">;

export type Unbound = Pick<UnboundHost, "code" | "reason">;

export type Backends =
  | {
      readonly kind: "read";
      /** Why nothing answers there; undefined when something does. */
      readonly unbound: (gateway: GatewayEntrance, host: string) => Unbound | undefined;
    }
  /** What tells was not read, so nobody can say. */
  | { readonly kind: "not-read"; readonly reason: string };

export function backendsOf(listings: BackendListings): Backends {
  const { VirtualService: routes, DestinationService: services, EndpointSlice: slices } = listings;
  if (routes?.read !== "complete") return notRead("VirtualServices", routes);
  if (services?.read !== "complete") return notRead("Services", services);
  if (slices?.read !== "complete") return notRead("EndpointSlices", slices);
  const bindings = bindingsOf(routes.objects);
  const delegated = routes.objects.some(({ delegates }) => delegates.length > 0) ? routes.objects : [];
  const byKey = new Map(delegated.map((route) => [objectKey(route.meta), route]));
  const types = new Map(services.objects.map(({ meta, type }) => [objectKey(meta), type]));
  const ready = new Set(
    slices.objects.filter((slice) => slice.ready).map(({ meta, service }) => `${meta.namespace ?? ""}/${service}`),
  );
  const deadEnd = (route: VirtualService): string | undefined => deadEndOf(route, { byKey, types, ready });
  return {
    kind: "read",
    unbound: (gateway, host) => {
      const bound = boundRoutes(bindings.get(gateway.key), host).filter((route) => isVisible(route, gateway));
      if (bound.length === 0) {
        return { code: "NoVirtualService", reason: `there is no VirtualService for it on Gateway ${gateway.key}` };
      }
      const deadEnds = bound.map(deadEnd);
      const [first] = deadEnds;
      return first === undefined || deadEnds.includes(undefined)
        ? undefined
        : { code: "NoReadyEndpoint", reason: first };
    },
  };
}

function notRead(what: string, listing: { readonly reason: string } | undefined): Backends {
  return { kind: "not-read", reason: `${what} were not read: ${listing?.reason ?? "nobody asked"}` };
}

/** VirtualServices of one Gateway: by exact host, and those with a wildcard. */
type Bindings = { readonly exact: Map<string, VirtualService[]>; readonly wild: [string, VirtualService][] };

/** By `namespace/name` of the Gateway. */
function bindingsOf(routes: readonly VirtualService[]): ReadonlyMap<string, Bindings> {
  const bindings = new Map<string, Bindings>();
  for (const route of routes) {
    const keys = new Set(route.gateways.filter((name) => name !== "mesh").map((name) => gatewayKey(name, route)));
    for (const key of keys) {
      let bound = bindings.get(key);
      if (bound === undefined) bindings.set(key, (bound = { exact: new Map(), wild: [] }));
      for (const host of route.hosts) bind(bound, host.toLowerCase(), route);
    }
  }
  return bindings;
}

function gatewayKey(name: string, { meta }: VirtualService): string {
  return name.includes("/") ? name : `${meta.namespace ?? ""}/${name}`;
}

function bind({ exact, wild }: Bindings, host: string, route: VirtualService): void {
  if (host.startsWith("*")) {
    wild.push([host.slice(1), route]);
    return;
  }
  const known = exact.get(host);
  if (known === undefined) exact.set(host, [route]);
  else known.push(route);
}

function boundRoutes(bindings: Bindings | undefined, host: string): readonly VirtualService[] {
  const exact = bindings?.exact.get(host) ?? [];
  if (bindings === undefined || bindings.wild.length === 0) return exact;
  const wild = bindings.wild.filter(([ending]) => host.endsWith(ending)).map(([, route]) => route);
  return [...exact, ...wild];
}

/** `exportTo` must let the namespace of the ingress gateway see it; where that runs nowhere, nothing is held against it. */
function isVisible({ exportTo, meta }: VirtualService, { ingressNamespace }: GatewayEntrance): boolean {
  if (exportTo.length === 0 || exportTo.includes("*") || ingressNamespace === undefined) return true;
  return exportTo.includes(ingressNamespace) || (exportTo.includes(".") && meta.namespace === ingressNamespace);
}

type Known = {
  readonly byKey: ReadonlyMap<string, VirtualService>;
  readonly types: ReadonlyMap<string, string>;
  readonly ready: ReadonlySet<string>;
};

/** Why a VirtualService leads to nothing that is ready; undefined when one of its ways does. Delegates go one level deep. */
function deadEndOf(route: VirtualService, known: Known): string | undefined {
  let fault: string | undefined;
  for (const one of [route, ...delegatesOf(route, known)]) {
    if (one.answersItself) return undefined;
    for (const host of one.destinations) {
      const reason = destinationFault(host, one, known);
      if (reason === undefined) return undefined;
      fault ??= reason;
    }
  }
  return fault ?? `VirtualService ${objectKey(route.meta)} leads nowhere`;
}

function delegatesOf({ delegates, meta }: VirtualService, { byKey }: Known): readonly VirtualService[] {
  return delegates.flatMap(({ namespace, name }) => byKey.get(`${namespace ?? meta.namespace ?? ""}/${name}`) ?? []);
}

function destinationFault(host: string, { meta }: VirtualService, { types, ready }: Known): string | undefined {
  const key = serviceKey(host, meta.namespace ?? "");
  if (key === undefined) return `its destination ${host} is no Service of the cluster`;
  const type = types.get(key);
  if (type === undefined) return `Service ${key} does not exist`;
  // Leads out of the cluster: what answers there stands in no EndpointSlice.
  return type === "ExternalName" || ready.has(key) ? undefined : `Service ${key} has no ready endpoint`;
}

/**
 * `api` and `api.shop.svc.cluster.local` name a Service; Istio takes every other name with dots as it is, so that `api.shop`
 * is none.
 */
function serviceKey(host: string, namespace: string): string | undefined {
  if (!host.includes(".")) return `${namespace}/${host}`;
  const [name = "", where = "", svc, domain] = host.split(".");
  return svc === "svc" && domain !== undefined ? `${where}/${name}` : undefined;
}
