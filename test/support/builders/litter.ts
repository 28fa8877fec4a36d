/** A zone with something in it that nobody wants, and what is found there. */
import type { Garbage } from "../../../shared/core/verification/garbage.ts";
import type { RecordSet } from "../../../shared/model/zone-records.ts";
import { cluster, fleet, ingress, type ClusterOptions, type World } from "./fleet.ts";
import { policy, route } from "./objects.ts";
import { runPass, settle } from "./pass.ts";
import { ownershipSet, putRecord, recordSet, txtName, withZones } from "./zones.ts";

/** A host of our grammar that nobody wants. */
export const GONE_HOST = "old-ns-p-prod-shop.example.com";
export const GATEWAY_HOST = "w1-weu-internal.example.com";
export const OWNER = "external-dns-weu";

/** One cluster with one route, published; what a test puts into the zone besides is nobody's. */
export function tidyFleet(options: ClusterOptions = {}): World {
  const start = fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")], ...options })]);
  return settle(withZones(settle(start).world)).world;
}

export function withRecords(world: World, ...sets: readonly RecordSet[]): World {
  return sets.reduce((current, set) => putRecord(current, "weu", set), world);
}

/** A CNAME that nobody wants any more, with its ownership. */
export const litter: readonly RecordSet[] = [
  recordSet("CNAME", GONE_HOST, GATEWAY_HOST),
  ownershipSet("CNAME", GONE_HOST, OWNER),
];

export const litterLine = `record CNAME ${GONE_HOST} ${txtName("CNAME", GONE_HOST)}`;

export function foundIn(world: World): readonly Garbage[] {
  return runPass(world).garbage.found;
}

/** `record CNAME old-ns-p-prod-shop.example.com _xdns-cname.old-ns-p-prod-shop.example.com` */
export function garbageLines(world: World): readonly string[] {
  return foundIn(world).map(({ kind, record, txts }) =>
    [kind, record.type, record.name, ...txts.map(({ name }) => name)].join(" "),
  );
}
