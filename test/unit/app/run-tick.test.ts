import { describe, expect, it } from "vitest";
import { requestPass } from "../../../shared/app/request-pass.ts";
import { runPass } from "../../../shared/app/run-pass.ts";
import { nextDueAtMs, runTick } from "../../../shared/app/run-tick.ts";
import { StoreUnavailableError } from "../../../shared/errors.ts";
import type { PassOutcome } from "../../../shared/model/pass.ts";
import type { Marks } from "../../../shared/model/state.ts";
import { errorOf, givenFleet, marksOf } from "./given-fleet.ts";

describe("nextDueAtMs", () => {
  const lastPass = { startedAtMs: 1_000_000, endedAtMs: 1_005_000, complete: true };
  const mark = (atMs: number) => ({ id: `m${atMs}`, atMs, by: "eventgrid" });

  it.each<[string, Marks, number]>([
    ["nothing is known", { requests: [] }, 0],
    ["nobody asked", { requests: [], lastPass }, 1_060_000],
    ["somebody asked after the last pass", { requests: [mark(1_020_000), mark(1_025_000)], lastPass }, 1_030_000],
    ["somebody asked during it", { requests: [mark(1_000_000)], lastPass }, 1_010_000],
    ["somebody asked before it", { requests: [mark(999_999)], lastPass }, 1_060_000],
    ["somebody asked just before a pass is due anyway", { requests: [mark(1_055_000)], lastPass }, 1_060_000],
  ])("when %s", (_when, marks, dueAtMs) => expect(nextDueAtMs(marks)).toBe(dueAtMs));
});

describe("runTick", () => {
  it("runs a pass when there was none", async () => {
    const given = givenFleet();
    expect((await runTick(given.ports, {})).kind).toBe("ran");
    const startedAtMs = given.clock.nowMs();
    expect((await marksOf(given)).lastPass).toEqual({ startedAtMs, endedAtMs: startedAtMs, complete: true });
  });

  it("when nothing is due reads one document and writes nothing", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    const nextDue = given.clock.nowMs() + 60_000;
    await given.clock.advance(45_000);
    const before = new Map(given.store.files);
    const { store } = given.ports;
    const onlyMarks: typeof store = {
      ...store,
      read: (name, id) => (name === "marks" ? store.read(name, id) : Promise.reject(new StoreUnavailableError(name))),
      ids: () => Promise.reject(new StoreUnavailableError("ids")),
      acquireLease: () => Promise.reject(new StoreUnavailableError("lease")),
    };
    expect(await runTick({ ...given.ports, store: onlyMarks }, {})).toEqual({ kind: "not-due", nextDueAtMs: nextDue });
    expect(new Map(given.store.files)).toEqual(before);
  });

  it("runs a pass 60 s after the last one started", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    await given.clock.advance(59_999);
    expect((await runTick(given.ports, {})).kind).toBe("not-due");
    await given.clock.advance(1);
    expect((await runTick(given.ports, {})).kind).toBe("ran");
  });

  it("runs a pass for a mark once that is 10 s old, and forgets the mark", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    await given.clock.advance(20_000);
    await requestPass(given.ports, "eventgrid");
    await given.clock.advance(9_999);
    expect((await runTick(given.ports, {})).kind).toBe("not-due");
    await given.clock.advance(1);
    expect((await runTick(given.ports, {})).kind).toBe("ran");
    expect((await marksOf(given)).requests).toEqual([]);
  });

  it("leaves no mark while another pass runs: passes would follow one another without a pause", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    await given.clock.advance(60_000);
    const before = await marksOf(given);
    const other = await given.store.reopen().acquireLease("reconcile", "another pass", 60_000);
    expect(await runTick(given.ports, {})).toEqual({ kind: "busy", holder: "another pass" });
    expect(await marksOf(given)).toEqual(before);
    await other.release();
    // The next tick is as due as this one was.
    expect((await runTick(given.ports, {})).kind).toBe("ran");
  });

  it("is not due before a minute has passed since another pass started that it found running", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    await given.clock.advance(60_000);
    let tick: Promise<PassOutcome> | undefined;
    given.faults.list = async () => {
      if (tick !== undefined) return;
      tick = runTick({ ...given.ports, store: given.store.reopen() }, {});
      await tick;
      await given.clock.advance(20_000);
    };
    await runPass(given.ports, { by: "cli" });
    expect((await tick)?.kind).toBe("busy");
    delete given.faults.list;
    await given.clock.advance(39_999);
    expect((await runTick(given.ports, {})).kind).toBe("not-due");
  });

  it("runs a pass a minute while marks belong to a newer version, says so, and leaves them alone", async () => {
    const given = givenFleet();
    const newer = Buffer.from(JSON.stringify({ schema: 99, document: {} }));
    given.store.files.set("marks.json", newer);
    const ports = { ...given.ports, store: given.store.reopen() };
    const kinds: string[] = [];
    for (let tick = 0; tick < 12; tick += 1) {
      kinds.push((await runTick(ports, {})).kind);
      await given.clock.advance(15_000);
    }
    const minute = ["ran", "not-due", "not-due", "not-due"];
    expect(kinds).toEqual([...minute, ...minute, ...minute]);
    expect(given.warnings.filter((line) => line.startsWith("marks belong to a newer version"))).toHaveLength(3);
    expect(given.store.files.get("marks.json")).toBe(newer);
  });

  it("fails when the store cannot be used: without it nobody knows what others do", async () => {
    const given = givenFleet({ storeFaults: { read: () => "fail" } });
    expect(await errorOf(runTick(given.ports, {}))).toBeInstanceOf(StoreUnavailableError);
    expect(given.journal).toEqual([]);
  });
});
