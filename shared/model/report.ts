/** What one pass saw and did. Serialisable; presentation/ turns it into text, Markdown and JSON. */
import type { ChangeResult, Plan } from "./change.ts";
import type { ClusterStanding, ClusterWrites } from "./fleet.ts";
import type { WriteMode } from "./fleet-configuration.ts";
import type { Kind } from "./kinds.ts";
import type { Place } from "./place.ts";
import type { Adoption } from "./placement.ts";
import type { NameCounts, UnverifiedName } from "./verification.ts";

export type ClusterReport = {
  readonly cluster: string;
  readonly region?: string;
  /** As configured; `writes` says what of it is possible now. */
  readonly mode: WriteMode;
  readonly standing: ClusterStanding;
  /** No complete read is known: nobody can say what the cluster publishes, so names new to its zones are held. */
  readonly neverRead?: true;
  readonly writes: ClusterWrites;
  /** Number of objects read per kind. */
  readonly counts: Readonly<Partial<Record<Kind, number>>>;
  /** Kinds that were not read, required or not, with code and reason. */
  readonly notRead: readonly { readonly kind: Kind; readonly code: string; readonly reason: string }[];
  /** Objects that exist but do not parse. */
  readonly rejected: readonly { readonly kind: Kind; readonly key: string; readonly issues: readonly string[] }[];
};

/** What a person asks of one route: what is published where, and why not. */
export type RouteReport = {
  readonly cluster: string;
  readonly key: string;
  readonly host?: string;
  readonly target?: string;
  readonly phase: string;
  /** Zones in which this cluster publishes the host. */
  readonly zones: readonly string[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  /** Its host in zones where the record is not as it should be; absent when all is well, or nothing was read. */
  readonly unverified?: readonly UnverifiedName[];
  /** Its cluster is frozen: this is the last complete read, and what is published by it stays. */
  readonly asLastRead?: true;
};

export type GatewayReport = {
  readonly cluster: string;
  readonly key: string;
  readonly host?: string;
  readonly addresses: readonly string[];
  readonly hosts: number;
  readonly phase: string;
  readonly conditions: RouteReport["conditions"];
  readonly unverified?: RouteReport["unverified"];
  readonly asLastRead?: true;
};

/** What the real zone of a region says. `names` counts names by result. */
export type ZoneReading =
  | { readonly read: "not-configured" }
  | { readonly read: "not-read"; readonly code: string; readonly reason: string }
  | {
      readonly read: "complete";
      readonly readAtMs: number;
      readonly recordSets: number;
      readonly names: NameCounts;
      /** Names that are not verified, sorted; at most 200, `names` counts them all. */
      readonly unverified: readonly UnverifiedName[];
      /** Records that nobody claims any more; `due` of them for longer than the grace time. */
      readonly garbage: { readonly found: number; readonly due: number };
    };

/** A zone as desired: how many names each cluster publishes in it, hosts of routes and of gateways; and as it really is. */
export type ZoneReport = {
  readonly zone: string;
  readonly adopter?: string;
  readonly publishers: readonly { readonly cluster: string; readonly names: number }[];
  readonly standby: number;
  readonly conflicts: number;
  readonly reading: ZoneReading;
};

export type StatusWrite = {
  readonly place: Place;
  readonly kind: Kind;
  readonly key: string;
  readonly outcome: "written" | "failed" | "deferred";
  readonly reason?: string;
};

/** `preview` stopped before apply. `ended` of an apply: every phase was reached, or why not. */
export type PassReport = {
  readonly mode: "preview" | "apply";
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly clusters: readonly ClusterReport[];
  readonly zones: readonly ZoneReport[];
  /** Every route of the scope; filled for previews, empty for passes (a pass of 250,000 routes needs no copy of them). */
  readonly routes: readonly RouteReport[];
  readonly gateways: readonly GatewayReport[];
  readonly adoptions: readonly Adoption[];
  readonly plan: Plan;
  /**
   * Hosts whose routes are gone since the read before: they leave the Istio Gateways of the cluster with the next pass, once a
   * second complete read says the same. Absent: none.
   */
  readonly leaving?: readonly { readonly cluster: string; readonly hosts: readonly string[] }[];
  /**
   * How many things wait for a person: held changes, and held reads as one each; without what was approved already. The one
   * number that text, JSON, metric and exit code say. 0 with something held: it is approved, and waits for time.
   */
  readonly heldForPerson: number;
  readonly results: readonly ChangeResult[];
  readonly statuses: readonly StatusWrite[];
  /** Number of statuses that differ from what is written now (preview) or were due (apply). */
  readonly statusesDue: number;
  /** Kubernetes Events recorded on resources; 0 for a preview. Best effort: fewer than changes when time or answers were missing. */
  readonly events: number;
  /** Faults that belong to no object: store documents lost, a lease lost. */
  readonly notes: readonly string[];
  readonly ended:
    | { readonly kind: "complete" }
    | { readonly kind: "stopped"; readonly code: string; readonly reason: string };
};
