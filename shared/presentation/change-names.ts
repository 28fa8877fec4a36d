/**
 * What one change means for names: hosts that join or leave an Istio Gateway, records before and after.
 * Where no name is touched, the fields that differ.
 */
import type { Change } from "../model/change.ts";
import type { PublishedName } from "../model/desired.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { compared } from "./compared.ts";
import { firstOf } from "./document.ts";
import type { Rich, Span } from "./document.ts";

/** More names or fields of one object are counted, not shown, unless all are asked for. */
const NAMES_SHOWN = 6;

/** Zones of hosts on Istio Gateways: `istio/<cluster>/<controller>`. They are no DNS zones. */
const ISTIO_ZONE = "istio/";

/** What happens to one name, and in which DNS zone; hosts and fields are in none. */
type NameLine = { readonly zone?: string; readonly text: Rich };

/**
 * One line per name or field, at most `limit` and a line that counts the rest.
 * @param changes one, or several that {@link changeSameNames}: their zones stand together before each name.
 */
export function changedNames(changes: readonly Change[], limit = NAMES_SHOWN): readonly Rich[] {
  const all = changes.map(nameLines);
  const lines = (all[0] ?? []).map(({ text }, index): Rich => {
    const zones = [...new Set(all.flatMap((each) => each[index]?.zone ?? []))];
    return zones.length === 0 ? text : [`${zones.join(", ")}: `, ...text];
  });
  const { shown, more } = firstOf(lines, limit);
  return more === 0 ? shown : [...shown, [["dim", `and ${more} more`]]];
}

/** Whether two changes do the same to the same names, only in other zones: one gateway record for every region. */
export function changeSameNames(left: Change, right: Change): boolean {
  if (left.operation !== right.operation || left.kind !== right.kind) return false;
  const [one, other] = [nameLines(left), nameLines(right)];
  return one.some(({ zone }) => zone !== undefined) && textsOf(one) === textsOf(other);
}

function textsOf(lines: readonly NameLine[]): string {
  return JSON.stringify(lines.map(({ text }) => text));
}

function nameLines(change: Change): readonly NameLine[] {
  const lines = [...hostLines(change), ...recordLines(change)];
  return lines.length > 0 ? lines : fieldLines(change);
}

function hostLines(change: Change): readonly NameLine[] {
  const before = istioHosts(change.leaves);
  const after = istioHosts(change.joins);
  return [
    ...[...after].filter((host) => !before.has(host)).map((host) => ({ text: hostLine("create", "+ host ", host) })),
    ...[...before].filter((host) => !after.has(host)).map((host) => ({ text: hostLine("delete", "- host ", host) })),
  ];
}

function hostLine(tone: "create" | "delete", sign: string, host: string): Rich {
  return [
    [tone, sign],
    ["name", host],
  ];
}

function istioHosts(names: readonly PublishedName[]): ReadonlySet<string> {
  return new Set(names.filter(({ zone }) => zone.startsWith(ISTIO_ZONE)).map(({ name }) => name));
}

/**
 * By zone, name and type: what it was, what it will be. A record that leads where it led (only its TTL changes) does not leave:
 * what it was then stands in the object as it was read.
 */
function recordLines(change: Change): readonly NameLine[] {
  const after = records(change.joins);
  const read = [...records(recordsRead(change))].filter(([key]) => after.has(key));
  const before = new Map([...read, ...records(change.leaves)]);
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((key) => recordLine(before.get(key), after.get(key)));
}

/** Records of the DNSEndpoint before the change, in the zone of those after it: its region never changes. */
function recordsRead({ before, kind, joins }: Change): readonly PublishedName[] {
  const zone = joins[0]?.zone;
  const endpoints = kind === "DNSEndpoint" && isObject(before?.["spec"]) ? before["spec"]["endpoints"] : undefined;
  if (zone === undefined || !Array.isArray(endpoints)) return [];
  return (endpoints as readonly Json[])
    .filter(isObject)
    .flatMap(({ dnsName, recordType: type, targets, recordTTL }) => {
      if (typeof dnsName !== "string" || typeof type !== "string" || !Array.isArray(targets)) return [];
      const ttl = typeof recordTTL === "number" ? recordTTL : "-";
      return [{ zone, name: dnsName, content: `${type} ${targets.filter(isText).sort().join(",")} ${ttl}` }];
    });
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function records(names: readonly PublishedName[]): ReadonlyMap<string, PublishedName> {
  const published = names.filter(({ zone }) => !zone.startsWith(ISTIO_ZONE));
  return new Map(published.map((each) => [`${each.zone} ${each.name} ${recordType(each.content)}`, each]));
}

function recordLine(before: PublishedName | undefined, after: PublishedName | undefined): NameLine {
  const published = after ?? before;
  if (published === undefined) return { text: [] };
  const { zone, name } = published;
  const head: Rich = [["name", name], " "];
  if (before === undefined) return { zone, text: [...head, ...recordText(published.content)] };
  if (after === undefined) return { zone, text: [...head, "no longer ", ...recordText(before.content)] };
  return { zone, text: [...head, ...recordText(before.content), " → ", ...recordText(after.content)] };
}

function recordType(content: string): string {
  return content.split(" ", 1)[0] ?? "";
}

/** `CNAME gateway.example.com 300` as `CNAME gateway.example.com (300 s)`. */
function recordText(content: string): Rich {
  const [type = "", targets = "", ttl = "-"] = content.split(" ");
  return [`${type} `, ["name", targets.replaceAll(",", ", ")], ttl === "-" ? "" : ` (${ttl} s)`];
}

function fieldLines(change: Change): readonly NameLine[] {
  const { before, after } = compared(change);
  return before === undefined || after === undefined ? [] : differences(before, after, "").map(fieldLine);
}

function fieldLine({ path, before, after }: Difference): NameLine {
  return { text: [["name", path], ": ", ...valueText(before), " → ", ...valueText(after)] };
}

type Difference = { readonly path: string; readonly before: Json | undefined; readonly after: Json | undefined };

/** Leaves that differ, sorted by path. Depth is that of a Kubernetes object; keys come from our own normal form. */
function differences(before: Json | undefined, after: Json | undefined, path: string): readonly Difference[] {
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    const [left, right] = [members(before), members(after)];
    return [...new Set([...left.keys(), ...right.keys()])]
      .sort()
      .flatMap((key) => differences(left.get(key), right.get(key), path === "" ? key : `${path}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function isContainer(value: Json | undefined): value is JsonObject | readonly Json[] {
  return typeof value === "object" && value !== null;
}

function members(container: JsonObject | readonly Json[]): ReadonlyMap<string, Json | undefined> {
  return new Map(Object.entries(container));
}

const VALUE_CHARACTERS = 60;

function valueText(value: Json | undefined): readonly Span[] {
  if (value === undefined) return [["dim", "(absent)"]];
  const written = typeof value === "string" ? value : JSON.stringify(value);
  return [written.length > VALUE_CHARACTERS ? `${written.slice(0, VALUE_CHARACTERS)}…` : written];
}
