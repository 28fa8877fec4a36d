/**
 * What a checker is: it watches one site and says when a rule of docs/contributing/safety-rules.md is broken. Checkers
 * know the world's truth and what each run had read; they use none of the product's rules.
 */
import type { DnsEndpoint } from "../../../shared/model/cluster-objects.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Site, Watcher } from "../app/site.ts";
import { isMarked } from "../oracle/wanted-names.ts";
import { keyOf, labelsOf, parsedOf, uidOf, type ApiServer } from "../world/api-server.ts";
import { fieldsOf } from "../world/field-ownership.ts";

/** `rule`: its number there, and a name. */
export type Violation = { readonly rule: string; readonly atMs: number; readonly message: string };

export type Violate = (message: string) => void;

/** One per site: what it remembers is about that site only. */
export type Checker = { readonly rule: string; readonly watch: (site: Site, violate: Violate) => Watcher };

/** A name that a DNSEndpoint publishes. `content` is type, targets and TTL; `destination` the same without TTL. */
export type Publication = {
  readonly zone: string;
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly destination: string;
  readonly key: string;
  readonly uid: string;
};

const none: readonly Publication[] = [];
const known = new WeakMap<JsonObject, readonly Publication[]>();

/** Names of one stored DNSEndpoint; none for other kinds, without a region label, or when it does not parse. */
export function publicationsOf(object: JsonObject | undefined): readonly Publication[] {
  if (object?.["kind"] !== "DNSEndpoint") return none;
  const before = known.get(object);
  if (before !== undefined) return before;
  const zone = labelsOf(object)["router.io/region"];
  const parsed = parsedOf("DNSEndpoint", object);
  const made =
    zone === undefined || !parsed.ok ? none : parsed.value.spec.endpoints.map((one) => publication(one, zone, object));
  known.set(object, made);
  return made;
}

function publication(record: DnsEndpoint["spec"]["endpoints"][number], zone: string, object: JsonObject): Publication {
  const { dnsName: name, recordType: type, targets, recordTTL } = record;
  const destination = `${type} ${[...targets].sort().join(",")}`;
  return {
    zone,
    name,
    type,
    destination,
    content: `${destination} ${recordTTL ?? "-"}`,
    key: keyOf(object),
    uid: uidOf(object),
  };
}

/** Names of DNSEndpoints with our marker, among stored objects. */
export function ourPublications(objects: readonly JsonObject[]): readonly Publication[] {
  return objects.filter(isMarked).flatMap((object) => publicationsOf(object));
}

export function publishedNow(server: ApiServer): readonly Publication[] {
  return ourPublications(server.stored("DNSEndpoint"));
}

/** Hosts of a stored Istio Gateway, by the controller it selects. */
export function hostsOf(object: JsonObject | undefined): {
  readonly controller: string;
  readonly hosts: readonly string[];
} {
  const spec = fieldsOf(object?.["spec"]);
  const servers = Array.isArray(spec["servers"]) ? spec["servers"] : [];
  const hosts = servers.flatMap((server: unknown) => {
    const listed = fieldsOf(server)["hosts"];
    return Array.isArray(listed) ? listed.map(String) : [];
  });
  return { controller: String(fieldsOf(spec["selector"])["istio"] ?? ""), hosts: [...new Set(hosts)].sort() };
}

export function nameId({ zone, name }: { readonly zone: string; readonly name: string }): string {
  return `${zone}/${name}`;
}
