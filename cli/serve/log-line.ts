/** What a function logs, as a line for a person at a terminal. Entries are JSON objects (functions/invocation-log.ts). */
import type { LogEntry } from "./functions-runtime.ts";

/** `12:00:15 reconcile_timer pass ended, changes 3, done 3`; undefined for measurements, which nobody reads line by line. */
export function logLine(entry: LogEntry, nowMs: number): string | undefined {
  const { message, ...fields } = parsedMessage(entry.message);
  if (message === "metric") {
    return undefined;
  }
  const level = entry.level === "information" ? "" : `${entry.level}: `;
  const details = Object.entries(fields).map(([name, value]) => `, ${name} ${shown(value)}`);
  return `${clockTime(nowMs)} ${entry.functionName ?? "host"} ${level}${message}${details.join("")}`;
}

/** UTC, as the timers. */
export function clockTime(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(11, 19);
}

function parsedMessage(text: string): { readonly message: string } & Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "message" in value && typeof value.message === "string") {
      return { ...value, message: value.message };
    }
  } catch {
    // Not one of ours: shown as it is.
  }
  return { message: text };
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
