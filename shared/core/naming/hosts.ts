/**
 * Hosts: what clients ask for. Never shortened: a host that cannot be published as it is, is a validation failure.
 * Patterns are those of the operator we replace; the literal table of tests is test/unit/core/naming/hosts.test.ts.
 */

type HostIdentity = {
  readonly region: string;
  readonly cluster: string;
  readonly domain: string;
  readonly environmentLetter: string;
};

type HostSpec = { readonly serviceName: string; readonly environment: string; readonly application: string };

/**
 * `{serviceName}-ns-{environmentLetter}-{environment}-{application}.{domain}`, for the routes of one cluster: what its
 * identity gives to every host is put together once.
 */
export function serviceHosts({ environmentLetter, domain }: HostIdentity): (route: HostSpec) => string {
  const between = `-ns-${environmentLetter}-`;
  const end = `.${domain}`;
  return ({ serviceName, environment, application }) => `${serviceName}${between}${environment}-${application}${end}`;
}

/** `{cluster}-{region}-{targetPostfix}.{domain}`: always the identity of the cluster itself, also for adopted regions. */
export function gatewayHost(identity: HostIdentity, targetPostfix: string): string {
  return `${identity.cluster}-${identity.region}-${targetPostfix}.${identity.domain}`;
}

/**
 * Whether a name is of our grammar: a host that one of these clusters could yield, or could have yielded under another name.
 * No part of it may be empty: `-ns-p-.example.com` is nobody's host.
 */
export function ownHostTest(
  identities: readonly HostIdentity[],
  configuredRegions: readonly string[],
): (name: string) => boolean {
  const ends = [...new Set(identities.map(({ domain }) => `.${domain}`))];
  const letters = [...new Set(identities.map(({ environmentLetter }) => environmentLetter))];
  const regions = [...new Set([...identities.map(({ region }) => region), ...configuredRegions])];
  const isOwnFront = (front: string): boolean =>
    letters.some((letter) => isRouteFront(front, `-ns-${letter}-`)) ||
    (!front.includes(".") && regions.some((region) => standsInside(front, `-${region}-`)));
  // Of nested domains each may be meant: `a.int.example.com` ends in both.
  return (name) => ends.some((end) => name.endsWith(end) && isOwnFront(name.slice(0, -end.length)));
}

/** `cart-ns-p-prod-shop`: something before, and two parts with a hyphen between them behind. */
function isRouteFront(front: string, between: string): boolean {
  const at = front.indexOf(between, 1);
  return at !== -1 && /^[^-].*-./.test(front.slice(at + between.length));
}

function standsInside(front: string, part: string): boolean {
  const at = front.indexOf(part, 1);
  return at !== -1 && at + part.length < front.length;
}

const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Why a host cannot be published; undefined when it can.
 * Limits: labels of 1 to 63 characters (lower-case letters, digits, inner hyphens), 253 in total (RFC 1035, without the final dot).
 */
export function hostFault(host: string): string | undefined {
  if (host.length > 253) return `host ${host.slice(0, 60)}… has ${host.length} characters; DNS allows 253`;
  if (isPlain(host)) return undefined;
  for (const part of host.split(".")) {
    if (part === "") return `host ${host} has an empty label; every part of its name must be set`;
    if (part.length > 63)
      return `label ${part} has ${part.length} characters; DNS allows 63, shorten a part of the name`;
    if (!label.test(part)) {
      return `label ${part} may hold lower-case letters, digits and inner hyphens only`;
    }
  }
  return undefined;
}

/**
 * Name of the ownership TXT that ExternalDNS writes for a record.
 * Source of the rule: external-dns registry/mapper: prefix, then `{type}-` unless the prefix has `%{record_type}`, then the host.
 */
export function ownershipName(txtPrefix: string, recordType: string, host: string): string {
  const type = recordType.toLowerCase();
  const prefix = txtPrefix.toLowerCase();
  return prefix.includes("%{record_type}") ? prefix.replace("%{record_type}", type) + host : `${prefix}${type}-${host}`;
}

/** Why the ownership TXT of a host would not fit; without it ExternalDNS would never touch the record again. */
export function ownershipFault(txtPrefix: string, recordType: string, host: string): string | undefined {
  const name = ownershipName(txtPrefix, recordType, host);
  if (name.length > 253)
    return `its ownership record ${name.slice(0, 60)}… would have ${name.length} characters; DNS allows 253`;
  const long = name.split(".").find((part) => part.length > maxLabel);
  return long === undefined
    ? undefined
    : `its ownership record would have the label ${long} of ${long.length} characters; DNS allows 63`;
}

const maxLabel = 63;
const hyphen = 45;
const dot = 46;

/** What nearly every host looks like: it needs no closer look. A loop, because 250,000 hosts are looked at in a pass. */
function isPlain(host: string): boolean {
  let start = 0;
  for (let at = 0; at <= host.length; at += 1) {
    const code = at === host.length ? dot : host.charCodeAt(at);
    if (code === dot) {
      const length = at - start;
      if (length === 0 || length > maxLabel) return false;
      if (host.charCodeAt(start) === hyphen || host.charCodeAt(at - 1) === hyphen) return false;
      start = at + 1;
    } else if (code !== hyphen && !isLetterOrDigit(code)) return false;
  }
  return true;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}
