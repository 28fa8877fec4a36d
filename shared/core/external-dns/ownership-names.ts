/**
 * Names of ownership records as ExternalDNS makes them, with whatever affix an instance has. A name that does not fit is not
 * written, and its record is an orphan from the first moment on.
 * Source of the rule: external-dns registry/mapper, ToTXTName.
 */
import type { ExternalDnsSettings } from "../../model/external-dns.ts";

export type OwnershipAffix = Pick<ExternalDnsSettings, "txtPrefix" | "txtSuffix" | "txtWildcardReplacement">;

const TYPE = "%{record_type}";
const maxLabel = 63;
const maxName = 253;

/** @param host lower case, without final dot. */
export function ownershipNameOf(affix: OwnershipAffix, recordType: string, host: string): string {
  const type = recordType.toLowerCase();
  const prefix = affix.txtPrefix.toLowerCase();
  const suffix = affix.txtSuffix.toLowerCase();
  const hasType = prefix.includes(TYPE) || suffix.includes(TYPE);
  const dot = host.indexOf(".");
  const first = dot === -1 ? host : host.slice(0, dot);
  const rest = dot === -1 ? "" : host.slice(dot);
  const replacement = affix.txtWildcardReplacement.toLowerCase();
  const label = first === "*" && replacement !== "" ? replacement : first;
  return `${prefix.replace(TYPE, type)}${hasType ? "" : `${type}-`}${label}${suffix.replace(TYPE, type)}${rest}`;
}

/** Whether ExternalDNS writes an ownership record under that name. */
export function fits(name: string): boolean {
  return name.length <= maxName && name.split(".").every((label) => label.length <= maxLabel);
}

/** Characters that the first label of a host may have; 63 where the affix takes none of them. */
export function longestFirstLabel(affix: OwnershipAffix): number {
  for (let length = maxLabel; length > 0; length -= 1) {
    const host = `${"x".repeat(length)}.example.com`;
    if (["CNAME", "AAAA", "A"].every((type) => fits(ownershipNameOf(affix, type, host)))) return length;
  }
  return 0;
}
