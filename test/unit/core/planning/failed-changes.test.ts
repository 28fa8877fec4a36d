import { describe, expect, it } from "vitest";
import { FailedChanges } from "../../../../shared/core/planning/failed-changes.ts";
import type { Change } from "../../../../shared/model/change.ts";
import { change, hostChange, published } from "../../../support/reports.ts";

const record = (key: string, name: string, overrides: Partial<Change> = {}): Change =>
  change({ key, phase: "withdraw", joins: [], leaves: [published(name, "CNAME gw.example.com 300")], ...overrides });
const hosts = (...names: readonly string[]): Change =>
  hostChange({
    phase: "close",
    joins: [],
    leaves: names.map((name) => published(name, "host", "istio/w1/ingress")),
    after: { kind: "Gateway", spec: { servers: [{ port: 443, hosts: ["stays"] }] } },
  });

function after(...failed: readonly Change[]): FailedChanges {
  const changes = new FailedChanges();
  for (const one of failed) changes.add(one);
  return changes;
}

/** What became of the change: it goes, less of it goes, or what it is blocked by. */
function answer(failed: FailedChanges, planned: Change): string {
  const blocker = failed.blockerOf(planned);
  if (blocker !== undefined) return blocker;
  const remainder = failed.remainderOf(planned);
  if (remainder.kind === "blocked") return remainder.by;
  return remainder.change === planned ? "goes" : "goes in part";
}

const api = record("shop/api", "api");
const w2 = { kind: "cluster", name: "w2" } as const;

describe("FailedChanges", () => {
  it.each<[string, Change, string]>([
    ["a later step of its object", { ...api, id: `${api.item}#1` }, "an earlier step of the same object"],
    ["what depends on it", record("shop/b", "b", { dependsOn: [api.id] }), api.id],
    ["a later phase of its name", record("shop/b", "api", { phase: "publish" }), "cluster/w1/api in weu"],
    ["the host of its name", hosts("api"), "cluster/w1/api"],
  ])("blocks %s", (_what, planned, by) => expect(answer(after(api), planned)).toBe(by));

  it.each<[string, Change]>([
    ["the same phase of its name", record("shop/b", "api")],
    ["an earlier phase of its name", record("shop/b", "api", { phase: "open" })],
    ["another name", record("shop/b", "b", { phase: "publish" })],
    ["its name in another zone", record("shop/b", "api", { leaves: [published("api", "CNAME a 300", "neu")] })],
    ["its name in another place", record("shop/b", "api", { phase: "publish", place: w2 })],
    ["what depends on others", record("shop/b", "b", { dependsOn: ["another"] })],
  ])("lets %s go", (_what, planned) => expect(answer(after(api), planned)).toBe("goes"));

  it("lets everything go while nothing failed", () => expect(answer(after(), api)).toBe("goes"));

  it("counts the first phase in which a name failed: what comes between is blocked as well", () =>
    expect(
      answer(after(api, record("shop/b", "api", { phase: "close" })), record("shop/c", "api", { phase: "publish" })),
    ).toBe("cluster/w1/api in weu"));

  it("closes the hosts whose names are not stuck, and leaves the others on their object", () => {
    const remainder = after(api).remainderOf(hosts("api", "pay"));
    expect(remainder).toMatchObject({
      kind: "due",
      change: {
        leaves: [{ name: "pay" }],
        after: { spec: { servers: [{ hosts: ["api", "stays"] }] } },
      },
    });
  });

  it("divides nothing that was made from what is not there", () =>
    expect(answer(after(api), { ...hosts("api", "pay"), dependsOn: [api.id] })).toBe(api.id));
});
