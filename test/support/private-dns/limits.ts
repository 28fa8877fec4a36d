/** Requests per zone and minute that Azure lets through; the rest is answered 429. */
import { throttled, type Refusal } from "./refusals.ts";
import type { Counted, Zone } from "./zone.ts";

/** Per zone, in any 60 s. Undefined: no limit. */
export type Limits = Readonly<Record<Counted, number | undefined>> & { readonly retryAfterSeconds: number };

/**
 * Azure's own: 60 creates, 60 updates, 60 deletes a minute. Reads (200 gets, 100 lists) are not limited here unless a test
 * asks for it: ExternalDNS in tests passes every second or two. Retry-After as reported for private zones.
 */
export const AZURE_WRITE_LIMITS: Limits = {
  create: 60,
  update: 60,
  delete: 60,
  get: undefined,
  list: undefined,
  retryAfterSeconds: 10,
};

const WINDOW_MS = 60_000;

/** Counts the request, or refuses it; what is refused does not count. */
export function admit(zone: Zone, kind: Counted, limits: Limits, nowMs: number): Refusal | undefined {
  const limit = limits[kind];
  const passed = zone.passed[kind].filter((atMs) => atMs > nowMs - WINDOW_MS);
  zone.passed[kind] = passed;
  if (limit !== undefined && passed.length >= limit) return throttled(kind, limits.retryAfterSeconds);
  passed.push(nowMs);
  return undefined;
}
