import { describe, expect, it } from "vitest";
import { isWritten, statusChange, type ItemOutcome } from "../../../../shared/core/planning/status-changes.ts";
import type { DesiredCondition, DesiredStatus } from "../../../../shared/model/desired.ts";
import type { Condition } from "../../../../shared/model/object-meta.ts";

const NOW_MS = Date.UTC(2026, 0, 3, 10, 0, 0, 999);
const BEFORE = "2025-12-24T08:00:00Z";
const wantedReady: DesiredCondition = {
  type: "Ready",
  status: "True",
  reason: "ReconciliationSucceeded",
  message: "active",
};
const wantedPublished: DesiredCondition = { ...wantedReady, type: "Published", message: "published" };
const written = (wanted: DesiredCondition, overrides: Partial<Condition> = {}): Condition => ({
  ...wanted,
  observedGeneration: 3,
  lastTransitionTime: BEFORE,
  ...overrides,
});

const status = (overrides: Partial<DesiredStatus> = {}): DesiredStatus => ({
  place: { kind: "cluster", name: "w1" },
  kind: "ServiceRoute",
  key: "shop/cart",
  uid: "u1",
  generation: 3,
  fields: { phase: "Active", dnsNames: ["a.example.com"] },
  conditions: [wantedReady, wantedPublished],
  needs: [
    {
      kind: "DNSEndpoint",
      keys: ["shop/cart-dns"],
      conditions: ["Ready", "Published"],
      reason: "DNSEndpointGenerationFailed",
    },
  ],
  observed: {
    phase: "Active",
    dnsNames: ["a.example.com"],
    conditions: [written(wantedReady), written(wantedPublished)],
  },
  ...overrides,
});
const observedWith = (...conditions: readonly Condition[]) => ({ ...status().observed, conditions });
const settled = (): undefined => undefined;
const after = (outcome: ItemOutcome) => (): ItemOutcome => outcome;
const changed = (of: DesiredStatus, outcomeOf: (item: string) => ItemOutcome | undefined = settled) =>
  statusChange(of, outcomeOf, NOW_MS);

describe("statusChange", () => {
  it("is none when nothing differs: an unchanged fleet gets no write", () => {
    expect(changed(status())).toBeUndefined();
    expect(isWritten(status())).toBe(true);
  });

  it.each<[string, DesiredStatus]>([
    ["in another order", status({ observed: observedWith(written(wantedPublished), written(wantedReady)) })],
    [
      "beside conditions of others",
      status({
        observed: observedWith(
          written(wantedReady),
          written(wantedPublished),
          written({ ...wantedReady, type: "Audited" }),
        ),
      }),
    ],
    ["beside fields of others", status({ observed: { ...status().observed, note: "x" } })],
  ])("is none when all is there %s", (_what, of) => {
    expect(changed(of)).toBeUndefined();
    expect(isWritten(of)).toBe(true);
  });

  it.each<[string, DesiredStatus]>([
    [
      "the message",
      status({ observed: observedWith(written(wantedReady, { message: "old" }), written(wantedPublished)) }),
    ],
    [
      "the reason",
      status({ observed: observedWith(written(wantedReady, { reason: "Old" }), written(wantedPublished)) }),
    ],
    ["the generation it is about", status({ generation: 4 })],
    ["a field", status({ fields: { phase: "Pending", dnsNames: ["a.example.com"] } })],
    ["a list", status({ fields: { phase: "Active", dnsNames: [] } })],
    ["a condition that is missing", status({ observed: observedWith(written(wantedReady)) })],
    [
      "one of ours that is no longer wanted",
      status({
        observed: observedWith(
          written(wantedReady),
          written(wantedPublished),
          written({ ...wantedReady, type: "Frozen" }),
        ),
      }),
    ],
    ["everything, where nothing was written", status({ observed: {} })],
  ])("is due when %s differs", (_what, of) => {
    expect(changed(of)).toBeDefined();
    expect(isWritten(of)).toBe(false);
  });

  it("changes lastTransitionTime only with the status, in whole seconds", () => {
    const of = status({
      generation: 4,
      observed: observedWith(written(wantedReady, { message: "old" }), written(wantedPublished, { status: "False" })),
    });
    expect(changed(of)?.conditions).toEqual([
      { ...wantedReady, observedGeneration: 4, lastTransitionTime: BEFORE },
      { ...wantedPublished, observedGeneration: 4, lastTransitionTime: "2026-01-03T10:00:00Z" },
    ]);
  });

  it("writes all conditions that are wanted, those that did not differ as they were", () => {
    const of = status({ observed: observedWith(written(wantedReady), written(wantedPublished, { reason: "Old" })) });
    expect(changed(of)?.conditions[0]).toEqual(written(wantedReady));
  });

  it.each<[string, DesiredStatus, boolean]>([
    [
      "DNSVerified alone",
      status({
        conditions: [wantedReady, { type: "DNSVerified", status: "True", reason: "Verified", message: "seen" }],
        observed: observedWith(written(wantedReady)),
        needs: [],
      }),
      true,
    ],
    [
      "Ready as well",
      status({
        conditions: [wantedReady, { type: "DNSVerified", status: "True", reason: "Verified", message: "seen" }],
        observed: observedWith(),
        needs: [],
      }),
      false,
    ],
    [
      "a field as well",
      status({
        fields: { phase: "Pending" },
        conditions: [wantedReady, { type: "BackendBound", status: "True", reason: "BackendBound", message: "seen" }],
        observed: observedWith(written(wantedReady)),
        needs: [],
      }),
      false,
    ],
  ])("tells changes that only report observations: %s", (_what, of, only) =>
    expect(changed(of)?.observationOnly).toBe(only),
  );
});

describe("a status whose item did not end as wanted", () => {
  it.each<[string, ItemOutcome, string, string]>([
    [
      "failed",
      { kind: "failed", reason: "admission webhook said no" },
      "DNSEndpointGenerationFailed",
      "admission webhook said no",
    ],
    [
      "is refused",
      { kind: "refused", reason: "it is somebody else's" },
      "DNSEndpointGenerationFailed",
      "it is somebody else's",
    ],
    [
      "waits for a handover",
      { kind: "waiting", code: "Handover", reason: "w2 goes first" },
      "AwaitingPublication",
      "w2 goes first",
    ],
    [
      "waits for a second read",
      { kind: "waiting", code: "SecondRead", reason: "one read ago" },
      "AwaitingPublication",
      "one read ago",
    ],
    ["is contended", { kind: "waiting", code: "Contended", reason: "n1 has it" }, "Contended", "n1 has it"],
    [
      "is held before it exists",
      { kind: "held", creates: true },
      "AwaitingPublication",
      "its change is held and waits for approval; see the plan",
    ],
  ])("because it %s is Pending, and says why", (_what, outcome, reason, message) => {
    const change = changed(status(), after(outcome));
    expect(change?.fields).toMatchObject({ phase: "Pending" });
    expect(change?.conditions.map((one) => [one.type, one.status, one.reason, one.message])).toEqual([
      ["Ready", "False", reason, message],
      ["Published", "False", reason, message],
    ]);
  });

  it("stays as it is where its change is held and the object is there: what was published goes on", () =>
    expect(changed(status(), after({ kind: "held", creates: false }))).toBeUndefined());

  it("is not written while the pass cannot tell how the item ended", () =>
    expect(changed(status({ fields: { phase: "Pending" } }), after({ kind: "not-started" }))).toBeUndefined());

  it("does not turn a condition that was not True, nor one that does not need the item", () => {
    const refused: DesiredCondition = { type: "Ready", status: "False", reason: "HostConflict", message: "taken" };
    const of = status({
      conditions: [refused, wantedPublished],
      needs: [{ kind: "DNSEndpoint", keys: ["x"], conditions: ["Ready"], reason: "Y" }],
    });
    expect(changed(of, after({ kind: "failed", reason: "no" }))?.conditions.map((one) => one.reason)).toEqual([
      "HostConflict",
      "ReconciliationSucceeded",
    ]);
  });

  it("keeps the phase when only another condition needs the item", () => {
    const dnsReady: DesiredCondition = { ...wantedReady, type: "DNSReady" };
    const of = status({
      conditions: [wantedReady, dnsReady],
      needs: [{ kind: "DNSEndpoint", keys: ["x"], conditions: ["DNSReady"], reason: "DNSNotReady" }],
    });
    const change = changed(of, after({ kind: "failed", reason: "no" }));
    expect(change?.fields).toMatchObject({ phase: "Active" });
    expect(change?.conditions[1]).toMatchObject({ type: "DNSReady", status: "False", reason: "DNSNotReady" });
  });

  it("is told by the first item that failed, in the order of the controllers", () => {
    const reason = "DNSEndpointGenerationFailed";
    const needs = [{ kind: "DNSEndpoint", keys: ["shop/one", "shop/two"], conditions: ["Ready"], reason }] as const;
    const outcomeOf = (item: string): ItemOutcome => ({ kind: "failed", reason: `${item} failed` });
    expect(changed(status({ needs }), outcomeOf)?.conditions[0]?.message).toBe(
      "cluster/w1|DNSEndpoint|shop/one failed",
    );
  });
});
