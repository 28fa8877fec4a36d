/**
 * Seeded randomness. Every part of a run draws from a stream of its own (`fork`), so that one part that draws more or less
 * often does not change what the others do.
 */

export class Random {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** A stream that depends on this one's seed and the label only, not on what was drawn so far. */
  fork(label: string): Random {
    let hash = this.#seed ^ 0x811c9dc5;
    for (let index = 0; index < label.length; index += 1) hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193);
    return new Random(Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d));
  }

  /** In [0, 1). mulberry32 (public domain, Tommy Ettinger). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** True in a share of cases, 0 to 1. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of them; undefined when there is none. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.next() * from.length)];
  }

  /** One of a list that is known not to be empty. */
  oneOf<const T extends readonly [unknown, ...unknown[]]>(...from: T): T[number] {
    return from[Math.floor(this.next() * from.length)] ?? from[0];
  }

  /** Some of them, in their order. */
  some<T>(from: readonly T[], share: number): readonly T[] {
    return from.filter(() => this.chance(share));
  }
}
