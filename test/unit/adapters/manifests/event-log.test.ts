import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { openEventLog } from "../../../../shared/adapters/manifests/event-log.ts";
import type { EventLog } from "../../../../shared/adapters/manifests/event-log.ts";
import type { ResourceEvent } from "../../../../shared/ports.ts";
import { manifestDirectory } from "./manifest-directory.ts";
import type { ManifestDirectory } from "./manifest-directory.ts";

const event = (overrides: Partial<ResourceEvent> = {}): ResourceEvent => ({
  kind: "ServiceRoute",
  key: "orders/api",
  uid: "u-1",
  type: "Normal",
  reason: "Created",
  message: `DNSEndpoint api-external-dns-weu: "created", {really}`,
  atMs: Date.UTC(2025, 0, 1),
  ...overrides,
});
const openLog = (directory: ManifestDirectory): EventLog => openEventLog(join(`${directory.path}.out`, "events.yaml"));
const linesOf = async (directory: ManifestDirectory): Promise<unknown> => parse(await directory.readOut("events.yaml"));

describe("record", () => {
  it("writes one readable line per event, which is YAML", async () => {
    const directory = await manifestDirectory();
    await openLog(directory).record(event());
    expect(await linesOf(directory)).toEqual([
      {
        last: "2025-01-01T00:00:00.000Z",
        first: "2025-01-01T00:00:00.000Z",
        count: 1,
        type: "Normal",
        reason: "Created",
        object: "ServiceRoute orders/api",
        uid: "u-1",
        message: event().message,
      },
    ]);
  });

  it("counts the same event again instead of repeating it, also after a restart", async () => {
    const directory = await manifestDirectory();
    await openLog(directory).record(event());
    await openLog(directory).record(event({ atMs: Date.UTC(2025, 0, 2) }));
    expect(await linesOf(directory)).toMatchObject([
      { count: 2, first: "2025-01-01T00:00:00.000Z", last: "2025-01-02T00:00:00.000Z" },
    ]);
  });

  it.each([
    ["uid", { uid: "u-2" }],
    ["reason", { reason: "Updated" }],
    ["message", { message: "another" }],
  ])("keeps events apart that differ in %s, newest last", async (_field, difference) => {
    const directory = await manifestDirectory();
    const log = openLog(directory);
    await log.record(event(difference));
    await log.record(event());
    expect(await linesOf(directory)).toMatchObject([difference, { uid: "u-1", reason: "Created" }]);
  });

  it("loses none of many that come at once, and counts each", async () => {
    const directory = await manifestDirectory();
    const log = openLog(directory);
    const events = Array.from({ length: 60 }, (_, index) => event({ uid: `u-${index % 20}` }));
    await Promise.all(events.map((one) => log.record(one)));
    expect(await linesOf(directory)).toHaveLength(20);
    expect(await linesOf(directory)).toMatchObject(Array.from({ length: 20 }, () => ({ count: 3 })));
  });

  it("keeps the newest thousand", async () => {
    const directory = await manifestDirectory();
    const log = openLog(directory);
    await Promise.all(Array.from({ length: 1_005 }, (_, index) => log.record(event({ uid: `u-${index}` }))));
    const lines = await linesOf(directory);
    expect(lines).toHaveLength(1_000);
    expect(lines).toMatchObject([{ uid: "u-5" }, ...Array.from({ length: 999 }, () => ({}))]);
  });

  it("goes on from what another process wrote meanwhile", async () => {
    const directory = await manifestDirectory();
    const log = openLog(directory);
    await log.record(event());
    await openLog(directory).record(event({ uid: "u-2" }));
    await log.record(event({ uid: "u-3" }));
    expect(await linesOf(directory)).toMatchObject([{ uid: "u-1" }, { uid: "u-2" }, { uid: "u-3" }]);
  });

  it("begins anew where the file cannot be understood: Events decide nothing", async () => {
    const directory = await manifestDirectory();
    await directory.writeOut("events.yaml", "a: [");
    await openLog(directory).record(event());
    expect(await linesOf(directory)).toHaveLength(1);
  });

  it("tells a failed write and tries again with the next event", async () => {
    const directory = await manifestDirectory();
    const log = openLog(directory);
    await directory.write("../w1.out", "a file in the way");
    await expect(log.record(event())).rejects.toThrow();
    await directory.remove("../w1.out");
    await log.record(event({ uid: "u-2" }));
    expect(await linesOf(directory)).toMatchObject([{ uid: "u-2" }]);
  });
});
