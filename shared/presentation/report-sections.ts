/** The parts that a plan and the report of a pass have in common: what stands out, what is held, waits, or is refused. */
import type { HeldChanges, WaitingChange } from "../model/change.ts";
import type { Refusal } from "../model/desired.ts";
import type { ClusterReport, PassReport } from "../model/report.ts";
import { changeBlocks, changesByPlace, changeEntry, placeName } from "./change-lists.ts";
import { firstOf, section, sectionUnlessEmpty, text } from "./document.ts";
import type { Block, Entry, Rich, Span } from "./document.ts";
import { approveCommand, frozenStep, nextStep } from "./next-steps.ts";
import { counted, dueTime } from "./wording.ts";

/** Why the pass ended early, where it did. First of all: what follows is not the whole truth then. */
export function stoppedSection(report: PassReport): readonly Block[] {
  if (report.ended.kind === "complete") return [];
  const { code, reason } = report.ended;
  return [section([["bad", `STOPPED ${code}`]], [text(reason), nextLine(nextStep(code))])];
}

const claimsStay = "Nothing is written there; what it published last still counts as published.";
const claimsUnknown =
  "Nothing is written there. No complete read of it is known, so names new to its zones are held; what it publishes itself stays.";

/** Clusters about which nothing new is known. Loud: a short plan may only mean that a cluster was not read. */
export function frozenSections(report: PassReport): readonly Block[] {
  return report.clusters.flatMap((cluster) => {
    const { standing } = cluster;
    if (standing.kind !== "frozen") return [];
    const title: Rich = [["bad", `FROZEN ${cluster.cluster}${regionOf(cluster)}`], `  ${standing.code}`];
    return [
      section(title, [
        text(standing.reason),
        text(cluster.neverRead === true ? claimsUnknown : claimsStay),
        nextLine(
          frozenStep(
            standing.code,
            cluster.notRead.map(({ code }) => code),
          ),
        ),
      ]),
    ];
  });
}

/** Clusters that may not be written although that was asked for. */
export function stoppedWritesSections(report: PassReport): readonly Block[] {
  return report.clusters.flatMap((cluster) => {
    const { writes, standing } = cluster;
    if (writes.kind !== "stopped" || standing.kind === "frozen") return [];
    const title: Rich = [["attention", `NOT WRITTEN ${cluster.cluster}${regionOf(cluster)}`], `  ${writes.code}`];
    return [section(title, [text(writes.reason), nextLine(nextStep(writes.code))])];
  });
}

function regionOf(cluster: ClusterReport): string {
  return cluster.region === undefined ? "" : ` (${cluster.region})`;
}

function nextLine(step: string): Block {
  return text(["attention", "→ "], step);
}

/**
 * What asks for a person, then what a person has answered already.
 * @param limit changes shown per group; where it cuts one, the command that approves it is not shown either.
 */
export function heldSections(report: PassReport, limit: number): readonly Block[] {
  const groups = (approved: boolean): readonly Block[] =>
    report.plan.held.filter((group) => (group.approved === true) === approved).map((group) => heldGroup(group, limit));
  return [
    ...sectionUnlessEmpty([["attention", "Held until a person approves"]], groups(false)),
    ...sectionUnlessEmpty([["strong", "Approved, waiting for time"]], groups(true)),
  ];
}

function heldGroup(group: HeldChanges, limit: number): Block {
  const count = group.changes.length === 0 ? "" : `  ${counted(group.changes.length, "change")}`;
  const whole = group.changes.length <= limit;
  return section(
    [["strong", group.scope], `  ${group.code}${count}  digest `, ["name", group.digest]],
    [
      text(group.reason),
      ...changeBlocks(group.changes, limit, whole ? Infinity : undefined),
      ...(group.approved === true ? [] : [whole ? approval(group) : nextLine(SEE_WHOLE)]),
    ],
  );
}

function approval({ digest }: HeldChanges): Block {
  return { kind: "command", text: approveCommand(digest) };
}

const SEE_WHOLE = "read all of them with service-router plan, which then says how to approve them";

export function waitingSection(report: PassReport, limit: number): readonly Block[] {
  const { shown, more } = firstOf(report.plan.waiting, limit);
  if (report.plan.waiting.length === 0) return [];
  const entries = shown.map((waiting) => waitingEntry(waiting, report));
  return [section([["strong", "Waiting"]], [{ kind: "entries", entries, more }])];
}

function waitingEntry(waiting: WaitingChange, report: PassReport): Entry {
  const entry = changeEntry(waiting.change);
  const due = waiting.dueAtMs === undefined ? "no due time" : `due ${dueTime(waiting.dueAtMs, report.endedAtMs)}`;
  const why: Rich = [["attention", waiting.code], `: ${waiting.reason}; ${due}`];
  return {
    head: [...entry.head, " in ", ...placeName(waiting.change.place, report)],
    details: [why, ...entry.details],
  };
}

/** Hosts whose routes are gone: a single read may lack objects, so they leave only with the second one. */
export function leavingSection({ leaving = [] }: PassReport, limit: number): readonly Block[] {
  const entries = leaving.map(({ cluster, hosts }): Entry => {
    const { shown, more } = firstOf(hosts, limit);
    const names = shown.map((host): Rich => [
      ["delete", "- host "],
      ["name", host],
    ]);
    const head: Rich = [["strong", cluster], `  ${counted(hosts.length, "host")} of routes that are gone`];
    return { head, details: more === 0 ? names : [...names, [["dim", `and ${more} more`]]] };
  });
  const next = nextLine("run service-router apply again, or apply --wait; where a timer runs passes, nothing");
  const title: Rich = [["strong", "Leave their Istio Gateways with the next pass"]];
  return entries.length === 0 ? [] : [section(title, [{ kind: "entries", entries, more: 0 }, next])];
}

/** By code, so that the next step is said once: object and reason of each below it. */
export function refusedSection(report: PassReport, limit: number): readonly Block[] {
  const codes = [...new Set(report.plan.refusals.map(({ code }) => code))].sort();
  return sectionUnlessEmpty(
    [["strong", "Refused"], `  ${report.plan.refusals.length}`],
    codes.map((code) => {
      const { shown, more } = firstOf(
        report.plan.refusals.filter((refusal) => refusal.code === code),
        limit,
      );
      const head = ["PLACE", "OBJECT", "REASON"];
      return section(
        [["bad", code], "  ", ["attention", "→ "], nextStep(code)],
        [{ kind: "table", head, rows: shown.map(refusedRow), plain: true, more }],
      );
    }),
  );
}

function refusedRow(refusal: Refusal): readonly Rich[] {
  return [[refusal.place.name], [`${refusal.kind} `, ["name", refusal.key]], [refusal.reason]];
}

/** Changes of places that are only observed: shown so that they can be judged before anybody says apply. */
export function observedSections(report: PassReport, limit: number): readonly Block[] {
  return changesByPlace(report.plan.observed).map(({ place, members }) => {
    const cluster = report.clusters.find((each) => each.cluster === place.name);
    const why = cluster === undefined || cluster.writes.kind === "allowed" ? "" : `: ${cluster.writes.reason}`;
    const title: Span = ["attention", `only observed${why}`];
    return section([...placeName(place, report), "  ", title], changeBlocks(members, limit), true);
  });
}

/** Rejected objects about which the plan does not say the same in a refusal. */
export function unrefusedRejected(report: PassReport): readonly ClusterReport[] {
  const refused = new Set(report.plan.refusals.map(({ place, kind, key }) => `${place.name}|${kind}|${key}`));
  return report.clusters.map((cluster) =>
    withRejected(cluster, ({ kind, key }) => !refused.has(`${cluster.cluster}|${kind}|${key}`)),
  );
}

function withRejected(
  cluster: ClusterReport,
  keep: (object: ClusterReport["rejected"][number]) => boolean,
): ClusterReport {
  return { ...cluster, rejected: cluster.rejected.filter(keep) };
}

/** Objects that exist but cannot be read as what they should be, with every fault. */
export function rejectedSection(clusters: readonly ClusterReport[], limit: number): readonly Block[] {
  const all = clusters.flatMap(({ cluster, rejected }) =>
    rejected.map(({ kind, key, issues }): Entry => ({
      head: [`${cluster}  ${kind} `, ["name", key]],
      details: issues.map((issue): Rich => [issue]),
    })),
  );
  const { shown, more } = firstOf(all, limit);
  const title: Rich = [
    ["bad", "Not valid"],
    `  ${counted(all.length, "object")}; what any of them published before stays`,
  ];
  return all.length === 0 ? [] : [section(title, [{ kind: "entries", entries: shown, more }])];
}

export function notesSection(report: PassReport): readonly Block[] {
  const entries = report.notes.map((note): Entry => ({ head: [note], details: [] }));
  return entries.length === 0 ? [] : [section([["strong", "Notes"]], [{ kind: "entries", entries, more: 0 }])];
}
