/**
 * What every state store must do, whatever keeps its bytes. Each adapter's test opens its store and calls this.
 * Statements about time are in lease-time-contract.ts, for stores whose clock a test can advance.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  asError,
  LeaseHeldError,
  LeaseLostError,
  StoreConflictError,
  StoreNewerSchemaError,
} from "../../../shared/errors.ts";
import type { StateStore } from "../../../shared/ports.ts";
import { valueOf, versionOf } from "./found.ts";
import { lastGood, marks, order, placement, since } from "./documents.ts";

/** One empty store, and the ways around it that a test needs. */
export type StoreBench = {
  /** As another process sees it: the same data, nothing remembered. */
  open(): StateStore;
  /** Bytes as they lie there; undefined when there are none. Paths are `placement.json`, `last-good/w1.json.gz`. */
  readRaw(path: string): Promise<Uint8Array | undefined>;
  /** Writes past the store: damage, a later version of the product, a person. */
  writeRaw(path: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
};

const TTL_MS = 60_000;
const RACERS = 20;

export function describeStateStoreContract(adapter: string, openBench: () => Promise<StoreBench>): void {
  describe(`state store contract: ${adapter}`, () => {
    let bench: StoreBench;
    let store: StateStore;
    beforeEach(async () => {
      bench = await openBench();
      store = bench.open();
    });
    afterEach(async () => {
      await bench.close();
    });

    describe("read and write", () => {
      it("calls a document absent that nobody wrote", async () => {
        expect(await store.read("placement")).toEqual({ found: "absent" });
        expect(await store.read("last-good", "w1")).toEqual({ found: "absent" });
      });

      it("gives back every document as it was written, to this process and to others", async () => {
        const versions = [
          await store.write("placement", placement, "absent"),
          await store.write("since", since, "absent"),
          await store.write("marks", marks("a"), "absent"),
          await store.write("order", order("w1", "w2"), "absent"),
          await store.write("approvals", { approvals: [] }, "absent"),
          await store.write("last-good", lastGood("w1", 500), "absent", "w1"),
        ];
        for (const reader of [store, bench.open()]) {
          expect([
            await reader.read("placement"),
            await reader.read("since"),
            await reader.read("marks"),
            await reader.read("order"),
            await reader.read("approvals"),
            await reader.read("last-good", "w1"),
          ]).toEqual(
            [placement, since, marks("a"), order("w1", "w2"), { approvals: [] }, lastGood("w1", 500)].map(
              (value, index) => ({ found: "value", value, version: versions[index] }),
            ),
          );
        }
      });

      it("writes over what was read, and every reader then sees it", async () => {
        const other = bench.open();
        await store.write("order", order("w1"), "absent");
        const read = await other.read("order");
        await other.write("order", order("w1", "w2"), versionOf(read));
        expect(valueOf(await store.read("order"))).toEqual(order("w1", "w2"));
        expect(valueOf(await other.read("order"))).toEqual(order("w1", "w2"));
      });

      it("answers an unchanged document again and again, without mixing up names or ids", async () => {
        await store.write("last-good", lastGood("w1", 3), "absent", "w1");
        await store.write("last-good", lastGood("w2", 4), "absent", "w2");
        for (let round = 0; round < 3; round += 1) {
          expect(valueOf(await store.read("last-good", "w1"))).toEqual(lastGood("w1", 3));
          expect(valueOf(await store.read("last-good", "w2"))).toEqual(lastGood("w2", 4));
        }
      });

      it("lists the ids of a name, sorted, whatever characters they have", async () => {
        const ids = ["w1", "n1", "..", "Ä/b", "UPPER", "upper", "a b%41"];
        for (const id of ids) await store.write("last-good", lastGood(id, 1), "absent", id);
        expect(await bench.open().ids("last-good")).toEqual(ids.toSorted());
        expect(valueOf(await bench.open().read("last-good", "Ä/b"))?.cluster).toBe("Ä/b");
        expect(valueOf(await bench.open().read("last-good", "upper"))?.cluster).toBe("upper");
      });

      it("has no ids where there is nothing, and none of a name that is one document", async () => {
        await store.write("order", order("w1"), "absent");
        expect(await store.ids("last-good")).toEqual([]);
        expect(await store.ids("order")).toEqual([]);
      });
    });

    describe("conditional writes", () => {
      it("refuses to create what exists, and keeps it", async () => {
        await store.write("order", order("first"), "absent");
        await expect(bench.open().write("order", order("second"), "absent")).rejects.toThrow(StoreConflictError);
        expect(valueOf(await bench.open().read("order"))).toEqual(order("first"));
      });

      it("refuses a version that is no longer the stored one, and keeps that one", async () => {
        const old = await store.write("order", order("1"), "absent");
        await store.write("order", order("2"), old);
        await expect(store.write("order", order("3"), old)).rejects.toThrow(StoreConflictError);
        expect(valueOf(await store.read("order"))).toEqual(order("2"));
      });

      it("refuses a version of a document that is not there", async () => {
        const version = await store.write("order", order("1"), "absent");
        await expect(store.write("placement", placement, version)).rejects.toThrow(StoreConflictError);
        expect(await store.read("placement")).toEqual({ found: "absent" });
      });

      it(`lets exactly one of ${RACERS} writers create a document`, async () => {
        const outcomes = await race((index) => bench.open().write("marks", marks(`racer-${index}`), "absent"));
        expect(outcomes.won).toHaveLength(1);
        expect(outcomes.lost).toEqual(Array.from({ length: RACERS - 1 }, () => "STORE_CONFLICT"));
        expect(valueOf(await store.read("marks"))).toEqual(marks(`racer-${outcomes.won[0]}`));
      });

      it(`lets exactly one of ${RACERS} writers replace the version they all read`, async () => {
        const version = await store.write("marks", marks("start"), "absent");
        const outcomes = await race((index) => bench.open().write("marks", marks(`racer-${index}`), version));
        expect(outcomes.won).toHaveLength(1);
        expect(valueOf(await bench.open().read("marks"))).toEqual(marks(`racer-${outcomes.won[0]}`));
      });

      it("loses no update of writers that read again after a conflict", async () => {
        const writers = 5;
        await Promise.all(
          Array.from({ length: writers }, async (_, writer) => {
            const own = bench.open();
            for (let nth = 0; nth < 3; nth += 1) await addMark(own, `${writer}-${nth}`);
          }),
        );
        const ids = valueOf(await store.read("marks"))?.requests.map((mark) => mark.id);
        expect(ids?.toSorted()).toEqual(
          Array.from({ length: writers }, (_, writer) => [0, 1, 2].map((nth) => `${writer}-${nth}`)).flat(),
        );
      });
    });

    describe("documents that cannot be used", () => {
      it.each([
        ["nothing", "", "empty"],
        ["half a document", '{"schema": 1, "docu', "JSON"],
        ["another JSON", "[1, 2]", "schema and document"],
        ["a wrong field", '{"schema": 1, "document": {"regions": [], "clusters": "w1", "adopters": []}}', "clusters"],
        ["an unknown field", '{"schema": 1, "document": {"regions":[],"clusters":[],"adopters":[],"more":1}}', "more"],
        ["no schema number", '{"schema": "1", "document": {}}', "schema"],
      ])("reports %s as unreadable, keeps it, and takes a new one in its place", async (_what, text, reason) => {
        const bytes = Buffer.from(text, "utf8");
        await bench.writeRaw("order.json", bytes);
        const found = await store.read("order");
        expect(found).toMatchObject({ found: "unreadable", reason: expect.stringContaining(reason) });
        expect(Buffer.from((await bench.readRaw("order.json")) ?? [])).toEqual(bytes);

        await expect(store.write("order", order("w1"), "absent")).rejects.toThrow(StoreConflictError);
        await store.write("order", order("w1"), versionOf(found));
        expect(valueOf(await bench.open().read("order"))).toEqual(order("w1"));
      });

      it("reports a large document whose bytes changed as unreadable, and the others stay readable", async () => {
        await store.write("last-good", lastGood("w1", 50), "absent", "w1");
        await store.write("last-good", lastGood("w2", 50), "absent", "w2");
        const bytes = Buffer.from((await bench.readRaw("last-good/w1.json.gz")) ?? []);
        const middle = Math.floor(bytes.length / 2);
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        await bench.writeRaw("last-good/w1.json.gz", bytes);
        for (const reader of [store, bench.open()]) {
          expect((await reader.read("last-good", "w1")).found).toBe("unreadable");
          expect(valueOf(await reader.read("last-good", "w2"))).toEqual(lastGood("w2", 50));
        }
      });

      it("keeps a document of a newer schema from every writer, and says so", async () => {
        const bytes = Buffer.from('{"schema": 2, "document": {"future": true}}', "utf8");
        const stale = await store.write("order", order("w1"), "absent");
        await bench.writeRaw("order.json", bytes);
        expect(await store.read("order")).toEqual({ found: "newer-schema", schema: 2 });
        for (const expected of ["absent", stale]) {
          const refused = await store.write("order", order("w2"), expected).catch((caught: unknown) => caught);
          expect(refused).toBeInstanceOf(StoreNewerSchemaError);
          expect(refused).toMatchObject({ document: "order.json", schema: 2, retryable: false });
        }
        expect(Buffer.from((await bench.readRaw("order.json")) ?? [])).toEqual(bytes);
      });

      it("stores a small document so that a person can read and mend it", async () => {
        await store.write("order", order("w1"), "absent");
        const text = Buffer.from((await bench.readRaw("order.json")) ?? []).toString("utf8");
        expect(JSON.parse(text)).toEqual({ schema: 1, document: order("w1") });
        await bench.writeRaw("order.json", Buffer.from(text.replaceAll("w1", "w9"), "utf8"));
        expect(valueOf(await store.read("order"))).toEqual(order("w9"));
      });
    });

    describe("leases", () => {
      it("is held by one, and names the holder to everybody else", async () => {
        await store.acquireLease("reconcile", "cli on Jörg's laptop", TTL_MS);
        for (const other of [store, bench.open()]) {
          const refused = await other.acquireLease("reconcile", "functions", TTL_MS).catch((caught: unknown) => caught);
          expect(refused).toBeInstanceOf(LeaseHeldError);
          expect(refused).toMatchObject({ lease: "reconcile", holder: "cli on Jörg's laptop" });
        }
      });

      it("does not let one lease stand in the way of the other", async () => {
        const reconcile = await store.acquireLease("reconcile", "a", TTL_MS);
        const placing = await bench.open().acquireLease("placement", "b", TTL_MS);
        expect([reconcile.name, placing.name]).toEqual(["reconcile", "placement"]);
      });

      it(`is given to exactly one of ${RACERS} who ask at once`, async () => {
        const outcomes = await race((index) => bench.open().acquireLease("reconcile", `racer-${index}`, TTL_MS));
        expect(outcomes.won).toHaveLength(1);
        expect(outcomes.lost).toEqual(Array.from({ length: RACERS - 1 }, () => "LEASE_HELD"));
      });

      it("is free after a release, with a fencing token that rises across holders and processes", async () => {
        const tokens: number[] = [];
        for (const holder of ["a", "b", "c"]) {
          const lease = await bench.open().acquireLease("reconcile", holder, TTL_MS);
          tokens.push(lease.fencingToken);
          await lease.release();
        }
        expect(tokens[1]).toBeGreaterThan(tokens[0] ?? Number.NaN);
        expect(tokens[2]).toBeGreaterThan(tokens[1] ?? Number.NaN);
      });

      it("keeps its token when it is renewed, and expires no earlier than before", async () => {
        const lease = await store.acquireLease("reconcile", "a", TTL_MS);
        const before = { token: lease.fencingToken, expiresAtMonotonicMs: lease.expiresAtMonotonicMs };
        await lease.renew();
        expect(lease.fencingToken).toBe(before.token);
        expect(lease.expiresAtMonotonicMs).toBeGreaterThanOrEqual(before.expiresAtMonotonicMs);
      });

      it("can be released again, which changes nothing, also for its next holder", async () => {
        const first = await store.acquireLease("reconcile", "a", TTL_MS);
        await first.release();
        await first.release();
        await bench.open().acquireLease("reconcile", "b", TTL_MS);
        await first.release();
        await expect(store.acquireLease("reconcile", "c", TTL_MS)).rejects.toMatchObject({ holder: "b" });
      });

      it("cannot be renewed after its release", async () => {
        const lease = await store.acquireLease("reconcile", "a", TTL_MS);
        await lease.release();
        await expect(lease.renew()).rejects.toThrow(LeaseLostError);
      });

      it("is no document: it shows up under no name", async () => {
        await store.acquireLease("reconcile", "a", TTL_MS);
        expect(await store.ids("last-good")).toEqual([]);
        expect(await store.read("placement")).toEqual({ found: "absent" });
      });
    });
  });
}

/** Read, add, write, and again after each conflict. */
async function addMark(own: StateStore, id: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const read = await own.read("marks");
    const before = valueOf(read)?.requests ?? [];
    const version = read.found === "absent" ? "absent" : versionOf(read);
    const outcome = await own
      .write("marks", { requests: [...before, ...marks(id).requests] }, version)
      .catch((caught: unknown) => asError(caught));
    if (!(outcome instanceof Error)) return;
    if (!(outcome instanceof StoreConflictError)) throw outcome;
  }
  throw new Error("no success in 100 attempts");
}

/** Indexes of those who succeeded, and the codes of the errors of all others. */
async function race(attempt: (index: number) => Promise<unknown>): Promise<{ won: number[]; lost: unknown[] }> {
  const outcomes = await Promise.allSettled(Array.from({ length: RACERS }, (_, index) => attempt(index)));
  const won = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [index] : []));
  const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [codeOf(outcome.reason)] : []));
  return { won, lost };
}

function codeOf(reason: unknown): unknown {
  return reason instanceof StoreConflictError || reason instanceof LeaseHeldError ? reason.code : reason;
}
