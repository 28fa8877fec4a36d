/** Which DNSEndpoints of its cluster an instance makes records of, by its filters and the defects of its version. */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { ExternalDnsInstance } from "../../model/external-dns.ts";
import { parseSelector, selects } from "./label-selector.ts";
import { annotationFilterDefect } from "./version.ts";

/** `not-served`: the cluster has no such kind, so there is nothing to select. `unknown`: nobody can say, and why. */
export type Selection =
  | { readonly kind: "known"; readonly selected: readonly DnsEndpoint[]; readonly of: number; readonly by: string }
  | { readonly kind: "unknown"; readonly because: string };

/** Annotations that a read keeps; a filter on others cannot be judged. */
const KEPT_ANNOTATIONS = ["external-dns.alpha.kubernetes.io/", "router.io/"];

export function selectionOf(
  { settings, unknown, version }: ExternalDnsInstance,
  endpoints: readonly DnsEndpoint[] | "not-served" | undefined,
): Selection {
  if (endpoints === undefined) return { kind: "unknown", because: "its DNSEndpoints could not be read" };
  const hidden = unknown.find((flag) => ["label-filter", "annotation-filter", "namespace"].includes(flag));
  if (hidden !== undefined) return { kind: "unknown", because: "its filters are not all known" };
  if (endpoints === "not-served") {
    return { kind: "known", selected: [], of: 0, by: "the cluster serves no DNSEndpoints" };
  }
  const { labelFilter, annotationFilter, namespace } = settings;
  const labels = parseSelector(labelFilter);
  const annotations = parseSelector(annotationFilter);
  if (labels === undefined || annotations === undefined)
    return { kind: "unknown", because: "its filter is no selector" };
  const inScope = endpoints.filter(
    ({ meta }) => (namespace === "" || meta.namespace === namespace) && selects(labels, meta.labels),
  );
  const by = filterText(settings);
  if (annotations.length === 0) return { kind: "known", selected: inScope, of: endpoints.length, by };
  if (annotations.some(({ key }) => !KEPT_ANNOTATIONS.some((prefix) => key.startsWith(prefix)))) {
    return { kind: "unknown", because: "its annotation filter looks at annotations that are not read" };
  }
  const matching = inScope.filter(({ meta }) => selects(annotations, meta.annotations));
  const isEmptied = annotationFilterDefect(version) === "empties" && matching.length < inScope.length;
  return { kind: "known", selected: isEmptied ? [] : matching, of: endpoints.length, by };
}

/** `--label-filter=router.io/region=weu --namespace=dns`, or that there is no filter. */
function filterText({ labelFilter, annotationFilter, namespace }: ExternalDnsInstance["settings"]): string {
  const given = [
    ...(labelFilter === "" ? [] : [`--label-filter=${labelFilter}`]),
    ...(annotationFilter === "" ? [] : [`--annotation-filter=${annotationFilter}`]),
    ...(namespace === "" ? [] : [`--namespace=${namespace}`]),
  ];
  return given.length === 0 ? "no filter" : given.join(" ");
}
