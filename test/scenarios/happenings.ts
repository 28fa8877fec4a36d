/** What happens to a fleet before a pass: one function per word of `when`. */
import type { Kind, KindObjects } from "../../shared/model/kinds.ts";
import { emptyOrder } from "../../shared/core/reading/stored-order.ts";
import type { Plan } from "../../shared/model/change.ts";
import {
  add,
  approve,
  breakObject,
  changeCluster,
  clusterOf,
  configure,
  edit,
  later,
  put,
  remove,
  unread,
  type World,
} from "../support/builders/fleet.ts";
import { gateway, policy, route, type WorldObject } from "../support/builders/objects.ts";
import { collectGarbage } from "../support/builders/pass.ts";
import { BETWEEN_PASSES_MS, kindAndKey, strangeEndpoint } from "./given-fleet.ts";
import { expand, milliseconds, type Event } from "./story.ts";

export type Told = {
  readonly world: World;
  /** Plan of the pass before: what a person approves is what that one showed. */
  readonly lastPlan: Plan | undefined;
  /** Clusters as they were before they came back empty. */
  readonly lost: ReadonlyMap<string, readonly WorldObject[]>;
};

/** Plays the events of one step; Kubernetes removes what a deleted owner owned before the next pass reads. */
export function happen(told: Told, events: readonly Event[]): Told {
  const timed = events.some(({ word }) => word === "time passes");
  const start = timed
    ? told
    : { ...told, world: later(told.world, told.lastPlan === undefined ? 0 : BETWEEN_PASSES_MS) };
  const after = events.reduce<Told>((current, event) => one(current, event), start);
  return { ...after, world: collectGarbage(after.world) };
}

function one(told: Told, { word, event }: Event): Told {
  const { world } = told;
  const change = (next: World): Told => ({ ...told, world: next });
  switch (word) {
    case "add route":
      return change(add(world, event.in, ...expand(event[word]).map((key) => route(key, event.spec ?? {}))));
    case "edit route":
      return change(editEach(world, event.in, "ServiceRoute", event[word], event.spec));
    case "delete route":
      return change(remove(world, event.in, "ServiceRoute", ...present(world, event.in, "ServiceRoute", event[word])));
    case "route no longer parses":
      return change(breakObject(world, event.in, "ServiceRoute", event[word]));
    case "add policy":
      return change(add(world, event.in, policy(event[word], event.spec ?? {})));
    case "edit policy":
      return change(editEach(world, event.in, "DNSPolicy", policyKey(event[word]), event.spec));
    case "delete policy":
      return change(
        remove(world, event.in, "DNSPolicy", ...present(world, event.in, "DNSPolicy", policyKey(event[word]))),
      );
    case "add gateway":
      return change(add(world, event.in, gateway(event[word], event.spec ?? {})));
    case "edit gateway":
      return change(editEach(world, event.in, "Gateway", event[word], event.spec));
    case "delete gateway":
      return change(remove(world, event.in, "Gateway", ...present(world, event.in, "Gateway", event[word])));
    case "addresses":
      return change(
        edit(world, { cluster: event.in, kind: "Service", key: "istio-system/ingress" }, (service) => ({
          ...service,
          addresses: event.addresses,
        })),
      );
    case "adoptsRegions":
      return change(editEach(world, event.in, "ClusterIdentity", "identity", { adoptsRegions: event.adoptsRegions }));
    case "edit identity":
      return change(editEach(world, event.in, "ClusterIdentity", "identity", event["edit identity"]));
    case "delete object": {
      const { kind, key } = kindAndKey(event[word]);
      return change(remove(world, event.in, kind, ...present(world, event.in, kind, key)));
    }
    case "is being deleted": {
      const { kind, key } = kindAndKey(event[word]);
      return change(
        edit(world, { cluster: event.in, kind, key }, ({ meta, ...rest }) => ({
          ...rest,
          meta: { ...meta, deleting: true },
        })),
      );
    }
    case "strange DNSEndpoint":
      return change(add(world, event.in, strangeEndpoint(event[word], event)));
    case "unreachable":
      return change(unread(world, event.unreachable, "all"));
    case "not read":
      return change(unread(world, event.in, event["not read"]));
    case "readable again":
      return change(unread(world, event[word], []));
    case "comes back empty":
      return emptied(told, event[word]);
    case "objects are back":
      return change(put(world, event[word], ...(told.lost.get(event[word]) ?? [])));
    case "writes":
      return change(configure(world, event.in, { writes: event.writes }));
    case "operator stops":
      return change(remove(world, event[word], "OperatorDeployment", "service-router-system/service-router-operator"));
    case "store loses":
      return change({ ...world, memory: { ...world.memory, order: emptyOrder } });
    case "fleet.yaml lists":
      return change(listed(world, event[word]));
    case "time passes":
      return change(later(world, milliseconds(event[word])));
    case "approve":
      return change(approve(world, digestOf(told.lastPlan, event.approve)));
  }
}

/** A story that loses a cluster on the way would tell another one. */
function listed(world: World, names: readonly string[]): World {
  if (names.length !== world.clusters.length) throw new Error(`fleet.yaml lists: name all of the fleet's clusters`);
  const clusters = names.map((name) => clusterOf(world, name));
  const configuration = { ...world.configuration, clusters: clusters.map(({ configured }) => configured) };
  return { ...world, clusters, configuration };
}

function policyKey(key: string): string {
  return key.includes("/") ? key : `${key}/policy`;
}

function editEach<K extends "ServiceRoute" | "DNSPolicy" | "Gateway" | "ClusterIdentity">(
  world: World,
  cluster: string,
  kind: K,
  ...[keys, spec]: readonly [string, Partial<KindObjects[K]["spec"]>]
): World {
  return expand(keys).reduce(
    (current, key) =>
      edit(current, { cluster, kind, key }, (object) => ({ ...object, spec: { ...object.spec, ...spec } })),
    world,
  );
}

/** A story that deletes nothing would prove nothing. */
function present(world: World, name: string, kind: Kind, keys: string): readonly string[] {
  const { objects, rejected } = clusterOf(world, name);
  const known = expand(keys);
  for (const key of known) {
    const id = `${kind} ${key}`;
    if (!objects.has(id) && !rejected.has(id)) throw new Error(`cluster ${name} has no ${id}`);
  }
  return known;
}

/** What people and GitOps put there comes back with it; what we wrote does not. */
function emptied(told: Told, name: string): Told {
  const objects = [...clusterOf(told.world, name).objects.values()].filter(
    ({ kind }) => kind !== "DNSEndpoint" && kind !== "IstioGateway",
  );
  const remade = objects.map((entry): WorldObject => {
    const meta = { ...entry.object.meta, uid: `${entry.object.meta.uid}, rebuilt`, createdAtMs: told.world.nowMs };
    const object = { ...entry.object, meta };
    return { ...entry, object: "status" in object ? { ...object, status: {} } : object } as WorldObject;
  });
  const world = changeCluster(told.world, name, (found) => ({ ...found, objects: new Map(), rejected: new Map() }));
  return { ...told, world, lost: new Map([...told.lost, [name, remade]]) };
}

function digestOf(plan: Plan | undefined, label: string): string {
  const group = plan?.held.find(({ code, scope }) => `${code} ${scope}` === label);
  if (group !== undefined) return group.digest;
  const held = plan?.held.map(({ code, scope }) => `${code} ${scope}`).join(", ") ?? "";
  throw new Error(`approve: the pass before held no ${label}, but: ${held === "" ? "nothing" : held}`);
}
