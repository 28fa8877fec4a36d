import { describe, expect, it } from "vitest";
import { presentZonePlan } from "../../../shared/presentation/zone-plan.ts";
import { presentZoneRun } from "../../../shared/presentation/zone-run.ts";
import type { ZonePlan } from "../../../shared/model/zone-change.ts";
import { PASS_AT_MS } from "../../support/reports.ts";
import { garbageChange, ownershipChange, zonePlan, zoneRun } from "../../support/zone-plans.ts";

const request = { task: "garbage" } as const;
const text = { format: "text" } as const;

function many(count: number) {
  return Array.from({ length: count }, (_none, index) =>
    garbageChange({ id: `${index}`, reason: `reason ${index}`, takesName: `h${index}` }),
  );
}

/** One of everything. */
const whole: ZonePlan = zonePlan({
  changes: [garbageChange()],
  held: [
    { scope: "zone/weu", code: "BudgetExceeded", reason: "12 names", digest: "aaaa00000001", changes: many(12) },
    { scope: "zone/weu", code: "OldOwnership", reason: "old ones", digest: "aaaa00000002", changes: [garbageChange()] },
  ],
  waiting: [
    garbageChange({ dueAtMs: PASS_AT_MS + 35 * 60_000 }),
    (({ firstSeenAtMs: _never, ...change }) => ({ ...change, dueAtMs: PASS_AT_MS + 60 * 60_000 }))(garbageChange()),
  ],
  observed: [garbageChange({ region: "neu" })],
  notJudged: [{ region: "frc", reason: "zone example.com was not read: 403" }],
  leftOut: [{ region: "weu", type: "A", name: "www.example.com", reason: "nobody publishes it" }],
  notes: ["discovery failed"],
});

describe("presentZonePlan", () => {
  it("counts everything in one line", () => {
    const [headline] = presentZonePlan(whole, request, text).split("\n");
    expect(headline).toBe(
      "Garbage: 1 change in 1 zone, 2 lists held, 2 waiting, 1 only observed, 1 left out; not everything could be judged",
    );
  });

  it("gives each list its own command, and none to what is not to be approved", () => {
    const shown = presentZonePlan(whole, { ...request, region: "weu" }, text);
    expect(shown.match(/service-router garbage .*/g)).toEqual([
      "service-router garbage --region weu --approve 0a1b2c3d4e5f",
      "service-router garbage --region weu --approve aaaa00000001",
      "service-router garbage --region weu --approve aaaa00000002",
    ]);
  });

  it("says what is missing before something can be approved", () => {
    const shown = presentZonePlan(whole, request, text);
    expect(shown).toContain("due in 35 min (2026-11-21T14:35:00Z)");
    expect(shown).toContain("not seen by a pass yet; its hour begins with the next one (service-router apply)");
    const orphan = presentZonePlan(
      zonePlan({ waiting: [ownershipChange({ dueAtMs: PASS_AT_MS + 60_000 })] }),
      request,
      text,
    );
    expect(orphan).toContain("not seen by a pass yet; its minute begins with the next one (service-router apply)");
    expect(shown).toContain("to have them written, set zoneWrites: apply for region neu in the fleet configuration");
    expect(shown).toContain("zone frc: zone example.com was not read: 403");
    expect(shown).toContain("A www.example.com in zone weu\n    nobody publishes it");
  });

  it("shows all of what may be approved, however much it is", () => {
    const shown = presentZonePlan(zonePlan({ changes: many(500) }), request, text);
    expect(shown.match(/because reason/g)).toHaveLength(500);
    expect(shown).toContain("--approve");
  });

  it("does not say how to approve what a comment has no room for", () => {
    const shown = presentZonePlan(zonePlan({ changes: many(2_000) }), request, { format: "markdown" });
    expect(shown).not.toContain("--approve");
    expect(shown).toContain("read all of them as text");
  });

  it("has one number for one thing in JSON, and the commands", () => {
    expect(JSON.parse(presentZonePlan(whole, request, { format: "json" }))).toMatchObject({
      apiVersion: "service-router/v1",
      kind: "ZonePlan",
      at: "2026-11-21T14:00:00Z",
      approve: "service-router garbage --approve 0a1b2c3d4e5f",
      summary: { changes: 1, held: 2, waiting: 2, observed: 1, leftOut: 1, notJudged: 1 },
      changes: [{ kind: "delete-record", dueAt: "2026-11-21T13:30:00Z", firstSeenAt: "2026-11-21T12:30:00Z" }],
      held: [{ digest: "aaaa00000001" }, { approve: "service-router garbage --approve aaaa00000002" }],
      waiting: [{}, { firstSeenAt: null }],
    });
  });

  it("offers no command where nothing is there to be approved", () => {
    expect(presentZonePlan(zonePlan(), request, text)).toBe(
      "Garbage: nothing to approve\nread at 2026-11-21T14:00:00Z\n",
    );
    expect(JSON.parse(presentZonePlan(zonePlan(), request, { format: "json" }))).toMatchObject({ approve: null });
  });
});

describe("presentZoneRun", () => {
  const results = [
    { change: garbageChange(), outcome: { kind: "done" } },
    { change: ownershipChange(), outcome: { kind: "refused", code: "FORBIDDEN", reason: "403", took: "nothing" } },
  ] as const;

  it("says first what was not done, with code and next step", () => {
    const shown = presentZoneRun(zoneRun({ results, notes: ["the store was slow"] }), text);
    expect(shown.split("\n")[0]).toBe("Garbage: 1 change done, 1 refused in 4.2 s");
    expect(shown.indexOf("Not done")).toBeLessThan(shown.indexOf("Done  1"));
    expect(shown).toContain("FORBIDDEN: 403");
    expect(shown).toContain("the store was slow");
  });

  it("counts by outcome in JSON", () => {
    expect(JSON.parse(presentZoneRun(zoneRun({ results }), { format: "json" }))).toMatchObject({
      kind: "ZoneRun",
      summary: { done: 1, refused: 1, notStarted: 0 },
      results: [{ outcome: { kind: "done" } }, { outcome: { code: "FORBIDDEN", next: expect.any(String) } }],
    });
  });
});
