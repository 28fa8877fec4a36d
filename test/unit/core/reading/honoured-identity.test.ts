import { describe, expect, it } from "vitest";
import { honouredIdentity } from "../../../../shared/core/reading/honoured-identity.ts";
import type { ClusterIdentity } from "../../../../shared/model/resources.ts";
import { CREATED_AT_MS, identity, unparsable } from "../../../support/builders/objects.ts";

const complete = (...objects: readonly ClusterIdentity[]) => ({ read: "complete", objects, rejected: [] }) as const;
const made = (name: string, ageMs: number, spec: Partial<ClusterIdentity["spec"]> = {}) =>
  identity(spec, { name, meta: { createdAtMs: CREATED_AT_MS + ageMs } }).object;
const refusals = (honoured: ReturnType<typeof honouredIdentity>) =>
  [...honoured.refused].map(([name, { code }]) => `${name} ${code}`);

describe("honouredIdentity", () => {
  it("is the only one there is", () => {
    const honoured = honouredIdentity(complete(made("a", 0, { region: "neu" })), undefined);
    expect(honoured.identity?.region).toBe("neu");
    expect(honoured.refused.size).toBe(0);
  });

  it("is the oldest of several, whatever their order: a second one changes nothing", () => {
    const [old, young] = [made("z", 0, { region: "weu" }), made("a", 1, { region: "neu" })];
    for (const listing of [complete(old, young), complete(young, old)]) {
      const honoured = honouredIdentity(listing, undefined);
      expect(honoured.identity?.region).toBe("weu");
      expect(refusals(honoured)).toEqual(["a SingletonViolation"]);
      expect(honoured.refused.get("a")?.reason).toContain("ClusterIdentity z is older");
    }
  });

  it("has the lower name where two are equally old", () =>
    expect(honouredIdentity(complete(made("b", 0), made("a", 0)), undefined).identity?.meta.name).toBe("a"));

  it("is none of a region that the fleet does not have", () => {
    const honoured = honouredIdentity(complete(made("a", 0, { region: "zzz" })), undefined, ["weu", "neu"]);
    expect(honoured.identity).toBeUndefined();
    expect(refusals(honoured)).toEqual(["a RegionNotFound"]);
    expect(honoured.refused.get("a")?.reason).toContain("region zzz; regions of the fleet configuration has neu, weu;");
    expect(honouredIdentity(complete(made("a", 0, { region: "zzz" })), undefined, []).identity?.region).toBe("zzz");
  });

  it("is none that differs from what the configuration pins, however old", () => {
    const pinned = { region: "weu", cluster: "aks01" };
    const honoured = honouredIdentity(complete(made("old", 0, { region: "neu" }), made("young", 1)), pinned);
    expect(honoured.identity?.meta.name).toBe("young");
    expect(refusals(honoured)).toEqual(["old IdentityMismatch"]);
    expect(honoured.refused.get("old")?.reason).toContain("pins region weu, cluster aks01");
  });

  it.each([
    ["another region", { region: "neu" }],
    ["another cluster", { cluster: "aks02" }],
  ])("is none at all when the only one says %s than is pinned", (_what, spec) => {
    const honoured = honouredIdentity(complete(made("a", 0, spec)), { region: "weu", cluster: "aks01" });
    expect(honoured.identity).toBeUndefined();
    expect(refusals(honoured)).toEqual(["a IdentityMismatch"]);
  });

  it("is never one that does not parse, which is named with its faults", () => {
    const { rejected } = unparsable("ClusterIdentity", "broken", { issues: ["spec.region: too short"] });
    const honoured = honouredIdentity({ ...complete(made("a", 5)), rejected: [rejected] }, undefined);
    expect(honoured.identity?.meta.name).toBe("a");
    expect(honoured.refused.get("broken")).toEqual({ code: "InvalidSpec", reason: "spec.region: too short" });
  });

  it.each([
    ["not listed", undefined],
    ["not read", { read: "not-read", code: "FORBIDDEN", reason: "no" } as const],
  ])("is unknown where the kind was %s", (_what, listing) =>
    expect(honouredIdentity(listing, undefined)).toEqual({ refused: new Map() }),
  );
});
