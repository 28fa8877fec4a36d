/**
 * The budget of a zone is paid for the names of a round before its first write, as a pass does: no crash takes names for
 * nothing. What took no name for certain is given back afterwards.
 */
import { spendBudgets, type ScopedNames } from "../core/planning/budgets.ts";
import { namesTaken } from "../core/planning/zone-plan.ts";
import { asError, FleetError } from "../errors.ts";
import type { Since } from "../model/state.ts";
import type { ZoneChange } from "../model/zone-change.ts";
import { remember, type Remembered } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import type { Stopped } from "./held-lease.ts";
import { namesInZones } from "./plan-zone-changes.ts";
import type { SeenFleet } from "./see-fleet.ts";

/** `unpaid`: it could not be recorded, and nothing may be written. */
export type Payment =
  | { readonly kind: "paid"; readonly since: Remembered<Since> }
  | { readonly kind: "unpaid"; readonly why: Stopped };

export async function payForNames(
  ports: FleetPorts,
  seen: SeenFleet,
  changes: readonly ZoneChange[],
): Promise<Payment> {
  const { memory } = seen;
  const taken = namesTaken(changes);
  if (taken.length === 0) return { kind: "paid", since: memory.since };
  if (memory.untouchable.has("since")) {
    return unpaid("STORE_NEWER_SCHEMA", "since was written by a newer version of this product");
  }
  try {
    return { kind: "paid", since: await rememberUse(ports, seen, { taken, before: memory.since, reserve: true }) };
  } catch (caught) {
    if (!(caught instanceof FleetError)) throw caught;
    return unpaid(caught.code, caught.message);
  }
}

function unpaid(code: string, why: string): Payment {
  return { kind: "unpaid", why: { code, reason: `the use of the budget cannot be recorded: ${why}` } };
}

type Settling = { readonly paid: Remembered<Since>; readonly taken: readonly ZoneChange[] };

/** @returns what went wrong: the budget is then only tighter than it need be. */
export async function settlePayment(
  ports: FleetPorts,
  seen: SeenFleet,
  { paid, taken }: Settling,
): Promise<string | undefined> {
  if (paid === seen.memory.since) return undefined;
  try {
    await rememberUse(ports, seen, { taken: namesTaken(taken), before: paid, reserve: false });
    return undefined;
  } catch (caught) {
    return `the use of the budget was not stored: ${asError(caught).message}`;
  }
}

type Use = {
  readonly taken: readonly ScopedNames[];
  readonly before: Remembered<Since>;
  readonly reserve: boolean;
};

function rememberUse(ports: FleetPorts, seen: SeenFleet, use: Use): Promise<Remembered<Since>> {
  const { memory, snapshot } = seen;
  const spent = spendBudgets(memory.since.value.budgets, [use.taken], {
    nowMs: snapshot.readAtMs,
    namesBefore: namesInZones(seen),
    reserve: use.reserve,
  });
  const value = { ...memory.since.value, budgets: spent };
  return remember(ports.store, memory, { name: "since", value, before: use.before });
}
