/**
 * Rule 14: what a pass says of a zone is so. For every zone that it read: whatever is wrong with a name that somebody surely
 * wants is named in that very pass, in the report and at the route; what is named is wrong; and a zone that was not read is
 * called so. The zone as it was read is judged by the simulation's own reading of it.
 */
import type { UnverifiedName } from "../../../shared/model/verification.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { RecordSet } from "../../../shared/model/zone-records.ts";
import { elsewhere } from "../actors/zone-hands.ts";
import { reportOf } from "../app/run-product.ts";
import { readWholly, regionAsRead, zonedRegions, type Run, type ZoneReading } from "../app/run-context.ts";
import type { Site } from "../app/site.ts";
import { isMarked, type WantedName } from "../oracle/wanted-names.ts";
import { resultOf, standingAt } from "../oracle/zone-truth.ts";
import { keyOf, labelsOf, uidOf } from "../world/api-server.ts";
import { domain } from "../world/bodies.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import { recordTypes, type OwnershipProfile } from "../world/zone.ts";
import { publicationsOf, type Checker, type Publication } from "./checker.ts";

/** As long as the product remembers what it found at a name in turn. */
const rememberedMs = 16 * 60_000;

/** Who wrote the status of a route last. */
type Written = { readonly by: string | undefined; readonly atMs: number };

type Look = {
  readonly run: Run;
  readonly report: PassReport;
  readonly region: string;
  /** By cluster and route. */
  readonly written: ReadonlyMap<string, Written>;
};
type Read = Look & { readonly recordSets: readonly RecordSet[]; readonly profile: OwnershipProfile };

export const zoneReports: Checker = {
  rule: "14 zones as they are",
  watch: (site, violate) => {
    const history = new History(site.origin === undefined ? undefined : histories.get(site.origin));
    histories.set(site, history);
    const written = new Map<string, Written>();
    return {
      mutation: ({ server, kind, key, part, writer }) => {
        if (part !== "status" || kind !== "ServiceRoute") return;
        written.set(`${server} ${key}`, { by: writer.run?.id, atMs: site.nowMs() });
      },
      runEnded: (run, end) => {
        for (const reading of run.zoneReadings) {
          const profile = run.configuration.regions.find(({ name }) => name === reading.region)?.externalDns;
          if (profile !== undefined && reading.recordSets !== undefined) history.note(reading, profile);
        }
        const report = reportOf(end);
        if (report === undefined) return;
        for (const region of zonedRegions(run)) {
          for (const fault of regionFaults(site, { run, report, region, written }, history))
            violate(`${run.id}: ${fault}`);
        }
      },
    };
  },
};

type Turn = { readonly found: string; readonly atMs: number };

/** What stood at each name in turn, and whose it was, as any run read it. */
class History {
  readonly #turns: Map<string, readonly Turn[]>;
  /** The list of each region that was noted last. */
  readonly #last = new Map<string, readonly RecordSet[]>();

  /** @param before of the site that this one is a copy of. */
  constructor(before: History | undefined) {
    this.#turns = new Map(before === undefined ? [] : before.#turns);
  }

  note({ region, zone, atMs, recordSets = [] }: ZoneReading, profile: OwnershipProfile): void {
    // The hosts of a region lie in one of its zones; an unchanged zone gives the same list.
    if (zone !== domain || this.#last.get(region) === recordSets) return;
    this.#last.set(region, recordSets);
    const now = new Map([...this.#turns.keys()].filter((id) => id.startsWith(`${region} `)).map((id) => [id, ""]));
    for (const set of recordSets) {
      if (set.type === "TXT") continue;
      const { owner } = standingAt(recordSets, profile, set);
      // A CNAME is found by whoever looks for an address, and the other way round.
      const types = set.type === "CNAME" ? recordTypes : (["CNAME", set.type] as const);
      for (const type of types) {
        const id = `${region} ${set.name} ${type}`;
        now.set(id, `${now.get(id) ?? ""}${set.type} ${set.values.join()} ${owner} `);
      }
    }
    for (const [id, found] of now) {
      const turns = this.#turns.get(id) ?? [];
      if (turns.at(-1)?.found !== found) this.#turns.set(id, [...turns, { found, atMs }]);
    }
  }

  /** Something came back within the time that the product remembers, after something else had stood there. */
  cameBack(region: string, { name, type }: UnverifiedName, nowMs: number): boolean {
    const turns = this.#turns.get(`${region} ${name.toLowerCase()} ${type}`) ?? [];
    return turns.some(({ found }, index) => {
      const left = turns[index - 1];
      const isBack = turns.slice(0, index).some((before) => before.found === found);
      return isBack && left !== undefined && nowMs - left.atMs < rememberedMs;
    });
  }
}

const histories = new WeakMap<Site, History>();

function regionFaults(site: Site, look: Look, history: History): readonly string[] {
  const { run, report, region } = look;
  const recordSets = regionAsRead(run, region);
  const zone = report.zones.find((one) => one.zone === region);
  const profile = run.configuration.regions.find(({ name }) => name === region)?.externalDns;
  if (zone === undefined || profile === undefined) return [`the report does not know zone ${region}`];
  const { reading } = zone;
  if (recordSets === undefined) {
    return reading.read === "not-read" ? [] : [`zone ${region} was not read, and is called ${reading.read}`];
  }
  if (reading.read !== "complete") return [`zone ${region} was read, and is called ${reading.read}`];
  const troubles = Object.values(reading.names).reduce((sum, count) => sum + count, 0) - reading.names.verified;
  const read = { ...look, recordSets, profile };
  const { unverified } = reading;
  return [
    ...(troubles === unverified.length ? [] : [`zone ${region}: ${troubles} troubles, ${unverified.length} named`]),
    ...unverified.flatMap((one) => untrue(site, read, { one, history })),
    ...surelyWanted(read).flatMap((wanted) => unnamed(site, read, { wanted, unverified })),
    ...gatewayRecords(read).flatMap((record) => misnamed(read, { record, unverified })),
  ];
}

type Named = { readonly one: UnverifiedName; readonly history: History };

/** A name that is called wrong, and is not as it is called. */
function untrue(site: Site, read: Read, { one, history }: Named): readonly string[] {
  const { region, recordSets, profile } = read;
  const { name, type, result, evidence, sinceMs } = one;
  const standing = standingAt(recordSets, profile, one);
  const fault = (why: string): readonly string[] => [
    `zone ${region}: ${type} ${name} is called ${result} (${evidence}), ${why}`,
  ];
  if (sinceMs > read.report.endedAtMs) return fault("since a moment that is still to come");
  if (result === "flapping") {
    return isContested(site, read, one) || history.cameBack(region, one, read.report.endedAtMs)
      ? []
      : fault("and nobody else writes it");
  }
  // Which target is wanted only the product knows where several claim the name; all other results need no target.
  const isWrong = result === "wrong-target" && standing.values !== undefined;
  if (isWrong) return standing.owner === "region" ? [] : fault("and it is not ours");
  const truth = resultOf(standing, []);
  return truth === result ? [] : fault(`and is ${truth}`);
}

/** Two DNSEndpoints say different things of the name, or one of a cluster may that was not read. */
function isContested(site: Site, { run, region }: Read, { name }: UnverifiedName): boolean {
  if (site.world.clusters.some((cluster) => !readWholly(run, cluster.name))) return true;
  const all = [...run.readings.values()].flatMap(({ listed }) => listed.get("DNSEndpoint") ?? []);
  const said = all.flatMap(publicationsOf).filter((one) => one.zone === region && one.name === name);
  return new Set(said.map(({ content }) => content)).size > 1;
}

/** Wanted when the run began to read the cluster and when it ended; and the product believes what it read. */
function surelyWanted({ run, report, region }: Read): readonly WantedName[] {
  const complete = new Set(
    report.clusters.filter(({ standing }) => standing.kind === "complete").map(({ cluster }) => cluster),
  );
  return [...run.readings.values()].flatMap(({ cluster, wantedAtBegin, wantedAtEnd }) => {
    const { writes } = run.configuration.clusters.find(({ name }) => name === cluster) ?? {};
    if (!complete.has(cluster) || writes === "retiring") return [];
    const atEnd = new Set(wantedAtEnd.map(({ uid, zone, name }) => `${uid} ${zone} ${name}`));
    return wantedAtBegin.filter(({ uid, zone, name }) => zone === region && atEnd.has(`${uid} ${zone} ${name}`));
  });
}

type Wanted = { readonly wanted: WantedName; readonly unverified: readonly UnverifiedName[] };

/** A name that is surely wrong, whoever wins it, and that the pass does not name, or whose route says that all is well. */
function unnamed(site: Site, read: Read, { wanted, unverified }: Wanted): readonly string[] {
  const { region, recordSets, profile } = read;
  const { name } = wanted;
  const standing = standingAt(recordSets, profile, { name, type: "CNAME" });
  const isLed = standing.values !== undefined && !standing.values.includes(elsewhere.CNAME);
  const truth = resultOf(standing, isLed ? (standing.values ?? []) : []);
  if (truth === "verified") return [];
  const named = unverified.find((one) => one.name === name && one.type === "CNAME");
  if (named?.result !== truth && named?.result !== "flapping") {
    return [`zone ${region}: ${name} is ${truth}, and is called ${named?.result ?? "verified"}`];
  }
  return saysVerified(site, read, wanted)
    ? [`zone ${region}: ${name} is ${truth}, and route ${wanted.route} of ${wanted.cluster} says DNSVerified`]
    : [];
}

type GatewayRecord = { readonly record: Publication; readonly unverified: readonly UnverifiedName[] };

/** An address that is surely wanted: that it is as it should be is said exactly where it is so. */
function misnamed({ region, recordSets, profile }: Read, { record, unverified }: GatewayRecord): readonly string[] {
  const targets = record.destination.slice(record.type.length + 1).split(",");
  const truth = resultOf(standingAt(recordSets, profile, record), targets);
  const named = unverified.find((one) => one.name === record.name && one.type === record.type)?.result ?? "verified";
  if (named === truth || named === "flapping") return [];
  return [`zone ${region}: ${record.type} ${record.name} is ${truth}, and is called ${named}`];
}

/**
 * What DNSEndpoints of gateways say that stay as they are, of Gateways that are sure of their host: the only ones of the
 * postfix in a cluster that was read completely.
 */
function gatewayRecords({ run, report, region }: Read): readonly Publication[] {
  // A plan that was asked for a part of the fleet does not say what it would change of the rest.
  if (run.scope !== undefined) return [];
  const touched = new Set([
    ...[...report.plan.changes, ...report.plan.observed].map(({ key }) => key),
    ...report.plan.waiting.map(({ change }) => change.key),
    ...report.plan.held.flatMap(({ changes }) => changes.map(({ key }) => key)),
    ...report.plan.refusals.map(({ key }) => key),
  ]);
  return report.clusters.flatMap(({ cluster, standing }) => {
    const listed = run.readings.get(cluster)?.listed;
    if (standing.kind !== "complete" || listed === undefined) return [];
    const gateways = (listed.get("Gateway") ?? []).map((gateway) => fieldsOf(gateway["spec"]));
    return (listed.get("DNSEndpoint") ?? []).flatMap((endpoint) => {
      const { "router.io/target-postfix": postfix, "router.io/istio-controller": controller } = labelsOf(endpoint);
      const own = gateways.filter(({ targetPostfix }) => targetPostfix === postfix);
      const isSure = own.length === 1 && own[0]?.["controller"] === controller && isMarked(endpoint);
      if (postfix === undefined || !isSure || touched.has(keyOf(endpoint))) return [];
      return publicationsOf(endpoint).filter(({ zone }) => zone === region);
    });
  });
}

/** What the route says once the pass is over; where its status was not written, or by another pass since, it is not asked. */
function saysVerified(site: Site, { run, report, written }: Read, { cluster, route, uid }: WantedName): boolean {
  const last = written.get(`${cluster} ${route}`);
  if (last !== undefined && last.by !== run.id && last.atMs >= run.startedAtMs) return false;
  if (report.mode !== "apply" || report.ended.kind !== "complete" || run.scope !== undefined) return false;
  const writes = report.clusters.find((one) => one.cluster === cluster)?.writes;
  const tried = report.statuses.find((one) => one.place.name === cluster && one.key === route);
  const isWritten = tried === undefined || tried.outcome === "written";
  const object = site.world.cluster(cluster)?.server.get("ServiceRoute", route);
  if (writes?.kind !== "allowed" || !isWritten || object === undefined || uidOf(object) !== uid) return false;
  const { conditions } = fieldsOf(object["status"]);
  return (Array.isArray(conditions) ? conditions : []).some((condition: unknown) => {
    const { type, status } = fieldsOf(condition);
    return type === "DNSVerified" && status === "True";
  });
}
