/**
 * Rule 8: unknown moves nothing. From one moment a pass is run twice, once with zones that can be read and once with none
 * that can: whatever the second changes the first changes as well. And in a world that has settled an outage of all zones
 * changes nothing at all, statuses included.
 */
import { runProduct } from "./app/run-product.ts";
import type { Site } from "./app/site.ts";
import type { Findings } from "./checkers/all-checkers.ts";
import { inTime, isEmpty, letTimePass, newProcess, onePass } from "./settle.ts";
import type { Mutation } from "./world/api-server.ts";
import { canonical } from "./world/field-ownership.ts";
import type { ZoneAnswer } from "./world/zone.ts";

const rule = "8 unknown moves nothing";
const minute = 60_000;
const answers: readonly [ZoneAnswer, ...ZoneAnswer[]] = ["forbidden", "missing", "away", "throttled", "cut", "hanging"];

/** Objects that a run of the product changed, each with what became of it. */
export function watchChanges(site: Site): () => ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  site.add({
    mutation: ({ server, kind, key, part, after, writer }: Mutation) => {
      if (writer.run === undefined || part !== "object") return;
      changed.set(`${server} ${kind} ${key}`, after === undefined ? "deleted" : canonical(after["spec"]));
    },
  });
  return () => changed;
}

/** @param expected what the pass changed that could read the zones. @param dark a copy of the moment before it. */
export async function passInTheDark(
  dark: Site,
  findings: Findings,
  expected: ReadonlyMap<string, string>,
): Promise<void> {
  const changed = watchChanges(dark);
  await letTimePass(dark, 11 * minute);
  spoilZones(dark);
  await inTime(dark, () => runProduct(newProcess(dark, "in the dark"), { what: "pass" }));
  for (const [object, after] of changed()) {
    if (expected.get(object) === after) continue;
    const read = expected.get(object) ?? "untouched";
    findings.report(rule, dark.nowMs(), `without zones ${object} became ${after}; with them ${read}`);
  }
}

/** In a world that has settled. */
export async function outageChangesNothing(site: Site, findings: Findings): Promise<void> {
  spoilZones(site);
  await letTimePass(site, 2 * minute);
  const { report, writes, events } = await onePass(site, newProcess(site, "outage"));
  for (const zone of site.world.zones) zone.heal();
  if (report !== undefined && isEmpty(report) && writes + events === 0) return;
  const statuses = report?.statuses.slice(0, 3).map(({ kind, key }) => `${kind} ${key}`) ?? [];
  const changes = report?.plan.changes.slice(0, 3).map(({ id }) => id) ?? [];
  const what = [...changes, ...statuses].join(", ");
  findings.report(rule, site.nowMs(), `an outage of all zones led to ${writes} writes, ${events} Events: ${what}`);
}

function spoilZones(site: Site): void {
  const random = site.random.fork("outage");
  for (const zone of site.world.zones) zone.answer = random.oneOf(...answers);
}
