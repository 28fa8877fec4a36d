/** A claim: one source of one cluster wants one name in one zone. Zones are named by their region. */
import type { ObjectMeta } from "./object-meta.ts";

export type RecordType = "A" | "AAAA" | "CNAME";

export type Claim = {
  readonly zone: string;
  readonly name: string;
  /** Type, target and TTL in one string (core/naming/record-content): equal content never conflicts. */
  readonly content: string;
  readonly cluster: string;
  readonly source: ObjectMeta;
  /** The cluster on whose behalf it is published; absent when it is the cluster's own. */
  readonly onBehalfOf?: string;
};

/** The outcome for one name of one zone. */
export type ZoneName = {
  readonly winner: Claim;
  /** Claims of other content; absent when there are none. */
  readonly losers?: readonly Claim[];
  /** Set while a claim that vanished one complete read ago still keeps the winner off: what it was. */
  readonly keptOffBy?: Claim;
};

/** Every zone, by name: what each name of it should be, and who publishes it. */
export type Zones = ReadonlyMap<string, ReadonlyMap<string, ZoneName>>;
