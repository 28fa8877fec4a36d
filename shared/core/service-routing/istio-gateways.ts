/**
 * Istio Gateways of one cluster. A host moves between two Istio Gateways of one controller by leaving the first before it
 * joins the second: joining first would take the second one's whole server away (docs/decisions/0003-istio-hosts-stand-once.md).
 */
import type { IstioGateway } from "../../model/cluster-objects.ts";
import type { Because, DesiredItem, ItemStage, PublishedName } from "../../model/desired.ts";
import type { JsonObject } from "../../model/json.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { Place } from "../../model/place.ts";
import type { Gateway } from "../../model/resources.ts";
import { itemId, objectKey } from "../naming/item-id.ts";
import { isOurs } from "../naming/own-objects.ts";
import { istioController, istioHosts, istioZone } from "../naming/published-names.ts";
import { becauseOf } from "./because.ts";
import type { ClusterFindings } from "./findings.ts";
import { istioGatewayBody, observedIstioGateway } from "./istio-gateway-body.ts";
import { isSettled, withoutUntaken, withoutVanished, type HostHolders } from "./istio-hosts.ts";
import { keptHosts, sourceHosts } from "./kept-hosts.ts";

type HostInput = {
  readonly findings: ClusterFindings;
  readonly holders: HostHolders;
  /** Hosts of routes that vanished one read ago: they stay until the next complete read. */
  readonly vanishedHosts: ReadonlySet<string>;
};

type HostPlan = HostInput & {
  /** Hosts whose Gateway takes none now: they stay where they stand, if anywhere. */
  readonly untaken: ReadonlySet<string>;
};

export type IstioItems = {
  readonly items: readonly DesiredItem[];
  /** Final hosts per Gateway key; a Gateway without hosts is absent. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
};

export function istioGateways(input: HostInput): IstioItems {
  const { findings } = input;
  const listing = findings.cluster.believed?.IstioGateway;
  const { istioVersion } = findings.cluster;
  if (listing?.read !== "complete") return { items: [], hosts: new Map() };
  const observed = new Map(
    listing.objects.filter(({ meta }) => isOurs(meta)).map((gateway) => [objectKey(gateway.meta), gateway]),
  );
  if (istioVersion === undefined) return { items: unjudged(findings, observed), hosts: new Map() };
  const rejected = new Set(rejectedKeys(findings));
  const keys = [...new Set([...findings.gateways.keys(), ...observed.keys()])].sort();
  const staying = new Set(keys.filter((key) => rejected.has(key) || isStaying(findings, key)));
  const plan = {
    ...input,
    ...withoutUntaken(withoutVanished(input.holders, input.vanishedHosts, observed.values()), staying, observed),
  };
  const hosts = finalHosts(plan, observed, staying);
  const items: DesiredItem[] = [];
  for (const key of keys) {
    const finding = findings.gateways.get(key);
    const present = observed.get(key);
    items.push(
      ...gatewayItem({
        plan,
        key,
        hosts: hosts.get(key) ?? [],
        istioVersion,
        staying: staying.has(key),
        ...(present === undefined ? {} : { observed: present }),
        ...(finding === undefined ? {} : { gateway: finding.gateway }),
      }),
    );
  }
  return { items, hosts };
}

/** Without the version that is served nothing can be written: what is there stays as it is. */
function unjudged(findings: ClusterFindings, observed: ReadonlyMap<string, IstioGateway>): readonly DesiredItem[] {
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const reason = "the served version of Istio Gateways is not known";
  return [...observed].map(([key, { meta }]) => ({
    place,
    kind: "IstioGateway",
    key,
    marker: serviceRoutingMarker,
    phase: "open",
    names: [],
    because: becauseOf("Gateway", meta, reason),
    want: "kept",
  }));
}

/** The Gateway cannot be used now: its Istio Gateway stays as it is. */
function isStaying({ cluster, gateways }: ClusterFindings, key: string): boolean {
  const finding = gateways.get(key);
  if (cluster.mode === "retiring") return true;
  return finding !== undefined && (finding.state !== "usable" || finding.gateway.meta.deleting);
}

/** What an Istio Gateway selects once this pass is done: one that stays goes on selecting what it does now. */
function selectedController(
  gateway: Gateway | undefined,
  observed: IstioGateway | undefined,
  staying: boolean,
): string {
  if (observed !== undefined && (staying || gateway === undefined)) return istioController(observed);
  return gateway?.spec.controller ?? "";
}

/** Hosts per Gateway: those that stand there by a valid route, and those that stay where they are. */
function finalHosts(
  plan: HostPlan,
  observed: ReadonlyMap<string, IstioGateway>,
  closed: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  const add = (key: string, host: string): void => {
    const known = hosts.get(key);
    if (known === undefined) hosts.set(key, [host]);
    else known.push(host);
  };
  for (const hostsHeld of plan.holders.values()) {
    for (const [host, holder] of hostsHeld) if (holder.gateway !== undefined) add(holder.gateway.key, host);
  }
  const kept = new Set([...keptHosts(plan.findings), ...plan.vanishedHosts, ...plan.untaken]);
  const selecting = [...observed].map(([key, gateway]) => {
    const controller = selectedController(plan.findings.gateways.get(key)?.gateway, gateway, closed.has(key));
    return { key, gateway, controller, comes: istioController(gateway) !== controller };
  });
  const taken = new Set<string>();
  // Of two Istio Gateways under one controller a kept host stays on the one where it stands already.
  for (const { key, gateway, controller } of selecting.sort(
    (left, right) => Number(left.comes) - Number(right.comes),
  )) {
    for (const host of kept.size === 0 ? [] : istioHosts(gateway)) {
      const id = `${controller} ${host}`;
      if (!kept.has(host) || taken.has(id) || plan.holders.get(controller)?.has(host) === true) continue;
      taken.add(id);
      add(key, host);
    }
  }
  return new Map([...hosts].map(([key, found]) => [key, [...new Set(found)].sort()]));
}

type GatewayInput = {
  readonly plan: HostPlan;
  readonly key: string;
  readonly hosts: readonly string[];
  readonly istioVersion: "v1" | "v1beta1";
  /** The Gateway cannot be used now: its Istio Gateway stays, except for hosts that moved away. */
  readonly staying: boolean;
  readonly observed?: IstioGateway;
  readonly gateway?: Gateway;
};

function gatewayItem(input: GatewayInput): readonly DesiredItem[] {
  const { plan, key, observed, gateway } = input;
  const { cluster } = plan.findings;
  const place: Place = { kind: "cluster", name: cluster.name };
  const controller = selectedController(gateway, observed, input.staying);
  const zone = istioZone(cluster.name, controller);
  const base = { place, kind: "IstioGateway", key, marker: serviceRoutingMarker, phase: "open" } as const;
  const because = sourceOf(input);
  const names = input.hosts.map((host) => ({ zone, name: host, content: "host" }));
  const stages = stagesOf(input, zone, controller);
  if (input.staying && stages.length === 0) return [{ ...base, names, because, want: "kept" }];
  if (gateway === undefined || (input.hosts.length === 0 && !input.staying)) {
    return observed === undefined ? [] : [{ ...base, names: [], because, want: "absent", stages }];
  }
  const last = stages.at(-1)?.body;
  const body = input.staying ? last : istioGatewayBody(gateway, input.hosts, input.istioVersion);
  if (body === undefined) return [{ ...base, names, because, want: "absent", stages }];
  return [{ ...base, names, because, want: "present", body: () => body, stages }];
}

function sourceOf({ gateway, observed, staying, hosts }: GatewayInput): Because {
  if (gateway !== undefined) {
    const reason = staying
      ? "the Gateway cannot be used now"
      : hosts.length === 0
        ? "no ServiceRoute has a host on it"
        : "the Gateway serves its routes' hosts";
    return becauseOf("Gateway", gateway.meta, reason);
  }
  return {
    kind: "Gateway",
    name: observed?.meta.name ?? "",
    namespace: observed?.meta.namespace ?? "",
    uid: observed?.meta.owners[0]?.uid ?? "",
    reason: "the Gateway is gone",
  };
}

/** The steps from the hosts there are to the hosts there should be. Empty: the final body says all. */
function stagesOf(input: GatewayInput, zone: string, controller: string): readonly ItemStage[] {
  const { plan, key, observed, gateway, istioVersion } = input;
  const holders = plan.holders.get(controller);
  const standsElsewhere = (host: string): boolean => (holders?.get(host)?.gateway?.key ?? key) !== key;
  const current = observed === undefined ? [] : istioHosts(observed);
  const selects = observed !== undefined && istioController(observed) === controller;
  if (gateway !== undefined && selects && isSettled(current, input.hosts)) return [];
  // Under another controller nothing may stand that does not belong there, not even until the end of the pass.
  const wanted = new Set(input.hosts);
  const switches = observed !== undefined && !input.staying && !selects;
  const isMoved = (host: string): boolean => standsElsewhere(host) || (switches && !wanted.has(host));
  const moved = current.filter((host) => isMoved(host));
  const remaining = moved.length === 0 ? current : current.filter((host) => !isMoved(host));
  const final = input.staying ? remaining : input.hosts;
  const remainingSet = new Set(remaining);
  const finalSet = new Set(final);
  const bodyWith = (hosts: readonly string[]): JsonObject | undefined => {
    if (hosts.length === 0) return undefined;
    if (observed !== undefined && (input.staying || gateway === undefined))
      return observedIstioGateway(observed, hosts, istioVersion);
    return gateway === undefined ? undefined : istioGatewayBody(gateway, hosts, istioVersion);
  };
  const stages: ItemStage[] = [];
  const named = (hosts: readonly string[]): readonly PublishedName[] =>
    hosts.map((name) => ({ zone, name, content: "host" }));
  if (moved.length > 0) {
    const body = bodyWith(remaining);
    stages.push({
      phase: "open",
      step: 0,
      leaves: named(moved),
      joins: [],
      dependsOn: [],
      ...(body === undefined ? {} : { body }),
    });
  }
  const joining = final.filter((host) => !remainingSet.has(host));
  const opened = [...new Set([...remaining, ...final])].sort();
  if (joining.length > 0 || !input.staying) {
    const body = bodyWith(opened);
    if (body !== undefined) {
      stages.push({
        phase: "open",
        step: 1,
        leaves: [],
        joins: named(joining),
        dependsOn: leftFirst(input, joining, controller),
        body,
      });
    }
  }
  const closing = opened.filter((host) => !finalSet.has(host));
  if (closing.length > 0) {
    const alive = sourceHosts(plan.findings);
    const leaves = closing.map((name): PublishedName => ({
      zone,
      name,
      content: "host",
      ...(alive.has(name) ? {} : { vanished: true }),
    }));
    const body = bodyWith(final);
    stages.push({ phase: "close", step: 0, leaves, joins: [], dependsOn: [], ...(body === undefined ? {} : { body }) });
  }
  return stages;
}

/** Ids of the items of other Istio Gateways of the controller on which a joining host still stands. */
function leftFirst({ plan, key }: GatewayInput, joining: readonly string[], controller: string): readonly string[] {
  const listing = plan.findings.cluster.believed?.IstioGateway;
  if (joining.length === 0 || listing?.read !== "complete") return [];
  const wanted = new Set(joining);
  const place: Place = { kind: "cluster", name: plan.findings.cluster.name };
  return listing.objects
    .filter((other) => isOurs(other.meta) && istioController(other) === controller && objectKey(other.meta) !== key)
    .filter((other) => istioHosts(other).some((host) => wanted.has(host)))
    .map((other) => itemId(place, "IstioGateway", objectKey(other.meta)))
    .sort();
}

function rejectedKeys(findings: ClusterFindings): readonly string[] {
  const listing = findings.cluster.believed?.Gateway;
  return listing?.read === "complete" ? listing.rejected.map((rejected) => objectKey(rejected.meta)) : [];
}
