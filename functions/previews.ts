/**
 * Previews that HTTP asks for, approvals (which look at one) included, one at a time per process: each holds the whole fleet
 * in memory, and the platform sends up to 16 requests at once to one instance. Callers who ask for the same scope while it
 * waits get the same preview; one that has already started is never shared, since it may have read the fleet before the
 * caller's last change.
 */
import type { FleetApp } from "../shared/compose.ts";
import type { ApprovalOutcome, Scope } from "../shared/model/pass.ts";
import type { PassReport } from "../shared/model/report.ts";
import { HTTP_LIMIT, within } from "./deadlines.ts";
import { BusyError } from "./failures.ts";

/** Different scopes, and approvals, that may wait at the same time. */
const MAX_WAITING = 16;

const waitingScopes = new Map<string, Promise<PassReport>>();
let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/** @throws BusyError when too many others wait, and what the preview throws. */
export async function previewInTurn(app: FleetApp, scope: Scope): Promise<PassReport> {
  const key = JSON.stringify([scope.cluster ?? null, scope.namespace ?? null]);
  const same = waitingScopes.get(key);
  if (same !== undefined) {
    return await same;
  }
  refuseWhenBusy();
  const preview = inTurn((signal) => {
    waitingScopes.delete(key);
    return app.preview({ scope, signal });
  });
  waitingScopes.set(key, preview);
  return await preview;
}

type Approval = Omit<Parameters<FleetApp["approve"]>[0], "signal">;

/** Never shared: each is one person's yes. @throws BusyError when too many others wait, and what the approval throws. */
export async function approveInTurn(app: FleetApp, approval: Approval): Promise<ApprovalOutcome> {
  refuseWhenBusy();
  return await inTurn((signal) => app.approve({ ...approval, signal }));
}

function refuseWhenBusy(): void {
  if (waiting >= MAX_WAITING) {
    throw new BusyError(`${waiting} others that look at the fleet are waiting`);
  }
}

/** @param work begins when all before it have ended; its deadline counts from then. */
async function inTurn<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  waiting += 1;
  const ended = last.then(async () => {
    waiting -= 1;
    const { value } = await within(HTTP_LIMIT, work);
    return value;
  });
  last = ended.catch(() => undefined);
  return await ended;
}
