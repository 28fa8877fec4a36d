import { describe, expect, it } from "vitest";
import { honouredConfiguration } from "../../../../shared/core/reading/honoured-configuration.ts";
import { CREATED_AT_MS, dnsConfiguration, unparsable } from "../../../support/builders/objects.ts";

const made = (name: string, ageMs: number, ...regions: readonly string[]) =>
  dnsConfiguration(regions, { name, meta: { createdAtMs: CREATED_AT_MS + ageMs } }).object;

describe("honouredConfiguration", () => {
  it("is the oldest, whatever the order: a second one changes nothing that is published", () => {
    const [old, young] = [made("z", 0, "weu"), made("a", 1, "neu")];
    for (const objects of [
      [old, young],
      [young, old],
    ]) {
      const { controllers, refused } = honouredConfiguration({ read: "complete", objects, rejected: [] });
      expect(controllers).toEqual([{ name: "external-dns-weu", region: "weu" }]);
      expect([...refused].map(([name, { code }]) => `${name} ${code}`)).toEqual(["a SingletonViolation"]);
    }
  });

  it("keeps the controllers in the order in which they are written: the first one names the first DNSEndpoint", () => {
    const objects = [made("dns", 0, "weu", "frc", "neu")];
    const { controllers } = honouredConfiguration({ read: "complete", objects, rejected: [] });
    expect(controllers?.map(({ region }) => region)).toEqual(["weu", "frc", "neu"]);
  });

  it("is none while the oldest names a region that the fleet does not have: what it published must not be withdrawn", () => {
    const objects = [made("old", 0, "weu", "zzz"), made("young", 1, "weu")];
    const { controllers, refused } = honouredConfiguration({ read: "complete", objects, rejected: [] }, ["weu", "neu"]);
    expect(controllers).toBeUndefined();
    expect([...refused].map(([name, { code }]) => `${name} ${code}`)).toEqual([
      "young SingletonViolation",
      "old RegionNotFound",
    ]);
    expect(refused.get("old")?.reason).toContain("region zzz; regions of the fleet configuration has neu, weu;");
  });

  it("is held against no regions where the fleet configuration names none", () => {
    const listing = { read: "complete", objects: [made("dns", 0, "zzz")], rejected: [] } as const;
    expect(honouredConfiguration(listing, []).controllers).toHaveLength(1);
  });

  it("is never one that does not parse", () => {
    const { rejected } = unparsable("DNSConfiguration", "broken", { issues: ["spec: missing"] });
    const { controllers, refused } = honouredConfiguration({ read: "complete", objects: [], rejected: [rejected] });
    expect(controllers).toBeUndefined();
    expect(refused.get("broken")).toEqual({ code: "InvalidSpec", reason: "spec: missing" });
  });

  it("is unknown where the kind was not read", () => {
    expect(honouredConfiguration(undefined).controllers).toBeUndefined();
    expect(honouredConfiguration({ read: "not-read", code: "FORBIDDEN", reason: "no" }).controllers).toBeUndefined();
  });
});
