/**
 * Where the fleet configuration comes from, and every setting of the environment. The only file that reads the environment.
 *
 * | setting | meaning |
 * |---|---|
 * | SERVICE_ROUTER_CONFIG | path of fleet.yaml; default `fleet.yaml` in the working directory |
 * | SERVICE_ROUTER_FLEET | the document itself, as an app setting; wins over a path |
 * | SERVICE_ROUTER_FLEET_BLOB | URL of a blob that holds the document; wins over both |
 * | SERVICE_ROUTER_IGNORED_IDENTITIES | application or object ids, separated by commas, whose Event Grid events are ignored |
 * | AZURE_CLIENT_ID | user-assigned identity to use; without it the system-assigned one, or the developer's |
 * | APPLICATIONINSIGHTS_CONNECTION_STRING | where telemetry goes; without it to the console |
 * | KUBECONFIG | kubeconfig files of sources that name no path, as kubectl takes them |
 * | WEBSITE_AUTH_ENABLED | set by Azure: App Service authentication is on, so its principal header can be believed |
 * | REGION_NAME | set by Azure: where the app runs, for doctor |
 * | WEBSITE_SITE_NAME, WEBSITE_INSTANCE_ID | set by Azure: who holds a lease |
 */
import { access, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { parseFleetConfiguration } from "./contracts/fleet-configuration.ts";
import { writtenZonePath } from "./contracts/zone-file.ts";
import { asError, ConfigurationError } from "./errors.ts";
import type {
  ClusterSource,
  FleetConfiguration,
  RegionConfiguration,
  StoreConfiguration,
} from "./model/fleet-configuration.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type FleetDocument =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "setting"; readonly text: string }
  | { readonly kind: "blob"; readonly url: string };

export type Settings = {
  readonly document: FleetDocument;
  /** Somebody said where the document is; otherwise it is looked for in the working directory. */
  readonly documentNamed: boolean;
  readonly ignoredIdentities: readonly string[];
  readonly principalsTrusted: boolean;
  readonly identityClientId?: string;
  readonly telemetryConnectionString?: string;
  /** Paths of kubeconfig files, as kubectl takes them from KUBECONFIG. */
  readonly kubeconfigPaths: readonly string[];
  /** Azure region of the app, as `West Europe`; absent on a laptop. */
  readonly appRegion?: string;
  /** Deployment and process, for leases. */
  readonly instance: string;
  /** A secret kept in the environment, by the name that the configuration gives. */
  readonly secret: (name: string) => string | undefined;
};

/** @param configurationPath given by a flag; wins over the environment. */
export function readSettings(configurationPath: string | undefined, environment: Environment = process.env): Settings {
  const value = (name: string): string | undefined => {
    const text = environment[name]?.trim();
    return text === undefined || text === "" ? undefined : text;
  };
  const identityClientId = value("AZURE_CLIENT_ID");
  const telemetryConnectionString = value("APPLICATIONINSIGHTS_CONNECTION_STRING");
  const appRegion = value("REGION_NAME");
  const documentNamed = configurationPath !== undefined || documentSettings.some((name) => value(name) !== undefined);
  return {
    document: documentOf(configurationPath, value),
    documentNamed,
    ignoredIdentities: (value("SERVICE_ROUTER_IGNORED_IDENTITIES") ?? "").split(",").flatMap((id) => id.trim() || []),
    principalsTrusted: value("WEBSITE_AUTH_ENABLED")?.toLowerCase() === "true",
    kubeconfigPaths: kubeconfigPaths(value),
    instance: [
      value("WEBSITE_SITE_NAME") ?? hostname(),
      value("WEBSITE_INSTANCE_ID")?.slice(0, 8) ?? String(process.pid),
    ].join("/"),
    secret: value,
    ...(identityClientId === undefined ? {} : { identityClientId }),
    ...(telemetryConnectionString === undefined ? {} : { telemetryConnectionString }),
    ...(appRegion === undefined ? {} : { appRegion }),
  };
}

const documentSettings = ["SERVICE_ROUTER_FLEET_BLOB", "SERVICE_ROUTER_FLEET", "SERVICE_ROUTER_CONFIG"] as const;

/** Whether there is no such file. A file that cannot be read is there. */
export async function isDocumentMissing(document: FleetDocument): Promise<boolean> {
  if (document.kind !== "file") return false;
  try {
    await access(document.path);
    return false;
  } catch (caught) {
    return (caught as NodeJS.ErrnoException).code === "ENOENT";
  }
}

function documentOf(path: string | undefined, value: (name: string) => string | undefined): FleetDocument {
  if (path !== undefined) return { kind: "file", path };
  const url = value("SERVICE_ROUTER_FLEET_BLOB");
  if (url !== undefined) return { kind: "blob", url };
  const text = value("SERVICE_ROUTER_FLEET");
  if (text !== undefined) return { kind: "setting", text };
  return { kind: "file", path: value("SERVICE_ROUTER_CONFIG") ?? "fleet.yaml" };
}

function kubeconfigPaths(value: (name: string) => string | undefined): readonly string[] {
  const listed = value("KUBECONFIG");
  if (listed !== undefined) return listed.split(process.platform === "win32" ? ";" : ":").filter((path) => path !== "");
  const home = value("HOME") ?? value("USERPROFILE");
  return home === undefined ? [] : [resolve(home, ".kube", "config")];
}

/**
 * @param readBlob how to read a blob: only compose.ts can.
 * @throws ConfigurationError with every fault, named by path; paths in the document are relative to it.
 */
export async function loadFleetConfiguration(
  document: FleetDocument,
  readBlob: (url: string) => Promise<string>,
): Promise<FleetConfiguration> {
  switch (document.kind) {
    case "setting":
      return parseFleetText(document.text, "SERVICE_ROUTER_FLEET", process.cwd());
    case "blob":
      return parseFleetText(await readBlob(document.url), document.url, process.cwd());
    case "file":
      return parseFleetText(await readFleetFile(document.path), document.path, dirname(resolve(document.path)));
  }
}

/** By Node's code. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "does not exist; name another with --config or SERVICE_ROUTER_CONFIG, or start from samples/fleet/fleet.yaml",
  EISDIR: "is a directory; name the file in it, which is most likely called fleet.yaml",
  EACCES: "may not be read by this user (EACCES); change its permissions",
};

async function readFleetFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (caught) {
    const code = (caught as NodeJS.ErrnoException).code;
    const message = UNREADABLE[code ?? ""] ?? `cannot be read (${code ?? asError(caught).message})`;
    throw new ConfigurationError(path, [{ path: "", message }], caught);
  }
}

/** @param directory what relative paths in the document start from. */
export function parseFleetText(text: string, source: string, directory: string): FleetConfiguration {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (caught) {
    const error = asError(caught);
    const message =
      error instanceof YAMLParseError
        ? `is not YAML: ${(error.message.split("\n")[0] ?? "").replace(/:$/, "")}`
        : error.message;
    throw new ConfigurationError(source, [{ path: "", message }], caught);
  }
  const configuration = parseFleetConfiguration(value, source);
  const from = (path: string): string => resolve(directory, path);
  const clusters = configuration.clusters.map((cluster) => ({
    ...cluster,
    source: withAbsolutePath(cluster.source, from),
  }));
  const regions = configuration.regions.map((region) => ({
    ...region,
    zones: region.zones.map((zone) => (zone.kind === "file" ? { ...zone, file: from(zone.file) } : zone)),
  }));
  const store = storeFrom(configuration.store, from);
  const faults = [...overlaps(clusters, store), ...zoneFileOverlaps(regions, clusters)];
  if (faults.length > 0) throw new ConfigurationError(source, faults);
  return { ...configuration, clusters, regions, store };
}

type Overlap = { readonly path: string; readonly message: string };
type Place = { readonly path: string; readonly at: string };

/**
 * Directories that lie in one another: what is written for one cluster, or to the store, would be read as manifests of
 * another. Only absolute paths tell (`x` and `./x/`). Not found where the way leads through a link.
 */
function overlaps(clusters: FleetConfiguration["clusters"], store: StoreConfiguration): readonly Overlap[] {
  const sources = manifestsOf(clusters);
  const written = resultsOf(sources);
  const inside = sources.flatMap((one, index) => [
    ...sources
      .filter((other, position) => (position < index && other.path === one.path) || liesIn(one.path, other.path))
      .map(({ at }) => ({ path: one.at, message: `is or lies in the directory at ${at}; give each cluster its own` })),
    ...written
      .filter((other) => other.path === one.path || liesIn(one.path, other.path))
      .map(({ at }) => ({ path: one.at, message: `is where results for ${at} are written; choose another` })),
  ]);
  const kept = store.kind === "file" ? [store.directory] : [];
  const storeInside = kept.flatMap((path) =>
    [...sources, ...written]
      .filter((other) => other.path === path || (liesIn(path, other.path) && !isHidden(relative(other.path, path))))
      .map(({ at }) => ({
        path: "store.file",
        message: `lies in the directory at ${at}, or in its .out; move it out`,
      })),
  );
  return [...inside, ...storeInside];
}

function manifestsOf(clusters: FleetConfiguration["clusters"]): readonly Place[] {
  return clusters.flatMap(({ source }, index): readonly Place[] =>
    source.kind === "manifests" ? [{ path: source.directory, at: `clusters[${index}].source.manifests` }] : [],
  );
}

function resultsOf(sources: readonly Place[]): readonly Place[] {
  return sources.map(({ path, at }): Place => ({ path: `${path}.out`, at }));
}

/** Zone files that stand for two zones, are what is written for another, or would be read as manifests of a cluster. */
function zoneFileOverlaps(
  regions: readonly RegionConfiguration[],
  clusters: FleetConfiguration["clusters"],
): readonly Overlap[] {
  const files = regions.flatMap(({ zones }, index) =>
    zones.flatMap((zone, position): readonly Place[] =>
      zone.kind === "file" ? [{ path: zone.file, at: `regions[${index}].zones[${position}].file` }] : [],
    ),
  );
  const sources = manifestsOf(clusters);
  return files.flatMap((one, index) => [
    ...files
      .filter((other, position) => position < index && writtenZonePath(other.path) === writtenZonePath(one.path))
      .map(({ at }) => ({
        path: one.at,
        message: `is the file at ${at}, or written to the same place; choose another`,
      })),
    ...files
      .filter(({ path }) => writtenZonePath(path) === one.path)
      .map(({ at }) => ({ path: one.at, message: `is where results for ${at} are written; choose another` })),
    ...[...sources, ...resultsOf(sources)]
      .filter(({ path }) => liesIn(one.path, path) && !isHidden(relative(path, one.path)))
      .map(({ at }) => ({
        path: one.at,
        message: `lies in the directory at ${at}, or in its .out, where every file is read as a manifest; move it out`,
      })),
  ]);
}

function liesIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Manifests are not looked for in hidden folders: the default store may lie beside them. */
function isHidden(way: string): boolean {
  return way.split(sep).some((part) => part.startsWith("."));
}

function withAbsolutePath(source: ClusterSource, from: (path: string) => string): ClusterSource {
  switch (source.kind) {
    case "manifests":
      return { ...source, directory: from(source.directory) };
    case "kubeconfig":
      return source.path === undefined ? source : { ...source, path: from(source.path) };
    case "aks":
    case "missing":
      return source;
  }
}

function storeFrom(store: StoreConfiguration, from: (path: string) => string): StoreConfiguration {
  return store.kind === "file" ? { ...store, directory: from(store.directory) } : store;
}
