/**
 * Rule 10: stopping at any line and running again ends in the same state. From one moment of a run the world is continued
 * twice: once undisturbed, and once with a process that dies at its n-th wait, followed by another one.
 */
import { runProduct } from "./app/run-product.ts";
import type { Site } from "./app/site.ts";
import { Findings } from "./checkers/all-checkers.ts";
import type { JsonObject } from "../../shared/model/json.ts";
import type { Kind } from "../../shared/model/kinds.ts";
import { healWorld, inTime, letTimePass, newProcess, settle } from "./settle.ts";
import { keyOf, labelsOf } from "./world/api-server.ts";
import { passInTheDark, watchChanges } from "./zone-outage.ts";
import { canonical, fieldsOf, metadataOf, ownersOf } from "./world/field-ownership.ts";

const rule = "10 kill and resume";
const minute = 60_000;

/** @param kills how many deaths to try. @returns what each copy's checkers found as well. */
export async function killAndResume(
  site: Site,
  findings: Findings,
  { kills, watch }: { readonly kills: number; readonly watch: (copy: Site, label: string) => void },
): Promise<void> {
  const moment = `at ${site.nowMs()}`;
  const undisturbed = quietCopy(site, "undisturbed", watch);
  const changed = watchChanges(undisturbed.site);
  const calls = await callsOfOnePass(undisturbed.site);
  const dark = quietCopy(site, "dark", watch);
  await passInTheDark(dark.site, dark.findings, changed());
  keep(findings, dark.findings);
  await settle(undisturbed.site, undisturbed.findings, "undisturbed");
  keep(findings, undisturbed.findings);
  const expected = finalState(undisturbed.site);
  const random = site.random.fork(`kills ${moment}`);
  for (let death = 1; death <= kills; death += 1) {
    const nth = random.int(1, Math.max(1, calls));
    const killed = quietCopy(site, `death ${death}`, watch);
    const incarnation = newProcess(killed.site, "victim");
    incarnation.process.killAfter(nth);
    await letTimePass(killed.site, 11 * minute);
    await inTime(killed.site, () => runProduct(incarnation, { what: "pass" }));
    await settle(killed.site, killed.findings, `killed at wait ${nth}`);
    keep(findings, killed.findings);
    const difference = firstDifference(expected, finalState(killed.site));
    if (difference !== undefined) {
      findings.report(rule, site.nowMs(), `a pass killed at wait ${nth} of ${calls} ended otherwise: ${difference}`);
    }
  }
}

function quietCopy(
  site: Site,
  label: string,
  watch: (copy: Site, label: string) => void,
): { readonly site: Site; readonly findings: Findings } {
  const copy = site.copy(label);
  const findings = new Findings(`(${label}) `);
  watch(copy, label);
  findings.watch(copy);
  healWorld(copy);
  return { site: copy, findings };
}

function keep(findings: Findings, found: Findings): void {
  for (const { rule: broken, atMs, message } of found.violations) findings.report(broken, atMs, message);
}

/** The first pass of the undisturbed copy, counted. */
async function callsOfOnePass(site: Site): Promise<number> {
  const incarnation = newProcess(site, "counted");
  await letTimePass(site, 11 * minute);
  await inTime(site, () => runProduct(incarnation, { what: "pass" }));
  return incarnation.process.calls;
}

const compared: readonly Kind[] = [
  "ClusterIdentity",
  "DNSConfiguration",
  "DNSPolicy",
  "Gateway",
  "ServiceRoute",
  "DNSEndpoint",
  "IstioGateway",
];

/** Everything that should be equal, by name: what we write, what statuses say, what the zones hold. Times are left out. */
export function finalState({ world }: Site): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const { name, server } of world.clusters) {
    for (const kind of compared) {
      for (const object of server.stored(kind))
        state.set(`${name} ${kind} ${keyOf(object)}`, canonical(essence(object)));
    }
  }
  for (const zone of world.zones) {
    for (const { name, type, content, owner } of zone.records) {
      state.set(`zone ${zone.region} ${name} ${type}`, `${content} of ${owner ?? "nobody"}`);
    }
  }
  return state;
}

function essence(object: JsonObject): JsonObject {
  // How often ExternalDNS had something new to read depends on how often it was written.
  const { conditions, observedGeneration: _read, ...fields } = fieldsOf(object["status"]);
  const judged = (Array.isArray(conditions) ? conditions : []).map((condition: unknown) => {
    const { lastTransitionTime: _when, ...rest } = fieldsOf(condition);
    return rest;
  });
  return {
    labels: labelsOf(object),
    annotations: metadataOf(object)["annotations"],
    owners: ownersOf(object).map((owner) => String(owner["uid"])),
    spec: object["spec"],
    status: { ...fields, conditions: judged },
  };
}

export function firstDifference(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): string | undefined {
  for (const key of [...new Set([...one.keys(), ...other.keys()])].sort()) {
    if (one.get(key) !== other.get(key)) return `${key}: ${one.get(key) ?? "absent"} / ${other.get(key) ?? "absent"}`;
  }
  return undefined;
}
