import { describe, expect, it } from "vitest";
import { stateDocuments } from "../../../../shared/contracts/state/documents.ts";
import { InvariantError } from "../../../../shared/errors.ts";
import { lastGood, order, since } from "../../../contract/state-store/documents.ts";
import { valueOf } from "../../../contract/state-store/found.ts";
import { createTestClock } from "../../../support/clock.ts";
import { createMemoryStateStore } from "../../../support/state-store.ts";

describe("DocumentStateStore", () => {
  it("hands out the same object while the stored version is the same", async () => {
    const store = createMemoryStateStore({ clock: createTestClock() }).reopen();
    await store.write("last-good", lastGood("w1", 10), "absent", "w1");
    const other = store.reopen();
    const first = valueOf(await other.read("last-good", "w1"));
    expect(valueOf(await other.read("last-good", "w1"))).toBe(first);
  });

  it("forgets a document that is gone or damaged, and one that came back is read anew", async () => {
    const store = createMemoryStateStore({ clock: createTestClock() });
    await store.write("order", order("w1"), "absent");
    const bytes = store.files.get("order.json") ?? new Uint8Array();
    store.files.delete("order.json");
    expect(await store.read("order")).toEqual({ found: "absent" });
    store.files.set("order.json", Buffer.from("{"));
    expect((await store.read("order")).found).toBe("unreadable");
    store.files.set("order.json", Buffer.from(bytes));
    expect(valueOf(await store.read("order"))).toEqual(order("w1"));
  });

  it("stores nothing that it could not read back", async () => {
    const store = createMemoryStateStore({ clock: createTestClock() });
    const marks = { requests: [{ id: "a", atMs: Number.NaN, by: "test" }] };
    await expect(store.write("marks", marks, "absent")).rejects.toThrow(InvariantError);
    expect(store.files.size).toBe(0);
  });

  it("reads what an earlier version wrote beside the budgets, and before zones were read", async () => {
    const store = createMemoryStateStore({ clock: createTestClock() });
    const use = { baseNames: 10, spent: [{ atMs: 2, names: 3 }] };
    const { shrunkReads, handovers } = since;
    const document = { shrunkReads, handovers, budgets: { "zone/weu": { ...use, baseAtMs: 1 } } };
    store.files.set("since.json", Buffer.from(JSON.stringify({ schema: 1, document })));
    expect(valueOf(await store.read("since"))).toEqual({
      ...since,
      budgets: { "zone/weu": use },
      records: {},
      garbage: {},
    });
  });

  it("calls a document of a schema below any known one unreadable, so that it can be replaced", async () => {
    const store = createMemoryStateStore({ clock: createTestClock() });
    store.files.set("order.json", Buffer.from('{"schema":0,"document":{}}'));
    expect((await store.read("order")).found).toBe("unreadable");
  });

  it("keeps at most the last 200 values of a name, and still reads all", async () => {
    const store = createMemoryStateStore({ clock: createTestClock() });
    for (let index = 0; index < 205; index += 1) {
      await store.write("last-good", lastGood(`c${index}`, 1), "absent", `c${index}`);
    }
    expect(valueOf(await store.read("last-good", "c0"))?.cluster).toBe("c0");
    expect(valueOf(await store.read("last-good", "c204"))?.cluster).toBe("c204");
  });

  it("checks the outline of a large document though its digest is right", () => {
    const { parse } = stateDocuments["last-good"];
    expect(parse(lastGood("w1", 2)).ok).toBe(true);
    expect(parse({ ...lastGood("w1", 2), listings: { ServiceRoute: { read: "half" } } })).toMatchObject({ ok: false });
    expect(parse({ ...lastGood("w1", 2), more: 1 })).toMatchObject({
      ok: false,
      issues: [expect.stringContaining("more")],
    });
  });
});
