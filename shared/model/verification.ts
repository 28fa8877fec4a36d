/** What the real zone says of one name that should be there. */
import type { RecordType } from "./claim.ts";

/**
 * - `verified`: record and ownership are as wanted. - `missing`: there is no record. - `wrong-target`: it leads elsewhere.
 * - `foreign-owner`: its ownership TXT names somebody else, so our ExternalDNS never touches it.
 * - `orphan`: it has no ownership TXT, so ExternalDNS never touches it again. - `flapping`: several write it in turn.
 */
export type VerificationResult = "verified" | "missing" | "wrong-target" | "foreign-owner" | "orphan" | "flapping";

/**
 * How many names of a zone have which result; those that are only awaited stand apart, for they may be well in a minute.
 * `outside`: they lie in none of the region's zones, so nothing can be said of them.
 */
export type NameCounts = Readonly<Record<VerificationResult | "awaited" | "outside", number>>;

/**
 * Where a name that is not verified is stuck.
 * - `not-applied`: the DNSEndpoint is not there, or has other content. - `not-picked-up`: ExternalDNS has not read it.
 * - `refused`: ExternalDNS has read it, and the zone did not take it (it hides such errors).
 * - `overwritten`: somebody else wrote the record.
 */
export type PublicationStage = "not-applied" | "not-picked-up" | "refused" | "overwritten";

/** A name that should be in a zone. */
export type WantedRecord = {
  /** The region: zones are named by it. */
  readonly zone: string;
  readonly name: string;
  /** Type, target and TTL in one string (core/naming/record-content). */
  readonly content: string;
};

/** `since` is when the result was first seen; it is kept in the state store. */
export type RecordVerdict =
  | { readonly kind: "not-read"; readonly isConfigured: boolean; readonly reason: string }
  | {
      readonly kind: "judged";
      readonly result: VerificationResult;
      readonly stage?: PublicationStage;
      /** A sentence without counters, ages or times; empty for `verified`. */
      readonly evidence: string;
      readonly sinceMs: number;
      /** Wanted newly: ExternalDNS may yet put it right by itself, and it is too early to miss it. */
      readonly awaited: boolean;
    };

export type VerifyRecord = (wanted: WantedRecord) => RecordVerdict;

/** A name that is not verified, for people: what, where, since when, and at which stage it is stuck. */
export type UnverifiedName = {
  readonly zone: string;
  readonly name: string;
  readonly type: RecordType;
  readonly result: Exclude<VerificationResult, "verified">;
  readonly stage?: PublicationStage;
  readonly evidence: string;
  readonly sinceMs: number;
  readonly awaited: boolean;
};
