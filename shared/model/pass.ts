/** What triggers and callers say about a pass, and what they get back. */
import type { PassReport } from "./report.ts";

/** Limits which changes are applied or shown; the fleet is always read and computed whole. */
export type Scope = {
  readonly cluster?: string;
  readonly namespace?: string;
};

/**
 * - `ran`: a pass ran now. - `busy`: another holder has the lease. Whoever asked for the pass left a mark, so the fleet is
 *   looked at again; the timer leaves none, its next tick comes anyway.
 * - `not-due`: nothing asked for a pass and the last one is recent (timer only).
 */
export type PassOutcome =
  | { readonly kind: "ran"; readonly report: PassReport }
  | { readonly kind: "busy"; readonly holder: string; readonly mark?: string }
  | { readonly kind: "not-due"; readonly nextDueAtMs: number };

/**
 * - `approved`: stored; the next pass carries it out if nothing differs. - `already`: approved before, nothing changed.
 * - `unknown-digest`: no held change of the present plan has this digest; `held` lists those that are.
 * - `revoked`: the approval of `by` is gone; a pass that began before still has it. - `not-approved`: no approval in force has
 *   this digest; `approved` lists those that are.
 */
export type ApprovalOutcome =
  | { readonly kind: "approved"; readonly scope: string; readonly changes: number }
  | { readonly kind: "already"; readonly by: string; readonly atMs: number }
  | { readonly kind: "unknown-digest"; readonly held: readonly { readonly digest: string; readonly scope: string }[] }
  | { readonly kind: "revoked"; readonly scope: string; readonly by: string; readonly atMs: number }
  | { readonly kind: "not-approved"; readonly approved: readonly { readonly digest: string; readonly by: string }[] };

/** Who approves: an Entra principal (`verified`), or a name somebody gave. */
export type Person = { readonly name: string; readonly verified: boolean };
