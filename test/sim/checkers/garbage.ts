/**
 * Rule 5, of what passes take for garbage: a record that somebody surely wants, or that a DNSEndpoint publishes, is never
 * taken for one that nobody claims. Only what is remembered so can be deleted some day.
 */
import type { Run } from "../app/run-context.ts";
import type { Site } from "../app/site.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import { nameId, publicationsOf, type Checker } from "./checker.ts";

export const garbage: Checker = {
  rule: "5 last record",
  watch: (site, violate) => {
    let before = new Set(remembered(site));
    return {
      remembered: (run, document) => {
        if (document !== "since") return;
        const ids = remembered(site);
        // While a cluster is not read nothing is judged, and what was garbage before stays remembered.
        const fresh = ids.filter((id) => !before.has(id));
        before = new Set(ids);
        const needed = fresh.length === 0 ? none : neededNames(run);
        for (const id of fresh) {
          if (needed.has(id)) violate(`${run.id} takes ${id} for garbage, which is wanted`);
        }
      },
    };
  },
};

const none: ReadonlySet<string> = new Set();

function remembered({ memory }: Site): readonly string[] {
  const bytes = [...memory.files].find(([path]) => path.startsWith("since."))?.[1];
  if (bytes === undefined) return [];
  const { document } = JSON.parse(Buffer.from(bytes).toString()) as { readonly document: unknown };
  return Object.keys(fieldsOf(fieldsOf(document)["garbage"]));
}

/** What some DNSEndpoint said as the run read it, and what routes wanted then, by `region|name|type`. */
function neededNames(run: Run): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { wantedAtBegin, wantedAtEnd, listed } of run.readings.values()) {
    const atEnd = new Set(wantedAtEnd.map(nameId));
    for (const wanted of wantedAtBegin) {
      if (atEnd.has(nameId(wanted))) names.add(`${wanted.zone}|${wanted.name}|CNAME`);
    }
    for (const object of listed.get("DNSEndpoint") ?? []) {
      for (const { zone, name, type } of publicationsOf(object)) names.add(`${zone}|${name}|${type}`);
    }
  }
  return names;
}
