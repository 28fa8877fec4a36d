/**
 * One simulated run: some minutes of a fleet's life from one number. Teams, platform, hands and infrastructure act, one or
 * two processes of the product run passes and die, a person approves some of what is held. Then the world stands still and
 * must settle. Everything is checked while it happens; what is found comes back as violations.
 */
import { AppProcess } from "./app/app-process.ts";
import { reportOf, runProduct, type Asked, type Incarnation } from "./app/run-product.ts";
import { Site, type RunEnd, type Sabotage } from "./app/site.ts";
import type { HeldChanges } from "../../shared/model/change.ts";
import { pickAct, type Repertoire } from "./actors/actor.ts";
import { azureActs } from "./actors/azure.ts";
import { handActs } from "./actors/hands.ts";
import { infrastructureActs } from "./actors/infrastructure.ts";
import { platformActs } from "./actors/platform.ts";
import { teamActs } from "./actors/teams.ts";
import { zoneHandActs } from "./actors/zone-hands.ts";
import { Findings } from "./checkers/all-checkers.ts";
import type { Violation } from "./checkers/checker.ts";
import { finalFaults } from "./checkers/final-state.ts";
import { finalZoneFaults } from "./checkers/final-zones.ts";
import { killAndResume } from "./kill-resume.ts";
import { Random } from "./random.ts";
import { healWorld, letTimePass, settle } from "./settle.ts";
import { Trace } from "./trace.ts";
import { outageChangesNothing } from "./zone-outage.ts";
import * as bodies from "./world/bodies.ts";
import { slowestWriteMs } from "./world/external-dns.ts";
import { collectGarbage } from "./world/garbage-collector.ts";
import { timestamp } from "./world/api-server.ts";
import { makeWorld } from "./world/make-fleet.ts";

export type SimulationOptions = {
  readonly seed: number;
  readonly print?: (line: string) => void;
  readonly sabotage?: Sabotage;
  /** Copies of the run in which a process dies; default by the seed. */
  readonly kills?: number;
};

export type SimulationResult = {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly trace: string;
  readonly passes: number;
  /** Writes of the product that took effect. */
  readonly writes: number;
  readonly rounds: number;
};

const second = 1_000;
const minute = 60 * second;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const random = new Random(options.seed);
  const findings = new Findings();
  const site = Site.open(
    random,
    (nowMs) => makeWorld(random.fork("world"), nowMs),
    options.sabotage ?? ((ports) => ports),
  );
  const trace = new Trace(options.print);
  trace.watch(site);
  findings.watch(site);
  const counts = { passes: 0, writes: 0 };
  site.add({
    runEnded: (run, end) => {
      if (reportOf(end) !== undefined) counts.passes += 1;
      counts.writes += run.writes;
    },
  });
  const life = new Life(site);
  const durationMs = random.int(6, 14) * minute;
  const deaths = random.fork("deaths");
  const kills = options.kills ?? (deaths.chance(0.35) ? deaths.int(1, 2) : 0);
  life.begin();
  if (kills > 0) {
    await site.timeline.run(() => false, deaths.int(2, 6) * minute);
    await killAndResume(site, findings, { kills, watch: (copy, label) => trace.watch(copy, label) });
  }
  await site.timeline.run(() => false, durationMs);
  life.end();
  await site.timeline.run(() => false, durationMs + 3 * minute);
  const rounds = await standStill(site, findings);
  return { seed: options.seed, violations: findings.violations, trace: trace.digest(), rounds, ...counts };
}

/** Stands still twice: first with what admission and editors still refuse, then without. */
async function standStill(site: Site, findings: Findings): Promise<number> {
  site.faulty = false;
  site.world.heal();
  site.audience.happened("the world stands still");
  await letTimePass(site, 2 * minute);
  healWorld(site);
  const { rounds, report } = await settle(site, findings, "in the end");
  await letTimePass(site, 2 * minute);
  const since = await site.memory.read("since");
  const faults = [
    ...finalFaults(site),
    ...(report === undefined || since.found !== "value" ? [] : finalZoneFaults(site, { report, since: since.value })),
  ];
  for (const { rule, message } of faults) findings.report(rule, site.nowMs(), message);
  await outageChangesNothing(site, findings);
  return rounds;
}

/** Everything that happens by itself: controllers, people, and the product's own timers. */
class Life {
  readonly #site: Site;
  readonly #random: Random;
  #ended = false;
  #held: readonly HeldChanges[] = [];
  #incarnations = 0;

  constructor(site: Site) {
    this.#site = site;
    this.#random = site.random.fork("life");
  }

  begin(): void {
    this.#site.faulty = true;
    this.#startControllers();
    this.#act();
    this.#actOnZones();
    this.#startProcess("a");
    if (this.#random.chance(0.5)) this.#startProcess("b");
    this.#lookAtHeldChanges();
  }

  end(): void {
    this.#ended = true;
  }

  #every(leastMs: number, mostMs: number, run: () => void): void {
    const random = this.#random.fork(`every ${leastMs} ${mostMs} ${this.#incarnations} ${this.#random.next()}`);
    const again = (): void => {
      if (this.#ended) return;
      run();
      this.#site.timeline.after(random.int(leastMs, mostMs), again);
    };
    this.#site.timeline.after(random.int(0, mostMs), again);
  }

  #startControllers(): void {
    const { world, timeline } = this.#site;
    for (const instance of world.externalDns) {
      const region = world.configuration.regions.find(({ name }) => name === instance.region);
      const ms = (region?.externalDns.intervalSeconds ?? 60) * second;
      this.#every(ms, ms, () => {
        instance.read(world.serverFor(instance.cluster), timeline.clock.monotonicMs());
        timeline.after(this.#random.int(0, slowestWriteMs), () => {
          const zone = world.zone(instance.region);
          if (zone !== undefined) instance.write(zone);
        });
      });
    }
    for (const cluster of world.clusters) {
      this.#every(15 * second, 60 * second, () => {
        if (cluster.controlPlane) collectGarbage(cluster.server);
      });
      this.#every(15 * second, 15 * second, () => {
        if (!cluster.operator || !cluster.controlPlane) return;
        cluster.server.put(
          "OperatorLease",
          bodies.operatorLease(timestamp(this.#site.nowMs())),
          "service-router-operator",
        );
      });
    }
  }

  #act(): void {
    const random = this.#random.fork("acts");
    const who: readonly (readonly [number, Repertoire])[] = [
      [5, teamActs],
      [2, platformActs],
      [1.5, handActs],
      [2, infrastructureActs],
    ];
    this.#every(1 * second, 24 * second, () => {
      const group = who.map(([weight, acts]) => [weight, () => acts] as const);
      const total = group.reduce((sum, [weight]) => sum + weight, 0);
      let left = random.next() * total;
      const chosen = group.find(([weight]) => (left -= weight) < 0)?.[1]() ?? teamActs;
      const sentence = pickAct(chosen, random)?.({ world: this.#site.world, random });
      if (sentence !== undefined) this.#site.audience.happened(sentence);
    });
  }

  /** Apart from the others, and drawn apart: what happens to zones changes nothing of what happens to clusters. */
  #actOnZones(): void {
    const { timeline, world, audience } = this.#site;
    const random = this.#site.random.fork("zone acts");
    const again = (): void => {
      if (this.#ended) return;
      const sentence = pickAct(random.chance(0.6) ? zoneHandActs : azureActs, random)?.({ world, random });
      if (sentence !== undefined) audience.happened(sentence);
      timeline.after(random.int(2 * second, 30 * second), again);
    };
    timeline.after(random.int(0, 30 * second), again);
  }

  /** A process with a timer; when it dies, another one takes its place after a while. */
  #startProcess(name: string): void {
    this.#incarnations += 1;
    const process = new AppProcess(`${name}${this.#incarnations}`, this.#site);
    const incarnation: Incarnation = { process, store: this.#site.memory.reopen() };
    let running = false;
    const { timeline } = this.#site;
    const begin = (asked: Asked): void => {
      if (running || process.killed || this.#ended) return;
      running = true;
      this.#disturb(process);
      void runProduct(incarnation, asked).then((end) => {
        running = false;
        this.#noteHeld(end);
      });
    };
    const tick = (): void => {
      if (process.killed || this.#ended) return;
      begin(this.#whatIsAsked());
      timeline.after(15 * second, tick, true);
    };
    timeline.after(this.#random.int(0, 15 * second), tick, true);
    void process.death().then(() => {
      this.#site.audience.happened(`process ${process.name} died`);
      timeline.after(this.#random.int(1, 90) * second, () => {
        if (!this.#ended) this.#startProcess(name);
      });
    });
  }

  #whatIsAsked(): Asked {
    const drawn = this.#random.next();
    if (drawn < 0.9) return { what: "tick" };
    if (drawn < 0.95) return { what: "pass", ...(this.#random.chance(0.5) ? { waitForLeaseMs: 70 * second } : {}) };
    if (drawn < 0.97) return { what: "preview" };
    const cluster = this.#random.pick(this.#site.world.clusters)?.name;
    const namespace = this.#random.oneOf("team-a", "team-b", "istio-system");
    const scope = this.#random.chance(0.5) && cluster !== undefined ? { cluster } : { namespace };
    return { what: "pass", scope };
  }

  #disturb(process: AppProcess): void {
    if (this.#random.chance(0.02)) process.killAfter(this.#random.int(1, 300));
    if (this.#random.chance(0.03)) process.pauseAfter(this.#random.int(1, 150), this.#random.int(20, 150) * second);
  }

  #noteHeld(end: RunEnd): void {
    const report = reportOf(end);
    if (report !== undefined) this.#held = report.plan.held;
  }

  /** A person looks at what is held, and says yes to some of it. */
  #lookAtHeldChanges(): void {
    const process = new AppProcess("cli", this.#site);
    const incarnation: Incarnation = { process, store: this.#site.memory.reopen() };
    let busy = false;
    const { timeline } = this.#site;
    const look = (): void => {
      if (this.#ended) return;
      const group = this.#random.pick(this.#held);
      if (group !== undefined && !busy && this.#random.chance(0.6)) {
        busy = true;
        void runProduct(incarnation, { what: "approval", group }).then(() => {
          busy = false;
        });
      }
      timeline.after(this.#random.int(20, 100) * second, look, true);
    };
    timeline.after(this.#random.int(20, 100) * second, look, true);
  }
}
