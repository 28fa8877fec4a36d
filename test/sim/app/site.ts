/**
 * One world with its time, its state store, and everybody who watches. The main run has one; every "what if the process had
 * died here" has a copy of its own.
 */
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import type { HeldChanges } from "../../../shared/model/change.ts";
import type { PassOutcome } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import { createTestClock } from "../../support/clock.ts";
import {
  createMemoryStateStore,
  seededStoreFaults,
  type MemoryStateStore,
  type StoreFaults,
} from "../../support/state-store.ts";
import type { Random } from "../random.ts";
import { Timeline } from "../timeline.ts";
import type { Mutation } from "../world/api-server.ts";
import type { World } from "../world/world.ts";
import type { ZoneWrite } from "../world/zone.ts";
import type { Run } from "./run-context.ts";

/** How a run of the product ended. */
export type RunEnd =
  | { readonly kind: "tick"; readonly outcome: PassOutcome }
  | { readonly kind: "pass"; readonly report: PassReport }
  | { readonly kind: "approval"; readonly digest: string; readonly approved: boolean }
  | { readonly kind: "error"; readonly error: Error }
  | { readonly kind: "killed" };

/** What a checker, the trace or a statistic may look at. All optional; called in the order things happen. */
export type Watcher = {
  readonly mutation?: (mutation: Mutation) => void;
  readonly zoneWrite?: (write: ZoneWrite) => void;
  readonly runEnded?: (run: Run, end: RunEnd) => void;
  readonly approved?: (group: HeldChanges) => void;
  readonly leased?: (run: Run) => void;
  /** A document of the store was written in a run, whatever the run was told about it. */
  readonly remembered?: (run: Run, document: string, id: string | undefined) => void;
  /** What goes to telemetry, in one line of text. */
  readonly logged?: (line: string) => void;
  /** Something happened in the world, as a sentence. */
  readonly happened?: (sentence: string) => void;
};

/** Everything that watches, as one. */
export type Audience = { readonly [K in keyof Watcher]-?: NonNullable<Watcher[K]> };

/** A deliberate fault between the product and its ports (mutations.test.ts). */
export type Sabotage = (ports: FleetPorts, process: string) => FleetPorts;

export class Site {
  readonly timeline: Timeline;
  readonly world: World;
  readonly memory: MemoryStateStore;
  readonly random: Random;
  readonly audience: Audience;
  /** The site that this one is a copy of. */
  readonly origin: Site | undefined;
  readonly sabotage: Sabotage;
  readonly #watchers: Watcher[] = [];
  /** Injected faults of ports and store; off while the world stands still. */
  faulty = false;
  #runs = 0;

  private constructor(parts: {
    readonly timeline: Timeline;
    readonly world: World;
    readonly random: Random;
    readonly sabotage: Sabotage;
    readonly origin?: Site;
  }) {
    this.timeline = parts.timeline;
    this.world = parts.world;
    this.random = parts.random;
    this.sabotage = parts.sabotage;
    this.audience = audienceOf(this.#watchers);
    this.memory = createMemoryStateStore({ clock: parts.timeline.clock, faults: this.#storeFaults() });
    this.origin = parts.origin;
    for (const [path, bytes] of parts.origin?.memory.files ?? []) this.memory.files.set(path, bytes);
    for (const { server } of this.world.clusters) server.watch = this.audience.mutation;
    for (const zone of this.world.zones) zone.watch = this.audience.zoneWrite;
  }

  static open(random: Random, makeWorld: (nowMs: () => number) => World, sabotage: Sabotage): Site {
    const timeline = new Timeline(createTestClock());
    return new Site({ timeline, world: makeWorld(() => timeline.clock.nowMs()), random, sabotage });
  }

  /** The same moment again, to be continued apart. Nobody watches the copy yet. */
  copy(label: string): Site {
    const timeline = new Timeline(createTestClock({ startMs: this.nowMs() }));
    return new Site({
      timeline,
      world: this.world.clone(() => timeline.clock.nowMs()),
      random: this.random.fork(label),
      sabotage: this.sabotage,
      origin: this,
    });
  }

  add(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  nowMs(): number {
    return this.timeline.clock.nowMs();
  }

  nextRun(): number {
    this.#runs += 1;
    return this.#runs;
  }

  #storeFaults(): StoreFaults {
    const faults = seededStoreFaults(this.random.fork("store").int(0, 2 ** 31), {
      read: 0.002,
      writeFail: 0.01,
      writeFailAfter: 0.01,
      acquire: 0.01,
      renewFail: 0.02,
    });
    const when = <F extends (nth: number, path: string) => unknown>(fault: F | undefined): F =>
      ((nth: number, path: string) => (this.faulty ? fault?.(nth, path) : undefined)) as F;
    return {
      read: when(faults.read),
      write: when(faults.write),
      acquire: when(faults.acquire),
      renew: when(faults.renew),
    };
  }
}

function audienceOf(watchers: readonly Watcher[]): Audience {
  return {
    mutation: (mutation) => watchers.forEach((watcher) => watcher.mutation?.(mutation)),
    zoneWrite: (write) => watchers.forEach((watcher) => watcher.zoneWrite?.(write)),
    runEnded: (run, end) => watchers.forEach((watcher) => watcher.runEnded?.(run, end)),
    approved: (group) => watchers.forEach((watcher) => watcher.approved?.(group)),
    leased: (run) => watchers.forEach((watcher) => watcher.leased?.(run)),
    remembered: (run, document, id) => watchers.forEach((watcher) => watcher.remembered?.(run, document, id)),
    logged: (line) => watchers.forEach((watcher) => watcher.logged?.(line)),
    happened: (sentence) => watchers.forEach((watcher) => watcher.happened?.(sentence)),
  };
}
