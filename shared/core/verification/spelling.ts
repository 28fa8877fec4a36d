/**
 * One spelling for names, targets and contents: DNS knows no case, a final dot changes nothing, and an IPv6 address has many
 * forms. Zones are read in one spelling; DNSEndpoints of others come in any.
 */
import { canonicalIpv6, conflicting, contentParts, recordContent } from "../naming/record-content.ts";

export function plainName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/** For comparing, not for showing: an IPv6 address with all its groups. */
export function plainTarget(target: string): string {
  return target.includes(":") ? canonicalIpv6(target) : plainName(target);
}

/** Whether two contents are written as the same record. */
export function sameContent(left: string, right: string): boolean {
  return left === right || plainContent(left) === plainContent(right);
}

/** Whether two contents of one name are at odds, however they are spelt. */
export function contradicting(left: string, right: string): boolean {
  return conflicting(left, right) && !sameContent(left, right);
}

function plainContent(content: string): string {
  const { type, targets, ttlSeconds } = contentParts(content);
  return recordContent(type, targets.map(plainTarget), ttlSeconds);
}
