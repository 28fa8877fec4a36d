/** Which objects an instance takes names from: its filters and sources. */
import type { Finding } from "../../model/finding.ts";
import { about, endpointsOf, readsEndpoints } from "./audited-fleet.ts";
import type { AuditedFleet, AuditedInstance } from "./audited-fleet.ts";
import { parseSelector, selects } from "./label-selector.ts";
import { REGION_LABEL, regionsOf, regionsSelected } from "./regions.ts";
import { annotationFilterDefect, versionText } from "./version.ts";

export function filterFindings(audited: AuditedInstance, fleet: AuditedFleet): readonly Finding[] {
  const { instance } = audited;
  const { labelFilter, annotationFilter, sources } = instance.settings;
  const unreadable = [
    { flag: "label-filter", filter: labelFilter },
    { flag: "annotation-filter", filter: annotationFilter },
  ].filter(({ filter }) => parseSelector(filter) === undefined);
  if (unreadable.length > 0) {
    return unreadable.map(({ flag, filter }) => about(audited, "FilterUnreadable", { what: `--${flag}=${filter}` }));
  }
  const others = sources.filter((source) => source !== "crd");
  return [
    ...regionFilter(audited, fleet),
    ...annotationFilterFindings(audited),
    ...namespaceFindings(audited),
    ...(others.length === 0
      ? []
      : [about(audited, "OtherSources", { what: `--source ${others.join(", ")} beside crd` })]),
  ];
}

function regionFilter(audited: AuditedInstance, fleet: AuditedFleet): readonly Finding[] {
  const { instance } = audited;
  const { labelFilter, annotationFilter } = instance.settings;
  const hidden = ["label-filter", "annotation-filter"].some((flag) => instance.unknown.includes(flag));
  if (hidden) return [];
  if (labelFilter === "" && annotationFilter === "") return [missingFilter(audited, fleet)];
  const regions = [...new Set([...regionsSelected(labelFilter), ...regionsSelected(annotationFilter)])].sort();
  const given = [labelFilter, annotationFilter].filter((filter) => filter !== "").join(" and ");
  if (regions.length > 1) return [about(audited, "SeveralRegions", { what: `${given} selects ${regions.join(", ")}` })];
  const [region] = regions;
  if (region === undefined) return [about(audited, "FilterNotByRegion", { what: `it selects by ${given}` })];
  const meant = regionNamed(audited, fleet);
  return meant === undefined || meant === region
    ? []
    : [about(audited, "FilterOtherRegion", { what: `it selects by ${given}, and its owner id stands for ${meant}` })];
}

/** The region that its owner id stands for, where that is one that somebody configured. */
function regionNamed({ instance }: AuditedInstance, { clues }: AuditedFleet): string | undefined {
  const filterless = { ...instance.settings, labelFilter: "", annotationFilter: "" };
  return regionsOf({ name: "", settings: filterless, unknown: instance.unknown }, clues)[0];
}

/** Worse as soon as there are names of another region to take. */
function missingFilter(audited: AuditedInstance, fleet: AuditedFleet): Finding {
  const { instance, cluster } = audited;
  const regions = [...new Set(endpointsOf(cluster).flatMap(({ meta }) => meta.labels[REGION_LABEL] ?? []))].sort();
  const others = fleet.instances.filter(
    (other) => other.cluster === cluster && other.instance !== instance && readsEndpoints(other.instance),
  );
  const published = regions.length === 0 ? "" : `; DNSEndpoints are there for ${regions.join(", ")}`;
  return about(audited, "LabelFilterMissing", {
    what: `no --label-filter${published}`,
    ...(regions.length > 1 || others.length > 0 ? { severity: "critical" } : {}),
    ...fixFor(audited),
  });
}

function annotationFilterFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance } = audited;
  const { annotationFilter } = instance.settings;
  if (annotationFilter === "") return [];
  const version = instance.version === undefined ? "version not known" : versionText(instance.version);
  const what = `--annotation-filter=${annotationFilter} (${version})`;
  const empties = annotationFilterDefect(instance.version) === "empties";
  return [about(audited, empties ? "AnnotationFilterEmpties" : "AnnotationFilter", { what, ...fixFor(audited) })];
}

/** The fix with the region in it, where that is known. */
function fixFor({ instance }: AuditedInstance): { readonly fix: string } | Record<string, never> {
  const [region, ...more] = instance.regions;
  if (region === undefined || more.length > 0) return {};
  const set = `--label-filter=${REGION_LABEL}=${region}`;
  return {
    fix: instance.settings.annotationFilter === "" ? `set ${set}` : `replace --annotation-filter by ${set}`,
  };
}

function namespaceFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance, cluster } = audited;
  const { namespace, labelFilter } = instance.settings;
  if (namespace === "") return [];
  const labels = parseSelector(labelFilter) ?? [];
  const hidden = endpointsOf(cluster).filter(
    ({ meta }) => meta.namespace !== namespace && selects(labels, meta.labels),
  );
  return [
    about(audited, "NamespaceLimited", {
      what: `--namespace=${namespace} leaves out ${hidden.length} of its DNSEndpoints`,
      ...(hidden.length > 0 ? { severity: "critical" } : {}),
    }),
  ];
}
