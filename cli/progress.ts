/**
 * Progress for a person who waits, on stderr. In a terminal one line that is rewritten; elsewhere nothing but for whom it
 * waits, or with --verbose one line per stage. A result is written only after `end`, so that the line never mixes with it.
 */
import type { ComposeOptions } from "../shared/compose.ts";
import type { CliHost } from "./host.ts";

type Progress = NonNullable<ComposeOptions["progress"]>;

export type ProgressLine = Progress & {
  /** Takes the line away. */
  end(): void;
};

type ProgressHost = Pick<CliHost, "stderr" | "monotonicMs">;

export type ProgressOptions = { readonly quiet: boolean; readonly verbose: boolean };

/** What a person reads for the stages of a pass; a stage without an entry is shown by its own name. */
const STAGES: Readonly<Record<string, string>> = {
  read: "reading clusters",
  inspect: "asking for rights and time",
  judge: "judging",
  plan: "planning",
  apply: "applying changes",
  status: "writing statuses",
};

/** A line is rewritten at most this often: a pass may report thousands of steps. */
const REDRAW_MS = 80;
const CLEAR_LINE = "\r\u001b[K";

export function progressLine(host: ProgressHost, options: ProgressOptions): ProgressLine {
  if (options.quiet) return silent;
  if (!options.verbose && host.stderr.rewritesLines) return terminalLine(host);
  const waiting = waitingLines(host);
  return options.verbose ? { ...plainLines(host), waiting } : { ...silent, waiting };
}

const silent: ProgressLine = { stage: () => {}, step: () => {}, end: () => {} };

const waitingFor = (holder: string): string => `waiting for the lease of ${holder}`;

/** One line per holder: up to 70 s of silence look like a hang. */
function waitingLines({ stderr }: ProgressHost): (holder: string) => void {
  let said: string | undefined;
  return (holder) => {
    if (holder === said) return;
    said = holder;
    stderr.write(`${waitingFor(holder)}\n`);
  };
}

function plainLines(host: ProgressHost): ProgressLine {
  return { ...silent, stage: (name) => host.stderr.write(`${STAGES[name] ?? name}\n`) };
}

function terminalLine(host: ProgressHost): ProgressLine {
  let stageName = "";
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  const draw = (line: string) => {
    const { columns = 80, paint } = host.stderr;
    host.stderr.write(`${CLEAR_LINE}${paint("dim", line.slice(0, Math.max(0, columns - 1)))}`);
    drawnAtMs = host.monotonicMs();
  };
  const stage = (name: string) => {
    stageName = STAGES[name] ?? name;
    draw(`${stageName} …`);
  };
  return {
    stage,
    waiting: (holder) => stage(waitingFor(holder)),
    step: (done, total) => {
      if (host.monotonicMs() - drawnAtMs < REDRAW_MS && done !== total) return;
      draw(total === undefined ? `${stageName} … ${done}` : `${stageName} … ${done}/${total}`);
    },
    end: () => {
      if (drawnAtMs !== Number.NEGATIVE_INFINITY) host.stderr.write(CLEAR_LINE);
      drawnAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
