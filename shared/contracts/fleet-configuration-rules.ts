/**
 * Rules that compare settings of the fleet configuration with each other. They look at an outline that is read whatever
 * else is wrong, so that one wrong type never hides a name used twice.
 */
import * as z from "zod";
import type { Fault } from "./issues.ts";

const name = z.string().min(1).optional().catch(undefined);

const Outline = z
  .object({
    clusters: z
      .array(
        z
          .object({
            name,
            identity: z.object({ region: name, cluster: name }).optional().catch(undefined),
            source: z
              .object({
                manifests: name,
                aks: name,
                kubeconfig: z.object({ path: name, context: name }).optional().catch(undefined),
              })
              .optional()
              .catch(undefined),
          })
          .catch({}),
      )
      .catch([]),
    discovery: z.array(z.object({ subscription: name, tag: name, value: name }).catch({})).catch([]),
    regions: z
      .array(
        z
          .object({
            name,
            zones: z.array(z.object({ subscription: name, resourceGroup: name, zone: name }).catch({})).catch([]),
          })
          .catch({ zones: [] }),
      )
      .catch([]),
  })
  .catch({ clusters: [], discovery: [], regions: [] });

type Outline = z.output<typeof Outline>;
type Entry = { readonly path: string; readonly key: string | undefined };

/** Joined when every part is there; what is missing is reported by the schema, not compared. */
function joined(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join("/");
}

/** One fault for every entry whose key an earlier entry has. */
function repeated(entries: readonly Entry[], message: (earlier: string) => string): readonly Fault[] {
  const first = new Map<string, string>();
  const faults: Fault[] = [];
  for (const { path, key } of entries) {
    const earlier = key === undefined ? undefined : first.get(key);
    if (earlier !== undefined) faults.push({ path, message: message(earlier) });
    else if (key !== undefined) first.set(key, path);
  }
  return faults;
}

function sourceKey({ source }: Outline["clusters"][number]): string | undefined {
  if (source?.manifests !== undefined) return `manifests ${source.manifests.replace(/\/+$/, "")}`;
  if (source?.aks !== undefined) return `aks ${source.aks.toLowerCase()}`;
  const kubeconfig = source?.kubeconfig;
  return kubeconfig?.context === undefined ? undefined : `kubeconfig ${kubeconfig.path ?? ""} ${kubeconfig.context}`;
}

function at(index: number, key: string): string {
  return `clusters[${index}].${key}`;
}

function clusterFaults({ clusters, regions, discovery }: Outline): readonly Fault[] {
  const known = new Set(regions.map((region) => region.name));
  const strangers = clusters.flatMap(({ identity }, index): readonly Fault[] =>
    identity?.region === undefined || known.has(identity.region)
      ? []
      : [{ path: at(index, "identity.region"), message: "is not one of `regions`; add it there or correct it" }],
  );
  return [
    ...(clusters.length === 0 && discovery.length === 0
      ? [{ path: "clusters", message: "names no cluster, and discovery names no tag: a fleet needs one of them" }]
      : []),
    ...repeated(
      clusters.map((cluster, index) => ({ path: at(index, "name"), key: cluster.name })),
      (earlier) => `is the name at ${earlier} too; every cluster needs its own`,
    ),
    ...repeated(
      clusters.map(({ identity }, index) => ({
        path: at(index, "identity"),
        key: joined(identity?.region, identity?.cluster),
      })),
      (earlier) => `pins what ${earlier} pins; region and cluster name together belong to one cluster`,
    ),
    ...repeated(
      clusters.map((cluster, index) => ({ path: at(index, "source"), key: sourceKey(cluster) })),
      (earlier) => `is the source at ${earlier} too; one cluster has one entry`,
    ),
    ...strangers,
  ];
}

function zoneFaults({ regions }: Outline): readonly Fault[] {
  const zones = regions.flatMap((region, index) =>
    region.zones.map(({ subscription, resourceGroup, zone }, position) => ({
      path: `regions[${index}].zones[${position}]`,
      key: joined(subscription, resourceGroup, zone)?.toLowerCase(),
      nameInRegion: joined(String(index), zone)?.toLowerCase(),
    })),
  );
  const twice = repeated(zones, (earlier) => `is the zone at ${earlier} too; a zone belongs to one region`);
  const reported = new Set(twice.map(({ path }) => path));
  const names = zones
    .filter(({ path }) => !reported.has(path))
    .map(({ path, nameInRegion }) => ({ path: `${path}.zone`, key: nameInRegion }));
  return [
    ...twice,
    ...repeated(
      names,
      (earlier) =>
        `is the name at ${earlier} too; a region has one zone of a name, where each of its hosts has one record`,
    ),
  ];
}

function regionFaults(outline: Outline): readonly Fault[] {
  return [
    ...repeated(
      outline.regions.map((region, index) => ({ path: `regions[${index}].name`, key: region.name })),
      (earlier) => `is the name at ${earlier} too; list a region once, with all its zones`,
    ),
    ...zoneFaults(outline),
  ];
}

/** @param value the document as YAML gave it, of any shape. */
export function ruleFaults(value: unknown): readonly Fault[] {
  const outline = Outline.parse(value);
  const discovered = outline.discovery.map((entry, index) => ({
    path: `discovery[${index}]`,
    key: joined(entry.subscription, entry.tag, entry.value),
  }));
  return [
    ...clusterFaults(outline),
    ...repeated(discovered, (earlier) => `is the same as ${earlier}; remove one`),
    ...regionFaults(outline),
  ];
}
