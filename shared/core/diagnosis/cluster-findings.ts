/** What the read of a cluster says about the cluster itself: nothing, some kinds, no CRDs of ours, objects that do not parse. */
import { finding, type Finding } from "../../model/finding.ts";
import type { Kind, Listings } from "../../model/kinds.ts";
import { objectKey } from "../naming/item-id.ts";

const ourKinds: readonly Kind[] = ["ClusterIdentity", "DNSConfiguration", "DNSPolicy", "Gateway", "ServiceRoute"];
const notServed = "KIND_NOT_SERVED";
const forbidden = "FORBIDDEN";

/** By the code of what was not read; else the text of the finding. */
const notReadFixes: Readonly<Record<string, string>> = {
  CONFIGURATION: "correct what the reason names (kubectl config view shows a kubeconfig)",
  CLUSTER_UNREACHABLE:
    "check the network path to its API server and that it runs (manifests: that the directory is there and readable)",
  CLUSTER_UNAUTHORIZED: "renew the credential, or mend the plugin that the reason names",
  CLUSTER_CERTIFICATE: "correct the CA or the server name in its source, as the reason says",
};

type Unread = { readonly kind: Kind; readonly code: string; readonly reason: string };

/** Whether anything at all was read. A missing CRD is an answer, too. */
export function isReached(listings: Listings): boolean {
  const unread = unreadOf(listings);
  return (
    unread.length < Object.keys(listings).length || unread.some(({ code }) => [notServed, forbidden].includes(code))
  );
}

/** Whether the cluster has none of our kinds. */
export function lacksOurKinds(listings: Listings): boolean {
  return ourKinds.every((kind) => isNotServed(listings, kind));
}

/** @param rightsAsked what may not be listed is named by the rights that are missing; where nobody could ask, here. */
export function clusterFindings(cluster: string, listings: Listings, rightsAsked: boolean): readonly Finding[] {
  const unread = unreadOf(listings);
  if (!isReached(listings)) {
    const [first] = unread;
    const fix = notReadFixes[first?.code ?? ""];
    const own = fix === undefined ? {} : { fix: `${fix}, then run doctor again` };
    return [finding("ClusterNotRead", { cluster, what: first?.reason ?? "nothing was read", ...own })];
  }
  const isBare = lacksOurKinds(listings);
  const expected = (kind: Kind): boolean => isNotServed(listings, kind) && (isBare ? ourKinds.includes(kind) : false);
  const told = unread.filter(({ code }) => code !== forbidden || !rightsAsked);
  const surprising = told.filter(({ kind }) => !expected(kind) && kind !== "DNSEndpoint");
  return [
    ...(isBare ? [finding("CrdsMissing", { cluster, what: "none of the five kinds is served" })] : []),
    ...(isNotServed(listings, "DNSEndpoint")
      ? [finding("DnsEndpointsNotServed", { cluster, what: "DNSEndpoint is not served" })]
      : told.filter(({ kind }) => kind === "DNSEndpoint").map((one) => kindFinding(cluster, one))),
    ...surprising.map((one) => kindFinding(cluster, one)),
    ...invalidFindings(cluster, listings),
  ];
}

/** A kind that is not served is only missing where Istio is. */
function kindFinding(cluster: string, { kind, code, reason }: Unread): Finding {
  return finding("KindNotRead", {
    cluster,
    object: kind,
    what: reason,
    ...(code === notServed ? { severity: "info" } : {}),
  });
}

function invalidFindings(cluster: string, listings: Listings): readonly Finding[] {
  return Object.entries(listings).flatMap(([kind, listing]) => {
    if (listing.read !== "complete" || listing.rejected.length === 0) return [];
    const names = listing.rejected.map(({ meta }) => objectKey(meta)).sort();
    const what = `${names.length} ${names.length === 1 ? "object does" : "objects do"} not parse`;
    return [finding("ObjectInvalid", { cluster, object: kind, what, names })];
  });
}

function unreadOf(listings: Listings): readonly Unread[] {
  return Object.entries(listings).flatMap(([kind, listing]) =>
    listing.read === "complete" ? [] : [{ kind: kind as Kind, code: listing.code, reason: listing.reason }],
  );
}

function isNotServed(listings: Listings, kind: Kind): boolean {
  const listing = listings[kind];
  return listing?.read === "not-read" && listing.code === notServed;
}
