/**
 * Passes that meet, and passes that die: one lease, a mark for who came too late, and the same end state wherever a pass was
 * killed. The killed process is the real command line; it dies at a write of its own that the test picks.
 */
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyObject } from "../../support/components/test-cluster.ts";
import { startCommand } from "../../support/fleet/command-line.ts";
import { endStateOf, ours, recordsIn } from "../../support/fleet/cluster-picture.ts";
import { edit } from "../../support/fleet/edits.ts";
import { removeAll } from "../../support/fleet/empty-cluster.ts";
import {
  applyAll,
  gateway,
  identity,
  ingressService,
  policy,
  route,
  setAddresses,
  setUpPlatform,
} from "../../support/fleet/fleet-objects.ts";
import { manyRoutes } from "../../support/fleet/many-routes.ts";
import { failuresOf, outcomesOf } from "../../support/fleet/pass-outcomes.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1", proxied: true }, { name: "w2", proxied: true });
});
afterAll(() => fleet.close());
afterEach(() => {
  for (const name of ["w1", "w2"]) fleet.cluster(name).proxy.clear();
});

const server = (name: string) => fleet.cluster(name).server;
const regions = ["weu", "neu"];
const isWrite = ({ method }: { readonly method: string }): boolean => method !== "GET";

async function oneRoute(): Promise<void> {
  await fleet.reset();
  await setUpPlatform(server("w1"), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions });
  await setUpPlatform(server("w2"), { region: "weu", cluster: "aks02", address: "10.2.0.10", regions });
  await applyAll(server("w1"), policy("shop"), route("shop", "cart"));
}

/** A pass that stands at its first write until it is let go. */
async function passUnderWay(): Promise<{ readonly letGo: () => void; readonly ended: Promise<readonly string[]> }> {
  const arrived = Promise.withResolvers<null>();
  const mayGoOn = Promise.withResolvers<null>();
  const run = (): Promise<null> => {
    arrived.resolve(null);
    return mayGoOn.promise;
  };
  fleet.cluster("w1").proxy.inject({ when: isWrite, effect: { kind: "first", run }, times: 1 });
  const ended = fleet.pass().then(outcomesOf);
  await arrived.promise;
  return { letGo: () => mayGoOn.resolve(null), ended };
}

describe("two passes at once", () => {
  it("are one: the second learns who runs and leaves a mark, after which the fleet is looked at again", async () => {
    await oneRoute();
    const first = await passUnderWay();
    const second = await fleet.open("second");
    const busy = await second.reconcile({ by: "http" });
    expect(busy).toMatchObject({ kind: "busy", holder: expect.stringMatching(/^test /) });
    const refused = await fleet.ask("apply", "--no-wait");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/the lease reconcile is held by test /);
    first.letGo();
    expect(await first.ended).toHaveLength(6);
    expect(fleet.document("marks")).toMatchObject({ document: { requests: [{ by: "http" }, { by: "cli" }] } });
    expect(await second.tick({ by: "timer" })).toMatchObject({ kind: "not-due" });
    fleet.letTimePass(11_000);
    expect(await second.tick({ by: "timer" })).toMatchObject({ kind: "ran", report: { plan: { changes: [] } } });
    expect(fleet.document("marks")).toMatchObject({ document: { requests: [] } });
    expect(await second.tick({ by: "timer" })).toMatchObject({ kind: "not-due" });
  });

  it("follow each other where the second may wait", async () => {
    await oneRoute();
    const first = await passUnderWay();
    const waiting = fleet.ask("apply");
    first.letGo();
    expect((await first.ended).filter((line) => !line.endsWith(": done"))).toEqual([]);
    expect(await waiting).toMatchObject({ code: 0 });
    expect(failuresOf(await fleet.pass())).toEqual([]);
  });

  it("of one process are one, too", async () => {
    await oneRoute();
    const app = await fleet.open();
    const outcomes = await Promise.all([app.reconcile({ by: "a" }), app.reconcile({ by: "b" })]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["busy", "ran"]);
    expect(await recordsIn(server("w1"))).toHaveLength(3);
  });
});

describe("the lease of a killed pass", () => {
  it("keeps others out until it runs out, then the next one takes over and finishes the work", async () => {
    await oneRoute();
    await killedAtWrite(3);
    const app = await fleet.open("next");
    expect(await app.reconcile({ by: "test" })).toMatchObject({
      kind: "busy",
      holder: expect.stringMatching(/^cli /),
    });
    const before = lease();
    fleet.letTimePass(before.expiresAtMs - Date.now() - 2_500);
    const startedAtMs = Date.now();
    const taken = await app.reconcile({ by: "test", waitForLeaseMs: 20_000 });
    expect(taken).toMatchObject({ kind: "ran", report: { ended: { kind: "complete" } } });
    expect(Date.now() - startedAtMs).toBeGreaterThan(2_000);
    expect(lease().fencingToken).toBe(before.fencingToken + 1);
    expect(await recordsIn(server("w1"))).toHaveLength(3);
  });
});

function lease(): { readonly expiresAtMs: number; readonly fencingToken: number } {
  return fleet.document("leases/reconcile") as { readonly expiresAtMs: number; readonly fencingToken: number };
}

/**
 * Runs `service-router apply` and kills it when it sends its n-th write to either cluster. Odd numbers: before the API server
 * has it; even ones: after it was carried out.
 * @returns false when the command had fewer writes to send and ended by itself.
 */
async function killedAtWrite(number: number): Promise<boolean> {
  let writes = 0;
  const log = path.join(fleet.directory, "killed.log");
  const child = startCommand(fleet.commandOptions(), log, "apply", "--no-wait");
  const kill = (): Promise<unknown> => {
    child.signal("SIGKILL");
    return child.ended(10_000);
  };
  for (const name of ["w1", "w2"]) {
    fleet.cluster(name).proxy.inject({
      when: (request) => isWrite(request) && ++writes === number,
      effect: number % 2 === 0 ? { kind: "lose-answer", after: kill } : { kind: "first", run: kill },
    });
  }
  const ending = await child.ended(120_000);
  for (const name of ["w1", "w2"]) fleet.cluster(name).proxy.clear();
  return ending === "signal SIGKILL";
}

/** Passes until nothing is due and nothing waits. */
async function settle(): Promise<void> {
  for (let pass = 0; pass < 10; pass += 1) {
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([]);
    if (report.plan.changes.length === 0 && report.plan.waiting.length === 0 && report.statusesDue === 0) return;
    fleet.letTimePass(11_000);
  }
  throw new Error("the fleet did not settle within 10 passes");
}

type EndState = Readonly<Record<string, unknown>>;

const endState = async (): Promise<EndState> => ({
  w1: await endStateOf(server("w1")),
  w2: await endStateOf(server("w2")),
});

/** 200 routes: 120 in w1, 80 in w2 of which 40 are the same names, half of all bound to the region and published twice. */
async function populate(): Promise<void> {
  await fleet.reset();
  // The change below takes every name of w1, but none of them twice: a pass that goes on for a dead one does not pay again.
  fleet.configure({ budgets: { share: 1, names: 100_000 } });
  await Promise.all([
    (async () => {
      await setUpPlatform(server("w1"), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions });
      await applyAll(server("w1"), policy("local"), policy("global", { mode: "RegionBound", sourceRegion: "weu" }));
      await manyRoutes(server("w1"), "local", 60);
      await manyRoutes(server("w1"), "global", 60);
    })(),
    (async () => {
      await setUpPlatform(server("w2"), { region: "weu", cluster: "aks02", address: "10.2.0.10", regions });
      await applyAll(server("w2"), policy("local"), policy("other", { mode: "RegionBound", sourceRegion: "weu" }));
      await manyRoutes(server("w2"), "local", 40);
      await manyRoutes(server("w2"), "other", 40);
    })(),
  ]);
}

/** Everything at once: another domain in w1, a namespace emptied in w2, hosts that move to a second Gateway. */
async function change(): Promise<void> {
  await applyObject(server("w1"), identity("weu", "aks01", { domain: "example.org" }));
  const internal = { controller: "ingress-external", targetPostfix: "internal" };
  await applyAll(server("w1"), gateway("second", internal), ingressService());
  await setAddresses(server("w1"), ["10.1.0.77"]);
  for (let index = 0; index < 20; index += 1) {
    const key = `global/r${String(index).padStart(4, "0")}`;
    await edit(server("w1"), ours("ServiceRoute", key), { spec: { gatewayName: "second" } });
  }
  await removeAll(server("w2"), "/apis/routing.router.io/v1alpha1", "serviceroutes", "other");
}

describe("a pass that is killed at any write", () => {
  it("and run again ends as one that was left alone, from nothing and through a change of everything", async () => {
    await populate();
    await settle();
    const published = await endState();
    await change();
    await settle();
    const changed = await endState();

    // The first write before it was carried out, the second after it was, and any other of several hundred.
    const numbers = [1, 2, 3 + Math.floor(Math.random() * 300)];
    await populate();
    expect(await killOneAfterTheOther(numbers)).toBeGreaterThanOrEqual(2);
    await settle();
    expect(await endState(), `killed at writes ${numbers.join(", ")} from nothing`).toEqual(published);

    await change();
    expect(await killOneAfterTheOther(numbers)).toBeGreaterThanOrEqual(2);
    await settle();
    expect(await endState(), `killed at writes ${numbers.join(", ")} of the change`).toEqual(changed);
  });
});

/** @returns how many passes were really killed: a late write may not come, when earlier passes did nearly everything. */
async function killOneAfterTheOther(numbers: readonly number[]): Promise<number> {
  let killed = 0;
  for (const number of numbers) {
    if (await killedAtWrite(number)) killed += 1;
    fleet.letTimePass(61_000);
  }
  return killed;
}
