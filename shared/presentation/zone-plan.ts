/** Changes of zones that a person may approve, presented: what, why, since when, and the command for each list. */
import type { HeldZoneChanges, ZoneChange, ZonePlan, ZoneRequest } from "../model/zone-change.ts";
import { firstOf, section, sectionUnlessEmpty, text } from "./document.ts";
import type { Block, Document, Entry, Rich, Span } from "./document.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { counted, listed, timestamp } from "./wording.ts";
import { approveZonesCommand, entries, regionsOf, zoneSections, zoneTaskWords } from "./zone-lists.ts";

/** @param request what was asked: the commands that are shown repeat it. */
export function presentZonePlan(plan: ZonePlan, request: ZoneRequest, as: Presentation): string {
  return present(
    (limit, whole) => zonePlanDocument(plan, request, { limit, whole }),
    () => zonePlanJson(plan, request),
    as,
  );
}

/** `whole`: rows of what may be approved. Where it cuts a list, the command that approves it is not shown either. */
type Limits = { readonly limit: number; readonly whole: number };

function zonePlanDocument(plan: ZonePlan, request: ZoneRequest, { limit, whole }: Limits): Document {
  const { changes, held, waiting, observed, leftOut, notes, atMs } = plan;
  return {
    headline: headline(plan),
    blocks: [
      text(["dim", `read at ${timestamp(atMs)}`]),
      ...notJudged(plan),
      ...zoneSections(changes, atMs, whole),
      ...(changes.length === 0 ? [] : [approval(request, plan.digest, changes.length <= whole)]),
      ...sectionUnlessEmpty(
        [["attention", "Held: each to be approved by itself"]],
        held.map((group) => heldGroup(group, request, { plan, whole })),
      ),
      ...listSection([["strong", "Waiting"], `  ${waiting.length}`], waiting, { atMs, limit }),
      ...observedSection(observed, { atMs, limit }),
      ...leftOutSection(leftOut, limit),
      ...sectionUnlessEmpty([["strong", "Notes"]], notes.length === 0 ? [] : [lines(notes)]),
    ],
  };
}

/** `Garbage: 3 changes in 2 zones, 1 list held, 2 waiting` */
function headline({ task, changes, held, waiting, observed, notJudged: blind, leftOut }: ZonePlan): Rich {
  const due: Span =
    changes.length === 0
      ? ["good", "nothing to approve"]
      : ["strong", `${counted(changes.length, "change")} in ${counted(regionsOf(changes).length, "zone")}`];
  const rest = listed(
    [
      held.length === 0 ? "" : `${counted(held.length, "list")} held`,
      waiting.length === 0 ? "" : `${waiting.length} waiting`,
      observed.length === 0 ? "" : `${observed.length} only observed`,
      leftOut.length === 0 ? "" : `${leftOut.length} left out`,
    ],
    "",
  );
  const unsure: Rich = blind.length === 0 ? [] : ["; ", ["bad", "not everything could be judged"]];
  return [["strong", `${zoneTaskWords[task].title}: `], due, rest === "" ? "" : `, ${rest}`, ...unsure];
}

function notJudged({ notJudged: blind }: ZonePlan): readonly Block[] {
  const entriesOf = blind.map(({ region, reason }): Entry => ({
    head: [["strong", region === undefined ? "every zone" : `zone ${region}`], `: ${reason}`],
    details: [],
  }));
  if (blind.length === 0) return [];
  const next = text(
    ["attention", "→ "],
    "mend what the reason says, then look again; service-router status shows more",
  );
  return [section([["bad", "NOT JUDGED"]], [{ kind: "entries", entries: entriesOf, more: 0 }, next])];
}

function approval(request: ZoneRequest, digest: string, isWhole: boolean): Block {
  if (!isWhole) return text(["attention", "→ "], "read all of them as text, which then says how to approve them");
  return { kind: "command", text: approveZonesCommand(request, digest) };
}

function heldGroup(
  group: HeldZoneChanges,
  request: ZoneRequest,
  { plan, whole }: { readonly plan: ZonePlan; readonly whole: number },
): Block {
  const count = counted(group.changes.length, "change");
  return section(
    [["strong", group.scope], `  ${group.code}  ${count}  digest `, ["name", group.digest]],
    [
      text(group.reason),
      entries(group.changes, plan.atMs, whole),
      approval(request, group.digest, group.changes.length <= whole),
    ],
  );
}

type Listed = { readonly atMs: number; readonly limit: number };

function listSection(title: Rich, changes: readonly ZoneChange[], { atMs, limit }: Listed): readonly Block[] {
  return sectionUnlessEmpty(title, changes.length === 0 ? [] : [entries(changes, atMs, limit)]);
}

function observedSection(changes: readonly ZoneChange[], { atMs, limit }: Listed): readonly Block[] {
  return regionsOf(changes).map((region) => {
    const own = changes.filter((change) => change.region === region);
    const title: Rich = [["strong", `zone ${region}`], "  ", ["attention", "only observed"]];
    const next = text(
      ["attention", "→ "],
      `to have them written, set zoneWrites: apply for region ${region} in the fleet configuration`,
    );
    return section(title, [entries(own, atMs, limit), next]);
  });
}

function leftOutSection(leftOut: ZonePlan["leftOut"], limit: number): readonly Block[] {
  const { shown, more } = firstOf(leftOut, limit);
  const all = shown.map(({ region, type, name, reason }): Entry => ({
    head: [`${type} `, ["name", name], ` in zone ${region}`],
    details: [[reason]],
  }));
  const title: Rich = [["strong", "Left out"], `  ${leftOut.length}`];
  return leftOut.length === 0 ? [] : [section(title, [{ kind: "entries", entries: all, more }])];
}

function lines(all: readonly string[]): Block {
  return { kind: "entries", entries: all.map((note): Entry => ({ head: [note], details: [] })), more: 0 };
}

/** Times as RFC 3339; `firstSeenAt` is null where no pass has seen it, both are absent where there is no grace time. */
export function zoneChangeJson({ firstSeenAtMs, dueAtMs, unchanged: _guards, about: _about, ...change }: ZoneChange) {
  if (dueAtMs === undefined) return change;
  const firstSeenAt = firstSeenAtMs === undefined ? null : timestamp(firstSeenAtMs);
  return { ...change, firstSeenAt, dueAt: timestamp(dueAtMs) };
}

function zonePlanJson(plan: ZonePlan, request: ZoneRequest) {
  const { task, atMs, digest, changes, held, waiting, observed, notJudged: blind, leftOut, notes } = plan;
  return {
    apiVersion: JSON_API_VERSION,
    kind: "ZonePlan",
    at: timestamp(atMs),
    task,
    digest,
    approve: changes.length === 0 ? null : approveZonesCommand(request, digest),
    summary: {
      changes: changes.length,
      held: held.length,
      waiting: waiting.length,
      observed: observed.length,
      leftOut: leftOut.length,
      notJudged: blind.length,
    },
    changes: changes.map(zoneChangeJson),
    held: held.map((group) => ({
      ...group,
      changes: group.changes.map(zoneChangeJson),
      approve: approveZonesCommand(request, group.digest),
    })),
    waiting: waiting.map(zoneChangeJson),
    observed: observed.map(zoneChangeJson),
    notJudged: blind,
    leftOut,
    notes,
  };
}
