/**
 * Everything that is not the product: clusters with their API servers, zones, ExternalDNS instances, the fleet
 * configuration, and what is wrong with any of it at the moment.
 */
import type { FleetConfiguration, ZoneConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { Kind } from "../../../shared/model/kinds.ts";
import type { ApiServer } from "./api-server.ts";
import type { ExternalDns } from "./external-dns.ts";
import type { Zone } from "./zone.ts";

/** A cluster as it stands in the world, by its name in the fleet configuration. */
export type WorldCluster = {
  readonly name: string;
  /** What its people know about it; the ClusterIdentity usually says the same. */
  readonly home: { readonly region: string; readonly cluster: string };
  readonly server: ApiServer;
  /** Whether the product reaches the API server. */
  reachable: boolean;
  /** Whether anybody does: ExternalDNS asserts what it last knew, teams and controllers wait. */
  controlPlane: boolean;
  /** Kinds whose list fails now. */
  readonly unreadable: Set<Kind>;
  /** Taken now and then, for a restore. */
  backup?: ApiServer;
  /** The operator that the product replaces still runs and renews its Lease. */
  operator: boolean;
  /** Share of calls that fail by themselves. */
  flakiness: number;
  /** Admission refuses objects with this text in their metadata. */
  refuses?: string;
};

export type WorldParts = {
  readonly nowMs: () => number;
  readonly configuration: FleetConfiguration;
  readonly clusters: readonly WorldCluster[];
  readonly zones: readonly Zone[];
  readonly externalDns: readonly ExternalDns[];
};

export class World {
  readonly nowMs: () => number;
  configuration: FleetConfiguration;
  readonly clusters: readonly WorldCluster[];
  readonly zones: readonly Zone[];
  readonly externalDns: readonly ExternalDns[];

  constructor(parts: WorldParts) {
    this.nowMs = parts.nowMs;
    this.configuration = parts.configuration;
    this.clusters = parts.clusters;
    this.zones = parts.zones;
    this.externalDns = parts.externalDns;
  }

  cluster(name: string): WorldCluster | undefined {
    return this.clusters.find((cluster) => cluster.name === name);
  }

  /** The zone that the region's hosts lie in. */
  zone(region: string): Zone | undefined {
    return this.zones.find((zone) => zone.region === region);
  }

  /** As fleet.yaml names it. */
  zoneAt({ zone: dnsName }: ZoneConfiguration, region: string): Zone | undefined {
    return this.zones.find((zone) => zone.region === region && zone.dnsName === dnsName);
  }

  /** The API server as somebody inside the cluster sees it; absent while the control plane is down. */
  serverFor(cluster: string): ApiServer | undefined {
    const found = this.cluster(cluster);
    return found?.controlPlane === true ? found.server : undefined;
  }

  /** The same world under another clock, to be continued apart from this one. */
  clone(nowMs: () => number): World {
    return new World({
      nowMs,
      configuration: this.configuration,
      clusters: this.clusters.map((cluster) => ({
        ...cluster,
        server: cluster.server.clone(nowMs),
        unreadable: new Set(cluster.unreadable),
      })),
      zones: this.zones.map((zone) => zone.clone()),
      externalDns: this.externalDns.map((instance) => instance.clone()),
    });
  }

  /** Ends everything that keeps the product from reading and writing, except what admission and objects themselves say. */
  heal(): void {
    for (const zone of this.zones) zone.heal();
    for (const instance of this.externalDns) instance.running = true;
    for (const cluster of this.clusters) {
      cluster.operator = false;
      cluster.reachable = true;
      cluster.controlPlane = true;
      cluster.unreadable.clear();
      cluster.flakiness = 0;
      cluster.server.istioVersion = "v1";
      cluster.server.notServed.clear();
    }
  }

  /** Sets what admission of a cluster refuses from now on; undefined: nothing. */
  refuse(cluster: WorldCluster, part: string | undefined): void {
    if (part === undefined) delete cluster.refuses;
    else cluster.refuses = part;
    cluster.server.admission = (_kind, body) =>
      part !== undefined && JSON.stringify(body["metadata"]).includes(part)
        ? `policy "no ${part}" denied the request`
        : undefined;
  }
}
