/** People and strange tools that edit the zones themselves, in the portal or by another automation. Nobody asks the product. */
import type { RecordSet } from "../../../shared/model/zone-records.ts";
import * as bodies from "../world/bodies.ts";
import { byHand, oldOwnershipName, type Zone } from "../world/zone.ts";
import type { World } from "../world/world.ts";
import type { Act, Repertoire, Scene } from "./actor.ts";

/** Where no gateway of the fleet is: a record that leads there was not written by any ExternalDNS. */
export const elsewhere = { A: "192.0.2.9", AAAA: "2001:db8::9", CNAME: `elsewhere.${bodies.domain}` } as const;

type Picked = { readonly zone: Zone; readonly record: RecordSet };

function pickRecord(
  { world, random }: Scene,
  which: (record: RecordSet, zone: Zone) => boolean = () => true,
): Picked | undefined {
  const zone = random.pick(world.zones.filter(({ dnsName }) => dnsName === bodies.domain));
  if (zone === undefined) return undefined;
  const record = random.pick(zone.memory.recordSets().filter((set) => set.type !== "TXT" && which(set, zone)));
  return record === undefined ? undefined : { zone, record };
}

function isOurs(record: RecordSet, zone: Zone): boolean {
  return zone.ownerOf(record) === zone.profile.ownerId;
}

/** ExternalDNS mends it, as long as the TXT says that the record is its own. */
const misdirect: Act = (scene) => {
  const picked = pickRecord(scene);
  if (picked === undefined) return undefined;
  const { zone, record } = picked;
  const { name, type } = record;
  if (type === "TXT") return undefined;
  zone.edit({ name, type, values: [elsewhere[type]] });
  return `zone ${zone.region}: ${type} ${name} was led to ${elsewhere[type]} by hand`;
};

/** ExternalDNS makes it again; the TXT stays. */
const deleteRecord: Act = (scene) => {
  const picked = pickRecord(scene);
  if (picked === undefined) return undefined;
  picked.zone.memory.remove(picked.record);
  return `zone ${picked.zone.region}: ${picked.record.type} ${picked.record.name} was deleted by hand`;
};

/** From then on nobody's: no ExternalDNS touches it again. */
const deleteOwnership: Act = (scene) => {
  const picked = pickRecord(scene, isOurs);
  const txt = picked?.zone.ownershipOf(picked.record);
  if (picked === undefined || txt === undefined) return undefined;
  picked.zone.memory.remove(txt);
  return `zone ${picked.zone.region}: TXT ${txt.name} was deleted by hand`;
};

const changeOwner: Act = (scene) => {
  const picked = pickRecord(scene);
  if (picked === undefined) return undefined;
  const owner = scene.random.oneOf("external-dns-old", "external-dns-test", "service-router");
  picked.zone.own(picked.record, { owner });
  return `zone ${picked.zone.region}: ${picked.record.type} ${picked.record.name} belongs to ${owner}`;
};

const encryptOwnership: Act = (scene) => {
  const picked = pickRecord(scene, isOurs);
  const txt = picked?.zone.ownershipOf(picked.record);
  if (picked === undefined || txt === undefined) return undefined;
  picked.zone.edit({ name: txt.name, type: "TXT", values: ['"3b+Q9vbGx5IGEgdGVzdA=="'] });
  return `zone ${picked.zone.region}: TXT ${txt.name} was encrypted`;
};

/** As after a changed `--txt-prefix`. */
const moveOwnership: Act = (scene) => {
  const picked = pickRecord(scene, isOurs);
  const txt = picked?.zone.ownershipOf(picked.record);
  if (picked === undefined || txt === undefined) return undefined;
  const { zone, record } = picked;
  zone.memory.remove(txt);
  zone.edit({ name: `old.${record.type.toLowerCase()}-${record.name}`, type: "TXT", values: txt.values });
  return `zone ${zone.region}: the TXT of ${record.type} ${record.name} stands under another prefix`;
};

/** As an ExternalDNS before 0.12 left it: no trouble, but where the type never had it. */
const oldOwnership: Act = (scene) => {
  const picked = pickRecord(scene, (record, zone) => isOurs(record, zone) && zone.profile.txtPrefix !== "");
  const txt = picked?.zone.ownershipOf(picked.record);
  if (picked === undefined || txt === undefined) return undefined;
  const { zone, record } = picked;
  zone.memory.remove(txt);
  zone.edit({ name: oldOwnershipName(zone.profile, record.name), type: "TXT", values: txt.values });
  return `zone ${zone.region}: the TXT of ${record.type} ${record.name} is of the old format`;
};

/** A record of another type takes the name: no zone allows both. */
const changeType: Act = (scene) => {
  const picked = pickRecord(scene, ({ type }) => type === "CNAME");
  if (picked === undefined) return undefined;
  const { zone, record } = picked;
  zone.memory.remove(record);
  zone.edit({ name: record.name, type: "A", values: [elsewhere.A] });
  return `zone ${zone.region}: ${record.name} is an address now`;
};

/** Somebody had the name before any route wanted it. */
const takeName: Act = (scene) => {
  const { world, random } = scene;
  const zone = random.pick(world.zones.filter(({ dnsName }) => dnsName === bodies.domain));
  if (zone === undefined) return undefined;
  const name = `${random.oneOf("api", "web", "cart", "auth")}-ns-p-prod-shop.${bodies.domain}`;
  if (zone.records.some((record) => record.name === name)) return undefined;
  const type = random.oneOf("CNAME", "CNAME", "A");
  zone.edit({ name, type, values: [elsewhere[type]] });
  return `zone ${zone.region}: somebody made ${type} ${name}`;
};

/** Somebody read the report, and puts one record right. */
const repair: Act = (scene) => {
  const picked = pickRecord(scene, (record, zone) => !isOurs(record, zone));
  if (picked === undefined) return undefined;
  return `zone ${picked.zone.region}: ${repairRecord(picked)}`;
};

/** Every zone as it should be: what somebody made is deleted, what an ExternalDNS made gets its TXT. */
export function repairZones({ zones }: World): void {
  for (const zone of zones) {
    for (const record of zone.memory.recordSets()) {
      if (record.type === "TXT") continue;
      // One that leads elsewhere is made again, unless nobody wants it: a type that has the name of another never goes.
      const isStrange = record.values.includes(elsewhere[record.type]);
      if (isStrange || !isOurs(record, zone)) repairRecord({ zone, record });
    }
    // What is left without its record would be the owner of the next one of that name.
    const ours = `external-dns/owner=${zone.profile.ownerId},`;
    for (const txt of zone.memory.recordSets()) {
      if (txt.type === "TXT" && !txt.values.some((value) => value.includes(ours))) zone.memory.remove(txt);
    }
  }
}

function repairRecord({ zone, record }: Picked): string {
  const { name, type } = record;
  if (zone.get(name, type)?.writer !== byHand) {
    zone.own(record, {});
    return `the TXT of ${type} ${name} was put right`;
  }
  zone.memory.remove(record);
  const txt = zone.ownershipOf(record);
  if (txt !== undefined) zone.memory.remove(txt);
  return `${type} ${name} was taken away`;
}

export const zoneHandActs: Repertoire = [
  [3, misdirect],
  [3, deleteRecord],
  [3, deleteOwnership],
  [3, changeOwner],
  [1, encryptOwnership],
  [1, moveOwnership],
  [1, oldOwnership],
  [1.5, changeType],
  [1, takeName],
  [9, repair],
];
