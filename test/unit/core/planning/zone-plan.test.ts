import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeText, namesTaken, newlyDue, planZones, zoneDigest } from "../../../../shared/core/planning/zone-plan.ts";
import type { ZoneChange } from "../../../../shared/model/zone-change.ts";
import { runs } from "../../../support/builders/arbitraries.ts";
import { TEST_START_MS } from "../../../support/clock.ts";
import { garbageChange, ownershipChange } from "../../../support/zone-plans.ts";

const nowMs = TEST_START_MS;
const limits = { share: 0.3, fromNames: 10, names: 200 };

function plan(candidates: readonly ZoneChange[], overrides: Partial<Parameters<typeof planZones>[0]> = {}) {
  const writable = new Set(["weu", "neu"]);
  return planZones({ candidates, writable, limits, use: {}, namesIn: () => 100, nowMs, ...overrides });
}

/** Garbage named by a number; due unless a moment is given. */
function gone(number: number, overrides: Partial<ZoneChange> = {}): ZoneChange {
  const name = `h${number}-ns-p-prod-shop.example.com`;
  const before = { name, type: "CNAME", ttlSeconds: 300, values: ["x.example.com"], etag: "1", metadata: {} } as const;
  return garbageChange({
    id: `${overrides.region ?? "weu"}|delete-record|CNAME ${name}`,
    writes: [{ name, type: "CNAME", zone: "example.com", before }],
    takesName: name,
    dueAtMs: nowMs,
    ...overrides,
  });
}

function many(count: number): readonly ZoneChange[] {
  return Array.from({ length: count }, (_none, index) => gone(index));
}

describe("planZones", () => {
  it("lets garbage wait until its hour is over", () => {
    const later = gone(1, { dueAtMs: nowMs + 1 });
    expect(plan([later, gone(2)])).toMatchObject({ changes: [gone(2)], waiting: [later] });
  });

  it("writes only to regions that may be written to", () => {
    const frc = gone(1, { region: "frc" });
    expect(plan([frc, gone(2)])).toMatchObject({ changes: [gone(2)], observed: [frc], held: [] });
  });

  it("keeps old ownership out of the common list, by region", () => {
    const old = (region: string) => gone(1, { kind: "delete-old-ownership", region, id: region });
    const { changes, held } = plan([old("weu"), old("neu"), gone(2)]);
    expect(changes).toEqual([gone(2)]);
    expect(held.map(({ scope, code }) => [scope, code])).toEqual([
      ["zone/neu", "OldOwnership"],
      ["zone/weu", "OldOwnership"],
    ]);
  });

  it("holds what a zone would lose over its budget, and nothing else", () => {
    const neu = gone(1, { region: "neu" });
    const txt = gone(99, { kind: "delete-ownership" });
    const { takesName: _none, ...free } = txt;
    const { changes, held } = plan([...many(31), neu, free]);
    expect(changes).toEqual([neu, free]);
    expect(held).toMatchObject([
      { scope: "zone/weu", code: "BudgetExceeded", reason: expect.stringContaining("30 % of the 100 names") },
    ]);
    expect(held[0]?.changes).toHaveLength(31);
  });

  it("counts what was spent within the hour, and a name once however many records it has", () => {
    const use = { "zone/weu": { baseNames: 100, spent: [{ atMs: nowMs - 1, names: 29 }] } };
    const both = [gone(1), gone(1, { id: "aaaa" })];
    expect(plan(both, { use }).held).toEqual([]);
    expect(plan([...both, gone(2)], { use }).held).toHaveLength(1);
  });

  it("puts every candidate in one list, and none due before its time, unwritable or over the budget among the changes", () => {
    const anyChange = fc
      .record({
        number: fc.nat({ max: 60 }),
        region: fc.constantFrom("weu", "neu", "frc"),
        dueAtMs: fc.constantFrom(nowMs - 1, nowMs, nowMs + 1),
        kind: fc.constantFrom("delete-record", "delete-ownership", "delete-old-ownership", "write-ownership"),
      })
      .map(({ number, ...rest }) => gone(number, { ...rest, id: `${number} ${rest.region} ${rest.kind}` }));
    fc.assert(
      fc.property(
        fc.uniqueArray(anyChange, { selector: ({ id }) => id, maxLength: 80, size: "max" }),
        fc.nat({ max: 200 }),
        (candidates, names) => {
          const { changes, held, waiting, observed } = plan(candidates, { namesIn: () => names });
          const all = [...changes, ...held.flatMap((group) => group.changes), ...waiting, ...observed];
          expect(all.map(({ id }) => id).sort()).toEqual(candidates.map(({ id }) => id).sort());
          for (const { dueAtMs = 0, region, kind } of changes) {
            expect([dueAtMs <= nowMs, region !== "frc", kind !== "delete-old-ownership"]).toEqual([true, true, true]);
          }
          for (const { names: taken } of namesTaken(changes)) {
            expect(taken.length <= 200 && (names < 10 || taken.length <= names * 0.3)).toBe(true);
          }
        },
      ),
      runs,
    );
  });
});

describe("zoneDigest", () => {
  it("is the same in any order and for other etags, and another for any other content", () => {
    const [first, second] = [gone(1), gone(2)];
    const rewritten = {
      ...first,
      writes: first.writes.map((write) => ({ ...write, before: { ...beforeOf(write), etag: "2" } })),
    };
    const elsewhere = {
      ...first,
      writes: first.writes.map((write) => ({ ...write, before: { ...beforeOf(write), values: ["y"] } })),
    };
    const digest = zoneDigest([first, second]);
    expect(zoneDigest([second, rewritten])).toBe(digest);
    const others = [[first], [elsewhere, second], [{ ...first, region: "neu" }, second], [first, second, gone(3)]];
    for (const other of others) expect(zoneDigest(other)).not.toBe(digest);
  });
});

describe("changeText", () => {
  const record = { name: "cart.example.com", type: "CNAME", ttlSeconds: 300, values: ["a"], etag: "1" } as const;
  const beside = { ...record, zone: "example.com", metadata: {} };
  const after = { ttlSeconds: 300, values: ["heritage"] };
  const write = { name: "txt.cart.example.com", type: "TXT", zone: "example.com", after } as const;
  const txt = ownershipChange({ writes: [write], unchanged: [beside], leadsTo: ["a"] });
  const deleted = gone(1);
  const shorter = deleted.writes.map((one) => ({ ...one, before: { ...beforeOf(one), ttlSeconds: 1 } }));

  it.each<[string, ZoneChange, ZoneChange]>([
    ["nothing is written", txt, { ...txt, writes: [] }],
    ["what is written has other values", txt, { ...txt, writes: [{ ...write, after: { ...after, values: ["x"] } }] }],
    ["what is written has another TTL", txt, { ...txt, writes: [{ ...write, after: { ...after, ttlSeconds: 1 } }] }],
    ["what is deleted has another TTL", deleted, { ...deleted, writes: shorter }],
    ["the record beside it leads elsewhere", txt, { ...txt, unchanged: [{ ...beside, values: ["b"] }] }],
    ["the record beside it has another TTL", txt, { ...txt, unchanged: [{ ...beside, ttlSeconds: 1 }] }],
    ["the record beside it is another", txt, { ...txt, unchanged: [{ ...beside, type: "A" }] }],
    ["ExternalDNS will lead it elsewhere", txt, { ...txt, leadsTo: ["b"] }],
    ["a name is taken", txt, { ...txt, takesName: record.name }],
  ])("is another where %s", (_what, one, other) => {
    expect(changeText(one)).not.toBe(changeText(other));
  });

  it("is the same where the record beside it was written again as it was", () => {
    expect(changeText({ ...txt, unchanged: [{ ...beside, etag: "2" }] })).toBe(changeText(txt));
  });
});

function beforeOf({ before }: ZoneChange["writes"][number]) {
  if (before === undefined) throw new Error("it deletes something");
  return before;
}

describe("newlyDue", () => {
  const [first, second, third] = [gone(1, { dueAtMs: 1 }), gone(2, { dueAtMs: 2 }), gone(3, { dueAtMs: 3 })] as const;

  it.each([
    ["the last ones", [first], [second, third]],
    ["the last one", [first, second], [third]],
  ])("names %s where they are all the difference", (_what, shown, added) => {
    expect(newlyDue([first, second, third], zoneDigest(shown))).toEqual(added);
  });

  it.each([
    ["something else went", [gone(9), first]],
    ["what was shown is what is there", [first, second, third]],
  ])("says nothing where %s", (_what, shown) => {
    expect(newlyDue([first, second, third], zoneDigest(shown))).toBeUndefined();
  });
});
