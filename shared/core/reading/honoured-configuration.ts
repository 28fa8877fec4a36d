/** Which DNSConfiguration of a cluster is honoured: the oldest that parses. A second one changes nothing that is published. */
import type { Listing } from "../../model/kinds.ts";
import type { DnsConfiguration, ExternalDnsController } from "../../model/resources.ts";
import { byAge } from "../naming/item-id.ts";

export type HonouredConfiguration = {
  readonly controllers?: readonly ExternalDnsController[];
  /** DNSConfigurations that are not honoured, by name, with the reason. */
  readonly refused: ReadonlyMap<
    string,
    { readonly code: "SingletonViolation" | "InvalidSpec"; readonly reason: string }
  >;
};

export function honouredConfiguration(listing: Listing<DnsConfiguration> | undefined): HonouredConfiguration {
  const refused = new Map<string, { code: "SingletonViolation" | "InvalidSpec"; reason: string }>();
  if (listing?.read !== "complete") return { refused };
  for (const rejected of listing.rejected) {
    refused.set(rejected.meta.name, { code: "InvalidSpec", reason: rejected.issues.join("; ") });
  }
  const [honoured, ...others] = [...listing.objects].sort((left, right) => byAge(left.meta, right.meta));
  for (const other of others) {
    refused.set(other.meta.name, {
      code: "SingletonViolation",
      reason: `DNSConfiguration ${honoured?.meta.name ?? ""} is older and is the one honoured; delete this one`,
    });
  }
  return honoured === undefined ? { refused } : { controllers: honoured.spec.externalDNSControllers, refused };
}
