/** A pass in short lines that tests compare with literals. */
import type { PassReport } from "../../../shared/model/report.ts";

/** What became of each change, in plan order: `w1 create DNSEndpoint shop/cart-external-dns-weu: done`, `…: failed FIELD_CONFLICT`. */
export function outcomesOf(report: PassReport): readonly string[] {
  return report.results.map(({ change, outcome }) => {
    const what = `${change.place.name} ${change.operation} ${change.kind} ${change.key}`;
    return `${what}: ${outcome.kind}${outcome.kind === "failed" ? ` ${outcome.code}` : ""}`;
  });
}

/** Planned changes: `w1 create DNSEndpoint shop/cart-external-dns-weu`. */
export function changesIn(changes: PassReport["plan"]["changes"]): readonly string[] {
  return changes.map((change) => `${change.place.name} ${change.operation} ${change.kind} ${change.key}`);
}

/** Changes that did not end as planned, with the reason. */
export function failuresOf(report: PassReport): readonly string[] {
  return report.results.flatMap(({ change, outcome }) => {
    if (outcome.kind === "done") return [];
    const reason = outcome.kind === "blocked" ? outcome.by : outcome.reason;
    return [`${change.place.name} ${change.operation} ${change.kind} ${change.key}: ${outcome.kind} ${reason}`];
  });
}

/** Every cluster: `complete allowed`, `frozen NotRead`. */
export function standingsOf(report: PassReport): Readonly<Record<string, string>> {
  return Object.fromEntries(
    report.clusters.map(({ cluster, standing, writes }) => [
      cluster,
      standing.kind === "complete" ? `complete ${writes.kind}` : `frozen ${standing.code}`,
    ]),
  );
}

/** Why a cluster is frozen, or not written to; empty when it is neither. */
export function reasonOf(report: PassReport, cluster: string): string {
  const found = report.clusters.find((candidate) => candidate.cluster === cluster);
  if (found?.standing.kind === "frozen") return found.standing.reason;
  return found === undefined || found.writes.kind === "allowed" ? "" : found.writes.reason;
}
