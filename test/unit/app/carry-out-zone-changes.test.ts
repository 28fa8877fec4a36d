import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { ForbiddenError, LeaseHeldError, ZoneUnreachableError } from "../../../shared/errors.ts";
import type { RecordSetId } from "../../../shared/model/zone-records.ts";
import { errorOf, putRoute } from "./given-fleet.ts";
import {
  approve,
  approveAll,
  externalDns,
  garbage,
  givenGarbage,
  generous,
  givenZones,
  grace,
  hosts,
  litter,
  namesIn,
  oldHost,
  outcomeLines,
  pass,
} from "./given-zones.ts";

const old = oldHost();

describe("carryOutZoneChanges", () => {
  it("deletes the record, then its ownership, and leaves everything that is wanted", async () => {
    const given = await givenZones();
    const before = namesIn(given.weu);
    litter(given.weu, old);
    await grace(given);
    const order: string[] = [];
    given.weu.faults.remove = ({ type }) => void order.push(type);
    const run = await approveAll(given, garbage);
    expect(outcomeLines(run)).toEqual([`delete-record CNAME ${old}: done`]);
    expect(order).toEqual(["CNAME", "TXT"]);
    expect(namesIn(given.weu)).toEqual(before);
    externalDns(given);
    await pass(given);
    expect(namesIn(given.weu)).toEqual(before);
  });

  it("says who approved what and why, and what became of each change", async () => {
    const given = await givenGarbage();
    const { digest } = await planZoneChanges(given.ports, garbage);
    given.audit.length = 0;
    await approve(given, garbage, digest);
    expect(given.audit).toEqual([
      {
        message: "zone changes approved",
        fields: { task: "garbage", digest, by: "robin", verified: false, reason: "INC-1", changes: 1 },
      },
      {
        message: "zone change made",
        fields: expect.objectContaining({
          change: "delete-record",
          region: "weu",
          record: `CNAME ${old}`,
          because: expect.stringContaining("no cluster claims"),
          digest,
          by: "robin",
        }),
      },
    ]);
  });

  it("writes nothing for a digest that is not there", async () => {
    const given = await givenGarbage();
    const before = namesIn(given.weu);
    const run = await approve(given, garbage, "0123456789ab");
    expect(run).toMatchObject({ kind: "unknown-digest", plan: { changes: [{ takesName: old }] } });
    expect(namesIn(given.weu)).toEqual(before);
  });

  it("names what became due since the list was shown", async () => {
    const given = await givenGarbage();
    const { digest } = await planZoneChanges(given.ports, garbage);
    litter(given.weu, oldHost("newer"));
    await grace(given);
    expect(await approve(given, garbage, digest)).toMatchObject({
      kind: "unknown-digest",
      newlyDue: [{ takesName: oldHost("newer") }],
    });
  });

  it("keeps what somebody claimed since the list was shown", async () => {
    const given = await givenGarbage();
    const { digest } = await planZoneChanges(given.ports, garbage);
    putRoute(given.server("w1"), "old", { environment: "prod", application: "gone" });
    expect((await approve(given, garbage, digest)).kind).toBe("unknown-digest");
    expect(namesIn(given.weu)).toContain(`CNAME ${old}`);
  });

  it("waits for nobody unless it is told to", async () => {
    const given = await givenGarbage();
    const { digest } = await planZoneChanges(given.ports, garbage);
    await given.store.reopen().acquireLease("reconcile", "a pass", 60_000);
    expect(await errorOf(approve(given, garbage, digest))).toBeInstanceOf(LeaseHeldError);
    expect(namesIn(given.weu)).toContain(`CNAME ${old}`);
  });

  it("writes to no zone that is only observed", async () => {
    const given = await givenGarbage({ zoneWrites: "observe" });
    const plan = await planZoneChanges(given.ports, garbage);
    expect([plan.changes, plan.observed.map(({ takesName }) => takesName)]).toEqual([[], [old]]);
    expect((await approve(given, garbage, plan.digest)).kind).toBe("unknown-digest");
    expect(namesIn(given.weu)).toContain(`CNAME ${old}`);
  });
});

describe("a run that is stopped", () => {
  it("ends between two changes when it is interrupted, and the next one does the rest", async () => {
    const given = await givenGarbage({}, [oldHost("a"), oldHost("b")]);
    const stop = new AbortController();
    given.weu.faults.remove = () => stop.abort();
    const run = await approveAll(given, garbage, stop.signal);
    expect(outcomeLines(run)).toEqual([
      `delete-record CNAME ${oldHost("a")}: done`,
      `delete-record CNAME ${oldHost("b")}: not-started INTERRUPTED`,
    ]);
    expect(run).toMatchObject({ ended: { kind: "stopped", code: "INTERRUPTED" } });
    delete given.weu.faults.remove;
    await approveAll(given, garbage);
    expect(namesIn(given.weu).filter((name) => name.includes("gone"))).toEqual([]);
  });

  it("writes nothing more once the lease is lost", async () => {
    const given = await givenGarbage({}, [oldHost("a"), oldHost("b")]);
    given.weu.faults.remove = async ({ type }) => {
      if (type !== "TXT") return;
      given.store.loseLease("reconcile");
      await given.clock.advance(50_000);
    };
    const run = await approveAll(given, garbage);
    expect(outcomeLines(run)).toEqual([
      `delete-record CNAME ${oldHost("a")}: done`,
      `delete-record CNAME ${oldHost("b")}: not-started LEASE_LOST`,
    ]);
    expect(namesIn(given.weu)).toContain(`CNAME ${oldHost("b")}`);
  });
});

describe("budgets", () => {
  it("are used by what is in the common list, and given back for what was not done", async () => {
    const given = await givenGarbage({}, [oldHost("a"), oldHost("b")]);
    given.weu.faults.remove = ({ name }) => {
      if (name === oldHost("b")) throw new ForbiddenError("zone weu", "delete");
    };
    await approveAll(given, garbage);
    const since = await given.store.read("since");
    expect(since).toMatchObject({ value: { budgets: { "zone/weu": { spent: [{ names: 1 }] } } } });
    expect(JSON.stringify(since)).not.toContain("reserved");
  });

  it.each([
    ["TXT is left behind", ({ type }: RecordSetId) => type === "TXT"],
    ["record may be gone", () => true],
  ])("stay used by a name whose %s", async (_what, fails) => {
    const given = await givenGarbage({}, [oldHost("a"), oldHost("b")]);
    given.weu.faults.remove = (id) => {
      if (!fails(id)) return;
      given.weu.remove(id);
      throw new ZoneUnreachableError("weu", "503");
    };
    await approveAll(given, garbage);
    expect(await given.store.read("since")).toMatchObject({
      value: { budgets: { "zone/weu": { spent: [{ names: 2 }] } } },
    });
  });

  it("hold a zone that would lose too many names, until its own digest is approved", async () => {
    const given = await givenGarbage({}, hosts(12));
    const plan = await planZoneChanges(given.ports, garbage);
    expect(plan.changes).toEqual([]);
    expect(plan.held).toMatchObject([
      { scope: "zone/weu", code: "BudgetExceeded", reason: expect.stringContaining("12 names would stop resolving") },
    ]);
    const run = await approve(given, garbage, plan.held[0]?.digest ?? "");
    expect(outcomeLines(run).length).toBe(12);
    const since = await given.store.read("since");
    expect(since.found === "value" ? since.value.budgets : since).toEqual({});
  });

  it("are asked in every round: what others used up meanwhile is not there any more", async () => {
    const { given, between } = generous(await givenGarbage({}, hosts(25)), { names: 200 });
    const { digest } = await planZoneChanges(given.ports, garbage);
    between.happens = async () => {
      const since = await given.store.read("since");
      if (since.found !== "value") throw new Error("a pass was made");
      const budgets = { "zone/weu": { baseNames: 25, spent: [{ atMs: given.clock.nowMs(), names: 200 }] } };
      await given.store.write("since", { ...since.value, budgets }, since.version);
    };
    const lines = outcomeLines(await approve(given, garbage, digest));
    expect(lines.map((line) => line.slice(line.indexOf(": ") + 2)).sort()).toEqual([
      ...Array.from({ length: 20 }, () => "done"),
      ...Array.from({ length: 5 }, () => "not-started BUDGET_EXCEEDED"),
    ]);
    expect(namesIn(given.weu).filter((name) => name.startsWith("CNAME h"))).toHaveLength(5);
  });

  it("do not count what became due meanwhile, which nobody approved", async () => {
    const { given } = generous(await givenZones(), { names: 30 });
    litter(given.weu, ...hosts(25));
    await pass(given);
    litter(given.weu, ...Array.from({ length: 10 }, (_none, index) => oldHost(`later${index}`)));
    await pass(given);
    await given.clock.advance(60 * 60_000 - 110_000);
    const { digest, changes } = await planZoneChanges(given.ports, garbage);
    expect(changes).toHaveLength(25);
    const lines = outcomeLines(await approve(given, garbage, digest));
    expect(lines.filter((line) => !line.endsWith(": done"))).toEqual([]);
    expect((await planZoneChanges(given.ports, garbage)).held).toMatchObject([{ code: "BudgetExceeded" }]);
  });

  it("that cannot be recorded let nothing be written", async () => {
    let isLate = false;
    const given = await givenGarbage({
      storeFaults: { write: (_nth, path) => (isLate && path.startsWith("since") ? "fail" : undefined) },
    });
    isLate = true;
    const before = namesIn(given.weu);
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([
      `delete-record CNAME ${old}: not-started STORE_UNAVAILABLE`,
    ]);
    expect(namesIn(given.weu)).toEqual(before);
  });
});
