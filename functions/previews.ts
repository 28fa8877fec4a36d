/**
 * Previews asked for over HTTP, one at a time per process: each holds the whole fleet in memory, and the platform sends up
 * to 16 requests at once to one instance. Callers who ask for the same scope while it waits get the same preview; one that
 * has already started is never shared, since it may have read the fleet before the caller's last change.
 */
import type { FleetApp } from "../shared/compose.ts";
import type { Scope } from "../shared/model/pass.ts";
import type { PassReport } from "../shared/model/report.ts";
import { HTTP_LIMIT, within } from "./deadlines.ts";
import { BusyError } from "./failures.ts";

/** Different scopes that may wait at the same time. */
const MAX_WAITING = 16;

const waiting = new Map<string, Promise<PassReport>>();
let last: Promise<unknown> = Promise.resolve();

/** @throws BusyError when too many others wait, and what the preview throws. */
export async function previewInTurn(app: FleetApp, scope: Scope): Promise<PassReport> {
  const key = JSON.stringify([scope.cluster ?? null, scope.namespace ?? null]);
  const same = waiting.get(key);
  if (same !== undefined) {
    return await same;
  }
  if (waiting.size >= MAX_WAITING) {
    throw new BusyError(`${waiting.size} previews of other scopes are waiting`);
  }
  const preview = last.then(async () => {
    waiting.delete(key);
    const { value } = await within(HTTP_LIMIT, (signal) => app.preview({ scope, signal }));
    return value;
  });
  waiting.set(key, preview);
  last = preview.catch(() => undefined);
  return await preview;
}
