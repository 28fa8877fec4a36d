/** The content of a record in one string: type, targets, TTL. What is compared when two publishers want one name. */

/** `CNAME a.example.com 300` · `A 10.0.0.1,10.0.0.2 30` */
export function recordContent(type: string, targets: readonly string[], ttlSeconds: number | undefined): string {
  return `${type} ${targets.length < 2 ? (targets[0] ?? "") : [...targets].sort().join(",")} ${ttlSeconds ?? "-"}`;
}

/** The content without its TTL: what decides where clients are led to. */
export function destinationOf(content: string): string {
  return content.slice(0, content.lastIndexOf(" "));
}

/** Target of a CNAME content; undefined for other types. */
export function cnameTarget(content: string): string | undefined {
  return content.startsWith("CNAME ") ? destinationOf(content).slice("CNAME ".length) : undefined;
}

export function isAddress(content: string): boolean {
  return content.startsWith("A ") || content.startsWith("AAAA ");
}

/** Whether two contents of one name are at odds: records of one type that differ, or a CNAME beside anything else. */
export function conflicting(left: string, right: string): boolean {
  if (left === right) return false;
  return typeOf(left) === typeOf(right) || typeOf(left) === "CNAME" || typeOf(right) === "CNAME";
}

/** `CNAME` of `CNAME a.example.com 300`. */
export function typeOf(content: string): string {
  return content.slice(0, content.indexOf(" "));
}

/** `CNAME a.example.com 300` taken apart again; the TTL of a content without one is undefined. */
export function contentParts(content: string): {
  readonly type: string;
  readonly targets: readonly string[];
  readonly ttlSeconds: number | undefined;
} {
  const [type = "", targets = "", ttl = "-"] = content.split(" ");
  return { type, targets: targets.split(","), ttlSeconds: ttl === "-" ? undefined : Number(ttl) };
}

/** All eight groups of an IPv6 address, without leading zeros: `2001:db8::1` and `2001:0DB8:0:0::1` are one. */
export function canonicalIpv6(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const between =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...between, ...after].map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}

function groupsOf(part: string): readonly string[] {
  return part === "" ? [] : part.split(":");
}
