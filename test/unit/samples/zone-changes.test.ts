/** What a person does about the sample's zone: its garbage deleted, its orphan repaired, and what is not ours left alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { carryOutZoneChanges } from "../../../shared/app/carry-out-zone-changes.ts";
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import type { ZoneRun, ZoneTask } from "../../../shared/model/zone-change.ts";
import { createTestClock } from "../../support/clock.ts";
import { createMemoryStateStore } from "../../support/state-store.ts";
import { copySampleFleet, type SampleFleet } from "./sample-fleet.ts";

const nothing = (): void => undefined;
const wishlist = "wishlist-ns-p-prod-eu-shop.example.internal";
const checkout = "checkout-ns-p-prod-eu-shop.example.internal";

let sample: SampleFleet;
let ports: FleetPorts;

beforeAll(async () => {
  sample = await copySampleFleet();
  const clock = createTestClock({ autoAdvance: true });
  const { configuration } = sample;
  const regions = configuration.regions.map((region) => ({ ...region, zoneWrites: "apply" as const }));
  ports = {
    configuration: { ...configuration, regions },
    clusters: {
      open: (cluster) => Promise.resolve(sample.open(cluster)),
      discover: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    },
    zones: { open: (zone) => Promise.resolve(sample.openZone(zone)), close: () => Promise.resolve() },
    store: createMemoryStateStore({ clock }),
    clock,
    telemetry: { info: nothing, warn: nothing, error: nothing, metric: nothing },
    progress: { stage: nothing, step: nothing },
    holder: "test",
  };
  await reconcileFleet(ports, { mode: "apply" });
  await clock.advance(61 * 60_000);
}, 60_000);

afterAll(() => sample.remove());

async function approveAll(task: ZoneTask): Promise<ZoneRun> {
  const { digest } = await planZoneChanges(ports, { task });
  const person = { name: "robin", verified: false };
  return carryOutZoneChanges(ports, { task, digest, person, reason: "INC-1" });
}

async function namesInZone(): Promise<readonly string[]> {
  const [zone] = sample.configuration.regions.flatMap(({ zones }) => zones);
  if (zone === undefined) throw new Error("weu has a zone");
  const sets = await sample.openZone(zone).list(AbortSignal.timeout(5_000));
  return sets.map(({ type, name }) => `${type} ${name}`);
}

function doneIn(run: ZoneRun): readonly string[] {
  return run.kind === "ran" ? run.results.map(({ change, outcome }) => `${outcome.kind} ${change.id}`) : [run.kind];
}

describe("the zone of the sample fleet", () => {
  it("loses the one record that nobody claims, with its TXT, and nothing else", { timeout: 60_000 }, async () => {
    const before = await namesInZone();
    expect(doneIn(await approveAll("garbage"))).toEqual([`done weu|delete-record|CNAME ${wishlist}`]);
    const gone = new Set([`CNAME ${wishlist}`, `TXT _xdns-cname.${wishlist}`]);
    expect(await namesInZone()).toEqual(before.filter((name) => !gone.has(name)));
  });

  it("gets the TXT that its orphan is missing, and the name is verified then", { timeout: 60_000 }, async () => {
    expect(doneIn(await approveAll("repair"))).toEqual([`done weu|write-ownership|TXT _xdns-cname.${checkout}`]);
    const { zones } = await reconcileFleet(ports, { mode: "preview" });
    const weu = zones.find(({ zone }) => zone === "weu");
    expect(weu?.reading).toMatchObject({ names: { orphan: 0, "foreign-owner": 1 }, garbage: { found: 0 } });
  });
});
