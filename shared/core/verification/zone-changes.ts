/** What is found in zones, as changes: which record sets are written, in which order, and what must not have changed since. */
import type { ZoneChange, ZoneChangeKind, ZoneWrite } from "../../model/zone-change.ts";
import type { RecordSet, RecordSetId } from "../../model/zone-records.ts";
import { contentParts } from "../naming/record-content.ts";
import type { Garbage } from "./garbage.ts";
import type { MissingOwnership } from "./orphans.ts";
import type { ZoneRecords } from "./zone-records.ts";

export function garbageChange(garbage: Garbage, records: ZoneRecords): ZoneChange {
  const { region, record, txts, about, replacedBy, endsName, reason, isNew, firstSeenAtMs, dueAtMs } = garbage;
  const kind = kindOf(garbage);
  return {
    id: changeId(region, kind, record),
    kind,
    region,
    writes: [record, ...txts].map((before): ZoneWrite => ({ ...placed(before, records), before })),
    unchanged: replacedBy.map((txt) => ({ ...txt, ...placed(txt, records) })),
    about: about.map((id) => placed(id, records)),
    ...(endsName ? { takesName: record.name } : {}),
    reason,
    ...(isNew ? {} : { firstSeenAtMs }),
    dueAtMs,
  };
}

function kindOf({ kind }: Garbage): ZoneChangeKind {
  switch (kind) {
    case "record":
      return "delete-record";
    case "ownership":
      return "delete-ownership";
    case "old-ownership":
      return "delete-old-ownership";
  }
}

/** @param contents what is published at the name, of any type. */
export function ownershipChange(
  missing: MissingOwnership,
  records: ZoneRecords,
  contents: readonly string[],
): ZoneChange {
  const { region, record, txtName, txtValue, ttlSeconds, redirects, copiedFrom, reason } = missing;
  const { firstSeenAtMs, dueAtMs } = missing;
  const txt = { name: txtName, type: "TXT" } as const;
  return {
    id: changeId(region, "write-ownership", txt),
    kind: "write-ownership",
    region,
    writes: [{ ...placed(txt, records), after: { ttlSeconds, values: [txtValue] } }],
    unchanged: [record, ...(copiedFrom === undefined ? [] : [copiedFrom])].map((set) => ({
      ...set,
      ...placed(set, records),
    })),
    about: [placed(record, records)],
    ...(redirects ? { takesName: record.name } : {}),
    leadsTo: targetsOf(record, contents),
    reason,
    ...(firstSeenAtMs === undefined ? {} : { firstSeenAtMs }),
    ...(dueAtMs === undefined ? {} : { dueAtMs }),
  };
}

function targetsOf({ type }: RecordSet, contents: readonly string[]): readonly string[] {
  const targets = contents.map(contentParts).flatMap((content) => (content.type === type ? content.targets : []));
  return [...new Set(targets)].sort();
}

/** Without a zone of its own the name cannot have been read, and is nowhere to be written: the port refuses it. */
function placed({ name, type }: RecordSetId, records: ZoneRecords): RecordSetId & { readonly zone: string } {
  return { name, type, zone: records.zoneOf(name)?.zone ?? "" };
}

function changeId(region: string, kind: ZoneChangeKind, { name, type }: Pick<RecordSet, "name" | "type">): string {
  return `${region}|${kind}|${type} ${name}`;
}
