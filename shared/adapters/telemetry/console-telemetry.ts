/**
 * Telemetry for a terminal or a log collector: one line per entry on stderr, because stdout belongs to what a command answers.
 * Quiet by default: warnings and errors only. Never throws; a log line that cannot be written is not worth a failed pass.
 */
import type { Clock, Telemetry } from "../../ports.ts";

/** `metric` also shows numbers about passes. */
export type ConsoleLevel = "silent" | "error" | "warn" | "info" | "metric";

export type ConsoleTelemetryOptions = {
  /** Default `warn`. */
  readonly level?: ConsoleLevel;
  /** `json`: one object per line, with `at`, `level`, `message` and the fields under `fields`. Default `text`. */
  readonly format?: "text" | "json";
  readonly clock: Pick<Clock, "nowMs">;
  /** Receives one line without its end. Default: stderr. */
  readonly write?: (line: string) => void;
};

type Fields = Readonly<Record<string, string | number | boolean>>;
type Entry = { readonly level: Exclude<ConsoleLevel, "silent">; readonly message: string; readonly fields: Fields };

const RANK: Readonly<Record<ConsoleLevel, number>> = { silent: 0, error: 1, warn: 2, info: 3, metric: 4 };

/** What can stand after `=` without quotes. */
const PLAIN_VALUE = /^[\w.:/@%+-]+$/;

export function createConsoleTelemetry(options: ConsoleTelemetryOptions): Telemetry {
  const { level: most = "warn", format = "text", clock, write = writeToStderr } = options;
  const put = (entry: Entry): void => {
    if (RANK[entry.level] > RANK[most]) return;
    try {
      const at = new Date(clock.nowMs()).toISOString();
      write(format === "json" ? escapedJson({ at, ...entry }) : textLine(at, entry));
    } catch {
      // See the head of this file.
    }
  };
  return {
    info: (message, fields = {}) => put({ level: "info", message, fields }),
    warn: (message, fields = {}) => put({ level: "warn", message, fields }),
    error: (message, fields = {}) => put({ level: "error", message, fields }),
    metric: (name, value, attributes = {}) => put({ level: "metric", message: name, fields: { ...attributes, value } }),
  };
}

/**
 * `2026-01-03T10:00:00.000Z warn   the message  cluster=w1 reason="two words"`.
 * Values come from outside: none can start a new line or steer the terminal.
 */
function textLine(at: string, { level, message, fields }: Entry): string {
  const parts = Object.entries(fields).map(([key, value]) => {
    const text = String(value);
    return `${key}=${PLAIN_VALUE.test(text) ? text : escapedJson(text)}`;
  });
  const oneLine = message.replaceAll(/[\s\p{Cc}]+/gu, " ");
  return [`${at} ${level.padEnd(6)} ${oneLine}`, ...(parts.length === 0 ? [] : [parts.join(" ")])].join("  ");
}

/** JSON escapes the control characters below a space; the others (DEL, C1) are escaped here. */
function escapedJson(value: string | (Entry & { readonly at: string })): string {
  return JSON.stringify(value).replaceAll(
    /\p{Cc}/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
