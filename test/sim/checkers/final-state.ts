/**
 * What must be true of a fleet that has settled, by the simulation's own reading: rule 4 and 5 (docs/contributing/safety-rules.md) in
 * clusters and zones, hosts that stand once, statuses that say what is so.
 */
import type { Site } from "../app/site.ts";
import { isMarked, wantedNames } from "../oracle/wanted-names.ts";
import { isDeleting, keyOf, parsedOf, type ApiServer } from "../world/api-server.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import type { World, WorldCluster } from "../world/world.ts";
import { hostsOf, nameId, publicationsOf, publishedNow, type Publication } from "./checker.ts";

export type FinalFault = { readonly rule: string; readonly message: string };

export function finalFaults({ world }: Site): readonly FinalFault[] {
  return [
    ...severalPublishers(world),
    ...unpublished(world),
    ...unserved(world),
    ...hostsTwice(world),
    ...staleZones(world),
    ...wrongStatuses(world),
  ];
}

function isWritten(world: World, cluster: WorldCluster): boolean {
  const configured = world.configuration.clusters.find(({ name }) => name === cluster.name);
  return configured?.writes === "apply";
}

/** Publications of every cluster, by zone, name and type. */
function published(world: World): ReadonlyMap<string, readonly (Publication & { readonly cluster: WorldCluster })[]> {
  const found = new Map<string, (Publication & { readonly cluster: WorldCluster })[]>();
  for (const cluster of world.clusters) {
    for (const one of publishedNow(cluster.server)) {
      const id = `${nameId(one)} ${one.type}`;
      found.set(id, [...(found.get(id) ?? []), { ...one, cluster }]);
    }
  }
  return found;
}

function severalPublishers(world: World): readonly FinalFault[] {
  if (hasDuplicates(world)) return [];
  const faults: FinalFault[] = [];
  for (const [id, all] of published(world)) {
    const ours = all.filter(({ cluster, zone }) => isWritten(world, cluster) && !asksToAdopt(world, cluster, zone));
    const contents = new Set(ours.map(({ content }) => content));
    if (contents.size < 2) continue;
    const list = ours.map(({ cluster, key, content }) => `${cluster.name} ${key} ${content}`).join("; ");
    faults.push({ rule: "4 one publisher", message: `${id} has several publishers in the end: ${list}` });
  }
  return faults;
}

/**
 * The cluster asks to adopt a region that has clusters of its own. Until that is decided nothing of the region is deleted
 * there (a request executes nothing by itself: docs/platform/adopted-regions.md), even what came to stand beside others by a restore.
 */
function asksToAdopt(world: World, cluster: WorldCluster, region: string): boolean {
  const hasClusters = world.clusters.some((other) => other !== cluster && other.home.region === region);
  return hasClusters && honouredIdentity(cluster.server)?.spec.adoptsRegions?.includes(region) === true;
}

/** Clusters that hold something back from the product: what they claim is not for this file to judge. */
function silent(world: World): boolean {
  return world.clusters.some((cluster) => !isWritten(world, cluster)) || hasDuplicates(world);
}

/** Clusters that call themselves the same are frozen: nothing is written there, statuses neither. */
export function hasDuplicates(world: World): boolean {
  const names = world.clusters.map(({ server }) => identityOf(server));
  return new Set(names).size < names.length || names.includes("");
}

function honouredIdentity(server: ApiServer) {
  const [identity] = [...server.list("ClusterIdentity").objects].sort(
    (left, right) => left.meta.createdAtMs - right.meta.createdAtMs || (left.meta.name < right.meta.name ? -1 : 1),
  );
  return identity;
}

function identityOf(server: ApiServer): string {
  const identity = honouredIdentity(server);
  return identity === undefined ? "" : `${identity.spec.cluster}-${identity.spec.region}`;
}

function unpublished(world: World): readonly FinalFault[] {
  if (silent(world)) return [];
  const names = new Set([...published(world).values()].flat().map((one) => nameId(one)));
  return world.clusters
    .flatMap((cluster) => wantedNames(world, cluster))
    .filter((wanted) => !names.has(nameId(wanted)))
    .filter((wanted) => !blockedByForeignObject(world, wanted.name) && !publishedByOthers(world, wanted))
    .map((wanted) => ({
      rule: "5 last record",
      message: `in the end nobody publishes ${nameId(wanted)}, which route ${wanted.route} of ${wanted.cluster} wants`,
    }));
}

/** Another claimant may win the name and be unable to publish it, because somebody's object has its place. */
function blockedByForeignObject(world: World, host: string): boolean {
  const first = host.slice(0, host.indexOf("."));
  return world.clusters.some(({ server }) =>
    server.stored("ServiceRoute").some((route) => {
      const { serviceName, environment, application } = fieldsOf(route["spec"]);
      if (
        !first.endsWith(`-${String(environment)}-${String(application)}`) ||
        !first.startsWith(`${String(serviceName)}-ns-`)
      )
        return false;
      const foreign = server.stored("DNSEndpoint").filter((endpoint) => !isMarked(endpoint));
      return foreign.some((endpoint) => keyOf(endpoint).startsWith(`${keyOf(route)}-`));
    }),
  );
}

/**
 * Somebody's own DNSEndpoint publishes the name there, one of ours that was given away for instance: it is not ours to
 * change (rule 6), no second publisher joins it (rule 4), and the name has its record.
 */
function publishedByOthers(world: World, wanted: { readonly zone: string; readonly name: string }): boolean {
  return world.clusters.some(({ server }) =>
    server
      .stored("DNSEndpoint")
      .filter((endpoint) => !isMarked(endpoint))
      .some((endpoint) => publicationsOf(endpoint).some((one) => nameId(one) === nameId(wanted))),
  );
}

/** Every host that a cluster publishes for a sure route stands on the Istio Gateway of that route's Gateway. */
function unserved(world: World): readonly FinalFault[] {
  if (hasDuplicates(world)) return [];
  return world.clusters
    .filter((cluster) => isWritten(world, cluster))
    .flatMap((cluster) =>
      wantedNames(world, cluster)
        .filter(({ gateway, name }) => {
          const object = cluster.server.get("IstioGateway", gateway);
          return (
            object === undefined || (isMarked(object) && !isDeleting(object) && !hostsOf(object).hosts.includes(name))
          );
        })
        .map(({ name, gateway, route }) => ({
          rule: "7 bad resource isolation",
          message: `in the end ${name} of route ${route} does not stand on Istio Gateway ${gateway} of ${cluster.name}`,
        })),
    );
}

function hostsTwice(world: World): readonly FinalFault[] {
  const faults: FinalFault[] = [];
  for (const cluster of world.clusters) {
    const holders = new Map<string, string>();
    for (const gateway of cluster.server.stored("IstioGateway").filter(isMarked)) {
      const { controller, hosts } = hostsOf(gateway);
      for (const host of hosts) {
        const other = holders.get(`${controller} ${host}`);
        if (other !== undefined) {
          const message = `${host} stands on ${other} and ${keyOf(gateway)} of ${cluster.name}, one controller`;
          faults.push({ rule: "4 one publisher", message });
        }
        holders.set(`${controller} ${host}`, keyOf(gateway));
      }
    }
  }
  return faults;
}

/** What one cluster alone publishes is what the zone says, when the record is the owner's to change. */
function staleZones(world: World): readonly FinalFault[] {
  const faults: FinalFault[] = [];
  for (const [id, all] of published(world)) {
    const [one] = all;
    if (one === undefined || all.some(({ content }) => content !== one.content)) continue;
    const zone = world.zone(one.zone);
    const record = zone?.get(one.name, one.type);
    if (zone === undefined || zone.excludes(one.name, one.type)) continue;
    const foreign = world.clusters.some(({ server }) =>
      server
        .stored("DNSEndpoint")
        .some((object) => !isMarked(object) && JSON.stringify(object["spec"]).includes(one.name)),
    );
    if (!foreign && record?.content !== one.content) {
      faults.push({
        rule: "5 last record",
        message: `the zone says ${record?.content ?? "nothing"} for ${id}, published is ${one.content}`,
      });
    }
  }
  return faults;
}

/** Ready and Published mean that the names of the status are published here; every status was judged from today's spec. */
function wrongStatuses(world: World): readonly FinalFault[] {
  const faults: FinalFault[] = [];
  for (const cluster of world.clusters.filter((one) => isWritten(world, one))) {
    if (hasDuplicates(world)) return [];
    const names = new Set(publishedNow(cluster.server).map(({ name }) => name));
    for (const object of cluster.server.stored("ServiceRoute")) {
      const parsed = parsedOf("ServiceRoute", object);
      if (!parsed.ok) continue;
      const { meta, status } = parsed.value;
      const condition = status.conditions?.find(({ type }) => type === "Published");
      const hosts = Array.isArray(status["dnsNames"]) ? status["dnsNames"].map(String) : [];
      // A route that is pending or invalid keeps what it published before, whatever its host is by now.
      const ready = status.conditions?.find(({ type }) => type === "Ready")?.status === "True";
      const lies =
        ready && condition?.status === "True" && (hosts.length === 0 || hosts.some((host) => !names.has(host)));
      const old = condition === undefined || condition.observedGeneration !== meta.generation;
      if (!lies && !old) continue;
      const said = `${condition?.status ?? "-"} ${hosts.join(", ")}, generation ${condition?.observedGeneration ?? "-"} of ${meta.generation}`;
      faults.push({
        rule: "2 settles",
        message: `status of route ${keyOf(object)} of ${cluster.name} says Published ${said}`,
      });
    }
  }
  return faults;
}
