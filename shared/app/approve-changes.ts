/** A person's yes to held changes, bound to their digest: anything that differs later needs another yes. And taking it back. */
import { StoreNewerSchemaError } from "../errors.ts";
import type { ApprovalOutcome, Person } from "../model/pass.ts";
import { amend, isInForce } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { reconcileFleet } from "./reconcile-fleet.ts";

type ApprovalRequest = {
  readonly digest: string;
  readonly person: Person;
  readonly reason: string;
  /** Aborted before the preview has ended: nothing is approved, and its reason is thrown. */
  readonly signal?: AbortSignal;
};

export async function approveChanges(
  ports: FleetPorts,
  { digest, person, reason, signal }: ApprovalRequest,
): Promise<ApprovalOutcome> {
  const stored = await ports.store.read("approvals");
  const approvals = stored.found === "value" ? stored.value.approvals : [];
  const before = approvals.find((one) => one.digest === digest && isInForce(one, ports.clock.nowMs()));
  if (before !== undefined) return { kind: "already", by: before.by, atMs: before.atMs };
  const { plan } = await reconcileFleet(ports, { mode: "preview", ...(signal === undefined ? {} : { signal }) });
  // What was interrupted knows only part of the fleet: neither a yes nor "there is no such digest" may follow from it.
  signal?.throwIfAborted();
  const group = plan.held.find((held) => held.digest === digest);
  if (group === undefined) {
    return { kind: "unknown-digest", held: plan.held.map((held) => ({ digest: held.digest, scope: held.scope })) };
  }
  const approval = {
    digest,
    scope: group.scope,
    by: person.name,
    verified: person.verified,
    reason,
    atMs: ports.clock.nowMs(),
  };
  await amend(ports.store, "approvals", (known) => ({
    approvals: [...(known?.approvals ?? []).filter((one) => isInForce(one, approval.atMs)), approval],
  }));
  ports.telemetry.info("held changes approved", {
    digest,
    scope: group.scope,
    by: person.name,
    verified: person.verified,
  });
  return { kind: "approved", scope: group.scope, changes: group.changes.length };
}

/**
 * Takes back the approvals of a digest: the next pass holds what it finds to be the same. A pass that began before has read
 * them, and goes on. What was carried out already stays as it is.
 * @throws StoreNewerSchemaError when a later version of this product wrote the approvals: nobody can say what is approved.
 */
export async function revokeApproval(
  ports: FleetPorts,
  { digest, person, reason }: ApprovalRequest,
): Promise<ApprovalOutcome> {
  const nowMs = ports.clock.nowMs();
  const stored = await ports.store.read("approvals");
  if (stored.found === "newer-schema") throw new StoreNewerSchemaError("approvals", stored.schema);
  const inForce = (stored.found === "value" ? stored.value.approvals : []).filter((one) => isInForce(one, nowMs));
  const before = inForce.find((one) => one.digest === digest);
  if (before === undefined) {
    return { kind: "not-approved", approved: inForce.map((one) => ({ digest: one.digest, by: one.by })) };
  }
  await amend(ports.store, "approvals", (known) => ({
    approvals: (known?.approvals ?? []).filter((one) => one.digest !== digest && isInForce(one, nowMs)),
  }));
  ports.telemetry.info("approval revoked", {
    digest,
    scope: before.scope,
    by: person.name,
    verified: person.verified,
    reason,
  });
  return { kind: "revoked", scope: before.scope, by: before.by, atMs: before.atMs };
}
