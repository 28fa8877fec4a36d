/**
 * Rule 3: from what was not read completely nothing is deleted, shrunk or claimed by another. A read that lost most of a
 * cluster counts as not read until it stood for three passes and ten minutes and a person said yes.
 */
import type { Run } from "../app/run-context.ts";
import { readWholly, runOf } from "../app/run-context.ts";
import { reportOf } from "../app/run-product.ts";
import type { RunEnd, Site } from "../app/site.ts";
import type { Mutation } from "../world/api-server.ts";
import { nameId, ourPublications, publicationsOf, publishedNow, type Checker, type Publication } from "./checker.ts";

/** The last read of a cluster that the product remembers: what it must go on believing when it cannot read. */
type Remembered = {
  readonly routes: number;
  readonly gateways: number;
  readonly published: ReadonlyMap<string, Publication>;
};

type Doubt = { readonly sinceMs: number; passes: number; approved: boolean };

const minutes = 60_000;

export const incompleteReads: Checker = {
  rule: "3 incomplete reads",
  watch: (site, violate) => {
    const remembered = new Map<string, Remembered>();
    const doubts = new Map<string, Doubt>();
    /** Clusters that were never read, and a person said to go on without them. */
    const goneOnWithout = new Set<string>();
    /** DNSEndpoints that the product knows of: in the last read that it remembers, or made in that pass. */
    const knownUids = new Map<string, Set<string>>();
    const madeUids = new Map<string, string[]>();
    /** Runs that stored what they counted, whatever became of them afterwards. */
    const counted = new Set<string>();

    /** Why what the run read of a cluster must not be acted on; undefined when it may. */
    const unusable = (run: Run, cluster: string): string | undefined => {
      if (!readWholly(run, cluster)) return "was not read completely";
      const doubt = doubts.get(cluster);
      // A cluster that is on its way out may lose everything: that is what was asked for.
      if (isRetiring(run, cluster)) return undefined;
      if (doubt === undefined || !isShrunk(run, cluster, remembered.get(cluster))) return undefined;
      if (!doubt.approved) return "lost most of its objects and nobody approved";
      const stood = doubt.passes >= 2 && site.nowMs() - doubt.sinceMs >= 10 * minutes;
      return stood ? undefined : "lost most of its objects only just now";
    };

    return {
      approved: (group) => {
        if (group.code === "NeverRead") goneOnWithout.add(group.scope.replace("read/", ""));
        const doubt = doubts.get(group.scope.replace("read/", ""));
        if (group.scope.startsWith("read/") && doubt !== undefined) doubt.approved = true;
      },
      mutation: (mutation) => {
        const run = runOf(mutation);
        if (run === undefined) return;
        noteDoubts(site, run, { remembered, doubts });
        const reason = unusable(run, mutation.server);
        const frozenStatus = mutation.part === "status" && mutation.kind === "ClusterIdentity";
        if (reason !== undefined && !frozenStatus) {
          violate(`${run.id} wrote ${mutation.kind} ${mutation.key} of ${mutation.server}, which ${reason}`);
        }
        if (
          mutation.kind === "IstioGateway" &&
          run.readings.get(mutation.server)?.lists.get("IstioGateway") !== "complete"
        ) {
          violate(
            `${run.id} wrote Istio Gateway ${mutation.key} of ${mutation.server} without having read Istio Gateways`,
          );
        }
        const made = `${run.id} ${mutation.server}`;
        for (const { uid } of publicationsOf(mutation.after)) madeUids.set(made, [...(madeUids.get(made) ?? []), uid]);
        const others = site.world.clusters.filter(({ name }) => name !== mutation.server);
        for (const name of newNames(mutation)) {
          for (const other of others) {
            const why = unusable(run, other.name);
            if (why === undefined || isRetiring(run, other.name)) continue;
            if (goneOnWithout.has(other.name) && !remembered.has(other.name)) continue;
            const held = publishedNow(other.server).find(
              (one) =>
                nameId(one) === nameId(name) &&
                one.content !== name.content &&
                knownUids.get(other.name)?.has(one.uid) === true,
            );
            const before = remembered.get(other.name)?.published.get(nameId(name));
            if (held !== undefined || (before !== undefined && before.content !== name.content)) {
              violate(
                `${run.id} published ${nameId(name)} from ${mutation.server}, which ${other.name} publishes, which ${why}`,
              );
            }
          }
        }
      },
      remembered: (run, document, id) => {
        if (document === "since") counted.add(run.id);
        if (document !== "last-good" || id === undefined) return;
        const counts = isRetiring(run, id) ? undefined : countsOf(run, id);
        remembered.delete(id);
        if (counts !== undefined) remembered.set(id, counts);
        const listed = [...(counts?.published.values() ?? [])].map(({ uid }) => uid);
        knownUids.set(id, new Set([...listed, ...(madeUids.get(`${run.id} ${id}`) ?? [])]));
        doubts.delete(id);
      },
      runEnded: (run, end) => {
        if (run.what === "preview" || run.what === "approval" || run.readings.size === 0) return;
        noteDoubts(site, run, { remembered, doubts });
        for (const [cluster, doubt] of doubts) {
          if (!readWholly(run, cluster)) continue;
          if (!isShrunk(run, cluster, remembered.get(cluster))) {
            if (isLaterNews(run, end, { cluster, doubt })) doubts.delete(cluster);
          } else if (end.kind !== "killed" || counted.has(run.id)) doubt.passes += 1;
        }
      },
    };
  },
};

/** Only what was read after the doubt arose ends it: a pass that lost its lease may end long after its read. */
function isLaterNews(
  run: Run,
  end: RunEnd,
  { cluster, doubt }: { readonly cluster: string; readonly doubt: Doubt },
): boolean {
  const report = reportOf(end);
  const readAtMs = run.readings.get(cluster)?.beganAtMs ?? 0;
  return report?.ended.kind === "complete" && readAtMs >= doubt.sinceMs;
}

function isRetiring(run: Run, cluster: string): boolean {
  return run.configuration.clusters.find(({ name }) => name === cluster)?.writes === "retiring";
}

function newNames({ kind, before, after }: Mutation): readonly Publication[] {
  if (kind !== "DNSEndpoint") return [];
  const old = publicationsOf(before);
  return publicationsOf(after).filter(
    (name) => !old.some((one) => nameId(one) === nameId(name) && one.content === name.content),
  );
}

type Memory = { readonly remembered: ReadonlyMap<string, Remembered>; readonly doubts: Map<string, Doubt> };

function noteDoubts(site: Site, run: Run, { remembered, doubts }: Memory): void {
  for (const cluster of run.readings.keys()) {
    if (!readWholly(run, cluster) || doubts.has(cluster)) continue;
    if (isShrunk(run, cluster, remembered.get(cluster))) {
      doubts.set(cluster, { sinceMs: site.nowMs(), passes: 0, approved: false });
    }
  }
}

function isShrunk(run: Run, cluster: string, before: Remembered | undefined): boolean {
  const now = countsOf(run, cluster);
  if (before === undefined || now === undefined) return false;
  return (before.routes >= 10 && now.routes * 2 < before.routes) || (before.gateways >= 3 && now.gateways === 0);
}

function countsOf(run: Run, cluster: string): Remembered | undefined {
  const listed = run.readings.get(cluster)?.listed;
  const routes = listed?.get("ServiceRoute");
  const gateways = listed?.get("Gateway");
  const endpoints = listed?.get("DNSEndpoint");
  if (routes === undefined || gateways === undefined || endpoints === undefined) return undefined;
  return {
    routes: routes.length,
    gateways: gateways.length,
    published: new Map(ourPublications(endpoints).map((one) => [nameId(one), one])),
  };
}
