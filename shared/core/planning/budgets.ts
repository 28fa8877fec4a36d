/**
 * Budgets count names that stop resolving or change destination without a placement decision, per cluster and per zone.
 * A breach holds the counted changes of that scope only; the rest goes on. Creates never count, nor does what vanished
 * with its source object.
 */
import type { Change, HeldChanges } from "../../model/change.ts";
import type { BudgetConfiguration } from "../../model/fleet-configuration.ts";
import type { PublishedName } from "../../model/desired.ts";
import type { Approval, BudgetEntry, BudgetUse } from "../../model/state.ts";
import { canonicalJson, digest } from "../naming/digest.ts";
import { byText, placeId } from "../naming/item-id.ts";
import { isDnsZone } from "../naming/published-names.ts";

const hourMs = 60 * 60_000;

export type BudgetInput = {
  readonly changes: readonly Change[];
  readonly limits: BudgetConfiguration;
  readonly use: Readonly<Record<string, BudgetUse>>;
  readonly approvals: readonly Approval[];
  /** Number of names published in a scope now. Called only for scopes that lose names. */
  readonly namesPublished: (scope: string) => number;
  /** Whether the name goes on being answered after the plan: what another object or publisher serves does not leave. */
  readonly staysServed: (change: Change, name: PublishedName) => boolean;
  readonly nowMs: number;
};

export type BudgetResult = {
  readonly due: readonly Change[];
  readonly held: readonly HeldChanges[];
  /** Names that each due change takes from each scope, to be added to the budget's use once it is done. */
  readonly counted: ReadonlyMap<string, readonly ScopedNames[]>;
};

export type ScopedNames = { readonly scope: string; readonly names: readonly string[] };

export function holdOverBudget(input: BudgetInput): BudgetResult {
  const counted = new Map<string, readonly ScopedNames[]>();
  const byScope = new Map<string, Change[]>();
  for (const change of input.changes) {
    const scoped = lostNames(change, input);
    if (scoped.length === 0) continue;
    counted.set(change.id, scoped);
    for (const { scope } of scoped) byScope.set(scope, [...(byScope.get(scope) ?? []), change]);
  }
  const held: HeldChanges[] = [];
  const heldIds = new Set<string>();
  for (const [scope, changes] of [...byScope].sort(([left], [right]) => byText(left, right))) {
    // Held already, or approved as part of another scope.
    const open = changes.filter((change) => !heldIds.has(change.id) && counted.has(change.id));
    const breach = breachOf(scope, open, counted, input);
    if (breach === undefined) continue;
    const group = heldChanges({ scope, code: "BudgetExceeded", reason: breach, changes: open });
    if (input.approvals.some((approval) => approval.digest === group.digest)) {
      // A person looked at exactly these: they do not use up the budget either.
      for (const change of open) counted.delete(change.id);
      continue;
    }
    held.push(group);
    for (const change of open) heldIds.add(change.id);
  }
  return {
    due: input.changes.filter((change) => !heldIds.has(change.id)),
    held,
    counted: new Map([...counted].filter(([id]) => !heldIds.has(id))),
  };
}

type GroupInput = Pick<HeldChanges, "scope" | "code" | "reason" | "changes">;

/** A group with the digest that an approval binds to: kind, key, before and after of every change, sorted. */
export function heldChanges(group: GroupInput): HeldChanges {
  const bound = group.changes
    .map(({ place, kind, key, before, after }) => canonicalJson({ place: placeId(place), kind, key, before, after }))
    .sort();
  return { ...group, digest: digest(bound) };
}

type Spending = {
  readonly nowMs: number;
  readonly namesBefore: (scope: string) => number;
  /** The names are only about to be taken: should the pass die, the next one knows which they were. */
  readonly reserve?: boolean;
};

/** The budget's use after a pass: what was done is added, what is older than an hour is forgotten. */
export function spendBudgets(
  use: Readonly<Record<string, BudgetUse>>,
  done: readonly (readonly ScopedNames[])[],
  at: Spending,
): Readonly<Record<string, BudgetUse>> {
  const spent = new Map<string, Set<string>>();
  for (const { scope, names } of done.flat()) {
    const known = spent.get(scope) ?? new Set<string>();
    for (const name of names) known.add(name);
    spent.set(scope, known);
  }
  const next: Record<string, BudgetUse> = {};
  for (const scope of [...new Set([...Object.keys(use), ...spent.keys()])].sort()) {
    const recent = recentUse(use[scope], at.nowMs);
    const names = spent.get(scope) ?? noNames;
    const before = recent.spent.flatMap((entry) => withoutReserved(entry, names));
    const entries = names.size === 0 ? before : [...before, newEntry(names, at)];
    if (entries.length === 0) continue;
    next[scope] = {
      baseNames: recent.spent.length === 0 ? at.namesBefore(scope) : recent.baseNames,
      spent: entries,
    };
  }
  return next;
}

const noNames: ReadonlySet<string> = new Set();

function newEntry(names: ReadonlySet<string>, at: Spending): BudgetEntry {
  const base = { atMs: at.nowMs, names: names.size };
  return at.reserve === true ? { ...base, reserved: [...names].sort() } : base;
}

/** An entry less the names that are paid for anew; none when nothing is left of it. */
function withoutReserved(entry: BudgetEntry, names: ReadonlySet<string>): readonly BudgetEntry[] {
  if (entry.reserved === undefined) return [entry];
  const reserved = entry.reserved.filter((name) => !names.has(name));
  return reserved.length === 0 ? [] : [{ ...entry, names: reserved.length, reserved }];
}

function lostNames(change: Change, input: BudgetInput): readonly ScopedNames[] {
  const names = new Set<string>();
  const zones = new Map<string, Set<string>>();
  for (const name of change.leaves) {
    if (name.vanished === true || input.staysServed(change, name)) continue;
    names.add(name.name);
    if (!isDnsZone(name.zone)) continue;
    const known = zones.get(name.zone) ?? new Set<string>();
    known.add(name.name);
    zones.set(name.zone, known);
  }
  if (names.size === 0) return [];
  return [
    { scope: placeId(change.place), names: [...names].sort() },
    ...[...zones].map(([zone, lost]) => ({ scope: `zone/${zone}`, names: [...lost].sort() })),
  ];
}

function breachOf(
  scope: string,
  changes: readonly Change[],
  counted: ReadonlyMap<string, readonly ScopedNames[]>,
  input: BudgetInput,
): string | undefined {
  const lost = new Set(
    changes
      .flatMap((change) => counted.get(change.id) ?? [])
      .filter((entry) => entry.scope === scope)
      .flatMap((entry) => entry.names),
  );
  const { limits, use, namesPublished, nowMs } = input;
  return budgetBreach({ scope, lost, limits, use: use[scope], names: () => namesPublished(scope), nowMs });
}

type Loss = {
  readonly scope: string;
  readonly lost: ReadonlySet<string>;
  readonly limits: BudgetConfiguration;
  readonly use: BudgetUse | undefined;
  /** Number of names there now. */
  readonly names: () => number;
  readonly nowMs: number;
};

/** The sentence that says by how much a loss would pass the budget of its scope; undefined when it does not. */
export function budgetBreach({ scope, lost, limits, use, names, nowMs }: Loss): string | undefined {
  if (lost.size === 0) return undefined;
  const recent = recentUse(use, nowMs);
  const before = recent.spent
    .flatMap((entry) => withoutReserved(entry, lost))
    .reduce((sum, entry) => sum + entry.names, 0);
  const base = recent.spent.length === 0 ? names() : recent.baseNames;
  const total = before + lost.size;
  const { share, fromNames, names: limit } = limits;
  const overShare = base >= fromNames && total > base * share;
  if (!overShare && total <= limit) return undefined;
  const rule = overShare ? `${Math.round(share * 100)} % of the ${base} names with records there` : `${limit} names`;
  // A zone holds records only; a cluster also loses hosts that never had one, so it may lose more than it has records.
  const counts = scope.startsWith("zone/") ? "" : " (records and hosts of Istio Gateways, each name once)";
  const spentText = before === 0 ? "" : `, after ${before} in the last hour`;
  return `${lost.size} names would stop resolving or lead elsewhere${spentText}${counts}; the budget of ${scope} is ${rule} in an hour`;
}

function recentUse(use: BudgetUse | undefined, nowMs: number): BudgetUse {
  if (use === undefined) return { baseNames: 0, spent: [] };
  return { ...use, spent: use.spent.filter((entry) => nowMs - entry.atMs < hourMs) };
}
