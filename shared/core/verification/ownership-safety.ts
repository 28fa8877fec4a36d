/** What is never taken for ours, whatever the name says. */
import type { RecordSet } from "../../model/zone-records.ts";

/** A TXT with more values than one: somebody else keeps something there too. */
export function isOnly({ values }: RecordSet): boolean {
  return values.length === 1;
}

/**
 * Made from a Service, an Ingress, or whatever else ExternalDNS reads: this product publishes by DNSEndpoints only. The other way
 * round nothing follows: a resource goes stale while the record lives.
 */
export function isOfOtherSource(resource: string | undefined): boolean {
  return resource !== undefined && resource !== "" && !resource.startsWith("crd/");
}
