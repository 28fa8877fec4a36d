/**
 * Rule 2: once the world stands still, waiting times have elapsed and held changes are approved, passes reach an empty plan
 * within five and stay there, without a single write, statuses included; and no pass undoes what an earlier one did.
 */
import { AppProcess } from "./app/app-process.ts";
import { reportOf, runProduct, type Incarnation } from "./app/run-product.ts";
import type { Site } from "./app/site.ts";
import type { PassReport } from "../../shared/model/report.ts";
import type { Findings } from "./checkers/all-checkers.ts";
import { runOf } from "./app/run-context.ts";
import { repairZones } from "./actors/zone-hands.ts";
import { isMarked } from "./oracle/wanted-names.ts";
import { canonical, entriesOf, metadataOf } from "./world/field-ownership.ts";
import { keyOf } from "./world/api-server.ts";
import { collectGarbage } from "./world/garbage-collector.ts";
import { fieldManager } from "../../shared/model/ownership.ts";

const rule = "2 settles";
const minute = 60_000;
/** A bound, not an aim: a run that needs as many is reported by its fifth. */
const mostRounds = 25;
const passesAllowed = 5;
const mostLooks = 6;

export type Settled = { readonly rounds: number; readonly report?: PassReport };

export function newProcess(site: Site, name: string): Incarnation {
  return { process: new AppProcess(name, site), store: site.memory.reopen() };
}

/** Ends what keeps the product from being understood: networks, admission, editors' ownership, held deletions, strange records. */
export function healWorld(site: Site): void {
  const { world } = site;
  world.heal();
  repairZones(world);
  for (const cluster of world.clusters) {
    world.refuse(cluster, undefined);
    const writer = { manager: "kubectl-edit" };
    for (const kind of ["ServiceRoute", "Gateway", "DNSEndpoint"] as const) {
      for (const object of cluster.server.stored(kind)) {
        if (metadataOf(object)["deletionTimestamp"] === undefined) continue;
        cluster.server.finalize(kind, keyOf(object), "example.com/backup", writer);
      }
    }
    // An object that an editor made his own is in conflict for ever: he deletes it, and it is made again.
    for (const kind of ["DNSEndpoint", "IstioGateway"] as const) {
      for (const object of cluster.server.stored(kind).filter(isMarked)) {
        const managers = new Set(entriesOf(object).map(({ manager }) => manager));
        if (managers.size > 1 && managers.has(fieldManager)) cluster.server.delete(kind, keyOf(object), { writer });
      }
    }
  }
}

/** ExternalDNS, the garbage collector and time go on; nobody changes anything. */
export async function letTimePass(site: Site, ms: number): Promise<void> {
  const { world, timeline } = site;
  for (let sweep = 0; sweep < 4; sweep += 1) for (const { server } of world.clusters) collectGarbage(server);
  for (let pass = 0; pass < 2; pass += 1) {
    for (const instance of world.externalDns) {
      instance.read(world.serverFor(instance.cluster), timeline.clock.monotonicMs());
      const zone = world.zone(instance.region);
      if (zone !== undefined) instance.write(zone);
    }
  }
  await timeline.run(() => false, timeline.clock.monotonicMs() + ms);
}

/** Runs passes until nothing is left to do. The world must stand still: no faults, nobody acting. */
export async function settle(site: Site, findings: Findings, label: string): Promise<Settled> {
  site.faulty = false;
  const incarnation = newProcess(site, `settle-${label}`);
  const undone = watchForUndoing(site);
  let busy = 0;
  let quiet = 0;
  for (let round = 1; round <= mostRounds; round += 1) {
    await letTimePass(site, 11 * minute);
    const { report, writes } = await onePass(site, incarnation);
    if (report === undefined) {
      findings.report(rule, site.nowMs(), `${label}: pass ${round} in a world without faults failed`);
      return { rounds: round };
    }
    const empty = isEmpty(report) && writes === 0;
    // The host of a route that vanished leaves its Istio Gateway with the second complete read, which no plan announces.
    quiet = empty ? quiet + 1 : 0;
    if (quiet === 1) continue;
    if (empty) {
      const last = await staysEmpty(site, findings, { incarnation, label });
      for (const sentence of undone()) findings.report(rule, site.nowMs(), `${label}: ${sentence}`);
      return { rounds: round, report: last ?? report };
    }
    // A pass that waits for a person is not counted: the next one may need him again, about what this one made possible.
    // Nor is one that only waits for time: one handover may begin where another ends.
    const onlyTime =
      report.plan.changes.length === 0 && report.plan.waiting.some(({ dueAtMs }) => dueAtMs !== undefined);
    if (report.plan.held.length === 0 && !onlyTime) busy += 1;
    if (busy === passesAllowed) {
      findings.report(
        rule,
        site.nowMs(),
        `${label}: pass ${round} still had work: ${describe(report)}, ${writes} writes`,
      );
    }
    await approveEverything(site, incarnation, report);
  }
  findings.report(rule, site.nowMs(), `${label}: ${mostRounds} passes were not enough`);
  return { rounds: mostRounds };
}

/** A person says yes until nothing new is held: approving one group may change what another one holds. */
async function approveEverything(site: Site, incarnation: Incarnation, first: PassReport): Promise<void> {
  const asked = new Set<string>();
  let held = first.plan.held;
  for (let look = 0; look < mostLooks && held.some(({ digest }) => !asked.has(digest)); look += 1) {
    for (const group of held.filter(({ digest }) => !asked.has(digest))) {
      const end = await inTime(site, () => runProduct(incarnation, { what: "approval", group }));
      if (end?.kind === "approval" && end.approved) asked.add(group.digest);
    }
    const preview = await inTime(site, () => runProduct(incarnation, { what: "preview" }));
    held = (preview === undefined ? undefined : reportOf(preview))?.plan.held ?? [];
  }
}

/** The last of them after everything is over that the product remembers for a while. @returns its report. */
async function staysEmpty(
  site: Site,
  findings: Findings,
  { incarnation, label }: { readonly incarnation: Incarnation; readonly label: string },
): Promise<PassReport | undefined> {
  let last: PassReport | undefined;
  for (const waitMs of [2 * minute, 16 * minute]) {
    await letTimePass(site, waitMs);
    const { report, writes, events } = await onePass(site, incarnation);
    last = report;
    if (report !== undefined && isEmpty(report) && writes + events === 0) continue;
    const what = report === undefined ? "failed" : describe(report);
    const counts = `${writes} writes, ${events} Events`;
    findings.report(rule, site.nowMs(), `${label}: an empty plan did not stay empty: ${what}, ${counts}`);
    return last;
  }
  return last;
}

type OnePass = {
  readonly report?: PassReport;
  readonly writes: number;
  readonly events: number;
  readonly storeWrites: number;
};

export async function onePass(site: Site, incarnation: Incarnation): Promise<OnePass> {
  let counts = { writes: 0, events: 0, storeWrites: 0 };
  let last: PassReport | undefined;
  site.add({
    runEnded: ({ what, writes, events, storeWrites }) => {
      if (what === "pass") counts = { writes, events, storeWrites };
    },
  });
  const end = await inTime(site, () => runProduct(incarnation, { what: "pass" }));
  last = end === undefined ? undefined : reportOf(end);
  return { ...counts, ...(last === undefined ? {} : { report: last }) };
}

/** Runs something of the product while time passes, until it is done. */
export async function inTime<T>(site: Site, begin: () => Promise<T>): Promise<T | undefined> {
  let done = false;
  let result: T | undefined;
  void begin().then((value) => {
    result = value;
    done = true;
  });
  await site.timeline.run(() => done);
  return result;
}

/** What others must do first may wait for ever, and with it what waits for that; what waits for time may not. */
export function isEmpty({ plan }: PassReport): boolean {
  const contended = plan.waiting.some(({ code }) => code === "Contended");
  const settled = plan.waiting.every(
    ({ code, dueAtMs }) => contended && code !== "SecondRead" && dueAtMs === undefined,
  );
  return plan.changes.length === 0 && plan.held.length === 0 && settled;
}

function describe({ plan, results, statuses }: PassReport): string {
  const failed = results.find(({ outcome }) => outcome.kind !== "done");
  return [
    `${plan.changes.length} changes (${plan.changes
      .slice(0, 3)
      .map(({ operation, id }) => `${operation} ${id}`)
      .join("; ")})`,
    `held ${plan.held.map(({ scope, code }) => `${scope} ${code}`).join("; ") || "-"}`,
    `waiting ${
      plan.waiting
        .slice(0, 2)
        .map(({ code, reason }) => `${code}: ${reason}`)
        .join("; ") || "-"
    }`,
    `statuses ${
      statuses
        .slice(0, 3)
        .map(({ kind, key, outcome }) => `${kind} ${key} ${outcome}`)
        .join("; ") || "-"
    }`,
    ...(failed === undefined ? [] : [`${failed.change.id}: ${JSON.stringify(failed.outcome)}`]),
  ].join(", ");
}

/** Notes every state in which the product leaves an object; one that comes back was undone in between. */
function watchForUndoing(site: Site): () => readonly string[] {
  const states = new Map<string, string[]>();
  const sentences: string[] = [];
  site.add({
    mutation: (mutation) => {
      const { server, kind, key, part, before, after } = mutation;
      const id = `${server} ${kind} ${key}`;
      if (part === "status") return;
      if (runOf(mutation) === undefined) {
        states.delete(id);
        return;
      }
      const known = states.get(id) ?? [stateOf(before)];
      const state = stateOf(after);
      // A change of what is not compared here (owners, annotations) leaves the same state: it takes nothing back.
      if (state === known.at(-1)) return;
      if (known.includes(state)) sentences.push(`an earlier change of ${id} was undone`);
      states.set(id, [...known, state]);
    },
  });
  return () => sentences;
}

function stateOf(object: Parameters<typeof metadataOf>[0] | undefined): string {
  return object === undefined ? "absent" : canonical({ spec: object["spec"], labels: metadataOf(object)["labels"] });
}
