/**
 * A real fleet with its DNS: a zone per region, all of one name, on a server in Azure's shapes, a DNS listener for each, and
 * for every cluster and region a real ExternalDNS with the profile that docs/platform asks for (one owner and one prefix per region,
 * label filter, upsert-only). The product is composed as in production and finds its zones by fleet.yaml.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { PassReport } from "../../../shared/model/report.ts";
import type { VerificationResult } from "../../../shared/model/verification.ts";
import { leadAzureTo } from "../azure/azure-detour.ts";
import type { ApiServer } from "../components/api-server.ts";
import {
  allowExternalDns,
  startExternalDns,
  type ExternalDns,
  type ExternalDnsVersion,
} from "../components/external-dns.ts";
import { watchName, type NameWatch } from "../private-dns/name-watch.ts";
import {
  startPrivateDnsServer,
  TEST_SUBSCRIPTION,
  type PrivateDnsServer,
  type PrivateDnsServerOptions,
  type TestZone,
} from "../private-dns/private-dns-server.ts";
import { resolverOf, startZoneDns, type ZoneDns } from "../private-dns/zone-dns.ts";
import { DOMAIN, setUpPlatform } from "./fleet-objects.ts";
import { startRealFleet, type FleetSettings, type RealFleet, type RegionSettings } from "./real-fleet.ts";

/** The identity of the product, by which the zone server knows it: log, denials, faults. */
export const APP_CALLER = "service-router";
const EXTERNAL_DNS_USER = "external-dns";
const INTERVAL_SECONDS = 2;
const BETWEEN_PASSES_MS = 300;
const UNTIL_MS = 60_000;

export type DnsCluster = {
  readonly name: string;
  readonly region: string;
  /** Name of its identity. */
  readonly cluster: string;
  /** Of its Istio ingress. */
  readonly address: string;
  readonly version: ExternalDnsVersion;
  /** Regions that it has an ExternalDNS for; default: all. */
  readonly regions?: readonly string[];
};

export type DnsFleetOptions = PrivateDnsServerOptions & {
  readonly clusters: readonly DnsCluster[];
  /** Default: weu and neu. */
  readonly regions?: readonly string[];
};

export type DnsFleet = {
  readonly fleet: RealFleet;
  readonly azure: PrivateDnsServer;
  readonly server: (cluster: string) => ApiServer;
  readonly zone: (region: string) => TestZone;
  readonly externalDns: (cluster: string, region: string) => ExternalDns;
  /** Writes fleet.yaml anew, with the zones, which may be written to; the next pass reads it. */
  readonly configure: (settings: DnsFleetSettings) => Promise<void>;
  /** What a machine in the region is told: addresses joined by a comma, or the code of the failure. */
  readonly answer: (region: string, name: string) => Promise<string>;
  /** Asks without a break, until `close`. */
  readonly watch: (region: string, name: string) => Promise<NameWatch>;
  /** One pass of the product. */
  readonly apply: () => Promise<PassReport>;
  /** `service-router status --output json`. @throws Error with what it printed when it fails. */
  readonly status: () => Promise<StatusDocument>;
  /** Passes until `holds`; an ExternalDNS that ended is started again, as a kubelet does. @throws Error after a minute. */
  readonly until: (what: string, holds: (report: PassReport) => boolean | Promise<boolean>) => Promise<PassReport>;
  readonly close: () => Promise<void>;
};

export type StatusDocument = Pick<PassReport, "zones" | "notes">;

export type DnsFleetSettings = Omit<FleetSettings, "regions"> & {
  /** Of every region. */
  readonly externalDns?: RegionSettings["externalDns"];
};

type RegionDns = { readonly region: string; readonly zone: TestZone; readonly dns: ZoneDns };

export async function startDnsFleet(options: DnsFleetOptions): Promise<DnsFleet> {
  const { clusters, regions = ["weu", "neu"] } = options;
  const users = [EXTERNAL_DNS_USER];
  const azure = await startPrivateDnsServer(options);
  const restore = await leadAzureTo(azure, APP_CALLER);
  const fleet = await startRealFleet(...clusters.map(({ name }) => ({ name, users })));
  const zones = new Map<string, RegionDns>();
  for (const region of regions) {
    const zone = azure.addZone({ resourceGroup: `rg-${region}`, zone: DOMAIN });
    zones.set(region, { region, zone, dns: await startZoneDns(zone) });
  }
  await Promise.all(
    clusters.map(async ({ name, ...setup }) => {
      const { server } = fleet.cluster(name);
      await allowExternalDns(server, EXTERNAL_DNS_USER);
      await setUpPlatform(server, { regions, ...setup });
    }),
  );
  const instances = new Map<string, ExternalDns>();
  await Promise.all(
    clusters.flatMap(({ name, version, regions: own = regions }) =>
      own
        .flatMap((region) => zones.get(region) ?? [])
        .map(async ({ zone, region }) => {
          const apiServer = fleet.cluster(name).server;
          const instance = await startInRegion({ region, apiServer, version, zoneServer: azure, zone });
          instances.set(`${name} ${region}`, instance);
        }),
    ),
  );
  const running = new RunningDnsFleet({ fleet, azure, zones, instances, restore });
  await running.configure({});
  return running;
}

type Instance = {
  readonly region: string;
  readonly apiServer: ApiServer;
  readonly version: ExternalDnsVersion;
  readonly zoneServer: PrivateDnsServer;
  readonly zone: TestZone;
};

function startInRegion({ region, ...place }: Instance): Promise<ExternalDns> {
  return startExternalDns({
    ...place,
    user: EXTERNAL_DNS_USER,
    caller: `external-dns-${region}-${place.apiServer.name}`,
    ownerId: ownerOf(region),
    labelFilter: `router.io/region=${region}`,
    intervalSeconds: INTERVAL_SECONDS,
  });
}

/** `--txt-owner-id` of a region's instances; the default of fleet.yaml. */
export function ownerOf(region: string): string {
  return `external-dns-${region}`;
}

type Parts = Pick<DnsFleet, "fleet" | "azure"> & {
  readonly zones: ReadonlyMap<string, RegionDns>;
  readonly instances: ReadonlyMap<string, ExternalDns>;
  readonly restore: () => Promise<void>;
};

class RunningDnsFleet implements DnsFleet {
  readonly fleet: RealFleet;
  readonly azure: PrivateDnsServer;
  readonly #parts: Parts;
  readonly #watches: NameWatch[] = [];
  readonly #restarting = new Map<ExternalDns, Promise<void>>();

  constructor(parts: Parts) {
    this.fleet = parts.fleet;
    this.azure = parts.azure;
    this.#parts = parts;
  }

  server = (cluster: string): ApiServer => this.fleet.cluster(cluster).server;
  zone = (region: string): TestZone => this.#in(region).zone;

  externalDns = (cluster: string, region: string): ExternalDns => {
    const found = this.#parts.instances.get(`${cluster} ${region}`);
    if (found === undefined) throw new Error(`no ExternalDNS of ${region} in ${cluster} was started`);
    return found;
  };

  configure = async ({ externalDns, ...settings }: DnsFleetSettings): Promise<void> => {
    const regions = [...this.#parts.zones].map(([name, { zone }]) => ({
      name,
      zones: [{ subscription: TEST_SUBSCRIPTION, resourceGroup: zone.resourceGroup, zone: zone.zone }],
      zoneWrites: "apply",
      externalDns: { intervalSeconds: INTERVAL_SECONDS, ...externalDns },
    }));
    this.fleet.configure({ ...settings, regions });
    await this.fleet.restart();
  };

  answer = async (region: string, name: string): Promise<string> => {
    try {
      const addresses = await resolverOf(this.#in(region).dns).resolve4(name);
      return addresses.toSorted().join(",");
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  };

  watch = async (region: string, name: string): Promise<NameWatch> => {
    const watch = await watchName({ dns: this.#in(region).dns, name });
    this.#watches.push(watch);
    return watch;
  };

  apply = (): Promise<PassReport> => this.fleet.pass();

  status = async (): Promise<StatusDocument> => {
    const { code, stdout, stderr } = await this.fleet.ask("status", "--output", "json");
    if (code !== 0) throw new Error(`status ended with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout) as StatusDocument;
  };

  until = async (what: string, holds: (report: PassReport) => boolean | Promise<boolean>): Promise<PassReport> => {
    const deadlineAtMs = Date.now() + UNTIL_MS;
    for (;;) {
      this.#restartEnded();
      const report = await this.apply();
      if (await holds(report)) return report;
      if (Date.now() > deadlineAtMs) {
        throw new Error(`not within ${UNTIL_MS} ms: ${what}; ${openIn(report)}`);
      }
      await delay(BETWEEN_PASSES_MS);
    }
  };

  close = async (): Promise<void> => {
    await Promise.all(this.#restarting.values());
    await Promise.all([...this.#watches, ...this.#parts.instances.values()].map((one) => one.stop()));
    await Promise.all([...this.#parts.zones.values()].map(({ dns }) => dns.close()));
    await this.fleet.close();
    await this.#parts.restore();
    await this.azure.close();
  };

  #in(region: string): RegionDns {
    const found = this.#parts.zones.get(region);
    if (found === undefined) throw new Error(`region ${region} has no zone`);
    return found;
  }

  /** As a kubelet: nobody waits for it, and what ends again (0.20 does while no zone can be listed) is started again. */
  #restartEnded(): void {
    for (const instance of this.#parts.instances.values()) {
      if (instance.ending() === undefined || this.#restarting.has(instance)) continue;
      const restarting = instance
        .restart()
        .catch(() => {})
        .finally(() => this.#restarting.delete(instance));
      this.#restarting.set(instance, restarting);
    }
  }
}

/** Why it is not settled. */
function openIn(report: PassReport): string {
  const { plan, statusesDue } = report;
  const { changes, waiting, held } = plan;
  return JSON.stringify({
    unverified: troublesIn(report),
    changes: changes.map(({ id }) => id),
    waiting: waiting.map(({ change, reason }) => `${change.id}: ${reason}`),
    held: held.map(({ reason }) => reason),
    statusesDue,
  });
}

/** Names that are not as they should be: `weu cart-ns-p-prod-shop.example.com CNAME wrong-target refused`. */
export function troublesIn({ zones }: Pick<PassReport, "zones">): readonly string[] {
  return zones.flatMap(({ zone, reading }) => {
    if (reading.read !== "complete") return [];
    return reading.unverified.map(({ name, type, result, stage }) =>
      [zone, name, type, result, ...(stage === undefined ? [] : [stage])].join(" "),
    );
  });
}

/** By region; `not-read FORBIDDEN` where that is so, else the numbers that are not 0: `7 verified, 1 orphan`. */
export function readingsOf({ zones }: Pick<PassReport, "zones">): Readonly<Record<string, string>> {
  return Object.fromEntries(
    zones.map(({ zone, reading }) => {
      if (reading.read === "not-configured") return [zone, "not-configured"];
      if (reading.read === "not-read") return [zone, `not-read ${reading.code}`];
      const counts = Object.entries(reading.names) as readonly (readonly [VerificationResult, number])[];
      const shown = counts.filter(([, count]) => count > 0).map(([result, count]) => `${count} ${result}`);
      return [zone, shown.join(", ")];
    }),
  );
}

/** Records that nobody claims any more, by region: `1 found, 0 due`. Left out where the zone was not read. */
export function garbageIn({ zones }: Pick<PassReport, "zones">): Readonly<Record<string, string>> {
  return Object.fromEntries(
    zones.flatMap(({ zone, reading }) => {
      if (reading.read !== "complete") return [];
      const { found, due } = reading.garbage;
      return [[zone, `${found} found, ${due} due`]];
    }),
  );
}

/** Nothing is due or awaited any more, and every name of every zone is verified. */
export function isSettled(report: PassReport): boolean {
  const { plan, statusesDue, zones } = report;
  const isRead = zones.every(({ reading }) => reading.read === "complete");
  const open = plan.changes.length + plan.waiting.length + statusesDue;
  return isRead && open === 0 && troublesIn(report).length === 0;
}
