/**
 * Rules 5 and 7, seen after each complete pass. A name that a valid route of a readable, writable cluster wants is
 * published by somebody, or the pass says why not for that very name: it waits, is held, or its write failed. One that was
 * published before the pass is not gone after it (rule 5); one that is new is not left out because of other objects (rule 7).
 */
import { readWholly, type Run } from "../app/run-context.ts";
import { reportOf } from "../app/run-product.ts";
import type { RunEnd, Site, Watcher } from "../app/site.ts";
import type { Change } from "../../../shared/model/change.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { WantedName } from "../oracle/wanted-names.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import { nameId, ourPublications, publicationsOf, publishedNow, type Checker, type Violate } from "./checker.ts";

export const lastRecord: Checker = {
  rule: "5 last record",
  watch: (site, violate) => watchNames(site, violate, "lost"),
};

export const badResourceIsolation: Checker = {
  rule: "7 bad resource isolation",
  watch: (site, violate) => watchNames(site, violate, "left out"),
};

const histories = new WeakMap<Site, Map<string, Set<string>>>();

/** Names that each cluster ever had: what it may still be believed to claim while it is not read. */
function namesEverHad(site: Site): Map<string, Set<string>> {
  const known = histories.get(site);
  if (known !== undefined) return known;
  const before = site.origin === undefined ? undefined : histories.get(site.origin);
  const made = new Map<string, Set<string>>();
  for (const { name, server } of site.world.clusters) {
    const names = publishedNow(server).map((one) => nameId(one));
    const hosts = server.stored("ServiceRoute").map((route) => hostPart(route));
    made.set(name, new Set([...(before?.get(name) ?? []), ...hosts, ...names]));
  }
  histories.set(site, made);
  return made;
}

function watchNames(site: Site, violate: Violate, looksFor: "lost" | "left out"): Watcher {
  const everHad = namesEverHad(site);
  /** Who touched a name last: the world, or another run that went on meanwhile. */
  const touched = new Map<string, { readonly atMs: number; readonly by: string | undefined }>();
  return {
    mutation: (mutation) => {
      const had = everHad.get(mutation.server) ?? new Set();
      everHad.set(mutation.server, had);
      if (mutation.kind === "ServiceRoute") had.add(hostPart(mutation.after ?? mutation.before));
      if (mutation.kind !== "DNSEndpoint") return;
      for (const name of [...publicationsOf(mutation.before), ...publicationsOf(mutation.after)]) {
        had.add(nameId(name));
        touched.set(nameId(name), { atMs: site.nowMs(), by: mutation.writer.run?.id });
      }
    },
    runEnded: (run, end) => {
      const report = completeReport(run, end);
      if (report === undefined) return;
      const published = new Set(site.world.clusters.flatMap(({ server }) => publishedNow(server).map(nameId)));
      const before = new Set(
        [...run.readings.values()].flatMap(({ listed }) =>
          ourPublications(listed.get("DNSEndpoint") ?? []).map(nameId),
        ),
      );
      const explained = explanations(report, looksFor);
      for (const wanted of surelyWanted(run)) {
        const id = nameId(wanted);
        if (published.has(id) || explained.has(id) || explained.has(`*/${wanted.name}`)) continue;
        const last = touched.get(id);
        if (last !== undefined && last.atMs >= run.startedAtMs && last.by !== run.id) continue;
        if (before.has(id) !== (looksFor === "lost")) continue;
        if (claimedElsewhere(run, report, wanted, everHad)) continue;
        violate(
          `after ${run.id} nobody publishes ${id}, which route ${wanted.route} of ${wanted.cluster} wants (${looksFor})`,
        );
      }
    },
  };
}

function completeReport(run: Run, end: RunEnd): PassReport | undefined {
  const report = reportOf(end);
  if (report?.mode !== "apply" || report.ended.kind !== "complete" || run.scope !== undefined) return undefined;
  return report;
}

/** Wanted when the run began to read the cluster and when it ended, and the cluster is read and written. */
function surelyWanted(run: Run): readonly WantedName[] {
  return [...run.readings.values()].flatMap((reading) => {
    if (!isWritten(run, reading.cluster)) return [];
    const atEnd = new Set(reading.wantedAtEnd.map((name) => `${nameId(name)} ${name.uid} ${name.content}`));
    return reading.wantedAtBegin.filter((name) => atEnd.has(`${nameId(name)} ${name.uid} ${name.content}`));
  });
}

function isWritten(run: Run, cluster: string): boolean {
  const configured = run.configuration.clusters.find(({ name }) => name === cluster);
  return configured?.writes === "apply" && readWholly(run, cluster);
}

/** Names for which the pass itself says why they are not published now. */
function explanations(report: PassReport, looksFor: "lost" | "left out"): ReadonlySet<string> {
  const { plan, results, clusters } = report;
  const stuck: readonly Change[] = [
    ...plan.waiting.map(({ change }) => change),
    ...results.filter(({ outcome }) => outcome.kind !== "done").map(({ change }) => change),
    // A name that was published must not wait for a person once it was taken off.
    ...(looksFor === "left out" ? plan.held.flatMap(({ changes }) => changes) : []),
    ...plan.observed,
  ];
  const names = new Set(stuck.flatMap(({ joins, leaves }) => [...joins, ...leaves].map(nameId)));
  for (const { writes, standing, cluster } of clusters) {
    if (writes.kind === "allowed" && standing.kind === "complete") continue;
    // Its own names are its own matter; the oracle does not know why the product may not write there.
    for (const { name } of namesOfCluster(report, cluster)) names.add(`*/${name}`);
  }
  return names;
}

function namesOfCluster(report: PassReport, cluster: string): readonly { readonly name: string }[] {
  return report.plan.observed.filter(({ place }) => place.name === cluster).flatMap(({ joins }) => joins);
}

/** A cluster that cannot be read or is not written may be believed to have the name. */
function claimedElsewhere(
  run: Run,
  report: PassReport,
  wanted: WantedName,
  everHad: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  return report.clusters.some(({ cluster, standing, writes }) => {
    const refused = report.plan.refusals.some(({ place, code }) => place.name === cluster && code === "ForeignObject");
    if (standing.kind === "complete" && writes.kind === "allowed" && !refused) return false;
    if (cluster === wanted.cluster) return standing.kind !== "complete" || writes.kind !== "allowed";
    const routes = run.readings.get(cluster)?.listed.get("ServiceRoute") ?? [];
    const had = everHad.get(cluster);
    const part = wanted.name.slice(0, wanted.name.indexOf("."));
    return (
      had?.has(nameId(wanted)) === true || had?.has(part) === true || routes.some((route) => hostPart(route) === part)
    );
  });
}

/** The first label of a route's host, for the usual environment letter. */
function hostPart(route: Parameters<typeof publicationsOf>[0]): string {
  const spec = fieldsOf(route?.["spec"]);
  return `${String(spec["serviceName"])}-ns-p-${String(spec["environment"])}-${String(spec["application"])}`;
}
