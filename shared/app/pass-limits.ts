/** Bounds of one pass, in milliseconds and numbers, besides what the fleet configuration says (`readSeconds`). */
export const limits = {
  /** One write, retries included. */
  writeMs: 15_000,
  leaseMs: 60_000,
  /** A write starts only if it would end this long before the lease does. */
  leaseMarginMs: 5_000,
  /** Renewed when less than this is left. */
  leaseRenewMs: 40_000,
  /** After this a pass starts no more statuses or events; changes always come first. */
  passMs: 50_000,
  /** But never earlier than this after reading ended: one cluster that hangs must not cost all others their statuses. */
  afterReadMs: 25_000,
  clustersAtOnce: 12,
  writesPerCluster: 16,
  /** Changes of DNSVerified or BackendBound alone, per cluster and pass. */
  observationsPerCluster: 200,
  eventsPerCluster: 200,
} as const;
