/**
 * A fleet of any size for the planning benchmark, as data: every cluster has one Gateway with a LoadBalancer address, 100
 * team namespaces with an active policy each, and routes spread over them. Five regions; a route is published by the one
 * controller of its region, the gateway host by all five. Pure, and the same for the same sizes.
 */
import { computeDesired, readsOf } from "../../shared/core/compute-desired.ts";
import { resolvePlacement } from "../../shared/core/placement/adopted-regions.ts";
import { planFleet, type FleetPlan } from "../../shared/core/planning/plan-fleet.ts";
import { assessFleet } from "../../shared/core/reading/assess-fleet.ts";
import { objectKey } from "../../shared/core/naming/item-id.ts";
import { dueStatuses } from "../../shared/app/write-statuses.ts";
import type { StatusChange } from "../../shared/core/planning/status-changes.ts";
import type { Change } from "../../shared/model/change.ts";
import type { FleetConfiguration } from "../../shared/model/fleet-configuration.ts";
import type { JsonObject } from "../../shared/model/json.ts";
import type { Kind, Listings } from "../../shared/model/kinds.ts";
import type { ObjectMeta } from "../../shared/model/object-meta.ts";
import type { ClusterSnapshot, FleetSnapshot } from "../../shared/model/snapshot.ts";

const REGIONS = ["weu", "neu", "frc", "gwc", "uks"] as const;
const NAMESPACES = 100;
const NOW_MS = Date.UTC(2026, 0, 3, 10);

type AnyObject = { readonly meta: ObjectMeta; readonly [field: string]: unknown };

function meta(kind: Kind, name: string, rest: Partial<ObjectMeta> = {}): ObjectMeta {
  const key = rest.namespace === undefined ? name : `${rest.namespace}/${name}`;
  return {
    name,
    uid: `uid of ${kind} ${key}`,
    resourceVersion: "1000",
    generation: 1,
    createdAtMs: NOW_MS - 86_400_000,
    deleting: false,
    labels: {},
    annotations: {},
    owners: [],
    managers: ["kubectl-client-side-apply"],
    ...rest,
  };
}

/** The cluster of this number with this many routes; nothing of ours was written there yet. */
export function coldCluster(number: number, routes: number): ClusterSnapshot {
  const region = REGIONS[number % REGIONS.length] ?? REGIONS[0];
  const name = clusterName(number);
  const objects: { readonly [K in Kind]?: readonly AnyObject[] } = {
    ClusterIdentity: [
      {
        meta: meta("ClusterIdentity", "identity"),
        spec: { region, cluster: name, domain: "example.com", environmentLetter: "p", adoptsRegions: [] },
        status: {},
      },
    ],
    DNSConfiguration: [
      {
        meta: meta("DNSConfiguration", "dns"),
        spec: { externalDNSControllers: REGIONS.map((one) => ({ name: `external-dns-${one}`, region: one })) },
        status: {},
      },
    ],
    DNSPolicy: Array.from({ length: NAMESPACES }, (_, team) => ({
      meta: meta("DNSPolicy", "default", { namespace: `team-${team}` }),
      spec: { mode: "Active" },
      status: {},
    })),
    Gateway: [
      {
        meta: meta("Gateway", "internal", { namespace: "istio-system" }),
        spec: { controller: "ingress", credentialName: "tls", targetPostfix: "internal" },
        status: {},
      },
    ],
    ServiceRoute: Array.from({ length: routes }, (_, route) => ({
      meta: meta("ServiceRoute", `route-${route}`, { namespace: `team-${route % NAMESPACES}` }),
      spec: {
        serviceName: `service-${route}`,
        gatewayName: "internal",
        environment: "prod",
        application: `app${number}-${route % NAMESPACES}`,
      },
      status: {},
    })),
    Service: [
      {
        meta: meta("Service", "ingress", { namespace: "aks-istio-ingress", labels: { istio: "ingress" } }),
        type: "LoadBalancer",
        addresses: [`10.0.${number}.1`],
      },
    ],
    DNSEndpoint: [],
    IstioGateway: [],
    OperatorLease: [],
    OperatorDeployment: [],
  };
  return clusterOf(name, objects);
}

function clusterName(number: number): string {
  return `c${number}`;
}

/** The generator knows the shapes; listings are typed by kind, which a loop over kinds cannot show. */
function clusterOf(cluster: string, objects: Readonly<Partial<Record<Kind, readonly AnyObject[]>>>): ClusterSnapshot {
  const listings = Object.fromEntries(
    Object.entries(objects).map(([kind, list]) => [kind, { read: "complete", objects: list, rejected: [] }]),
  ) as Listings;
  return { cluster, readAtMs: NOW_MS, listings, istioVersion: "v1" };
}

export function snapshotOf(clusters: readonly ClusterSnapshot[]): FleetSnapshot {
  return { readAtMs: NOW_MS, clusters, zones: [] };
}

export function configurationOf(clusters: readonly ClusterSnapshot[]): FleetConfiguration {
  return {
    clusters: clusters.map(({ cluster }) => ({
      name: cluster,
      source: { kind: "kubeconfig", context: cluster },
      writes: "apply",
      gatewayNamespace: "istio-system",
      operatorStopped: false,
    })),
    discovery: [],
    regions: REGIONS.map((name) => ({
      name,
      zones: [],
      zoneWrites: "observe",
      externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
    })),
    readSeconds: 25,
    families: { serviceRouting: true },
    takeover: { operatorDeployment: "service-router-operator", operatorNamespace: "service-router-system" },
    budgets: { share: 0.3, fromNames: 10, names: 200 },
    vantage: "bench",
    store: { kind: "file", directory: ".service-router" },
  };
}

export type Decided = {
  readonly planned: FleetPlan;
  readonly due: readonly StatusChange[];
  /** What a pass keeps until its end. */
  readonly held: readonly unknown[];
};

/** The deciding half of a pass, as reconcile-fleet.ts has it: from the snapshot to plan and due statuses. */
export function decide(snapshot: FleetSnapshot): Decided {
  const configuration = configurationOf(snapshot.clusters);
  const assessment = assessFleet({
    configuration,
    snapshot,
    lastGood: new Map(),
    shrunkReads: {},
    approvals: [],
    order: { regions: [], clusters: [], adopters: [] },
    reads: readsOf(configuration.families),
    nowMs: snapshot.readAtMs,
  });
  const placement = resolvePlacement(assessment.fleet, { revision: 0, entries: [] }, assessment.order);
  const desired = computeDesired(assessment.fleet, placement, configuration);
  const planned = planFleet({
    fleet: assessment.fleet,
    desired,
    configuration,
    since: { handovers: {}, budgets: {} },
    approvals: [],
    heldReads: assessment.held,
  });
  const due = dueStatuses({ statuses: planned.statuses, outcomeOf: () => undefined, nowMs: snapshot.readAtMs });
  return { planned, due, held: [assessment, placement, desired] };
}

/** The same cluster after everything due was applied and every status written. */
export function convergedCluster(cold: ClusterSnapshot): ClusterSnapshot {
  const { planned, due } = decide(snapshotOf([cold]));
  const statuses = new Map(
    due.map(({ status, fields, conditions }) => [`${status.kind} ${status.key}`, { ...fields, conditions }]),
  );
  const created = new Map<Kind, AnyObject[]>();
  for (const change of planned.plan.changes) {
    const list = created.get(change.kind) ?? [];
    list.push(objectOf(change));
    created.set(change.kind, list);
  }
  const objects: Partial<Record<Kind, readonly AnyObject[]>> = {};
  for (const [name, listing] of Object.entries(cold.listings)) {
    if (listing.read !== "complete") continue;
    const kind = name as Kind;
    const before: readonly AnyObject[] = listing.objects;
    objects[kind] = [...before, ...(created.get(kind) ?? [])].map((object) => {
      const status = statuses.get(`${kind} ${objectKey(object.meta)}`);
      return status === undefined ? object : { ...object, status };
    });
  }
  return clusterOf(cold.cluster, objects);
}

type Body = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: ObjectMeta["labels"];
    readonly annotations?: ObjectMeta["annotations"];
    readonly ownerReferences?: ObjectMeta["owners"];
  };
  readonly spec: JsonObject;
};

function objectOf(change: Change): AnyObject {
  const { metadata, spec } = change.after as unknown as Body;
  const { name, namespace, labels = {}, annotations = {}, ownerReferences: owners = [] } = metadata;
  const rest = { ...(namespace === undefined ? {} : { namespace }), labels, annotations, owners };
  return { meta: meta(change.kind, name, { ...rest, managers: ["service-router"] }), spec };
}
