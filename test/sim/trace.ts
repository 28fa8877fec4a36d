/** The trace of a run: one line per thing that happened, and a hash over all of them. Same seed, same hash (rule 1). */
import { createHash, type Hash } from "node:crypto";
import type { Run } from "./app/run-context.ts";
import type { RunEnd, Site } from "./app/site.ts";
import type { Mutation } from "./world/api-server.ts";

export class Trace {
  readonly #hash: Hash = createHash("sha256");
  readonly #print: ((line: string) => void) | undefined;
  #startMs: number | undefined;
  lines = 0;

  constructor(print: ((line: string) => void) | undefined) {
    this.#print = print;
  }

  /** @param label of a copy, before each of its lines. */
  watch(site: Site, label = ""): void {
    this.#startMs ??= site.nowMs();
    const startMs = this.#startMs;
    const at = (line: string): void =>
      this.#line(
        `${((site.nowMs() - startMs) / 1000).toFixed(3).padStart(9)} ${label === "" ? "" : `[${label}] `}${line}`,
      );
    site.add({
      happened: (sentence) => at(`world    ${sentence}`),
      mutation: (mutation) => at(mutationLine(mutation)),
      zoneWrite: ({ zone, before, after }) =>
        at(`zone     ${zone} ${after.name} ${before?.content ?? "-"} -> ${after.content} by ${after.writer}`),
      approved: ({ scope, digest }) => at(`approved ${scope} ${digest}`),
      leased: (run) => at(`lease    ${run.id} of ${run.process} got token ${run.token ?? 0}`),
      runEnded: (run, end) => {
        const line = endLine(run, end);
        if (line !== undefined) at(line);
      },
    });
  }

  digest(): string {
    return this.#hash.digest("hex").slice(0, 16);
  }

  #line(line: string): void {
    this.lines += 1;
    this.#hash.update(line);
    this.#print?.(line);
  }
}

function mutationLine({ server, kind, key, before, after, part, writer }: Mutation): string {
  const what =
    part === "status" ? "status" : before === undefined ? "create" : after === undefined ? "delete" : "update";
  const content = part === "status" ? after?.["status"] : (after ?? before)?.["spec"];
  return `${what.padEnd(8)} ${server} ${kind} ${key} by ${writer.run?.id ?? writer.manager} ${JSON.stringify(content)}`;
}

function endLine(run: Run, end: RunEnd): string | undefined {
  const who = `run      ${run.id} ${run.what} of ${run.process}`;
  switch (end.kind) {
    case "killed":
      return `${who} was killed`;
    case "error":
      return `${who} failed: ${end.error.message}`;
    case "approval":
      return `${who}: ${end.approved ? "approved" : "digest unknown"} ${end.digest}`;
    case "tick":
      return end.outcome.kind === "not-due" ? undefined : `${who}: ${end.outcome.kind} ${outcomeText(end)}`;
    case "pass":
      return `${who}: ${reportText(end.report)}`;
  }
}

function outcomeText({ outcome }: Extract<RunEnd, { kind: "tick" }>): string {
  return outcome.kind === "ran" ? reportText(outcome.report) : "";
}

function reportText(report: Extract<RunEnd, { kind: "pass" }>["report"]): string {
  const { plan, results, statuses, clusters, ended } = report;
  const counts = new Map<string, number>();
  for (const { outcome } of results) counts.set(outcome.kind, (counts.get(outcome.kind) ?? 0) + 1);
  const frozen = clusters.flatMap(({ cluster, standing }) =>
    standing.kind === "frozen" ? [`${cluster} ${standing.code}`] : [],
  );
  return [
    `changes ${plan.changes.length} ${JSON.stringify(Object.fromEntries(counts))}`,
    `held ${plan.held.map(({ scope, code, changes }) => `${scope} ${code} ${changes.length}`).join("; ") || "-"}`,
    `waiting ${plan.waiting.map(({ code, change, reason }) => `${code} ${change.id} (${reason})`).join("; ") || "-"}`,
    `statuses ${statuses.length}`,
    `frozen ${frozen.join(", ") || "-"}`,
    `zones ${report.zones.map(zoneText).join("; ")}`,
    ended.kind === "complete" ? "complete" : `stopped ${ended.code}`,
  ].join(", ");
}

function zoneText({ zone, reading }: Extract<RunEnd, { kind: "pass" }>["report"]["zones"][number]): string {
  if (reading.read !== "complete") return `${zone} ${reading.read}`;
  const { names, unverified, garbage } = reading;
  const troubles = unverified.map(({ name, type, result, stage = "-" }) => `${type} ${name} ${result} ${stage}`);
  return `${zone} ${names.verified} verified, ${garbage.found} garbage, ${troubles.join(", ") || "no trouble"}`;
}
