import { describe, expect, it } from "vitest";
import { heldChanges, holdOverBudget, spendBudgets } from "../../../../shared/core/planning/budgets.ts";
import type { Change } from "../../../../shared/model/change.ts";
import type { Approval, BudgetUse } from "../../../../shared/model/state.ts";
import { change, published } from "../../../support/reports.ts";

const MINUTE_MS = 60_000;
const NOW_MS = 1_000 * MINUTE_MS;

/** A DNSEndpoint of `cluster` that goes, with its name, from `zone`. */
const withdraw = (name: string, { cluster = "w1", zone = "weu", ...overrides }: Withdrawal = {}): Change =>
  change({
    place: { kind: "cluster", name: cluster },
    key: `shop/${name}`,
    operation: "delete",
    phase: "withdraw",
    leaves: [published(name, "CNAME gw.example.com 300", zone)],
    joins: [],
    ...overrides,
  });
type Withdrawal = Partial<Change> & { readonly cluster?: string; readonly zone?: string };
const many = (count: number, options: Withdrawal = {}) =>
  Array.from({ length: count }, (_none, index) => withdraw(`n${index}`, options));

type Settings = {
  readonly share?: number;
  readonly fromNames?: number;
  readonly names?: number;
  readonly published?: number;
  readonly use?: Readonly<Record<string, BudgetUse>>;
  readonly approved?: readonly string[];
  readonly wanted?: readonly string[];
};
const hold = (changes: readonly Change[], settings: Settings = {}) =>
  holdOverBudget({
    changes,
    limits: { share: settings.share ?? 0.3, fromNames: settings.fromNames ?? 10, names: settings.names ?? 200 },
    use: settings.use ?? {},
    approvals: (settings.approved ?? []).map(approvalOf),
    namesPublished: () => settings.published ?? 100,
    staysServed: (_change, { name }) => (settings.wanted ?? []).includes(name),
    nowMs: NOW_MS,
  });
const approvalOf = (digest: string): Approval => ({ digest, scope: "", by: "x", verified: true, reason: "", atMs: 0 });
const summary = (result: ReturnType<typeof hold>) => ({
  due: result.due.length,
  held: result.held.map((group) => `${group.scope} ${group.changes.length}`),
});
const spent = (names: number, minutesAgo: number, baseNames = 100): Readonly<Record<string, BudgetUse>> => ({
  "cluster/w1": { baseNames, spent: [{ atMs: NOW_MS - minutesAgo * MINUTE_MS, names }] },
});

describe("holdOverBudget", () => {
  it.each<[string, number, "goes" | "held", Settings]>([
    ["30 of 100 names", 30, "goes", {}],
    ["31 of 100 names", 31, "held", {}],
    ["all of nine names: the share counts from ten up", 9, "goes", { published: 9 }],
    ["four of ten names", 4, "held", { published: 10 }],
    ["200 of 10,000 names", 200, "goes", { published: 10_000 }],
    ["201 of 10,000 names", 201, "held", { published: 10_000 }],
    ["a share of zero", 1, "held", { share: 0 }],
    ["10 names after 20 in this hour", 10, "goes", { use: spent(20, 59) }],
    ["11 names after 20 in this hour", 11, "held", { use: spent(20, 59) }],
    ["30 names, an hour after 20", 30, "goes", { use: spent(20, 60) }],
    ["10 names of what is left, measured by the start of the hour", 10, "goes", { use: spent(20, 30), published: 80 }],
  ])("%s: %s lost, it %s", (_what, count, outcome, settings) =>
    expect(summary(hold(many(count), settings)).due).toBe(outcome === "goes" ? count : 0),
  );

  it.each<[string, Change]>([
    ["what is created", change()],
    [
      "what vanished with its source",
      withdraw("a", {
        leaves: [{ ...published("a", "CNAME gw.example.com 300"), vanished: true }],
      }),
    ],
    ["a name that another object of the place still leads to the same destination", withdraw("kept")],
  ])("never counts %s", (_what, one) => {
    const result = hold([one], { share: 0, names: 0, wanted: ["kept"] });
    expect(summary(result)).toEqual({ due: 1, held: [] });
    expect(result.counted.size).toBe(0);
  });

  it("counts a host that leaves an Istio Gateway, and a name that goes with its host once", () => {
    const host = withdraw("a", {
      kind: "IstioGateway",
      operation: "update",
      leaves: [published("a", "host", "istio/w1/ingress")],
    });
    const result = hold([withdraw("a"), host], { names: 1, published: 5 });
    expect(summary(result)).toEqual({ due: 2, held: [] });
    expect(result.counted.get(host.id)).toEqual([{ scope: "cluster/w1", names: ["a"] }]);
  });

  it("counts a name per cluster and per zone", () => {
    const result = hold([withdraw("a")]);
    expect([...result.counted.values()]).toEqual([
      [
        { scope: "cluster/w1", names: ["a"] },
        { scope: "zone/weu", names: ["a"] },
      ],
    ]);
  });

  it("says what is counted: a cluster also loses hosts without a record, a zone has records only", () => {
    const [zone] = hold([...many(20), ...many(40, { cluster: "w2" }).slice(20)]).held;
    expect(zone?.reason).toBe(
      "40 names would stop resolving or lead elsewhere; the budget of zone/weu is 30 % of the 100 names with records there in an hour",
    );
  });

  it("holds the counted changes of the scope that is over, and lets everything else go", () => {
    const quiet = withdraw("x", { cluster: "n1", zone: "neu" });
    const result = hold([...many(31), quiet, change({ key: "shop/new" })]);
    expect(summary(result)).toEqual({ due: 2, held: ["cluster/w1 31"] });
    expect(result.held[0]?.reason).toBe(
      "31 names would stop resolving or lead elsewhere (records and hosts of Istio Gateways, each name once); the budget of cluster/w1 is 30 % of the 100 names with records there in an hour",
    );
  });

  it("holds a zone that several clusters empty together, though each keeps its budget", () => {
    const [first, second] = [many(20), many(40, { cluster: "w2" }).slice(20)];
    expect(summary(hold([...first, ...second]))).toEqual({ due: 0, held: ["zone/weu 40"] });
  });

  it("does not count a name twice that a pass had paid for and died before it took it", () => {
    const lost = many(30).flatMap((change) => change.leaves.map(({ name }) => name));
    const dead = { atMs: NOW_MS - MINUTE_MS, names: 30, reserved: lost };
    const use = { "cluster/w1": { baseNames: 100, spent: [dead] } };
    expect(summary(hold(many(30), { use })).due).toBe(30);
    expect(summary(hold([...many(30), withdraw("another")], { use })).due).toBe(0);
    const elsewhere = { ...dead, reserved: lost.map((name) => `${name}-other`) };
    expect(summary(hold(many(1), { use: { "cluster/w1": { ...use["cluster/w1"], spent: [elsewhere] } } })).due).toBe(0);
  });

  it("names what was spent before, so that a small change over the limit can be understood", () => {
    const { held } = hold(many(11), { use: spent(20, 59) });
    expect(held[0]?.reason).toContain("11 names would stop resolving or lead elsewhere, after 20 in the last hour");
  });

  describe("with an approval", () => {
    const digestOf = (changes: readonly Change[]) => hold(changes).held[0]?.digest ?? "";

    it("lets exactly the approved changes go, and does not charge them to the budget", () => {
      const result = hold(many(31), { approved: [digestOf(many(31))] });
      expect(summary(result)).toEqual({ due: 31, held: [] });
      expect(result.counted.size).toBe(0);
    });

    it("asks again when one change more or less, or anything in one, differs", () => {
      const approved = [digestOf(many(40))];
      expect(hold(many(41), { approved }).held).toHaveLength(1);
      expect(hold(many(39), { approved }).held).toHaveLength(1);
      const edited = [...many(39), withdraw("n39", { before: { spec: "another" } })];
      expect(hold(edited, { approved }).held).toHaveLength(1);
    });

    it("does not hold approved changes again in the group of another scope", () => {
      const first = many(31);
      const second = Array.from({ length: 31 }, (_none, index) => withdraw(`m${index}`, { cluster: "w2" }));
      const result = hold([...first, ...second], { approved: [digestOf(first)] });
      expect(summary(result)).toEqual({ due: 31, held: ["cluster/w2 31"] });
      const zoneOnly = Array.from({ length: 25 }, (_none, index) => withdraw(`m${index}`, { cluster: "w2" }));
      const third = Array.from({ length: 25 }, (_none, index) => withdraw(`o${index}`, { cluster: "w3" }));
      const inZone = hold([...first, ...zoneOnly, ...third], { approved: [digestOf(first)] });
      expect(summary(inZone)).toEqual({ due: 31, held: ["zone/weu 50"] });
    });
  });
});

describe("heldChanges", () => {
  it("has a digest of kind, key, before and after of every change, whatever their order", () => {
    const group = (changes: readonly Change[]) =>
      heldChanges({ scope: "cluster/w1", code: "BudgetExceeded", reason: "", changes }).digest;
    expect(group([withdraw("a"), withdraw("b")])).toBe(group([withdraw("b"), withdraw("a")]));
    expect(group([withdraw("a")])).not.toBe(group([withdraw("b")]));
    expect(group([withdraw("a")])).not.toBe(group([withdraw("a", { cluster: "w2" })]));
    expect(group([withdraw("a")])).not.toBe(group([withdraw("a", { after: { spec: "x" } })]));
  });
});

describe("spendBudgets", () => {
  const at = { nowMs: NOW_MS, namesBefore: () => 100 };
  const names = (...list: readonly string[]) => [[{ scope: "cluster/w1", names: list }]];

  it("adds each name once, with the number of names published when the hour began", () =>
    expect(spendBudgets({}, [...names("a", "b"), ...names("b")], at)).toEqual({
      "cluster/w1": { baseNames: 100, spent: [{ atMs: NOW_MS, names: 2 }] },
    }));

  it("keeps the base of the hour while anything is spent in it", () =>
    expect(spendBudgets(spent(20, 30, 240), names("a"), at)["cluster/w1"]).toMatchObject({
      baseNames: 240,
      spent: [{ names: 20 }, { names: 1 }],
    }));

  it("keeps which names a pass is about to take, and takes them out again once they are really paid for", () => {
    const reserved = spendBudgets({}, names("a", "b"), { ...at, reserve: true });
    expect(reserved["cluster/w1"]?.spent).toEqual([{ atMs: NOW_MS, names: 2, reserved: ["a", "b"] }]);
    expect(spendBudgets(reserved, names("b", "c"), at)["cluster/w1"]?.spent).toEqual([
      { atMs: NOW_MS, names: 1, reserved: ["a"] },
      { atMs: NOW_MS, names: 2 },
    ]);
    expect(spendBudgets(reserved, names("a", "b"), at)["cluster/w1"]?.spent).toEqual([{ atMs: NOW_MS, names: 2 }]);
  });

  it("forgets what is older than an hour, and scopes in which nothing is left", () => {
    expect(spendBudgets(spent(20, 60), [], at)).toEqual({});
    expect(spendBudgets(spent(20, 60, 240), names("a"), at)["cluster/w1"]).toMatchObject({ baseNames: 100 });
  });
});
