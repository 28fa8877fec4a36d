import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { writeZoneChange } from "../../../shared/app/write-zone-change.ts";
import { ForbiddenError, ThrottledError, ZoneUnreachableError } from "../../../shared/errors.ts";
import type { ZoneChange, ZoneChangeOutcome, ZoneRun, ZoneWrite } from "../../../shared/model/zone-change.ts";
import type { RecordSetId } from "../../../shared/model/zone-records.ts";
import { hostOf } from "./given-fleet.ts";
import { createMemoryZone, filed, type MemoryZone } from "../../support/zone-port.ts";
import {
  approve,
  approveAll,
  domain,
  garbage,
  givenGarbage,
  givenZones,
  grace,
  namesIn,
  oldHost,
  outcomeLines,
  pass,
  txtOf,
} from "./given-zones.ts";

const old = oldHost();
const txt = txtOf("CNAME", old).name;

describe("what happens in the zone meanwhile", () => {
  it("a record that was written since it was read stays", async () => {
    const given = await givenGarbage();
    given.weu.faults.remove = ({ name, type }) => {
      if (type === "CNAME") given.weu.put(filed({ name, type, values: [`else.${domainOf(name)}`] }));
    };
    const before = namesIn(given.weu);
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([`delete-record CNAME ${old}: stale STALE_OBJECT`]);
    expect(namesIn(given.weu)).toEqual(before);
  });

  it("a record that came back while its TXT was deleted gets the TXT back", async () => {
    const given = await givenGarbage();
    const before = given.weu.get({ name: txt, type: "TXT" });
    given.weu.faults.remove = ({ type }) => {
      // ExternalDNS writes the record of a DNSEndpoint that came back; the TXT is still there, so it leaves that alone.
      if (type === "TXT") given.weu.put(filed({ name: old, type: "CNAME", values: ["w1-weu-internal.example.com"] }));
    };
    const run = await approveAll(given, garbage);
    expect(outcomeLines(run)).toEqual([`delete-record CNAME ${old}: stale RECORD_RETURNED`]);
    expect(given.weu.get({ name: txt, type: "TXT" })?.values).toEqual(before?.values);
  });

  it("a TXT that ExternalDNS wrote again stays as it is", async () => {
    const given = await givenGarbage();
    given.weu.faults.remove = ({ type }) => {
      if (type !== "TXT") return;
      given.weu.put(filed({ name: old, type: "CNAME", values: ["w1-weu-internal.example.com"] }));
      given.weu.put(filed(txtOf("CNAME", old, "weu", "crd/shop/new")));
    };
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([
      `delete-record CNAME ${old}: stale RECORD_RETURNED`,
    ]);
    expect(given.weu.get({ name: txt, type: "TXT" })?.values.join()).toContain("crd/shop/new");
  });

  it("the TXT of a record that is gone is put back where the record came", async () => {
    const given = await givenGarbage({}, []);
    given.weu.put(filed(txtOf("CNAME", old)));
    await grace(given);
    given.weu.faults.remove = () => void given.weu.put(filed({ name: old, type: "CNAME", values: ["x.example.com"] }));
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([
      `delete-ownership TXT ${txt}: stale RECORD_RETURNED`,
    ]);
    expect(namesIn(given.weu)).toContain(`TXT ${txt}`);
  });
});

describe("a zone in trouble", () => {
  it("that asks for patience within a change gets it, and the change is finished", async () => {
    const given = await givenGarbage();
    let untilMs: number | undefined;
    given.weu.faults.remove = ({ type }) => {
      if (type !== "TXT") return;
      untilMs ??= given.clock.monotonicMs() + 30_000;
      if (given.clock.monotonicMs() < untilMs) throw new ThrottledError("zone weu", 30_000);
    };
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([`delete-record CNAME ${old}: done`]);
    expect(namesIn(given.weu)).not.toContain(`TXT ${txt}`);
  });

  it("that takes nothing more is left alone until the next round", async () => {
    const given = await givenGarbage();
    let asked = 0;
    given.weu.faults.remove = () => {
      if ((asked += 1) === 1) throw new ThrottledError("zone weu", 30_000);
    };
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([`delete-record CNAME ${old}: done`]);
  });

  it("that throttles on and on ends the run, and says so", async () => {
    const given = await givenGarbage();
    given.weu.faults.remove = () => {
      throw new ThrottledError("zone weu", 30_000);
    };
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([`delete-record CNAME ${old}: throttled THROTTLED`]);
    expect(namesIn(given.weu)).toContain(`CNAME ${old}`);
  });

  it.each([
    ["refuses", () => new ForbiddenError("zone weu", "delete"), "refused FORBIDDEN"],
    ["does not answer", () => new ZoneUnreachableError("weu", "503"), "failed ZONE_UNREACHABLE"],
  ])("that %s three times in a row is not tried again", async (_what, error, outcome) => {
    const given = await givenGarbage({}, ["a", "b", "x1", "x2"].map(oldHost));
    const { held } = await planZoneChanges(given.ports, garbage);
    given.weu.faults.remove = () => {
      throw error();
    };
    const run = await approve(given, garbage, held[0]?.digest ?? (await planZoneChanges(given.ports, garbage)).digest);
    expect(outcomeLines(run).map((line) => line.slice(line.indexOf(": ") + 2))).toEqual([
      outcome,
      outcome,
      outcome,
      "not-started ZONE_FAILING",
    ]);
  });

  it.each([
    [
      "is refused",
      () => new ForbiddenError("zone weu", "delete"),
      `its ownership TXT ${txt} is not: a later garbage run finds it`,
    ],
    [
      "gets no answer",
      () => new ZoneUnreachableError("weu", "503"),
      `nobody knows whether its ownership TXT ${txt} is: a later garbage run finds it if not`,
    ],
  ])("says what is left where the delete of the TXT %s", async (_what, error, left) => {
    const given = await givenGarbage();
    given.weu.faults.remove = ({ type }) => {
      if (type === "TXT") throw error();
    };
    const run = await approveAll(given, garbage);
    expect(run).toMatchObject({
      results: [{ outcome: { took: "name", left: `CNAME ${old} is deleted, ${left}` } }],
    });
    delete given.weu.faults.remove;
    await grace(given);
    expect(outcomeLines(await approveAll(given, garbage))).toEqual([`delete-ownership TXT ${txt}: done`]);
  });
});

describe("a change that was not done", () => {
  const cart = hostOf("w1", "cart");
  const cartTxt = txtOf("CNAME", cart).name;
  const timeout = (): never => {
    throw new DOMException("the operation timed out", "TimeoutError");
  };

  it.each([
    ["is throttled", () => new ThrottledError("zone weu", 30_000), "nothing", undefined],
    ["is refused", () => new ForbiddenError("zone weu", "delete"), "nothing", undefined],
    [
      "gets no answer",
      () => new ZoneUnreachableError("weu", "503"),
      "unknown",
      `nobody knows whether CNAME ${old} is deleted: a later garbage run finds what is there`,
    ],
  ])("says whether it took the name: its first write %s", async (_what, error, took, left) => {
    const given = await givenGarbage();
    given.weu.faults.remove = () => {
      throw error();
    };
    const run = await approveAll(given, garbage);
    expect(outcomesOf(run)).toEqual([expect.objectContaining({ took, ...(left === undefined ? {} : { left }) })]);
    expect(outcomesOf(run).map((outcome) => "left" in outcome)).toEqual([left !== undefined]);
  });

  it("took what it wrote, also where the record came back without its TXT", async () => {
    const given = await givenGarbage();
    given.weu.faults.remove = ({ type }) => {
      if (type === "TXT") given.weu.put(filed({ name: old, type: "CNAME", values: ["w1-weu-internal.example.com"] }));
    };
    given.weu.faults.put = timeout;
    expect(outcomesOf(await approveAll(given, garbage))).toMatchObject([
      { kind: "failed", took: "name", left: expect.stringContaining("may be without its ownership TXT") },
    ]);
  });

  it.each([
    ["the TXT gets no answer", { put: timeout }, "unknown", `nobody knows whether TXT ${cartTxt} is written`],
    ["nobody can look afterwards", {}, "name", `TXT ${cartTxt} is written, and its record may be gone`],
  ])("of a repair says so too: %s", async (_what, faults, took, left) => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    await pass(given);
    Object.assign(given.weu.faults, faults);
    given.weu.faults.get = () => {
      if (given.weu.get({ name: cartTxt, type: "TXT" }) !== undefined) timeout();
    };
    expect(outcomesOf(await approveAll(given, { task: "repair" }))).toMatchObject([
      { kind: "failed", code: "ZONE_UNREACHABLE", took, left: expect.stringContaining(left) },
    ]);
  });

  it("is no change that never began once its TXT was written, though the lease ended then", async () => {
    const given = await givenZones();
    given.weu.remove({ name: cartTxt, type: "TXT" });
    await pass(given);
    given.weu.faults.put = async () => {
      given.weu.remove({ name: cart, type: "CNAME" });
      given.store.loseLease("reconcile");
      await given.clock.advance(50_000);
    };
    expect(outcomesOf(await approveAll(given, { task: "repair" }))).toMatchObject([
      { kind: "failed", code: "LEASE_LOST", took: "name" },
    ]);
  });
});

function outcomesOf(run: ZoneRun): readonly ZoneChangeOutcome[] {
  return run.kind === "ran" ? run.results.map(({ outcome }) => outcome) : [];
}

function domainOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

describe("writeZoneChange", () => {
  const record = { name: old, type: "CNAME" } as const;
  const ownership = { name: txt, type: "TXT" } as const;
  const target = ["w1-weu-internal.example.com"];

  /** What ExternalDNS, or somebody else, does in the zone at one moment. */
  const happenings: Readonly<Record<string, (zone: MemoryZone) => void>> = {
    nothing: () => {},
    record: (zone) => void zone.put(filed({ ...record, values: target })),
    both: (zone) => {
      zone.put(filed({ ...record, values: target }));
      zone.put(filed(txtOf("CNAME", old)));
    },
    elsewhere: (zone) => void zone.put(filed({ ...record, values: ["else.example.com"] })),
    ownership: (zone) => void zone.put(filed(txtOf("CNAME", old, "weu", "crd/shop/new"))),
    gone: (zone) => {
      zone.remove(record);
      zone.remove(ownership);
    },
  };

  it("leaves no record without ownership, whatever happens in the zone between any two requests", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("delete-record", "delete-ownership"),
        fc.array(fc.constantFrom(...Object.keys(happenings)), { maxLength: 8, size: "max" }),
        async (kind, story) => {
          const zone = createMemoryZone(domain);
          if (kind === "delete-record") zone.put(filed({ ...record, values: target }));
          zone.put(filed(txtOf("CNAME", old)));
          const change = changeOf(kind, zone);
          const rest = [...story];
          const happens = (): void => happenings[rest.shift() ?? "nothing"]?.(zone);
          Object.assign(zone.faults, { get: happens, put: happens, remove: happens });
          const clock = { sleep: () => Promise.resolve() };
          const open = () => Promise.resolve(zone.port);
          const { kind: ended } = await writeZoneChange({ open, ensureRoom: () => Promise.resolve(), clock }, change);
          // The last request looks at the zone: what happened before it is seen, and mended.
          const isOrphan = zone.get(record) !== undefined && zone.get(ownership) === undefined;
          expect([kind, story, ended, isOrphan]).toEqual([kind, story, ended, false]);
        },
      ),
      { numRuns: 300 },
    );
  });

  function changeOf(kind: "delete-record" | "delete-ownership", zone: MemoryZone): ZoneChange {
    const base = { id: kind, kind, region: "weu", unchanged: [], reason: "a test" };
    const present = (id: RecordSetId): ZoneWrite => {
      const before = zone.get(id);
      return { ...id, zone: domain, ...(before === undefined ? {} : { before }) };
    };
    return kind === "delete-record"
      ? { ...base, writes: [present(record), present(ownership)], about: [] }
      : { ...base, writes: [present(ownership)], about: [{ ...record, zone: domain }] };
  }
});
