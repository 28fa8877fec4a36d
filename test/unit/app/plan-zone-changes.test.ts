import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import { AzureUnavailableError, ClusterUnreachableError, ZoneUnreachableError } from "../../../shared/errors.ts";
import * as bodies from "../../sim/world/bodies.ts";
import { filed } from "../../support/zone-port.ts";
import { hostOf, putRoute } from "./given-fleet.ts";
import {
  approve,
  approveAll,
  externalDns,
  garbage,
  givenGarbage,
  givenZones,
  grace,
  litter,
  namesIn,
  oldHost,
  outcomeLines,
  pass,
  txtOf,
  type GivenZones,
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

  it("lets a minute go by after the first pass that saw an orphan: ExternalDNS writes the TXT after the record", async () => {
    const given = await givenZones();
    const txt = given.weu.get({ name: cartTxt, type: "TXT" });
    given.weu.remove({ name: cartTxt, type: "TXT" });
    const seen = async () => {
      const { changes, waiting } = await planZoneChanges(given.ports, { task: "repair" });
      return [changes.length, ...waiting.map((change) => "firstSeenAtMs" in change)];
    };
    expect(await seen()).toEqual([0, false]);
    await given.clock.advance(10 * 60_000);
    expect(await seen()).toEqual([0, false]);
    await reconcileFleet(given.ports, { mode: "apply" });
    await given.clock.advance(30_000);
    expect(await seen()).toEqual([0, true]);
    await given.clock.advance(30_000);
    expect(await seen()).toEqual([1]);
    if (txt !== undefined) given.weu.put(txt);
    expect(await seen()).toEqual([0]);
  });

  it.each([
    [
      "somebody pointed the record elsewhere",
      (given: GivenZones) => given.weu.put(filed({ name: cart, type: "CNAME", values: ["else.example.com"] })),
      ["w1-weu-internal.example.com"],
    ],
    [
      "the route was given another gateway",
      (given: GivenZones) => {
        const gateway = { controller: "ingress", targetPostfix: "other" };
        given.server("w1").put("Gateway", bodies.gateway("istio-system", "other", gateway), "gitops");
        putRoute(given.server("w1"), "cart", { gatewayName: "other" });
      },
      ["w1-weu-other.example.com"],
    ],
  ])("has another digest once %s", async (_what, happens, leadsTo) => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    await pass(given);
    const { digest, changes } = await planZoneChanges(given.ports, { task: "repair" });
    expect(changes).toMatchObject([{ leadsTo: ["w1-weu-internal.example.com"] }]);
    expect(changes).not.toMatchObject([{ takesName: cart }]);
    happens(given);
    await pass(given);
    expect(await approve(given, { task: "repair" }, digest)).toMatchObject({
      kind: "unknown-digest",
      plan: { changes: [{ takesName: cart, leadsTo }] },
    });
    expect(namesIn(given.weu)).not.toContain(`TXT ${cartTxt}`);
  });

  it("leaves an orphan alone that was written or deleted since", async () => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    given.weu.faults.get = ({ type }) => {
      if (type === "CNAME") given.weu.put(filed({ name: cart, type: "CNAME", values: ["else.example.com"] }));
    };
    await pass(given);
    expect(outcomeLines(await approveAll(given, { task: "repair" }))).toEqual([
      `write-ownership TXT ${cartTxt}: stale STALE_OBJECT`,
    ]);
  });

  it("takes the TXT away again where the record went meanwhile", async () => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    await pass(given);
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

describe("planZoneChanges", () => {
  it("writes nothing, anywhere, and takes no lease", async () => {
    const given = await givenGarbage();
    const [files, zone, journal] = [new Map(given.store.files), given.weu.recordSets(), [...given.journal]];
    await given.store.reopen().acquireLease("reconcile", "a pass", 60_000);
    const held = new Map(given.store.files);
    expect((await planZoneChanges(given.ports, garbage)).changes).toHaveLength(1);
    expect([new Map(given.store.files), given.weu.recordSets(), given.journal]).toEqual([held, zone, journal]);
    expect(held.size).toBeGreaterThan(files.size - 1);
  });

  it("says that garbage is new until a pass has seen it, and never starts its hour itself", async () => {
    const given = await givenZones();
    litter(given.weu, old);
    for (let look = 0; look < 2; look += 1) {
      const { waiting } = await planZoneChanges(given.ports, garbage);
      expect(waiting.map((change) => "firstSeenAtMs" in change)).toEqual([false]);
      await given.clock.advance(61 * 60_000);
    }
    await pass(given);
    const { waiting } = await planZoneChanges(given.ports, garbage);
    expect(waiting.map((change) => "firstSeenAtMs" in change)).toEqual([true]);
  });

  it("judges nothing while discovery fails: there may be clusters that nobody knows of", async () => {
    const given = await givenGarbage();
    const discovery = [
      { subscription: "s", tag: "fleet", value: "prod", writes: "apply", gatewayNamespace: "istio-system" },
    ] as const;
    given.faults.discover = () => Promise.reject(new AzureUnavailableError("503"));
    const ports = { ...given.ports, configuration: { ...given.ports.configuration, discovery } };
    expect(await planZoneChanges(ports, garbage)).toMatchObject({
      changes: [],
      waiting: [],
      notJudged: [{ reason: expect.stringContaining("discovery by tag fleet=prod failed") }],
    });
  });

  it("looks at one region where it is told to", async () => {
    const given = await givenGarbage();
    const neu = oldHost("neu");
    given.neu.put(filed({ name: neu, type: "CNAME", values: ["n1-neu-internal.example.com"] }));
    given.neu.put(filed(txtOf("CNAME", neu, "neu")));
    await grace(given);
    const seen = async (region?: string) => {
      const { changes } = await planZoneChanges(given.ports, region === undefined ? garbage : { ...garbage, region });
      return changes.map(({ takesName }) => takesName);
    };
    expect([await seen(), await seen("weu"), await seen("neu")]).toEqual([[neu, old], [old], [neu]]);
  });

  it.each(["repair", "copy-ownership"] as const)("of %s says which clusters and zones were not read", async (task) => {
    const given = await givenZones();
    given.weu.faults.list = () => {
      throw new ZoneUnreachableError("weu", "503");
    };
    given.faults.open = (cluster) => {
      if (cluster === "n1") throw new ClusterUnreachableError("n1", "down");
    };
    expect((await planZoneChanges(given.ports, { task })).notJudged).toMatchObject([
      { reason: expect.stringContaining("(n1)") },
      { region: "weu", reason: expect.stringContaining("503") },
    ]);
  });
});
