/**
 * Whose names an instance publishes. Its filter says so in so many words; where it does not, its name or owner does, when
 * that names a region that somebody configured.
 */
import type { ExternalDnsSettings } from "../../model/external-dns.ts";
import { parseSelector, type SelectorTerm } from "./label-selector.ts";

export const REGION_LABEL = "router.io/region";
const APP_LABEL = "app";
const CONTROLLER_ANNOTATION = "external-dns.alpha.kubernetes.io/controller";
const NAMED_AFTER_REGION = /^external-dns-(.+)$/;

/**
 * Regions that are known (configured, or on DNSEndpoints), and names that stand for one: controllers of the DNSConfiguration,
 * owners of the fleet.
 */
export type RegionClues = {
  readonly regions: ReadonlySet<string>;
  /** By name of a controller or owner id. */
  readonly named: ReadonlyMap<string, string>;
};

type Subject = {
  readonly name: string;
  readonly settings: Pick<ExternalDnsSettings, "labelFilter" | "annotationFilter" | "ownerId">;
  readonly unknown: readonly string[];
};

/** Sorted; empty where nothing tells. */
export function regionsOf({ name, settings, unknown }: Subject, clues: RegionClues): readonly string[] {
  const filters = [settings.labelFilter, settings.annotationFilter];
  for (const filter of filters) {
    const found = regionsSelected(filter);
    if (found.length > 0) return [...new Set(found)].sort();
  }
  const owner = unknown.includes("txt-owner-id") ? "" : settings.ownerId;
  const [byName, byOwner] = [name, owner].map((word) => clues.named.get(word) ?? NAMED_AFTER_REGION.exec(word)?.[1]);
  const known = [byName, byOwner].find((region) => region !== undefined && clues.regions.has(region));
  if (known !== undefined) return [known];
  // Nobody configured it, and both say the same: that is no accident.
  return byName !== undefined && byName === byOwner ? [byName] : [];
}

/** Regions that a filter selects by a label that means one. */
export function regionsSelected(filter: string): readonly string[] {
  return (parseSelector(filter) ?? []).flatMap((term) => regionsOfTerm(term));
}

function regionsOfTerm({ key, operator, values }: SelectorTerm): readonly string[] {
  if (operator !== "in") return [];
  if (key === REGION_LABEL) return values;
  if (key !== APP_LABEL && key !== CONTROLLER_ANNOTATION) return [];
  return values.flatMap((value) => NAMED_AFTER_REGION.exec(value)?.[1] ?? []);
}
