/** The part of Kubernetes object metadata that rules look at. Everything else is dropped when a page is read. */
export type ObjectMeta = {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** 0 where the source has none (manifests). */
  readonly generation: number;
  /** Epoch milliseconds; 0 where the source has none, so that such objects sort as equal and the name decides. */
  readonly createdAtMs: number;
  /** True when a deletionTimestamp is set: nothing is created or updated for this owner. */
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Only annotations under `external-dns.alpha.kubernetes.io/` and `router.io/` are kept. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly OwnerReference[];
  /**
   * Names of the field managers of the main resource, sorted, without duplicates (status managers left out). Ours is among
   * them once what we applied is ours alone: not while an adoption is half done.
   */
  readonly managers: readonly string[];
};

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

/** A Kubernetes condition as stored in a status. `lastTransitionTime` is RFC 3339, seconds. */
export type Condition = {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
};
