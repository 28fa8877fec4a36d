import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { filed } from "../../support/zone-port.ts";
import { hostOf } from "./given-fleet.ts";
import {
  approve,
  approveAll,
  externalDns,
  garbage,
  givenZones,
  grace,
  litter,
  namesIn,
  oldHost,
  outcomeLines,
  pass,
  txtOf,
} from "./given-zones.ts";

const old = oldHost();

describe("repair and copies", () => {
  const cart = hostOf("w1", "cart");
  const cartTxt = txtOf("CNAME", cart).name;

  it("writes the TXT of an orphan, from which on ExternalDNS keeps the record", async () => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    given.weu.put(filed({ name: cart, type: "CNAME", values: ["stale.example.com"] }));
    await pass(given);
    const run = await approveAll(given, { task: "repair" });
    expect(outcomeLines(run)).toEqual([`write-ownership TXT ${cartTxt}: done`]);
    externalDns(given);
    expect(given.weu.get({ name: cart, type: "CNAME" })?.values).toEqual(["w1-weu-internal.example.com"]);
    expect((await planZoneChanges(given.ports, { task: "repair" })).changes).toEqual([]);
  });

  it("leaves an orphan alone that was written or deleted since", async () => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    given.weu.faults.get = ({ type }) => {
      if (type === "CNAME") given.weu.put(filed({ name: cart, type: "CNAME", values: ["else.example.com"] }));
    };
    expect(outcomeLines(await approveAll(given, { task: "repair" }))).toEqual([
      `write-ownership TXT ${cartTxt}: stale STALE_OBJECT`,
    ]);
  });

  it("takes the TXT away again where the record went meanwhile", async () => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    given.weu.faults.put = () => given.weu.remove({ name: cart, type: "CNAME" });
    expect(outcomeLines(await approveAll(given, { task: "repair" }))).toEqual([
      `write-ownership TXT ${cartTxt}: stale STALE_OBJECT`,
    ]);
    expect(namesIn(given.weu)).not.toContain(`TXT ${cartTxt}`);
  });

  it("copies ownership to the region's prefix, deletes nothing, and has nothing to do the second time", async () => {
    const given = await givenZones();
    const value = given.weu.get({ name: cartTxt, type: "TXT" })?.values ?? [];
    given.weu.remove({ name: cartTxt, type: "TXT" });
    given.weu.put(filed({ name: `old-cname-${cart}`, type: "TXT", values: value }));
    const before = namesIn(given.weu);
    const copy = { task: "copy-ownership" } as const;
    expect(outcomeLines(await approveAll(given, copy))).toEqual([`write-ownership TXT ${cartTxt}: done`]);
    expect(given.weu.get({ name: cartTxt, type: "TXT" })?.values).toEqual(value);
    expect(namesIn(given.weu)).toEqual(expect.arrayContaining([...before]));
    expect((await planZoneChanges(given.ports, copy)).changes).toEqual([]);
  });

  it("offers the old TXT as garbage after the copy, under a digest of its own", async () => {
    const given = await givenZones();
    const value = given.weu.get({ name: cartTxt, type: "TXT" })?.values ?? [];
    given.weu.put(filed({ name: `old-cname-${cart}`, type: "TXT", values: value }));
    litter(given.weu, old);
    await grace(given);
    const plan = await planZoneChanges(given.ports, garbage);
    expect(plan.changes.map(({ kind }) => kind)).toEqual(["delete-record"]);
    expect(plan.held).toMatchObject([{ code: "OldOwnership", changes: [{ kind: "delete-old-ownership" }] }]);
    const run = await approve(given, garbage, plan.held[0]?.digest ?? "");
    expect(outcomeLines(run)).toEqual([`delete-old-ownership TXT old-cname-${cart}: done`]);
    expect(namesIn(given.weu)).toEqual(expect.arrayContaining([`TXT ${cartTxt}`, `CNAME ${old}`]));
  });
});
