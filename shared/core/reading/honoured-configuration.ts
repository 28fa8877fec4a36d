/**
 * Which DNSConfiguration of a cluster is honoured: the oldest that parses. A second one changes nothing that is published.
 * One with a region that the fleet configuration does not name is not honoured at all: without that controller alone, what
 * it published would be withdrawn.
 */
import type { Listing } from "../../model/kinds.ts";
import type { DnsConfiguration, ExternalDnsController } from "../../model/resources.ts";
import { byAge } from "../naming/item-id.ts";
import { unknownRegions } from "./honoured-identity.ts";

type Refused = { readonly code: "SingletonViolation" | "InvalidSpec" | "RegionNotFound"; readonly reason: string };

export type HonouredConfiguration = {
  readonly controllers?: readonly ExternalDnsController[];
  /** DNSConfigurations that are not honoured, by name, with the reason. */
  readonly refused: ReadonlyMap<string, Refused>;
};

/** @param regions those of the fleet configuration; with none there is nothing to hold a region against. */
export function honouredConfiguration(
  listing: Listing<DnsConfiguration> | undefined,
  regions: readonly string[] = [],
): HonouredConfiguration {
  const refused = new Map<string, Refused>();
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
  if (honoured === undefined) return { refused };
  const controllers = honoured.spec.externalDNSControllers;
  const unknown = unknownRegions(
    controllers.map(({ region }) => region),
    regions,
  );
  if (unknown === undefined) return { controllers, refused };
  refused.set(honoured.meta.name, { code: "RegionNotFound", reason: unknown });
  return { refused };
}
