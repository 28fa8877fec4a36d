/** Names that another publisher verifiably serves: taking our DNSEndpoint away costs nobody an answer. */
import type { Zones } from "../../model/claim.ts";
import type { PublishedName } from "../../model/desired.ts";
import { sameContent } from "./spelling.ts";
import type { Verification } from "./verify-record.ts";

/** @returns whether the zone holds what another cluster than this one publishes under the name, owned as it should be. */
export function servedElsewhere(
  zones: Zones,
  { verify, publishedAt }: Pick<Verification, "verify" | "publishedAt">,
): (cluster: string, name: PublishedName) => boolean {
  return (cluster, { zone, name }) => {
    const winner = zones.get(zone)?.get(name)?.winner;
    if (winner === undefined || winner.cluster === cluster) return false;
    const { content } = winner;
    const others = publishedAt(zone, name).some((one) => one.cluster !== cluster && sameContent(one.content, content));
    if (!others) return false;
    const verdict = verify({ zone, name, content });
    return verdict.kind === "judged" && verdict.result === "verified";
  };
}
