import { describe, expect, it } from "vitest";
import { requestPass } from "../../../shared/app/request-pass.ts";
import { runTick } from "../../../shared/app/run-tick.ts";
import { documentsOf, givenFleet, marksOf } from "./given-fleet.ts";

describe("requestPass", () => {
  it("leaves a mark with its moment and who asked", async () => {
    const given = givenFleet();
    const id = await requestPass(given.ports, "eventgrid");
    expect((await marksOf(given)).requests).toEqual([{ id, atMs: given.clock.nowMs(), by: "eventgrid" }]);
  });

  it("keeps the newest 50: a flood of events stays one small document", async () => {
    const given = givenFleet();
    await runTick(given.ports, {});
    for (let number = 0; number < 70; number += 1) {
      await given.clock.advance(1);
      await requestPass(given.ports, `event ${number}`);
    }
    const { requests, lastPass } = await marksOf(given);
    expect([requests.length, requests[0]?.by, requests.at(-1)?.by]).toEqual([50, "event 20", "event 69"]);
    expect(lastPass?.complete).toBe(true);
  });

  it("loses no mark when several ask at once", async () => {
    const given = givenFleet();
    const ids = await Promise.all(["a", "b", "c"].map((by) => requestPass(given.ports, by)));
    const { requests } = await marksOf(given);
    expect(requests.map(({ by }) => by).sort()).toEqual(["a", "b", "c"]);
    expect(requests.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it("touches nothing else", async () => {
    const given = givenFleet();
    await requestPass(given.ports, "eventgrid");
    expect(Object.keys(documentsOf(given.store))).toEqual(["marks.json"]);
  });
});
