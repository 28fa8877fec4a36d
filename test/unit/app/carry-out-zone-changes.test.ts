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
  givenZones,
  grace,
  litter,
  namesIn,
  oldHost,
  outcomeLines,
  pass,
} from "./given-zones.ts";

const old = oldHost();

function hosts(count: number): readonly string[] {
  return Array.from({ length: count }, (_none, index) => oldHost(`h${100 + index}`));
}

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

describe("a long list", () => {
  it("is done in rounds, between which passes find the lease free", async () => {
    const given = await givenGarbage({}, hosts(50));
    const [group] = (await planZoneChanges(given.ports, garbage)).held;
    const { clock } = given.ports;
    let free = 0;
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      await (await given.store.reopen().acquireLease("reconcile", "a pass", 1_000)).release();
      free += 1;
      await clock.sleep(ms, signal);
    };
    const ports = { ...given.ports, clock: { ...clock, sleep } };
    const run = await approve({ ...given, ports }, garbage, group?.digest ?? "");
    expect(new Set(outcomeLines(run).map((line) => line.slice(line.indexOf(": "))))).toEqual(new Set([": done"]));
    expect(free).toBe(2);
  });

  it("keeps what somebody claimed between two rounds, and does the rest", async () => {
    const given = await givenGarbage({}, hosts(25));
    const [group] = (await planZoneChanges(given.ports, garbage)).held;
    const { clock } = given.ports;
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      putRoute(given.server("w1"), "back", { serviceName: "h124", environment: "prod", application: "gone" });
      return clock.sleep(ms, signal);
    };
    const ports = { ...given.ports, clock: { ...clock, sleep } };
    const lines = outcomeLines(await approve({ ...given, ports }, garbage, group?.digest ?? ""));
    expect(lines.filter((line) => !line.endsWith(": done"))).toEqual([
      `delete-record CNAME ${oldHost("h124")}: not-started NOT_AS_APPROVED`,
    ]);
    expect(namesIn(given.weu)).toContain(`CNAME ${oldHost("h124")}`);
  });

  it("does not go on where a cluster cannot be read any more", async () => {
    const given = await givenGarbage({}, hosts(25));
    const [group] = (await planZoneChanges(given.ports, garbage)).held;
    const { clock } = given.ports;
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      given.faults.list = () => {
        throw new ForbiddenError("cluster", "list");
      };
      return clock.sleep(ms, signal);
    };
    const ports = { ...given.ports, clock: { ...clock, sleep } };
    const lines = outcomeLines(await approve({ ...given, ports }, garbage, group?.digest ?? ""));
    expect(lines.filter((line) => line.endsWith("NOT_JUDGED")).length).toBe(5);
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
    expect(await given.store.read("since")).toMatchObject({ value: { budgets: {} } });
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
