/** Builders of zone plans and runs as presentation and the command line get them: small, with overrides. */
import type { ZoneChange, ZonePlan, ZoneRun } from "../../shared/model/zone-change.ts";
import type { RecordSet, RecordSetType } from "../../shared/model/zone-records.ts";
import { PASS_AT_MS } from "./reports.ts";

export const GONE_HOST = "old-ns-p-prod-shop.example.com";
const HOUR_MS = 60 * 60_000;

export function zonePlan(overrides: Partial<ZonePlan> = {}): ZonePlan {
  return {
    task: "garbage",
    atMs: PASS_AT_MS,
    digest: "0a1b2c3d4e5f",
    changes: [],
    held: [],
    waiting: [],
    observed: [],
    notJudged: [],
    leftOut: [],
    notes: [],
    ...overrides,
  };
}

export function zoneRun(overrides: Partial<Extract<ZoneRun, { kind: "ran" }>> = {}): Extract<ZoneRun, { kind: "ran" }> {
  return {
    kind: "ran",
    task: "garbage",
    digest: "0a1b2c3d4e5f",
    startedAtMs: PASS_AT_MS,
    endedAtMs: PASS_AT_MS + 4_200,
    results: [],
    ended: { kind: "complete" },
    notes: [],
    ...overrides,
  };
}

function set(type: RecordSetType, name: string, value: string): RecordSet {
  return { name, type, ttlSeconds: 300, values: [value], etag: "e1", metadata: {} };
}

/** A CNAME that nobody wants, with its TXT; due for half an hour. */
export function garbageChange(overrides: Partial<ZoneChange> = {}): ZoneChange {
  const record = set("CNAME", GONE_HOST, "w1-weu-internal.example.com");
  const txt = set("TXT", `_xdns-cname.${GONE_HOST}`, '"heritage=external-dns,external-dns/owner=external-dns-weu"');
  return {
    id: `weu|delete-record|CNAME ${GONE_HOST}`,
    kind: "delete-record",
    region: "weu",
    writes: [record, txt].map((before) => ({ name: before.name, type: before.type, zone: "example.com", before })),
    unchanged: [],
    about: [],
    takesName: GONE_HOST,
    reason: `no cluster claims or publishes ${GONE_HOST} in region weu; ${txt.name} names owner external-dns-weu`,
    firstSeenAtMs: PASS_AT_MS - 1.5 * HOUR_MS,
    dueAtMs: PASS_AT_MS - 0.5 * HOUR_MS,
    ...overrides,
  };
}

/** The TXT that an orphan is missing. */
export function ownershipChange(overrides: Partial<ZoneChange> = {}): ZoneChange {
  const name = "_xdns-cname.cart-ns-p-prod-shop.example.com";
  const value = '"heritage=external-dns,external-dns/owner=external-dns-weu,external-dns/resource=crd/shop/cart"';
  return {
    id: `weu|write-ownership|TXT ${name}`,
    kind: "write-ownership",
    region: "weu",
    writes: [{ name, type: "TXT", zone: "example.com", after: { ttlSeconds: 300, values: [value] } }],
    unchanged: [],
    about: [],
    reason: "the CNAME record cart-ns-p-prod-shop.example.com has no ownership TXT",
    ...overrides,
  };
}
