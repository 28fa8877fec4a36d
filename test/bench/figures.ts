/**
 * What a benchmark answers, and how it is shown. A figure stands beside its floor: what the same work costs without us,
 * measured in the same run on the same machine, so that the ratio means something on any machine. A missed target is
 * printed and never fails a run: measuring is not a test.
 */

export type Unit = "ms" | "s" | "MB" | "×" | "µs" | "";

export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly floor?: { readonly what: string; readonly value: number; readonly runs?: readonly number[] };
  /** A limit of the value, or of value / floor. At most is met. */
  readonly target?: { readonly of: "value" | "ratio"; readonly atMost: number };
  /** Single runs, in the order in which they were made. */
  readonly runs?: readonly number[];
};

export type BenchOptions = {
  /** Small sizes, for work on the benchmark itself: its figures say nothing about a target. */
  readonly quick: boolean;
  /** Other Node executables to measure besides this one. */
  readonly nodes: readonly string[];
  /** Progress for a person who waits. */
  readonly say: (line: string) => void;
};

export type Benchmark = {
  readonly name: string;
  readonly title: string;
  readonly run: (options: BenchOptions) => Promise<Outcome>;
};

export type Outcome = {
  readonly figures: readonly Figure[];
  /** Sizes, and what else a reader has to know to compare. */
  readonly notes: readonly string[];
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new Error("the median of nothing is not defined");
  return (upper + lower) / 2;
}

/** Of one run. CPU is that of this process, all threads. */
export type Taken = { readonly wallMs: number; readonly cpuMs: number };

export type Alternated = {
  readonly ours: readonly number[];
  readonly floor: readonly number[];
  readonly oursCpu: readonly number[];
  readonly floorCpu: readonly number[];
};

/** A B A B …: both sides meet the same noise. @returns milliseconds, in the order in which they were measured. */
export async function alternate(
  rounds: number,
  ours: () => Promise<Taken>,
  floor: () => Promise<Taken>,
): Promise<Alternated> {
  const taken: { readonly ours: Taken; readonly floor: Taken }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const below = await floor();
    taken.push({ floor: below, ours: await ours() });
  }
  return {
    ours: taken.map((one) => one.ours.wallMs),
    floor: taken.map((one) => one.floor.wallMs),
    oursCpu: taken.map((one) => one.ours.cpuMs),
    floorCpu: taken.map((one) => one.floor.cpuMs),
  };
}

export async function timed(work: () => Promise<unknown>): Promise<Taken> {
  const startedAtMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - startedAtMs, cpuMs: (user + system) / 1000 };
}

export function ratioOf(figure: Figure): number | undefined {
  return figure.floor === undefined ? undefined : figure.value / figure.floor.value;
}

/** Undefined without a target. */
export function isMet(figure: Figure): boolean | undefined {
  const { target } = figure;
  if (target === undefined) return undefined;
  const judged = target.of === "value" ? figure.value : ratioOf(figure);
  return judged !== undefined && judged <= target.atMost;
}

export function figureLines(figure: Figure): readonly string[] {
  const { what, value, unit, floor, target } = figure;
  const ratio = ratioOf(figure);
  const parts = [`${what}: ${amount(value, unit)}`];
  if (floor !== undefined && ratio !== undefined) {
    parts.push(`floor ${amount(floor.value, unit)} (${floor.what})`, `ratio ${ratio.toFixed(2)}`);
  }
  if (target !== undefined) {
    const limit = target.of === "ratio" ? String(target.atMost) : amount(target.atMost, unit);
    parts.push(`target ≤ ${limit}, ${isMet(figure) === true ? "met" : "missed"}`);
  }
  return [`  ${parts.join(" · ")}`, ...runLines(figure)];
}

/** Noise only adds time, so the quickest runs of both sides say best what the difference is. */
function runLines({ runs, floor, unit }: Figure): readonly string[] {
  if (runs === undefined) return [];
  const all = (list: readonly number[]): string => list.map((run) => amount(run, unit)).join(", ");
  if (floor?.runs === undefined) return [`      runs: ${all(runs)}`];
  const quickest = Math.min(...runs) / Math.min(...floor.runs);
  return [
    `      runs: ${all(runs)}`,
    `      floor: ${all(floor.runs)}`,
    `      ratio of the quickest runs: ${quickest.toFixed(2)}`,
  ];
}

function amount(value: number, unit: Unit): string {
  const digits = unit === "s" || unit === "×" || unit === "µs" ? 2 : 0;
  return `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}
