import { describe, expect, it } from "vitest";
import { requestPass } from "../../../shared/app/request-pass.ts";
import { runPass } from "../../../shared/app/run-pass.ts";
import { runTick } from "../../../shared/app/run-tick.ts";
import { givenFleet, marksOf } from "./given-fleet.ts";

describe("runPass", () => {
  it("leaves a mark when another pass runs, and the fleet is looked at again after it", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    await given.clock.advance(5_000);
    const other = await given.store.reopen().acquireLease("reconcile", "another pass", 60_000);
    const outcome = await runPass(given.ports, { by: "http" });
    const { requests } = await marksOf(given);
    expect([outcome, requests.map(({ by }) => by)]).toEqual([
      { kind: "busy", holder: "another pass", mark: requests[0]?.id },
      ["http"],
    ]);
    await other.release();
    await given.clock.advance(10_000);
    expect((await runTick(given.ports, {})).kind).toBe("ran");
  });

  it("keeps marks that came during the pass: they may be about what it had read already", async () => {
    const given = givenFleet();
    await requestPass(given.ports, "before");
    await given.clock.advance(1);
    let asked = false;
    given.faults.write = async () => {
      if (asked) return;
      asked = true;
      await given.clock.advance(5);
      await requestPass(given.ports, "during");
    };
    await runPass(given.ports, { by: "http" });
    expect((await marksOf(given)).requests.map(({ by }) => by)).toEqual(["during"]);
  });

  it("keeps a mark of the millisecond in which it began: nobody knows which was first", async () => {
    const given = givenFleet();
    await requestPass(given.ports, "at once");
    await runPass(given.ports, { by: "http" });
    expect((await marksOf(given)).requests.map(({ by }) => by)).toEqual(["at once"]);
  });

  it("of one cluster or namespace does not count as a pass of the whole fleet", async () => {
    const given = givenFleet();
    await requestPass(given.ports, "eventgrid");
    const before = await marksOf(given);
    for (const scope of [{ cluster: "w1" }, { namespace: "shop" }]) {
      expect((await runPass(given.ports, { by: "http", scope })).kind).toBe("ran");
    }
    expect(await marksOf(given)).toEqual(before);
    await runPass(given.ports, { by: "http", scope: {} });
    expect((await marksOf(given)).lastPass?.complete).toBe(true);
  });

  it("that did not get through keeps the marks it was to answer", async () => {
    const given = givenFleet();
    await requestPass(given.ports, "eventgrid");
    await given.clock.advance(1_000);
    const caller = new AbortController();
    given.faults.write = () => caller.abort();
    await runPass(given.ports, { by: "http", signal: caller.signal });
    const marks = await marksOf(given);
    expect([marks.requests.map(({ by }) => by), marks.lastPass?.complete]).toEqual([["eventgrid"], false]);
  });

  it("answers its report also when it cannot be marked as done", async () => {
    const given = givenFleet({ storeFaults: { write: (_nth, path) => (path.includes("marks") ? "fail" : undefined) } });
    const outcome = await runPass(given.ports, { by: "cli" });
    expect([outcome.kind, given.warnings]).toEqual(["ran", ["the pass was not marked as done"]]);
  });
});
