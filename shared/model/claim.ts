/** A claim: one source of one cluster wants one name in one zone. Zones are named by their region. */
import type { ObjectMeta } from "./object-meta.ts";

export type RecordType = "A" | "AAAA" | "CNAME";

export type Claim = {
  readonly zone: string;
  readonly name: string;
  readonly type: RecordType;
  /** Sorted; one for a CNAME. */
  readonly targets: readonly string[];
  readonly ttlSeconds: number;
  readonly cluster: string;
  readonly source: { readonly kind: "ServiceRoute" | "Gateway"; readonly meta: ObjectMeta };
  /** The cluster on whose behalf it is published; absent when it is the cluster's own. */
  readonly onBehalfOf?: string;
};

/** The outcome for one name of one zone. */
export type ZoneName = {
  readonly zone: string;
  readonly name: string;
  /** Clusters whose claim is published: the winner, and all with identical content. */
  readonly publishers: readonly string[];
  readonly winner: Claim;
  readonly losers: readonly { readonly claim: Claim; readonly outcome: "Standby" | "HostConflict" }[];
};
