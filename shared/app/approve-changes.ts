/** A person's yes to held changes, bound to their digest: anything that differs later needs another yes. And taking it back. */
import type { ApprovalOutcome, Person } from "../model/pass.ts";
import { amend, isInForce } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { reconcileFleet } from "./reconcile-fleet.ts";

type ApprovalRequest = { readonly digest: string; readonly person: Person; readonly reason: string };

export async function approveChanges(
  ports: FleetPorts,
  { digest, person, reason }: ApprovalRequest,
): Promise<ApprovalOutcome> {
  const stored = await ports.store.read("approvals");
  const approvals = stored.found === "value" ? stored.value.approvals : [];
  const before = approvals.find((one) => one.digest === digest && isInForce(one, ports.clock.nowMs()));
  if (before !== undefined) return { kind: "already", by: before.by, atMs: before.atMs };
  const { plan } = await reconcileFleet(ports, { mode: "preview" });
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
 */
export async function revokeApproval(
  ports: FleetPorts,
  { digest, person, reason }: ApprovalRequest,
): Promise<ApprovalOutcome> {
  const nowMs = ports.clock.nowMs();
  const stored = await ports.store.read("approvals");
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
