import { describe, expect, it } from "vitest";
import {
  amend,
  isInForce,
  missingClusters,
  recall,
  remember,
  writeDocument,
} from "../../../shared/app/fleet-memory.ts";
import { StoreConflictError, StoreNewerSchemaError, StoreUnavailableError } from "../../../shared/errors.ts";
import type { Approval, LastGood, Since } from "../../../shared/model/state.ts";
import { configuredCluster, documentsOf, errorOf, givenFleet, type Given } from "./given-fleet.ts";

const dayMs = 24 * 60 * 60_000;

function approvalAt(atMs: number, digest = "abc"): Approval {
  return { digest, scope: "cluster/w1", by: "sre", verified: true, reason: "", atMs };
}

function lastGood(cluster: string, listings: LastGood["listings"]): LastGood {
  return { cluster, readAtMs: 1, digest: "d", listings };
}

const oneRead: LastGood["listings"] = { Namespace: { read: "complete", objects: [], rejected: [] } };
const spent: Since = {
  shrunkReads: {},
  handovers: {},
  budgets: { "cluster/w1": { baseNames: 20, spent: [{ atMs: 1, names: 3 }] } },
  records: {},
  garbage: {},
};

/** Puts a document there as another version of the product, or a broken disk, would leave it. */
function damage({ store }: Given, part: string, text: string): string {
  const path = [...store.files.keys()].find((candidate) => candidate.includes(part));
  if (path === undefined) throw new Error(`no document ${part}`);
  store.files.set(path, Buffer.from(text));
  return path;
}

describe("recall", () => {
  it("of an empty store gives an empty memory and nothing to note", async () => {
    const memory = await recall(givenFleet().ports);
    expect(memory).toMatchObject({
      placement: { revision: 0, entries: [] },
      since: { value: { shrunkReads: {}, handovers: {}, budgets: {}, records: {}, garbage: {} }, version: "absent" },
      order: { value: { regions: [], clusters: [], adopters: [] }, version: "absent" },
      approvals: [],
      notes: [],
    });
    expect([memory.lastGood.size, memory.untouchable.size]).toEqual([0, 0]);
  });

  it("gives back what was written, with the version that a next write needs", async () => {
    const { ports, store } = givenFleet();
    const version = await store.write("since", spent, "absent");
    await store.write("last-good", lastGood("w1", oneRead), "absent", "w1");
    const memory = await recall(ports);
    expect(memory.since).toEqual({ value: spent, version });
    expect(memory.lastGood.get("w1")?.value).toEqual(lastGood("w1", oneRead));
  });

  it("counts an unreadable document as lost, says so, and can write over it", async () => {
    const given = givenFleet();
    await given.store.write("since", spent, "absent");
    damage(given, "since", "{ half a docu");
    const memory = await recall(given.ports);
    expect(memory.since.value.budgets).toEqual({});
    expect(memory.notes).toEqual([expect.stringMatching(/^since cannot be read \(.*\); it counts as lost/)]);
    await remember(given.store, memory, { name: "since", value: spent, before: memory.since });
    expect(await given.store.read("since")).toMatchObject({ found: "value", value: spent });
  });

  it("keeps a document of a newer schema, says so, and never writes over it", async () => {
    const given = givenFleet();
    await given.store.write("since", spent, "absent");
    const path = damage(given, "since", JSON.stringify({ schema: 99, document: { everything: "is different" } }));
    const before = given.store.files.get(path);
    const memory = await recall(given.ports);
    expect(memory.notes).toEqual([expect.stringMatching(/^since was written by a newer version .*schema 99/)]);
    expect([...memory.untouchable]).toEqual(["since"]);
    const after = await remember(given.store, memory, { name: "since", value: spent, before: memory.since });
    expect([after, given.store.files.get(path)]).toEqual([memory.since, before]);
  });

  it("names the cluster of a last-good document that is lost", async () => {
    const given = givenFleet();
    await given.store.write("last-good", lastGood("w1", oneRead), "absent", "w1");
    damage(given, "last-good", "not gzip");
    const memory = await recall(given.ports);
    expect([memory.lastGood.size, memory.notes]).toEqual([0, [expect.stringMatching(/^last-good\/w1 cannot be read/)]]);
  });

  it("forgets approvals after 24 hours", async () => {
    const { ports, store, clock } = givenFleet();
    const nowMs = clock.nowMs();
    const approvals = [approvalAt(nowMs - dayMs, "old"), approvalAt(nowMs - dayMs + 1, "young")];
    await store.write("approvals", { approvals }, "absent");
    expect((await recall(ports)).approvals.map(({ digest }) => digest)).toEqual(["young"]);
    expect(approvals.map((one) => isInForce(one, nowMs))).toEqual([false, true]);
  });

  it("fails when the store cannot be used: nothing known is not the same as nothing stored", async () => {
    const { ports } = givenFleet({
      storeFaults: { read: (_nth, path) => (path.includes("order") ? "fail" : undefined) },
    });
    expect(await errorOf(recall(ports))).toBeInstanceOf(StoreUnavailableError);
  });
});

describe("missingClusters", () => {
  it("are those that the store knows and the configuration does not; a retired one with nothing left is none", async () => {
    const { ports, store } = givenFleet();
    await store.write("last-good", lastGood("w1", oneRead), "absent", "w1");
    await store.write("last-good", lastGood("gone", oneRead), "absent", "gone");
    await store.write("last-good", lastGood("retired", {}), "absent", "retired");
    const missing = missingClusters(await recall(ports), ports.configuration.clusters);
    expect(missing).toEqual([configuredCluster("gone", { source: { kind: "missing" }, writes: "observe" })]);
  });
});

describe("remember", () => {
  it("writes nothing when nothing differs", async () => {
    const { ports, store } = givenFleet();
    await store.write("since", spent, "absent");
    const memory = await recall(ports);
    const before = new Map(store.files);
    const same = await remember(store, memory, { name: "since", value: structuredClone(spent), before: memory.since });
    expect([same, new Map(store.files)]).toEqual([memory.since, before]);
  });

  it("does not write over what a newer pass wrote, and says so", async () => {
    const { ports, store } = givenFleet();
    const memory = await recall(ports);
    await store.reopen().write("since", spent, "absent");
    const theirs = documentsOf(store);
    const work = remember(store, memory, {
      name: "since",
      value: {
        ...spent,
        budgets: {},
        handovers: {},
        shrunkReads: { w1: { digest: "d", firstSeenAtMs: 1, passes: 1, reason: "" } },
      },
      before: memory.since,
    });
    expect(await errorOf(work)).toBeInstanceOf(StoreConflictError);
    expect(documentsOf(store)).toEqual(theirs);
  });
});

describe("writeDocument", () => {
  const value = lastGood("w1", oneRead);
  const write = { name: "last-good", id: "w1", value } as const;

  it("writes over what nobody can read", async () => {
    const given = givenFleet();
    await given.store.write("last-good", lastGood("w1", {}), "absent", "w1");
    damage(given, "last-good", "not gzip");
    const memory = await recall(given.ports);
    await writeDocument(given.store, memory, { ...write, before: memory.lastGood.get("w1") });
    expect(await given.store.read("last-good", "w1")).toMatchObject({ found: "value", value });
  });

  it("never writes over a document of a newer schema", async () => {
    const given = givenFleet();
    await given.store.write("approvals", { approvals: [] }, "absent");
    const path = damage(given, "approvals", JSON.stringify({ schema: 99, document: {} }));
    const theirs = given.store.files.get(path);
    const memory = await recall(given.ports);
    const approvals = { name: "approvals", value: { approvals: [approvalAt(1)] }, before: undefined } as const;
    expect(await writeDocument(given.store, memory, approvals)).toBeUndefined();
    expect(given.store.files.get(path)).toEqual(theirs);
  });

  it("leaves what somebody wrote meanwhile: it throws, unless it yields", async () => {
    const { ports, store } = givenFleet();
    const memory = await recall(ports);
    await store.reopen().write("last-good", lastGood("w1", {}), "absent", "w1");
    const theirs = documentsOf(store);
    const work = writeDocument(store, memory, { ...write, before: undefined });
    expect(await errorOf(work)).toBeInstanceOf(StoreConflictError);
    expect(await writeDocument(store, memory, { ...write, before: undefined, yields: true })).toBeUndefined();
    expect(documentsOf(store)).toEqual(theirs);
  });
});

describe("amend", () => {
  const add = (digest: string) => (known: { readonly approvals: readonly Approval[] } | undefined) => ({
    approvals: [...(known?.approvals ?? []), approvalAt(1, digest)],
  });

  it("loses nothing when several write at once", async () => {
    const { store } = givenFleet();
    await Promise.all(["a", "b", "c"].map((digest) => amend(store.reopen(), "approvals", add(digest))));
    const found = await store.read("approvals");
    expect(found.found === "value" && found.value.approvals.map(({ digest }) => digest).sort()).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("tries again when another writer was faster, and gives up after five times", async () => {
    const tried = givenFleet({ storeFaults: { write: (nth) => (nth < 5 ? "conflict" : undefined) } });
    await amend(tried.store, "approvals", add("a"));
    expect((await tried.store.read("approvals")).found).toBe("value");
    const given = givenFleet({ storeFaults: { write: () => "conflict" } });
    expect(await errorOf(amend(given.store, "approvals", add("a")))).toBeInstanceOf(StoreConflictError);
  });

  it("writes over a document that cannot be read, never over one of a newer schema", async () => {
    const given = givenFleet();
    await amend(given.store, "approvals", add("a"));
    damage(given, "approvals", "rubbish");
    await amend(given.store, "approvals", add("b"));
    expect(await given.store.read("approvals")).toMatchObject({ value: { approvals: [{ digest: "b" }] } });
    damage(given, "approvals", JSON.stringify({ schema: 99, document: {} }));
    expect(await errorOf(amend(given.store, "approvals", add("c")))).toBeInstanceOf(StoreNewerSchemaError);
  });
});
