/** What is never taken for ours, whatever the name says. */
import type { RecordSet } from "../../model/zone-records.ts";
import { ownershipText } from "./ownership.ts";

/** A TXT with more values than one: somebody else keeps something there too. */
export function isOnly({ values }: RecordSet): boolean {
  return values.length === 1;
}

/** Whether a TXT says that this owner, by a DNSEndpoint, has a record, and nothing besides: no other TXT is ever deleted. */
export function isOursToDelete(txt: RecordSet, owner: string): boolean {
  const text = ownershipText(txt.values[0] ?? "");
  return text?.owner === owner && isOnly(txt) && !isOfOtherSource(text.resource);
}

/**
 * Made from a Service, an Ingress, or whatever else ExternalDNS reads: this product publishes by DNSEndpoints only. The other way
 * round nothing follows: a resource goes stale while the record lives.
 */
function isOfOtherSource(resource: string | undefined): boolean {
  return resource !== undefined && resource !== "" && !resource.startsWith("crd/");
}
