/**
 * What statuses say of zones, looked at with every status that a run writes. Rule 3: a zone that was not read changes no
 * condition; what is said of it stays what it was. Rule 14: where the zone was read, what is called verified is so.
 */
import { regionAsRead, runOf, zonedRegions, type Run } from "../app/run-context.ts";
import type { WantedName } from "../oracle/wanted-names.ts";
import { resultOf, standingAt } from "../oracle/zone-truth.ts";
import { uidOf, type Mutation } from "../world/api-server.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import { recordTypes } from "../world/zone.ts";
import type { Checker } from "./checker.ts";

type Said = { readonly status: string; readonly reason: string; readonly message: string };

function saidOf(object: Mutation["after"], type: string): Said | undefined {
  const { conditions } = fieldsOf(object?.["status"]);
  const found = (Array.isArray(conditions) ? conditions : []).map(fieldsOf).find((one) => one["type"] === type);
  if (found === undefined) return undefined;
  const { status, reason, message } = found;
  return { status: String(status), reason: String(reason), message: String(message) };
}

function isSame(one: Said | undefined, other: Said | undefined): boolean {
  return one?.status === other?.status && one?.reason === other?.reason && one?.message === other?.message;
}

/** `api.example.com leads to gw.example.com in zone neu, weu` taken apart; of any other message nothing. */
function verifiedParts(message: string): readonly {
  readonly name: string;
  readonly targets: readonly string[];
  readonly zones: readonly string[];
}[] {
  return message.split("; ").flatMap((part) => {
    const [, name, targets, zones] = /^(\S+) leads to (\S.*) in zone ([a-z0-9, ]+)$/.exec(part) ?? [];
    if (name === undefined || targets === undefined || zones === undefined) return [];
    return [{ name, targets: targets.split(", "), zones: zones.split(", ") }];
  });
}

/** What a condition says, zone by zone: a record that is verified there, or what is wrong. */
function sayings({ message }: Said): readonly { readonly zone: string; readonly text: string }[] {
  const verified = verifiedParts(message).flatMap(({ name, targets, zones }) =>
    zones.map((zone) => ({ zone, text: `${name} ${targets.join()}` })),
  );
  const troubled = message.split(/; (?=\S+ in zone \S+: )/).flatMap((part) => {
    const [, name, zone, text] = /^(\S+) in zone ([a-z0-9-]+): (.*)$/.exec(part) ?? [];
    return zone === undefined || text === undefined ? [] : [{ zone, text: `${name ?? ""} ${text}` }];
  });
  return [...verified, ...troubled];
}

function speaksOf(said: Said, zone: string): boolean {
  return sayings(said).some((one) => one.zone === zone);
}

export const unreadZones: Checker = {
  rule: "3 unread zones",
  watch: (_site, violate) => ({
    mutation: (mutation) => {
      const run = runOf(mutation);
      if (run === undefined || mutation.part !== "status") return;
      const fault = verifiedFault(run, mutation) ?? publishedFault(run, mutation);
      const { kind, key, server } = mutation;
      if (fault !== undefined) violate(`${run.id}: ${kind} ${key} of ${server} ${fault}`);
    },
  }),
};

function verifiedFault(run: Run, mutation: Mutation): string | undefined {
  const [before, after] = [saidOf(mutation.before, "DNSVerified"), saidOf(mutation.after, "DNSVerified")];
  if (after === undefined || isSame(before, after)) return undefined;
  const old = before === undefined ? [] : sayings(before);
  const unread = sayings(after).filter(({ zone }) => regionAsRead(run, zone) === undefined);
  const invented = unread.find((one) => !old.some(({ zone, text }) => zone === one.zone && text === one.text));
  if (invented !== undefined) return `says "${after.message}" of zone ${invented.zone}, which was not read`;
  const dark = darkZones(run, mutation);
  const unsaid = dark.filter((zone) => !speaksOf(after, zone));
  if (after.reason === "Verified" && unsaid.length > 0) {
    return `is called verified, and zone ${unsaid.join(", ")} was not read`;
  }
  // Nothing is known any more only where something else is wanted than what was said.
  const [, listed = ""] = /^zone (.+) has not been read/.exec(after.message) ?? [];
  const isNew = before === undefined || [...dark, ...listed.split(", ")].some((zone) => !speaksOf(before, zone));
  const forgotten = isNew || isRetargeted(run, mutation, before) ? undefined : unsaid[0];
  if (forgotten !== undefined && sayings(after).length === 0) {
    return `forgot "${before?.message ?? ""}" for "${after.message}", and zone ${forgotten} was not read`;
  }
  return undefined;
}

/** Zones that have one configured, that were not read, and in which the route surely wants its name. */
function darkZones(run: Run, { server, after }: Mutation): readonly string[] {
  const reading = run.readings.get(server);
  const wanted = (reading?.wantedAtBegin ?? []).filter(
    ({ uid, zone }) => uid === uidOf(after) && reading?.wantedAtEnd.some((one) => one.uid === uid && one.zone === zone),
  );
  return zonedRegions(run).filter(
    (region) => wanted.some(({ zone }) => zone === region) && regionAsRead(run, region) === undefined,
  );
}

/** What was verified is not what the route wants, or not what every claimant wants: somebody else may have won the name. */
function isRetargeted(run: Run, { server, before, after }: Mutation, { message }: Said): boolean {
  if (!isSame(saidOf(before, "Published"), saidOf(after, "Published"))) return true;
  const own = (run.readings.get(server)?.wantedAtEnd ?? []).filter(({ uid }) => uid === uidOf(after));
  const others = wantedAnywhere(run).filter(({ zone, name }) =>
    own.some((one) => one.zone === zone && one.name === name),
  );
  return verifiedParts(message).some((part) =>
    [...own, ...others].some(
      ({ zone, name, content }) =>
        part.zones.includes(zone) && (name !== part.name || !content.startsWith(`CNAME ${part.targets.join()} `)),
    ),
  );
}

/** What routes of any cluster wanted while the run read it. */
function wantedAnywhere({ readings }: Run): readonly WantedName[] {
  return [...readings.values()].flatMap(({ wantedAtBegin, wantedAtEnd }) => [...wantedAtBegin, ...wantedAtEnd]);
}

/** What a zone once showed of another owner keeps Published False until it is read again, or no more wanted there. */
function publishedFault(run: Run, mutation: Mutation): string | undefined {
  const [old, now] = [saidOf(mutation.before, "Published"), saidOf(mutation.after, "Published")];
  if (old?.reason !== "ForeignOwner" || now?.status !== "True") return undefined;
  const hosts = fieldsOf(mutation.after?.["status"])["dnsNames"];
  const isRenamed = Array.isArray(hosts) && !hosts.some((host) => old.message.includes(String(host)));
  const dark = isRenamed ? undefined : darkZones(run, mutation).find((zone) => speaksOf(old, zone));
  return dark === undefined
    ? undefined
    : `is Published again after "${old.message}", and zone ${dark} was not read since`;
}

export const verifiedIsTrue: Checker = {
  rule: "14 zones as they are",
  watch: (_site, violate) => ({
    mutation: (mutation) => {
      const run = runOf(mutation);
      const { kind, key, server } = mutation;
      if (run === undefined || mutation.part !== "status" || (kind !== "ServiceRoute" && kind !== "Gateway")) return;
      const said = saidOf(mutation.after, "DNSVerified");
      if (said?.status !== "True") return;
      for (const part of verifiedParts(said.message)) {
        for (const zone of part.zones) {
          const fault = partFault(run, { ...part, zone });
          if (fault !== undefined) violate(`${run.id}: ${kind} ${key} of ${server} says ${said.message}; ${fault}`);
        }
      }
    },
  }),
};

type Part = { readonly name: string; readonly targets: readonly string[]; readonly zone: string };

function partFault(run: Run, { name, targets, zone }: Part): string | undefined {
  const recordSets = regionAsRead(run, zone);
  const profile = run.configuration.regions.find((region) => region.name === zone)?.externalDns;
  if (recordSets === undefined || profile === undefined) return undefined;
  const results = recordTypes.map((type) => resultOf(standingAt(recordSets, profile, { name, type }), targets));
  return results.includes("verified") ? undefined : `zone ${zone} has ${results.join(", ")}`;
}
