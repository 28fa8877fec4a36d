/**
 * One process of the product: it waits at every call to the outside, and at every such wait it can be paused or killed.
 * A killed process never comes back from the call it waits in; what it had sent by then may have arrived or not.
 */
import type { Random } from "../random.ts";
import type { Site } from "./site.ts";

export class AppProcess {
  readonly name: string;
  readonly site: Site;
  readonly random: Random;
  #killed = false;
  #calls = 0;
  #killAtCall = Infinity;
  #pausedUntilMs = 0;
  #pause: { readonly atCall: number; readonly ms: number } | undefined;
  readonly #atDeath: (() => void)[] = [];

  /** @param name of this incarnation: also the holder of its leases. */
  constructor(name: string, site: Site) {
    this.name = name;
    this.site = site;
    this.random = site.random.fork(`process ${name}`);
  }

  get killed(): boolean {
    return this.#killed;
  }

  /** Waits so far; a call that writes waits twice, before and after its effect. */
  get calls(): number {
    return this.#calls;
  }

  killAfter(calls: number): void {
    this.#killAtCall = this.#calls + calls;
  }

  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    for (const tell of this.#atDeath) tell();
  }

  /** Resolves when the process dies. */
  death(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#killed) resolve();
      else this.#atDeath.push(resolve);
    });
  }

  /** After so many waits the machine stands still for a while. What was sent before arrives all the same. */
  pauseAfter(calls: number, ms: number): void {
    this.#pause = { atCall: this.#calls + calls, ms };
  }

  /** One wait of the process, in milliseconds. Never returns when the process dies in it. */
  async wait(ms: number): Promise<void> {
    this.#count();
    if (this.#killed) return never();
    await this.site.timeline.wait(ms);
    for (let left = this.#pausedUntilMs - this.#now(); left > 0; left = this.#pausedUntilMs - this.#now()) {
      await this.site.timeline.wait(left);
    }
    return this.#killed ? never() : undefined;
  }

  /** A way out into the world: not held up by a pause of the process, but by its death before it begins. */
  async send(ms: number): Promise<void> {
    this.#count();
    if (this.#killed) return never();
    await this.site.timeline.wait(ms);
  }

  #count(): void {
    this.#calls += 1;
    if (this.#calls >= this.#killAtCall) this.kill();
    if (this.#pause === undefined || this.#calls < this.#pause.atCall) return;
    this.#pausedUntilMs = this.#now() + this.#pause.ms;
    this.#pause = undefined;
  }

  #now(): number {
    return this.site.timeline.clock.monotonicMs();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
