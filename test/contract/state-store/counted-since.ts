/** A document that several processes count in, each under its own name. */
import type { Since } from "../../../shared/model/state.ts";

export function countedSince(before: Since | undefined, name: string): Since {
  const budgets = before?.budgets ?? {};
  const counted = { baseNames: countOf(before, name) + 1, spent: [] };
  return { shrunkReads: {}, handovers: {}, budgets: { ...budgets, [name]: counted }, records: {}, garbage: {} };
}

export function countOf(since: Since | undefined, name: string): number {
  return since?.budgets[name]?.baseNames ?? 0;
}
