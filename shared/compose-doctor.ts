/**
 * Part of compose: doctor, for a fleet configuration or for nothing but contexts of a kubeconfig. Neither state store nor
 * lease is opened: doctor only reads.
 */
import { readContexts } from "./adapters/kubernetes/kubeconfig-contexts.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { diagnoseFleet, type DiagnosisRequest } from "./app/diagnose-fleet.ts";
import { openClusterSources } from "./compose-clusters.ts";
import { readFleetBlob } from "./compose-store.ts";
import { workingContext } from "./compose-contexts.ts";
import { openZoneSources } from "./compose-zones.ts";
import { isDocumentMissing, loadFleetConfiguration, readSettings, type Settings } from "./config.ts";
import { parseFleetConfiguration } from "./contracts/fleet-configuration.ts";
import { ConfigurationError } from "./errors.ts";
import type { Diagnosis } from "./model/diagnosis.ts";
import type { FleetConfiguration } from "./model/fleet-configuration.ts";
import type { ClusterSource, Progress } from "./ports.ts";

export type DoctorOptions = {
  /** fleet.yaml on disk; without it the environment decides, and where that names none, ./fleet.yaml. */
  readonly configurationPath?: string;
  /** Contexts to look at, instead of a fleet. */
  readonly contexts?: readonly string[];
  readonly allContexts?: boolean;
  /** Kubeconfig to take contexts from; without it KUBECONFIG, or ~/.kube/config. */
  readonly kubeconfigPath?: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
};

/**
 * Without any option: the fleet where there is a fleet configuration, else the current context.
 * @throws ConfigurationError, and the signal's reason.
 */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const settings = readSettings(options.configurationPath);
  const clusters = openClusterSources(settings);
  const zones = openZoneSources(settings);
  try {
    const looked = await chooseClusters(options, settings, clusters);
    const { configuration } = looked;
    const ports = { configuration, clusters, zones, clock: systemClock, progress: options.progress };
    const { appRegion } = settings;
    return await diagnoseFleet(ports, {
      of: looked.of,
      notes: looked.notes,
      ...(appRegion === undefined ? {} : { appRegion }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } finally {
    await Promise.all([clusters.close(), zones.close()]);
  }
}

type Chosen = Pick<DiagnosisRequest, "of" | "notes"> & { readonly configuration: FleetConfiguration };

async function chooseClusters(options: DoctorOptions, settings: Settings, clusters: ClusterSource): Promise<Chosen> {
  const { contexts = [], allContexts = false, kubeconfigPath } = options;
  if (contexts.length > 0 || allContexts || kubeconfigPath !== undefined) {
    return await contextsOf(options, { settings, clusters, notes: [] });
  }
  if (!settings.documentNamed && (await isDocumentMissing(settings.document))) {
    const notes = ["there is no fleet.yaml here, so the current context was looked at"];
    return await contextsOf(options, { settings, clusters, notes });
  }
  const configuration = await loadFleetConfiguration(settings.document, (url) => readFleetBlob(url, settings));
  return { of: "fleet", configuration, notes: [] };
}

type Choice = { readonly settings: Settings; readonly clusters: ClusterSource; readonly notes: readonly string[] };

/** The contexts that were asked for; contexts of one API server are one cluster. */
async function contextsOf(options: DoctorOptions, { settings, clusters, notes }: Choice): Promise<Chosen> {
  const { contexts = [], allContexts = false, kubeconfigPath, signal } = options;
  const paths = kubeconfigPath === undefined ? settings.kubeconfigPaths : [kubeconfigPath];
  const known = await readContexts(paths);
  const asked = allContexts ? known.contexts.map(({ name }) => name) : contexts;
  const names = [...new Set(asked.length > 0 ? asked : known.current === undefined ? [] : [known.current])];
  const available = known.contexts.map(({ name }) => name).join(", ") || "none";
  const source = `kubeconfig ${paths.join(", ")}`;
  if (names.length === 0) {
    const message = `names no current context; give --context, or --all-contexts (there are: ${available})`;
    throw new ConfigurationError(source, [{ path: "current-context", message }]);
  }
  const found = names.map((name) => known.contexts.find((context) => context.name === name) ?? name);
  const missing = found.filter((context) => typeof context === "string");
  if (missing.length > 0) {
    const faults = missing.map((name) => ({
      path: `contexts.${name}`,
      message: `no such context; available: ${available}`,
    }));
    throw new ConfigurationError(source, faults);
  }
  const servers = Map.groupBy(
    found.filter((context) => typeof context !== "string"),
    ({ name, server }) => server ?? name,
  );
  const whole = configurationOf(names, kubeconfigPath);
  const chosen = await Promise.all(
    [...servers.values()].map((doubled) => {
      const of = doubled.flatMap(({ name }) => whole.clusters.find((cluster) => cluster.name === name) ?? []);
      return workingContext(of, clusters, signal);
    }),
  );
  return {
    of: "contexts",
    configuration: { ...whole, clusters: chosen.flatMap(({ cluster }) => cluster ?? []) },
    notes: [...notes, ...chosen.flatMap((one) => one.notes)],
  };
}

/** A fleet of contexts: named after them, observed, and with every other setting as the schema has it. */
function configurationOf(contexts: readonly string[], path: string | undefined): FleetConfiguration {
  const clusters = contexts.map((context, index) => ({
    name: `context-${index}`,
    source: { kubeconfig: { context, ...(path === undefined ? {} : { path }) } },
  }));
  const configuration = parseFleetConfiguration({ clusters }, "contexts");
  return {
    ...configuration,
    clusters: configuration.clusters.map((cluster, index) => ({ ...cluster, name: contexts[index] ?? cluster.name })),
  };
}
