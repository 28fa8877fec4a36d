/**
 * Rule 14 of a fleet that has settled, with its zones repaired: every name that one content is published for is verified,
 * routes say so, and passes remember nothing of names any more.
 */
import type { PassReport } from "../../../shared/model/report.ts";
import type { Since } from "../../../shared/model/state.ts";
import type { Site } from "../app/site.ts";
import { wantedNames } from "../oracle/wanted-names.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import type { World } from "../world/world.ts";
import { publicationsOf } from "./checker.ts";
import { hasDuplicates, type FinalFault } from "./final-state.ts";

const rule = "14 zones as they are";

export function finalZoneFaults(
  { world }: Site,
  { report, since }: { readonly report: PassReport; readonly since: Since },
): readonly FinalFault[] {
  const published = contentsByName(world);
  const troubled = new Set<string>();
  const messages: string[] = [];
  for (const region of zoned(world)) {
    const reading = report.zones.find(({ zone }) => zone === region)?.reading;
    if (reading?.read !== "complete") {
      messages.push(`in the end zone ${region} is ${reading?.read ?? "unknown"}`);
      continue;
    }
    for (const { name, type, result, evidence } of reading.unverified) {
      const id = `${region}|${name}|${type}`;
      troubled.add(id);
      // Where nobody publishes a name, or several do at odds, the zone cannot be as it should; nor where something else is
      // published than what is wanted, because an object is not ours to change or must go first.
      const [content, ...others] = published.get(id) ?? [];
      const asPublished = world.zone(region)?.get(name, type)?.content === content && result === "wrong-target";
      if (content === undefined || others.length > 0 || asPublished) continue;
      messages.push(`in the end ${id} is ${result}: ${evidence}`);
    }
  }
  for (const [id, mark] of Object.entries(since.records)) {
    if (!troubled.has(id)) messages.push(`in the end ${id} is still remembered: ${JSON.stringify(mark)}`);
  }
  return [...messages, ...untoldRoutes(world, troubled)].map((message) => ({ rule, message }));
}

function zoned({ configuration }: World): readonly string[] {
  return configuration.regions.filter(({ zones }) => zones.length > 0).map(({ name }) => name);
}

/** Contents that DNSEndpoints publish, whoever's they are, by `region|name|type`. */
function contentsByName({ clusters }: World): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { server } of clusters) {
    for (const { zone, name, type, content } of server.stored("DNSEndpoint").flatMap(publicationsOf)) {
      const id = `${zone}|${name}|${type}`;
      found.set(id, (found.get(id) ?? new Set()).add(content));
    }
  }
  return found;
}

/** Routes that are published, whose names are all as they should be, and that do not say DNSVerified. */
function untoldRoutes(world: World, troubled: ReadonlySet<string>): readonly string[] {
  if (hasDuplicates(world)) return [];
  const regions = new Set(zoned(world));
  return world.clusters.flatMap((cluster) => {
    const configured = world.configuration.clusters.find(({ name }) => name === cluster.name);
    if (configured?.writes !== "apply") return [];
    const names = wantedNames(world, cluster).filter(({ zone }) => regions.has(zone));
    return [...new Set(names.map(({ route }) => route))].flatMap((route) => {
      const status = fieldsOf(cluster.server.get("ServiceRoute", route)?.["status"]);
      const conditions = (Array.isArray(status["conditions"]) ? status["conditions"] : []).map(fieldsOf);
      const of = (type: string) => conditions.find((one) => one["type"] === type);
      const said = of("DNSVerified");
      const isTroubled = [...troubled].some((id) =>
        names.some(({ route: one, name }) => one === route && id.includes(name)),
      );
      if (said?.["status"] === "True" || isTroubled || of("Ready")?.["status"] !== "True") return [];
      const sentence = `${String(said?.["reason"])} "${String(said?.["message"])}"`;
      return [`in the end route ${route} of ${cluster.name} says ${sentence} and its names are as they should be`];
    });
  });
}
