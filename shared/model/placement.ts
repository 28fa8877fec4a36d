/**
 * Who serves each cluster's gateway hosts. One document, conditional writes, rising revision.
 * A cluster without an entry serves itself.
 */
export type PlacementEntry = {
  readonly cluster: string;
  /** Always a cluster that serves itself: no chains. */
  readonly servedBy: string;
  readonly mode: "alias" | "records";
  readonly phase: "home" | "moving" | "away" | "returning";
  readonly revision: number;
  readonly sinceMs: number;
  readonly decision: string;
  readonly by: string;
};

export type Placement = {
  readonly revision: number;
  readonly entries: readonly PlacementEntry[];
};

/** What an item of `adoptsRegions` came to. */
export type AdoptionOutcome =
  | { readonly kind: "standing" }
  /** `unknown`: no cluster is known to be in the region, but the regions of these are not known. */
  | { readonly kind: "requested"; readonly unknown?: readonly string[] }
  | { readonly kind: "standby"; readonly adopter: string }
  | { readonly kind: "refused"; readonly reason: AdoptionRefusal };

export type AdoptionRefusal = "no-controller" | "own-region";

/** What is said of the region, in conditions and to people alike. */
export const adoptionRefusals: Readonly<Record<AdoptionRefusal, string>> = {
  "no-controller": "has no ExternalDNS controller in the DNSConfiguration of this cluster",
  "own-region": "is this cluster's own region",
};

export type Adoption = { readonly cluster: string; readonly region: string; readonly outcome: AdoptionOutcome };

/** Placement and adoptions together, as the families use them. */
export type ResolvedPlacement = {
  readonly revision: number;
  /** Adopter of each region without fleet clusters, by cluster name. */
  readonly adopters: ReadonlyMap<string, string>;
  readonly adoptions: readonly Adoption[];
};
