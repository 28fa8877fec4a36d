/** Numbers, times and counts as words. Pure: "now" is always a moment that the report itself names. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `1 change`, `2 changes`; irregular plurals are given. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** A span of time in its two largest units: `850 ms`, `4.2 s`, `3 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND_MS) return `${(Math.floor(ms / 100) / 10).toString()} s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return twoUnits(ms, [MINUTE_MS, "min"], [SECOND_MS, "s"]);
  if (ms < DAY_MS) return twoUnits(ms, [HOUR_MS, "h"], [MINUTE_MS, "min"]);
  return twoUnits(ms, [DAY_MS, "d"], [HOUR_MS, "h"]);
}

function twoUnits(ms: number, large: readonly [number, string], small: readonly [number, string]): string {
  const whole = Math.floor(ms / large[0]);
  const rest = Math.floor((ms % large[0]) / small[0]);
  return rest === 0 ? `${whole} ${large[1]}` : `${whole} ${large[1]} ${rest} ${small[1]}`;
}

/** RFC 3339 in UTC without fractions: `2026-11-21T14:03:10Z`. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** When something is due, as seen from `nowMs`: `in 3 min 10 s (2026-11-21T14:03:10Z)`, `now (…)`. */
export function dueTime(dueAtMs: number, nowMs: number): string {
  const when = dueAtMs <= nowMs ? "now" : `in ${duration(Math.ceil((dueAtMs - nowMs) / SECOND_MS) * SECOND_MS)}`;
  return `${when} (${timestamp(dueAtMs)})`;
}

/** Parts that are not empty, joined by commas; `otherwise` when none is. */
export function listed(parts: readonly string[], otherwise: string): string {
  const said = parts.filter((part) => part !== "");
  return said.length === 0 ? otherwise : said.join(", ");
}
