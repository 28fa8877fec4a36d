/** The fleet configuration: from what YAML gave to the model, or every fault at once. */
import type * as z from "zod";
import { ConfigurationError } from "../errors.ts";
import type {
  ClusterConfiguration,
  ClusterSource,
  FleetConfiguration,
  RegionConfiguration,
  StoreConfiguration,
  ZoneConfiguration,
} from "../model/fleet-configuration.ts";
import { ruleFaults } from "./fleet-configuration-rules.ts";
import { FleetConfigurationSchema } from "./fleet-configuration-schema.ts";
import { type Fault, faultsOf, wording } from "./issues.ts";

type Wire = z.output<typeof FleetConfigurationSchema>;

/** Settings that are planned and have a fixed name already: a person who sets one must learn that nothing reads it. */
const LATER = ["failover", "notify"] as const;

function worded(fault: Fault): Fault {
  const later = LATER.some((key) => key === fault.path);
  return later ? { path: fault.path, message: "is not supported by this version; remove it" } : fault;
}

function sourceOf({ source }: Wire["clusters"][number]): ClusterSource {
  if (source.manifests !== undefined) return { kind: "manifests", directory: source.manifests };
  if (source.kubeconfig !== undefined) return { kind: "kubeconfig", ...source.kubeconfig };
  return { kind: "aks", resourceId: source.aks ?? "" };
}

function clusterOf(cluster: Wire["clusters"][number]): ClusterConfiguration {
  return {
    name: cluster.name,
    ...(cluster.identity === undefined ? {} : { identity: cluster.identity }),
    source: sourceOf(cluster),
    writes: cluster.writes,
    gatewayNamespace: cluster.gatewayNamespace,
    operatorStopped: cluster.takeover.operatorStopped,
  };
}

/** The zone's name goes on in lower case, as record names do; subscription and resource group stay as Azure is to be asked. */
function zoneOf({
  file,
  subscription,
  resourceGroup,
  zone,
}: Wire["regions"][number]["zones"][number]): ZoneConfiguration {
  const name = zone.toLowerCase();
  return file === undefined
    ? { kind: "azure", subscription: subscription ?? "", resourceGroup: resourceGroup ?? "", zone: name }
    : { kind: "file", file, zone: name };
}

function regionOf({ name, zones, zoneWrites, externalDns }: Wire["regions"][number]): RegionConfiguration {
  return {
    name,
    zones: zones.map(zoneOf),
    zoneWrites,
    externalDns: { ...externalDns, ownerId: externalDns.ownerId ?? `external-dns-${name}` },
  };
}

function storeOf({ file, blob, blobConnection }: Wire["store"]): StoreConfiguration {
  if (blob !== undefined) return { kind: "blob", ...blob };
  if (blobConnection !== undefined) {
    return {
      kind: "blob-connection",
      connectionStringSetting: blobConnection.setting,
      container: blobConnection.container,
    };
  }
  return { kind: "file", directory: file ?? "" };
}

/**
 * Paths stay as they are written: whoever knows where the document came from resolves them.
 * @param value the document as YAML gave it.
 * @param source what the document is called in the error: a file name, an app setting, a blob.
 * @throws ConfigurationError with every fault, structure first, then rules between settings.
 */
export function parseFleetConfiguration(value: unknown, source: string): FleetConfiguration {
  if (value === undefined || value === null) {
    throw new ConfigurationError(source, [{ path: "", message: "is empty; it needs clusters or discovery" }]);
  }
  const read = FleetConfigurationSchema.safeParse(value, { error: wording });
  const shape = read.success ? [] : faultsOf(read.error, FleetConfigurationSchema).map(worded);
  // A fault of the whole document (a list, a word) leaves nothing to compare.
  const broken = new Set(shape.map((fault) => fault.path));
  const rules = broken.has("") ? [] : ruleFaults(value).filter((fault) => !broken.has(fault.path));
  if (!read.success || rules.length > 0) {
    throw new ConfigurationError(source, [...shape, ...rules]);
  }
  const { clusters, discovery, regions, store, ...rest } = read.data;
  return {
    clusters: clusters.map(clusterOf),
    discovery,
    regions: regions.map(regionOf),
    ...rest,
    store: storeOf(store),
  };
}
