import { describe, expect, it } from "vitest";
import { approveChanges, revokeApproval } from "../../../shared/app/approve-changes.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import type { HeldChanges } from "../../../shared/model/change.ts";
import type { Approval } from "../../../shared/model/state.ts";
import { documentsOf, errorOf, givenFleet, hostOf, putRoute, type Given } from "./given-fleet.ts";

const routes = Array.from({ length: 12 }, (_, index) => `r${index}`);
const person = { name: "sre@example.com", verified: true };

/** A fleet in which six of twelve names would stop resolving: held until somebody approves. */
async function held(): Promise<{ readonly given: Given; readonly group: HeldChanges }> {
  const given = givenFleet({ regions: { w1: "weu" }, routes });
  await reconcileFleet(given.ports, { mode: "apply" });
  await given.clock.advance(75_000);
  for (const name of routes.slice(0, 6)) putRoute(given.server("w1"), name, { serviceName: `${name}-new` });
  // What is not held is done; now the digest stays the same from pass to pass.
  await reconcileFleet(given.ports, { mode: "apply" });
  const { plan } = await reconcileFleet(given.ports, { mode: "preview" });
  const group = plan.held[0];
  if (group === undefined) throw new Error("nothing is held");
  return { given, group };
}

async function approvalsOf({ store }: Given): Promise<readonly Approval[]> {
  const found = await store.read("approvals");
  return found.found === "value" ? found.value.approvals : [];
}

function published(given: Given): readonly string[] {
  return given
    .server("w1")
    .list("DNSEndpoint")
    .objects.flatMap(({ spec }) => spec.endpoints.map(({ dnsName }) => dnsName));
}

describe("approveChanges", () => {
  it.each([
    ["a principal that Entra names", true],
    ["somebody's word", false],
  ])("stores the yes of %s with reason and moment", async (_who, verified) => {
    const { given, group } = await held();
    const outcome = await approveChanges(given.ports, {
      digest: group.digest,
      person: { ...person, verified },
      reason: "CHG-7",
    });
    expect(outcome).toEqual({ kind: "approved", scope: group.scope, changes: group.changes.length });
    const { digest, scope } = group;
    expect(await approvalsOf(given)).toEqual([
      { digest, scope, by: person.name, verified, reason: "CHG-7", atMs: given.clock.nowMs() },
    ]);
  });

  it("lets the next pass carry out exactly those changes", async () => {
    const { given, group } = await held();
    expect(published(given)).toContain(hostOf("w1", "r0"));
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    const { plan } = await reconcileFleet(given.ports, { mode: "apply" });
    expect([plan.held, published(given).includes(hostOf("w1", "r0"))]).toEqual([[], false]);
  });

  it("does not let changes go that differ by now: they need another yes", async () => {
    const { given, group } = await held();
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    putRoute(given.server("w1"), "r7", { serviceName: "r7-new" });
    const { plan } = await reconcileFleet(given.ports, { mode: "apply" });
    expect(plan.held[0]?.digest).not.toBe(group.digest);
    expect(published(given)).toContain(hostOf("w1", "r0"));
  });

  it("says who approved it already, and changes nothing", async () => {
    const { given, group } = await held();
    const atMs = given.clock.nowMs();
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    const before = documentsOf(given.store);
    await given.clock.advance(60_000);
    const again = { digest: group.digest, person: { name: "other", verified: true }, reason: "" };
    expect(await approveChanges(given.ports, again)).toEqual({ kind: "already", by: person.name, atMs });
    expect(documentsOf(given.store)).toEqual(before);
  });

  it("can be approved again when the first yes is older than a day, which no pass honours any more", async () => {
    const { given, group } = await held();
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    await given.clock.advance(24 * 60 * 60_000);
    const later = await approveChanges(given.ports, { digest: group.digest, person, reason: "still wanted" });
    expect(later.kind).toBe("approved");
    expect((await approvalsOf(given)).map(({ reason }) => reason)).toEqual(["still wanted"]);
    expect((await reconcileFleet(given.ports, { mode: "apply" })).plan.held).toEqual([]);
  });

  it("does not count any more once it was revoked: the changes are held as before", async () => {
    const { given, group } = await held();
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    const { atMs } = (await approvalsOf(given))[0] ?? { atMs: 0 };
    const outcome = await revokeApproval(given.ports, { digest: group.digest, person, reason: "wrong one" });
    expect(outcome).toEqual({ kind: "revoked", scope: group.scope, by: person.name, atMs });
    const { plan } = await reconcileFleet(given.ports, { mode: "apply" });
    expect(plan.held.map(({ digest }) => digest)).toEqual([group.digest]);
    expect(published(given)).toContain(hostOf("w1", "r0"));
  });

  it("is not touched by revoking another digest, which says what is approved", async () => {
    const { given, group } = await held();
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    const before = documentsOf(given.store);
    const outcome = await revokeApproval(given.ports, { digest: "000000000000", person, reason: "" });
    expect(outcome).toEqual({ kind: "not-approved", approved: [{ digest: group.digest, by: person.name }] });
    expect(documentsOf(given.store)).toEqual(before);
  });

  it("lists what is held when nothing held has that digest, and stores nothing", async () => {
    const { given, group } = await held();
    const before = documentsOf(given.store);
    const outcome = await approveChanges(given.ports, { digest: "000000000000", person, reason: "" });
    expect(outcome).toMatchObject({ kind: "unknown-digest" });
    expect(outcome.kind === "unknown-digest" && outcome.held).toContainEqual({
      digest: group.digest,
      scope: group.scope,
    });
    expect(documentsOf(given.store)).toEqual(before);
  });

  it("approves nothing while approvals belong to a newer version, and says so", async () => {
    const { given, group } = await held();
    given.store.files.set("approvals.json", Buffer.from(JSON.stringify({ schema: 99, document: {} })));
    const ports = { ...given.ports, store: given.store.reopen() };
    const caught = await errorOf(approveChanges(ports, { digest: group.digest, person, reason: "" }));
    expect(caught).toMatchObject({ code: "STORE_NEWER_SCHEMA" });
    const { plan } = await reconcileFleet(ports, { mode: "preview" });
    expect(plan.held.map(({ digest }) => digest)).toContain(group.digest);
  });

  it("revokes nothing while approvals belong to a newer version: nobody can say that nothing is approved", async () => {
    const { ports, store } = givenFleet();
    store.files.set("approvals.json", Buffer.from(JSON.stringify({ schema: 99, document: {} })));
    const before = documentsOf(store);
    const caught = await errorOf(revokeApproval(ports, { digest: "000000000000", person, reason: "" }));
    expect(caught).toMatchObject({ code: "STORE_NEWER_SCHEMA", schema: 99 });
    expect(documentsOf(store)).toEqual(before);
  });

  it("approves nothing once it was interrupted: the fleet was read in part only", async () => {
    const { given, group } = await held();
    const before = documentsOf(given.store);
    const caller = new AbortController();
    given.faults.list = () => caller.abort(new Error("out of time"));
    const request = { digest: group.digest, person, reason: "", signal: caller.signal };
    expect(await errorOf(approveChanges(given.ports, request))).toMatchObject({ message: "out of time" });
    expect(documentsOf(given.store)).toEqual(before);
  });

  it("changes nothing in any cluster by itself", async () => {
    const { given, group } = await held();
    given.journal.length = 0;
    await approveChanges(given.ports, { digest: group.digest, person, reason: "" });
    expect(given.journal).toEqual(["store approvals"]);
  });
});
