/** TTLs of the records we publish. */

/** Seconds; the default of Azure and of ExternalDNS there, so that taking over a record does not change it. */
export const routeTtlSeconds = 300;

/** Seconds; short, because a takeover moves exactly these records. */
export const gatewayTtlSeconds = 30;
