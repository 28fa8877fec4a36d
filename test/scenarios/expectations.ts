/** What a pass said and left behind, in the lines of stories, and how it differs from what the story expects. */
import type { Change, Plan } from "../../shared/model/change.ts";
import { objectKey } from "../../shared/core/naming/item-id.ts";
import { istioController, istioHosts } from "../../shared/core/naming/published-names.ts";
import type { ObservedStatus } from "../../shared/model/resources.ts";
import { objectsOf, type World } from "../support/builders/fleet.ts";
import type { Pass } from "../support/builders/pass.ts";
import { expand, type Outcome } from "./story.ts";

/** One pass of a story: when it ran, what it decided, and what was there afterwards. */
export type PlayedPass = { readonly nowMs: number; readonly pass: Pass; readonly after: World };

/** @returns one text per part that differs; empty when the pass is as the story says. */
export function differences({ nowMs, pass, after }: PlayedPass, expected: Outcome): readonly string[] {
  const { plan } = pass;
  const held = plan.held.map(({ code, scope }) => `${code} ${scope}`);
  const expectedHeld = expected.held ?? {};
  return [
    ...listDifference("plan", plan.changes.map(full), expected.plan),
    ...listDifference("held", held, Object.keys(expectedHeld)),
    ...plan.held.flatMap(({ code, scope, changes }) =>
      listDifference(`held.${code} ${scope}`, changes.map(full), expectedHeld[`${code} ${scope}`]),
    ),
    ...listDifference(
      "waiting",
      plan.waiting.map((waiting) => waitingLine(waiting, nowMs)),
      expected.waiting,
    ),
    ...listDifference("observed", plan.observed.map(full), expected.observed),
    ...listDifference("refused", plan.refusals.map(refusalLine), expected.refused),
    ...listDifference("frozen", frozenLines(pass), linesOf(expected.frozen)),
    ...(expected.status ?? []).flatMap((line) => statusDifference(after, line)),
    ...Object.entries(expected.published ?? {}).flatMap(([name, wanted]) =>
      expand(name).flatMap((one) => textDifference(`published.${one}`, publishedText(after, one), wanted)),
    ),
    ...Object.entries(expected.hosts ?? {}).flatMap(([where, wanted]) =>
      // Sorted: in a set of hosts the order says nothing.
      listDifference(
        `hosts.${where}`,
        hostsOf(after, where).toSorted(),
        wanted.flatMap((host) => expand(host)).toSorted(),
      ),
    ),
  ];
}

/** `create DNSEndpoint team/api-external-dns-weu in w1` */
function changeLine({ operation, kind, key, place }: Change): string {
  return `${operation} ${kind} ${key} in ${place.name}`;
}

/** With the hosts that leave (−) and join (+) an Istio Gateway, and what must be done before. */
function full(change: Change): string {
  if (change.kind !== "IstioGateway") return changeLine(change);
  const hosts = [...change.leaves.map(({ name }) => `-${name}`), ...change.joins.map(({ name }) => `+${name}`)].sort();
  const before = change.dependsOn.map((item) => item.split("|").slice(1).join(" "));
  const after = before.length === 0 ? "" : ` after ${before.join(", ")}`;
  return `${changeLine(change)}:${hosts.map((host) => ` ${host}`).join("")}${after}`;
}

function waitingLine({ change, code, dueAtMs }: Plan["waiting"][number], nowMs: number): string {
  const due = dueAtMs === undefined ? "" : `, due in ${(dueAtMs - nowMs) / 1000}s`;
  return `${changeLine(change)}: ${code}${due}`;
}

function refusalLine({ code, kind, key, place }: Plan["refusals"][number]): string {
  return `${code} ${kind} ${key} in ${place.name}`;
}

function frozenLines({ assessment }: Pass): readonly string[] {
  return assessment.fleet.clusters
    .flatMap(({ name, standing }) => (standing.kind === "frozen" ? [`${name}: ${standing.code}`] : []))
    .sort();
}

function linesOf(map: Readonly<Record<string, string>> | undefined): readonly string[] {
  return Object.entries(map ?? {}).map(([key, value]) => `${key}: ${value}`);
}

/** An expected line may leave out what follows the first colon of a change: hosts and order are for stories about them. */
function listDifference(part: string, found: readonly string[], lines: readonly string[] = []): readonly string[] {
  const expected = lines.flatMap((line) => expand(line));
  const same =
    found.length === expected.length &&
    found.every(
      (line, index) => line === expected[index] || line.split(": ")[0]?.replace(/:$/, "") === expected[index],
    );
  if (same) return [];
  return [`${part}\n      expected ${block(expected)}\n      found    ${block(found)}`];
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? "nothing" : lines.map((line) => `\n        - ${line}`).join("");
}

function textDifference(part: string, found: string, expected: string): readonly string[] {
  return found === expected ? [] : [`${part}\n      expected ${expected}\n      found    ${found}`];
}

/** `team/api in w1: Active Ready=True Published=False Standby "part of a message"`; the kind stands first, or is ServiceRoute. */
function statusDifference(world: World, line: string): readonly string[] {
  const [subject, said] = splitOnce(line, ": ");
  return expand(subject).flatMap((one) => {
    const status = statusAt(world, one);
    if (status === undefined) return [`status: there is no ${one}`];
    const found = statusText(status);
    const missing = wordsOf(said).filter((word) => !says(status, word));
    return missing.length === 0 ? [] : [`status of ${one}\n      expected ${said}\n      found    ${found}`];
  });
}

type Statement =
  | { readonly phase: string }
  | { readonly message: string }
  | { readonly type: string; readonly is: string; readonly reason: string | undefined };

const tokens = /"(?<message>[^"]+)"|(?<type>\w+)=(?<is>\w+)(?: (?<reason>[A-Z]\w+\b)(?!=))?|(?<phase>\w+)/g;

function wordsOf(text: string): readonly Statement[] {
  return [...text.matchAll(tokens)].map(({ groups = {} }): Statement => {
    const { message, type, is, reason, phase } = groups;
    if (message !== undefined) return { message };
    if (type !== undefined && is !== undefined) return { type, is, reason };
    return { phase: phase ?? "" };
  });
}

function says(status: ObservedStatus, word: Statement): boolean {
  const conditions = status.conditions ?? [];
  if ("phase" in word) return status["phase"] === word.phase || (word.phase === "unwritten" && conditions.length === 0);
  if ("message" in word) return conditions.some(({ message }) => message.includes(word.message));
  return conditions.some(
    ({ type, status: is, reason }) =>
      type === word.type && is === word.is && (word.reason === undefined || reason === word.reason),
  );
}

function statusText({ conditions = [], phase }: ObservedStatus): string {
  const said = conditions.map(({ type, status, reason, message }) => `${type}=${status} ${reason} "${message}"`);
  return [typeof phase === "string" ? phase : "(no phase)", ...said].join(" ");
}

function statusAt(world: World, subject: string): ObservedStatus | undefined {
  const [object, cluster] = splitOnce(subject, " in ");
  const [kind, key] = object.includes(" ") ? object.split(" ") : ["ServiceRoute", object];
  const id = `${kind} ${key}`;
  const one = world.clusters.find(({ name }) => name === cluster);
  const found = one?.objects.get(id)?.object ?? one?.rejected.get(id)?.rejected;
  return found !== undefined && "status" in found ? (found.status as ObservedStatus) : undefined;
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

export type Publication = {
  readonly name: string;
  readonly zone: string;
  readonly cluster: string;
  readonly content: string;
  readonly type: string;
};

/** What ExternalDNS is told to publish: every record of every DNSEndpoint that a region selects. */
export function publications(world: World): readonly Publication[] {
  return world.clusters.flatMap(({ name: cluster }) =>
    objectsOf(world, cluster, "DNSEndpoint").flatMap(({ meta, spec }) =>
      spec.endpoints.map(({ dnsName, recordType, targets }) => ({
        name: dnsName,
        zone: meta.labels["router.io/region"] ?? "",
        cluster,
        type: recordType,
        content: `${recordType} ${targets.join(" ")}`,
      })),
    ),
  );
}

function publishedText(world: World, where: string): string {
  const [name, zone] = splitOnce(where, " in ");
  const found = publications(world)
    .filter((one) => one.name === name && one.zone === zone)
    .map(({ content, cluster }) => `${content} by ${cluster}`);
  return found.length === 0 ? "nobody" : [...new Set(found)].join(" and ");
}

function hostsOf(world: World, where: string): readonly string[] {
  const [key, cluster] = splitOnce(where, " in ");
  const found = objectsOf(world, cluster, "IstioGateway").find(({ meta }) => objectKey(meta) === key);
  return found === undefined ? [] : istioHosts(found);
}

/** @throws when a story uses an assertion that is not known. */
export function neverHappened(played: PlayedPass, nevers: readonly string[]): readonly string[] {
  return nevers.flatMap((never) => violation(played, never).map((fault) => `never: ${never}\n      but ${fault}`));
}

const onePlace = /^a (?<operation>change|delete) in (?<cluster>\S+)$/;
const unpublished = /^(?<name>\S+) in (?<zone>\S+) without publisher$/;
const publishedBy = /^(?<name>\S+) in (?<zone>\S+) published by (?<cluster>\S+)$/;

function violation({ pass, after }: PlayedPass, never: string): readonly string[] {
  if (never === "two publishers of one name") return contendedNames(after);
  if (never === "a host on two Istio Gateways") return doubledHosts(after);
  const place = onePlace.exec(never)?.groups;
  if (place !== undefined) {
    return pass.plan.changes
      .filter((change) => change.place.name === place["cluster"])
      .filter((change) => place["operation"] === "change" || change.operation === "delete")
      .map((change) => full(change));
  }
  const without = unpublished.exec(never)?.groups;
  if (without !== undefined) {
    const where = `${without["name"]} in ${without["zone"]}`;
    return publishedText(after, where) === "nobody" ? [`nobody publishes ${where}`] : [];
  }
  const by = publishedBy.exec(never)?.groups;
  if (by === undefined) throw new Error(`never: "${never}" is not a known assertion`);
  return publications(after)
    .filter(({ name, zone, cluster }) => name === by["name"] && zone === by["zone"] && cluster === by["cluster"])
    .map(({ content, cluster }) => `${content} by ${cluster}`);
}

function contendedNames(world: World): readonly string[] {
  const byName = new Map<string, Set<string>>();
  for (const { zone, name, type, content, cluster } of publications(world)) {
    const id = `${name} in ${zone} (${type})`;
    byName.set(id, (byName.get(id) ?? new Set()).add(`${content} by ${cluster}`));
  }
  return [...byName].flatMap(([id, contents]) =>
    new Set([...contents].map((text) => text.split(" by ")[0])).size > 1
      ? [`${id}: ${[...contents].join(" and ")}`]
      : [],
  );
}

function doubledHosts(world: World): readonly string[] {
  const standing = new Map<string, string[]>();
  for (const { name } of world.clusters) {
    for (const found of objectsOf(world, name, "IstioGateway")) {
      for (const host of istioHosts(found)) {
        const id = `${host} (controller ${istioController(found)} of ${name})`;
        standing.set(id, [...(standing.get(id) ?? []), objectKey(found.meta)]);
      }
    }
  }
  return [...standing].flatMap(([id, keys]) => (keys.length > 1 ? [`${id} stands on ${keys.join(" and ")}`] : []));
}
