/**
 * Which changes of zones a person may approve together. All of them ask for a person; budgets (budgets.ts)
 * take a zone that would lose too many names out of the common list, to be looked at and approved by itself.
 * Garbage counts: nobody claims these names, but they resolve, and somebody may be using them all the same.
 */
import type { BudgetConfiguration } from "../../model/fleet-configuration.ts";
import type { BudgetUse } from "../../model/state.ts";
import type { HeldZoneChanges, ZoneChange, ZonePlan } from "../../model/zone-change.ts";
import type { RecordSet } from "../../model/zone-records.ts";
import { canonicalJson, digest } from "../naming/digest.ts";
import { byText } from "../naming/item-id.ts";
import { budgetBreach, type ScopedNames } from "./budgets.ts";

export type ZoneBudget = {
  readonly limits: BudgetConfiguration;
  readonly use: Readonly<Record<string, BudgetUse>>;
  /** Number of names with records in a scope (`zone/weu`) now. Called only for scopes that lose names. */
  readonly namesIn: (scope: string) => number;
  readonly nowMs: number;
};

export type ZonePlanInput = ZoneBudget & {
  /** In any order. */
  readonly candidates: readonly ZoneChange[];
  /** Regions with `zoneWrites: apply`. */
  readonly writable: ReadonlySet<string>;
};

export function planZones(
  input: ZonePlanInput,
): Pick<ZonePlan, "digest" | "changes" | "held" | "waiting" | "observed"> {
  const sorted = [...input.candidates].sort(byRecord);
  const waiting = sorted.filter(({ dueAtMs }) => dueAtMs !== undefined && dueAtMs > input.nowMs);
  const isWaiting = new Set(waiting);
  const due = sorted.filter((change) => !isWaiting.has(change));
  const observed = due.filter(({ region }) => !input.writable.has(region));
  const writable = due.filter(({ region }) => input.writable.has(region));
  const old = writable.filter(({ kind }) => kind === "delete-old-ownership");
  const rest = writable.filter(({ kind }) => kind !== "delete-old-ownership");
  const over = overBudget(rest, input);
  const isOver = new Set(over.flatMap((group) => group.changes));
  const changes = rest.filter((change) => !isOver.has(change));
  const held = [
    ...regionsOf(old).map((region) => heldGroup(region, "OldOwnership", oldOwnership(region), old)),
    ...over,
  ].sort((left, right) => byText(left.scope, right.scope) || byText(left.code, right.code));
  return { digest: zoneDigest(changes), changes, held, waiting, observed };
}

/** Those that take names from a zone which would lose more than its budget by all of these together. */
export function overBudget(changes: readonly ZoneChange[], budget: ZoneBudget): readonly HeldZoneChanges[] {
  const counted = changes.filter(({ takesName }) => takesName !== undefined);
  return regionsOf(counted).flatMap((region) => {
    const breach = breachOf(region, counted, budget);
    return breach === undefined ? [] : [heldGroup(region, "BudgetExceeded", breach, counted)];
  });
}

function breachOf(region: string, changes: readonly ZoneChange[], budget: ZoneBudget): string | undefined {
  const scope = zoneScope(region);
  const lost = new Set(changes.flatMap((change) => (change.region === region ? (change.takesName ?? []) : [])));
  const { limits, use, namesIn, nowMs } = budget;
  return budgetBreach({ scope, lost, limits, use: use[scope], names: () => namesIn(scope), nowMs });
}

function heldGroup(
  region: string,
  code: HeldZoneChanges["code"],
  reason: string,
  all: readonly ZoneChange[],
): HeldZoneChanges {
  const changes = all.filter((change) => change.region === region);
  return { scope: zoneScope(region), code, reason, digest: zoneDigest(changes), changes };
}

function oldOwnership(region: string): string {
  return (
    "ownership TXTs of an earlier prefix, copied to the region's own; " +
    `delete them once every ExternalDNS of region ${region} has that prefix: one with the old prefix would leave these names alone`
  );
}

/** Names that these changes take from each zone, for the use of its budget. */
export function namesTaken(changes: readonly ZoneChange[]): readonly ScopedNames[] {
  return regionsOf(changes).flatMap((region) => {
    const names = changes.flatMap((change) => (change.region === region ? (change.takesName ?? []) : []));
    return names.length === 0 ? [] : [{ scope: zoneScope(region), names: [...new Set(names)].sort() }];
  });
}

function zoneScope(region: string): string {
  return `zone/${region}`;
}

function regionsOf(changes: readonly ZoneChange[]): readonly string[] {
  return [...new Set(changes.map(({ region }) => region))].sort(byText);
}

/** Binds a yes to exactly these changes, whatever their etags: what was written again with the same content is the same. */
export function zoneDigest(changes: readonly ZoneChange[]): string {
  return digest(changes.map(changeText).sort());
}

/**
 * Equal for changes that a person would not tell apart: what is written, what stands beside it, and what comes of it. A TXT
 * alone says nothing of the record that ExternalDNS leads elsewhere by it.
 */
export function changeText({ region, kind, writes, unchanged, takesName, leadsTo }: ZoneChange): string {
  return canonicalJson({
    region,
    kind,
    writes: writes.map(({ zone, type, name, before, after }) => ({ zone, type, name, before: content(before), after })),
    unchanged: unchanged.map((set) => ({ zone: set.zone, type: set.type, name: set.name, ...content(set) })),
    takesName,
    leadsTo,
  });
}

function content(set: RecordSet | undefined) {
  return set === undefined ? undefined : { ttlSeconds: set.ttlSeconds, values: set.values };
}

/** Garbage that became due is the usual difference; more moments than this are not tried. */
const momentsAtMost = 100;

/**
 * What became due since a digest was shown, where that is all the difference; undefined where it is not: then something was
 * claimed, written or deleted meanwhile, and a digest does not say what.
 */
export function newlyDue(changes: readonly ZoneChange[], shown: string): readonly ZoneChange[] | undefined {
  const moments = [...new Set(changes.map(({ dueAtMs }) => dueAtMs ?? 0))].sort((left, right) => right - left);
  for (const moment of moments.slice(0, momentsAtMost)) {
    const before = changes.filter(({ dueAtMs = 0 }) => dueAtMs < moment);
    if (before.length > 0 && zoneDigest(before) === shown)
      return changes.filter(({ dueAtMs = 0 }) => dueAtMs >= moment);
  }
  return undefined;
}

function byRecord(left: ZoneChange, right: ZoneChange): number {
  const [one] = left.writes;
  const [other] = right.writes;
  return (
    byText(left.region, right.region) ||
    byText(one?.name ?? "", other?.name ?? "") ||
    byText(one?.type ?? "", other?.type ?? "")
  );
}
