import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { ForbiddenError } from "../../../shared/errors.ts";
import { putRoute } from "./given-fleet.ts";
import { approve, garbage, givenGarbage, hosts, namesIn, oldHost, outcomeLines } from "./given-zones.ts";

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
