/**
 * Rule 4: never two publishers with different content for one name of one zone by our doing. In the clusters: no write adds
 * a second one beside one that the same run had seen. In the zone: after a handover the loser's ExternalDNS, which may
 * have been in the middle of a pass, does not take the record back.
 */
import { runOf, type Run } from "../app/run-context.ts";
import type { Site } from "../app/site.ts";
import type { Mutation } from "../world/api-server.ts";
import { slowestWriteMs } from "../world/external-dns.ts";
import type { ZoneWrite } from "../world/zone.ts";
import { nameId, ourPublications, publicationsOf, publishedNow, type Checker, type Publication } from "./checker.ts";

export const onePublisher: Checker = {
  rule: "4 one publisher",
  watch: (site, violate) => {
    /** `cluster uid` of DNSEndpoints that some run had seen or made. */
    const seen = new Set<string>();
    const removed = new Map<string, { readonly atMs: number; readonly content: string }>();
    /** When the product published a name, by cluster, name and content. */
    const joined = new Map<string, number>();
    return {
      mutation: (mutation) => {
        if (mutation.kind !== "DNSEndpoint") return;
        const run = runOf(mutation);
        if (run !== undefined) {
          for (const name of addedNames(mutation)) {
            joined.set(`${mutation.server} ${nameId(name)} ${name.content}`, site.nowMs());
            const other = otherPublisher(site, run, { mutation, name });
            if (other !== undefined) {
              violate(`${run.id} published ${nameId(name)} as ${name.content} from ${mutation.server} beside ${other}`);
            }
          }
          for (const { uid } of publicationsOf(mutation.after)) seen.add(`${mutation.server} ${uid}`);
        }
        for (const gone of publicationsOf(mutation.after === undefined ? mutation.before : undefined)) {
          if (!seen.has(`${mutation.server} ${gone.uid}`)) continue;
          removed.set(`${mutation.server} ${nameId(gone)}`, { atMs: site.nowMs(), content: gone.content });
        }
      },
      runEnded: (run) => {
        for (const { cluster, listed } of run.readings.values()) {
          for (const { uid } of ourPublications(listed.get("DNSEndpoint") ?? [])) seen.add(`${cluster} ${uid}`);
        }
      },
      zoneWrite: (write) => {
        const { zone, before, after } = write;
        const gone = removed.get(`${after.writer} ${zone}/${after.name}`);
        const joinedAtMs = joined.get(`${before?.writer ?? ""} ${zone}/${after.name} ${before?.content ?? ""}`) ?? 0;
        // What was there already was not handed over, whoever put it there.
        if (gone === undefined || joinedAtMs < gone.atMs) return;
        const taken = takenBack(site, write, gone);
        if (taken !== undefined) violate(taken);
      },
    };
  },
};

function addedNames({ before, after }: Mutation): readonly Publication[] {
  const old = publicationsOf(before);
  return publicationsOf(after).filter(
    (name) => !old.some((one) => nameId(one) === nameId(name) && one.content === name.content),
  );
}

type Adding = { readonly mutation: Mutation; readonly name: Publication };

/** A DNSEndpoint that the run had read, that is still there, and that says something else about the name. */
function otherPublisher(site: Site, run: Run, { mutation, name }: Adding): string | undefined {
  for (const { cluster, listed } of run.readings.values()) {
    const now = new Set(publishedNow(site.world.cluster(cluster)?.server ?? never()).map(identify));
    const other = ourPublications(listed.get("DNSEndpoint") ?? []).find(
      (one) =>
        nameId(one) === nameId(name) &&
        one.type === name.type &&
        one.content !== name.content &&
        !(cluster === mutation.server && one.key === mutation.key) &&
        now.has(identify(one)),
    );
    if (other !== undefined) return `${other.content} of ${cluster} (${other.key})`;
  }
  return undefined;
}

function identify(one: Publication): string {
  return `${one.uid} ${nameId(one)} ${one.content}`;
}

function takenBack(
  site: Site,
  { zone, before, after, readAtMs }: ZoneWrite,
  gone: { readonly content: string },
): string | undefined {
  if (before === undefined || before.writer === after.writer || before.content === after.content) return undefined;
  // A cluster whose API server was away goes on asserting what it knew: nobody but a fence can stop that.
  const inFlight = site.timeline.clock.monotonicMs() - readAtMs <= slowestWriteMs + 1_000;
  if (gone.content !== after.content || !inFlight) return undefined;
  const publishes = (cluster: string, content: string): boolean =>
    publishedNow(site.world.cluster(cluster)?.server ?? never()).some(
      (one) => one.zone === zone && one.name === after.name && one.content === content,
    );
  if (publishes(after.writer, after.content) || !publishes(before.writer, before.content)) return undefined;
  return `${zone}/${after.name} went to ${before.writer}, and the ExternalDNS of ${after.writer}, still at work, took it back`;
}

function never(): never {
  throw new Error("a cluster that is not in the world");
}
