/**
 * Rule 9: budgets hold. Counts, from what really changed, the names that each cluster lost by our doing within an hour:
 * without approval, while their source lives, and without the cluster leading them to the same place by another object.
 */
import type { Run } from "../app/run-context.ts";
import { runOf } from "../app/run-context.ts";
import { reportOf } from "../app/run-product.ts";
import type { Site } from "../app/site.ts";
import { isMarked } from "../oracle/wanted-names.ts";
import { isDeleting, uidOf, type Mutation } from "../world/api-server.ts";
import { ownersOf } from "../world/field-ownership.ts";
import type { Change } from "../../../shared/model/change.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import {
  hostsOf,
  nameId,
  ourPublications,
  publicationsOf,
  publishedNow,
  type Checker,
  type Publication,
} from "./checker.ts";

/** A little less than the product's hour: its pass begins later than the run that it belongs to. */
const windowMs = 58 * 60_000;

type Spent = {
  readonly atMs: number;
  readonly names: ReadonlySet<string>;
  /** The pass ended before it could say what became of the names it had paid for: whoever goes on pays for them once. */
  readonly open: boolean;
};

/** How many names a cluster published when a run read it. */
type Published = { readonly atMs: number; readonly names: number };

export const budgets: Checker = {
  rule: "9 budgets",
  watch: (site, violate) => {
    const approved = approvals(site);
    const spent = new Map<string, Spent[]>();
    const removals = new Map<string, Mutation[]>();
    const published = new Map<string, Published[]>();
    /** How often each run wrote down what it spends: before its first write, and after its last. */
    const accounts = new Map<string, number>();
    /** What others took away or changed. */
    const others: OthersDoing[] = [];
    return {
      remembered: (run, document) => {
        if (document === "since") accounts.set(run.id, (accounts.get(run.id) ?? 0) + 1);
      },
      approved: (group) => {
        for (const change of group.changes) approved.add(objectId(change.place.name, change.kind, change.key));
      },
      mutation: (mutation) => {
        const run = runOf(mutation);
        if (mutation.part === "status" || mutation.before === undefined) return;
        if (run === undefined) others.push({ atMs: site.nowMs(), mutation });
        if (run === undefined) return;
        removals.set(run.id, [...(removals.get(run.id) ?? []), mutation]);
      },
      runEnded: (run, end) => {
        const meanwhile = others.filter(({ atMs }) => atMs >= run.startedAtMs);
        const mutations = (removals.get(run.id) ?? []).filter(
          ({ server, kind, key }) => !approved.has(objectId(server, kind, key)),
        );
        removals.delete(run.id);
        const report = reportOf(end);
        notePublished(site, run, published);
        if (report === undefined || mutations.length === 0) return;
        for (const [cluster, names] of lostNames(site, run, { mutations, report, meanwhile })) {
          const open = (accounts.get(run.id) ?? 0) < 2;
          const over = spend(site, run, { spent, cluster, names, open, published: published.get(cluster) ?? [] });
          if (over !== undefined) violate(over);
        }
        for (const fault of [
          ...lastAddresses(site, run, { mutations, report, meanwhile }),
          ...manyGateways(run, mutations),
        ])
          violate(fault);
      },
    };
  },
};

const given = new WeakMap<Site, Set<string>>();

/** Objects whose change a person approved, in this site or before it was copied. */
function approvals(site: Site): Set<string> {
  const made = new Set(site.origin === undefined ? [] : given.get(site.origin));
  given.set(site, made);
  return made;
}

function objectId(cluster: string, kind: string, key: string): string {
  return `${cluster} ${kind} ${key}`;
}

type OthersDoing = { readonly atMs: number; readonly mutation: Mutation };

type Lost = {
  readonly mutations: readonly Mutation[];
  readonly report: PassReport;
  /** What others did since the run began. */
  readonly meanwhile: readonly OthersDoing[];
};

/** Objects of a kind as the run leaves them: what others took away after it had read the cluster is not its doing. */
function leftBehind(site: Site, run: Run, { meanwhile }: Lost, { server, kind }: Pick<Mutation, "server" | "kind">) {
  const readAtMs = run.readings.get(server)?.endedAtMs ?? 0;
  const taken = meanwhile.flatMap(({ atMs, mutation }) =>
    mutation.server === server && mutation.kind === kind && atMs > readAtMs && mutation.before !== undefined
      ? [mutation.before]
      : [],
  );
  return [...(site.world.cluster(server)?.server.stored(kind) ?? []), ...taken].filter(isMarked);
}

/** Names that each cluster does not lead to the same place any more, by bare name. */
function lostNames(site: Site, run: Run, loss: Lost): ReadonlyMap<string, ReadonlySet<string>> {
  const { mutations, report } = loss;
  const lost = new Map<string, Set<string>>();
  for (const mutation of mutations) {
    const { server, kind, before } = mutation;
    if (before === undefined || sourceIsGone(run, mutation)) continue;
    const now = leftBehind(site, run, loss, mutation);
    const joined = new Set(
      report.results.filter(({ change }) => change.place.name === server).flatMap(({ change }) => joins(change)),
    );
    const gone =
      kind === "DNSEndpoint"
        ? publicationsOf(before)
            .filter((one) => !leads(ourPublications(now), one))
            .map(({ name }) => name)
        : hostsOf(before).hosts.filter((host) => !now.some((gateway) => hostsOf(gateway).hosts.includes(host)));
    const names = lost.get(server) ?? new Set();
    lost.set(server, names);
    for (const name of gone) if (!joined.has(name) && !vanishedHost(report, server, name)) names.add(name);
  }
  return lost;
}

function joins(change: Change): readonly string[] {
  return change.joins.filter(({ zone }) => zone.startsWith("istio/")).map(({ name }) => name);
}

/** The product says that the host's route is gone; whether that is so is what other checkers look at. */
function vanishedHost(report: PassReport, cluster: string, name: string): boolean {
  return report.results.some(
    ({ change }) =>
      change.place.name === cluster && change.leaves.some((one) => one.name === name && one.vanished === true),
  );
}

function leads(published: readonly Publication[], one: Publication): boolean {
  return published.some((other) => nameId(other) === nameId(one) && other.destination === one.destination);
}

/** No owner of the object was in what the run read. */
function sourceIsGone(run: Run, { server, before }: Mutation): boolean {
  const listed = run.readings.get(server)?.listed;
  const living = new Set(
    (["ServiceRoute", "Service", "Gateway"] as const).flatMap((kind) => (listed?.get(kind) ?? []).map(uidOf)),
  );
  return !ownersOf(before ?? {}).some((owner) => living.has(String(owner["uid"])));
}

function notePublished(site: Site, run: Run, published: Map<string, Published[]>): void {
  const atMs = site.nowMs();
  for (const { cluster, listed } of run.readings.values()) {
    const names = new Set(ourPublications(listed.get("DNSEndpoint") ?? []).map(({ name }) => name)).size;
    published.set(
      cluster,
      [...(published.get(cluster) ?? []), { atMs, names }].filter((one) => isRecent(one, atMs)),
    );
  }
}

function isRecent(one: { readonly atMs: number }, nowMs: number): boolean {
  return nowMs - one.atMs < windowMs;
}

type Spending = {
  readonly spent: Map<string, Spent[]>;
  readonly cluster: string;
  readonly names: ReadonlySet<string>;
  readonly open: boolean;
  readonly published: readonly Published[];
};

function spend(site: Site, run: Run, { spent, cluster, names, open, published }: Spending): string | undefined {
  if (names.size === 0) return undefined;
  const atMs = site.nowMs();
  const before = (spent.get(cluster) ?? []).map((one) =>
    one.open ? { ...one, names: without(one.names, names) } : one,
  );
  // Nor does it pay for what somebody else took, and paid for, while it had lost its lease and was still at work.
  const since = open ? before.filter((one) => !one.open && one.atMs >= run.startedAtMs) : [];
  const own = without(names, new Set(since.flatMap((one) => [...one.names])));
  const all = [...before, { atMs, names: own, open }].filter((one) => isRecent(one, atMs));
  spent.set(cluster, all);
  const total = all.reduce((sum, one) => sum + one.names.size, 0);
  // When the product's hour began is its own affair: whatever was published within this one may be its base.
  const bases = published.map((one) => one.names);
  const { share, fromNames, names: most } = run.configuration.budgets;
  const limit = Math.min(most, Math.min(...bases) >= fromNames ? Math.max(...bases) * share : Infinity);
  if (total <= limit) return undefined;
  const list = [...names].sort().join(", ");
  return `${cluster} lost ${total} names within the hour, ${limit} are allowed; last in ${run.id}: ${list}`;
}

function without(names: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...names].filter((name) => !others.has(name)));
}

/** The last address of a gateway host to which a CNAME of its zone still points always needs a person. */
function lastAddresses(site: Site, run: Run, loss: Lost): readonly string[] {
  const { mutations, report } = loss;
  // Its successor failed to be written: the next pass tries again, and until then the record in the zone stays.
  const failed = report.results.filter(({ outcome }) => outcome.kind !== "done");
  const tried = new Set(failed.flatMap(({ change }) => change.joins.map((name) => nameId(name))));
  const now = site.world.clusters.flatMap(({ server }) => publishedNow(server));
  const left = site.world.clusters.flatMap(({ name }) =>
    ourPublications(leftBehind(site, run, loss, { server: name, kind: "DNSEndpoint" })),
  );
  const readings = [...run.readings.values()];
  const seen = new Set(
    readings.flatMap(({ listed }) => ourPublications(listed.get("DNSEndpoint") ?? [])).map(({ uid }) => uid),
  );
  const faults: string[] = [];
  for (const mutation of mutations) {
    const { server, before, kind } = mutation;
    if (kind !== "DNSEndpoint" || mutation.after !== undefined || sourceIsGone(run, mutation)) continue;
    for (const one of publicationsOf(before)) {
      if (one.type !== "A" && one.type !== "AAAA") continue;
      const addressed = left.some(
        (other) => nameId(other) === nameId(one) && (other.type === "A" || other.type === "AAAA"),
      );
      const pointing = now.find(
        (other) => seen.has(other.uid) && other.zone === one.zone && other.destination === `CNAME ${one.name}`,
      );
      if (!addressed && pointing !== undefined && !tried.has(nameId(one))) {
        faults.push(`${run.id} took the last address of ${nameId(one)} from ${server}; ${pointing.name} points to it`);
      }
    }
  }
  return faults;
}

function manyGateways(run: Run, mutations: readonly Mutation[]): readonly string[] {
  const deleted = mutations.filter(({ kind, after }) => kind === "IstioGateway" && after === undefined);
  return [...new Set(deleted.map(({ server }) => server))].flatMap((cluster) => {
    const before = (run.readings.get(cluster)?.listed.get("IstioGateway") ?? []).filter(
      (one) => isMarked(one) && !isDeleting(one),
    );
    const count = deleted.filter(({ server }) => server === cluster).length;
    if (before.length < 3 || count * 2 <= before.length) return [];
    return [`${run.id} deleted ${count} of the ${before.length} Istio Gateways of ${cluster} without approval`];
  });
}
