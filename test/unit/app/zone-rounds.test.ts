import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { ForbiddenError, ThrottledError, ZoneUnreachableError } from "../../../shared/errors.ts";
import type { ZoneRun } from "../../../shared/model/zone-change.ts";
import { putRoute } from "./given-fleet.ts";
import {
  approve,
  garbage,
  givenGarbage,
  hosts,
  namesIn,
  oldHost,
  outcomeLines,
  generous,
  type GivenZonesOptions,
} from "./given-zones.ts";

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

describe("rounds", () => {
  /** What became of changes, each with how many of them. */
  function countsOf(run: ZoneRun): Readonly<Record<string, number>> {
    const ends = outcomeLines(run).map((line) => line.slice(line.indexOf(": ") + 2));
    return Object.fromEntries([...new Set(ends)].map((end) => [end, ends.filter((one) => one === end).length]));
  }

  async function commonList(changes: number, options: GivenZonesOptions = {}) {
    const { given, between } = generous(await givenGarbage(options, hosts(changes)), { names: 200 });
    const { digest } = await planZoneChanges(given.ports, garbage);
    return { given, between, run: () => approve(given, garbage, digest) };
  }

  const unreachable = (): never => {
    throw new ZoneUnreachableError("zone", "503");
  };

  it("tell what was done before the store was lost", async () => {
    let isLost = false;
    const { between, run } = await commonList(25, { storeFaults: { read: () => (isLost ? "fail" : undefined) } });
    between.happens = async () => {
      isLost = true;
    };
    expect(countsOf(await run())).toEqual({ done: 20, "not-started STORE_UNAVAILABLE": 5 });
  });

  it("tell what the first one did, though the audit broke afterwards", async () => {
    const { given, run } = await commonList(2);
    const info = (said: string): void => {
      if (said === "zone change made") throw new Error("a closed pipe");
    };
    Object.assign(given.ports, { telemetry: { ...given.ports.telemetry, info } });
    expect(countsOf(await run())).toEqual({ done: 2 });
  });

  it("end after three in which a zone took nothing", async () => {
    const { given, run } = await commonList(1);
    given.weu.faults.remove = () => {
      throw new ThrottledError("zone weu", 30_000);
    };
    const before = given.clock.nowMs();
    expect(countsOf(await run())).toEqual({ "throttled THROTTLED": 1 });
    expect(given.clock.nowMs() - before).toBeLessThan(5 * 60_000);
  });

  it("leave what is in a zone that cannot be read any more, and say so", async () => {
    const { given, between, run } = await commonList(25);
    between.happens = async () => {
      given.weu.faults.list = unreachable;
    };
    expect(countsOf(await run())).toEqual({ done: 20, "not-started NOT_JUDGED": 5 });
  });

  it("do not blame a zone for what somebody claimed in another", async () => {
    const { given, between, run } = await commonList(25);
    between.happens = async () => {
      given.neu.faults.list = unreachable;
      putRoute(given.server("w1"), "back", { serviceName: "h124", environment: "prod", application: "gone" });
    };
    expect(countsOf(await run())).toEqual({ done: 24, "not-started NOT_AS_APPROVED": 1 });
  });
});
