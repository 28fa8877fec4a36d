/** Changes of zones as lists: what is written, why, and since when; by region. */
import type { ZoneChange, ZoneRequest, ZoneTask } from "../model/zone-change.ts";
import { firstOf, section } from "./document.ts";
import type { Block, Entry, Rich, Span } from "./document.ts";
import { counted, dueTime, timestamp } from "./wording.ts";

/** How a task is called on the command line, and in headlines. */
export const zoneTaskWords: Readonly<Record<ZoneTask, { readonly command: string; readonly title: string }>> = {
  garbage: { command: "service-router garbage", title: "Garbage" },
  repair: { command: "service-router dns repair", title: "Repair" },
  "copy-ownership": { command: "service-router dns copy-ownership", title: "Copies of ownership" },
};

/** The command that carries out one list; it names again what the list was asked with, which the digest depends on. */
export function approveZonesCommand({ task, region, fromOwners = [] }: ZoneRequest, digest: string): string {
  const scope = region === undefined ? "" : ` --region ${region}`;
  const owners = fromOwners.map((owner) => ` --from-owner ${owner}`).join("");
  return `${zoneTaskWords[task].command}${scope}${owners} --approve ${digest}`;
}

/** `- delete CNAME old.example.com → w1-weu-internal.example.com` */
export function zoneChangeHead({ kind, writes }: ZoneChange): Rich {
  const [first] = writes;
  const sign: Span = kind === "write-ownership" ? ["create", "+ write"] : ["delete", "- delete"];
  const name: Rich = [` ${first?.type ?? ""} `, ["name", first?.name ?? ""]];
  if (kind !== "delete-record") return [sign, ...name];
  return [sign, ...name, ` → ${first?.before?.values.join(", ") ?? ""}`];
}

/** @param nowMs when the zones were read. */
export function zoneChangeEntry(change: ZoneChange, nowMs: number): Entry {
  const { kind, writes, reason } = change;
  const txts = writes.slice(1).map(({ name }): Rich => ["with its TXT ", ["name", name]]);
  const value = kind === "write-ownership" ? writes.flatMap(({ after }) => after?.values ?? []) : [];
  return {
    head: zoneChangeHead(change),
    details: [...txts, ...value.map((one): Rich => [one]), [["dim", `because ${reason}`]], ...sinceWhen(change, nowMs)],
  };
}

/** Of garbage and orphans: since when it is seen, and when its grace time is over. */
function sinceWhen({ kind, firstSeenAtMs, dueAtMs }: ZoneChange, nowMs: number): readonly Rich[] {
  if (dueAtMs === undefined) return [];
  if (firstSeenAtMs === undefined) {
    const grace = kind === "write-ownership" ? "minute" : "hour";
    const begins = `; its ${grace} begins with the next one (service-router apply)`;
    return [[["attention", "not seen by a pass yet"], begins]];
  }
  const due = dueAtMs <= nowMs ? `due since ${timestamp(dueAtMs)}` : `due ${dueTime(dueAtMs, nowMs)}`;
  return [[`seen since ${timestamp(firstSeenAtMs)}, ${due}`]];
}

/** One section per region, each with its entries. */
export function zoneSections(changes: readonly ZoneChange[], nowMs: number, limit: number): readonly Block[] {
  return regionsOf(changes).map((region) => {
    const own = changes.filter((change) => change.region === region);
    return section([["strong", `zone ${region}`], `  ${counted(own.length, "change")}`], [entries(own, nowMs, limit)]);
  });
}

export function entries(changes: readonly ZoneChange[], nowMs: number, limit: number): Block {
  const { shown, more } = firstOf(changes, limit);
  return { kind: "entries", entries: shown.map((change) => zoneChangeEntry(change, nowMs)), more };
}

export function regionsOf(changes: readonly Pick<ZoneChange, "region">[]): readonly string[] {
  return [...new Set(changes.map(({ region }) => region))].sort();
}
