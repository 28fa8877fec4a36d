/** A fleet configuration that is valid, presented: what it names, what may be written, and what is worth a second look. */
import type { ConfigurationError } from "../errors.ts";
import {
  noRegionsNote,
  type ClusterConfiguration,
  type ClusterSource,
  type FleetConfiguration,
  type ZoneConfiguration,
} from "../model/fleet-configuration.ts";
import { isInZone } from "../model/zone-records.ts";
import { section, sectionUnlessEmpty, text } from "./document.ts";
import type { Block, Document, Entry, Rich, Span } from "./document.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { faultStep } from "./next-steps.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { counted, listed } from "./wording.ts";

/**
 * JSON: the configuration as it is used, defaults filled in, under `configuration` (names of settings, no secret), and under
 * `notes` what is worth a second look.
 */
export function presentConfiguration(configuration: FleetConfiguration, as: Presentation): string {
  return present(
    () => configurationDocument(configuration),
    () => ({ apiVersion: JSON_API_VERSION, kind: "Configuration", configuration, notes: notesOf(configuration) }),
    as,
  );
}

/** What is wrong with a fleet configuration, for scripts and pull requests. JSON: `faults`, each `path` and `message`. */
export function presentConfigurationFaults(error: ConfigurationError, as: Presentation): string {
  const { source, faults } = error;
  const next = faultStep(source);
  return present(
    () => ({
      headline: [["bad", "The fleet configuration is not valid: "], `${source} has ${counted(faults.length, "fault")}`],
      blocks: [
        {
          kind: "entries",
          entries: faults.map(({ path, message }): Entry => ({
            head: path === "" ? [message] : [["name", path], `: ${message}`],
            details: [],
          })),
          more: 0,
        },
        text(["attention", "→ "], next),
      ],
    }),
    () => ({ apiVersion: JSON_API_VERSION, kind: "ConfigurationFaults", source, faults, next }),
    as,
  );
}

function configurationDocument(configuration: FleetConfiguration): Document {
  const { clusters, discovery, regions } = configuration;
  return {
    headline: [
      ["good", "The fleet configuration is valid: "],
      listed(
        [
          clusters.length === 0 ? "" : counted(clusters.length, "cluster"),
          discovery.length === 0 ? "" : `${counted(discovery.length, "discovery", "discoveries")} by tag`,
          counted(regions.length, "region"),
        ],
        "nothing",
      ),
    ],
    blocks: [
      ...tableSection(
        "Clusters",
        ["CLUSTER", "IDENTITY", "WRITES", "GATEWAYS IN", "SOURCE"],
        clusters.map((cluster) => [
          [["strong", cluster.name]],
          [identityText(cluster)],
          [writesSpan(cluster.writes)],
          [cluster.gatewayNamespace],
          [sourceText(cluster.source)],
        ]),
      ),
      ...tableSection(
        "Discovery",
        ["SUBSCRIPTION", "TAG", "WRITES"],
        discovery.map(({ subscription, tag, value, writes }) => [
          [["name", subscription]],
          [`${tag}=${value}`],
          [writesSpan(writes)],
        ]),
      ),
      ...tableSection(
        "Regions",
        ["REGION", "OWNER ID", "INTERVAL", "ZONES"],
        regions.map(({ name, externalDns, zones }) => [
          [["strong", name]],
          [externalDns.ownerId],
          [`${externalDns.intervalSeconds} s`],
          [zones.length === 0 ? "none" : zones.map(zoneText).join(", ")],
        ]),
      ),
      settingsSection(configuration),
      ...notesSection(configuration),
    ],
  };
}

function tableSection(title: string, head: readonly string[], rows: readonly (readonly Rich[])[]): readonly Block[] {
  return rows.length === 0 ? [] : [section([["strong", title]], [{ kind: "table", head, rows, more: 0 }])];
}

function settingsSection({ store, budgets, vantage }: FleetConfiguration): Block {
  const share = `${Math.round(budgets.share * 100)} % of the names of a scope (from ${budgets.fromNames} up)`;
  const lines: readonly (readonly [string, string])[] = [
    ["state store", storeText(store)],
    ["budget per hour", `${share}, or ${budgets.names} names`],
    ["vantage", vantage],
  ];
  const entries = lines.map(([label, value]): Entry => ({ head: [["dim", `${label}: `], value], details: [] }));
  return section([["strong", "Settings"]], [{ kind: "entries", entries, more: 0 }]);
}

/** What is allowed but seldom meant, as sentences. */
function notesOf({ clusters, discovery, regions }: FleetConfiguration): readonly string[] {
  const all = [...clusters, ...discovery];
  return [
    regions.length === 0 ? noRegionsNote : "",
    all.length > 0 && all.every(({ writes }) => writes === "observe")
      ? "every cluster is only observed: nothing is ever written until a cluster says writes: apply"
      : "",
    ...clusters
      .filter(({ writes }) => writes === "retiring")
      .map(({ name }) => `cluster ${name} is retiring: what it publishes is withdrawn`),
    ...regions.flatMap(({ name, zones }) =>
      zones.flatMap(({ zone }) =>
        zones
          .filter((outer) => outer.zone !== zone && isInZone(zone, outer.zone))
          .map((outer) => `region ${name}: hosts in ${zone} belong to that zone, not to ${outer.zone} around it`),
      ),
    ),
  ].filter((line) => line !== "");
}

function notesSection(configuration: FleetConfiguration): readonly Block[] {
  const entries = notesOf(configuration).map((line): Entry => ({ head: [["attention", "→ "], line], details: [] }));
  return sectionUnlessEmpty(
    [["attention", "Worth a look"]],
    entries.length === 0 ? [] : [{ kind: "entries", entries, more: 0 }],
  );
}

function identityText({ identity }: ClusterConfiguration): string {
  return identity === undefined ? "not pinned" : `${identity.cluster} in ${identity.region}`;
}

function writesSpan(writes: ClusterConfiguration["writes"]): Span {
  return [writes === "apply" ? "good" : "attention", writes];
}

function sourceText(source: ClusterSource): string {
  switch (source.kind) {
    case "kubeconfig":
      return `kubeconfig context ${source.context}`;
    case "aks":
      return `AKS ${source.resourceId}`;
    case "manifests":
      return `manifests in ${source.directory}`;
    case "missing":
      return "no longer configured";
  }
}

function storeText(store: FleetConfiguration["store"]): string {
  switch (store.kind) {
    case "file":
      return `directory ${store.directory}`;
    case "blob":
      return `blob container ${store.container} of ${store.accountUrl}`;
    case "blob-connection":
      return `blob container ${store.container}, connection string in the setting ${store.connectionStringSetting}`;
  }
}

function zoneText(zone: ZoneConfiguration): string {
  return zone.kind === "azure" ? `${zone.resourceGroup}/${zone.zone}` : `${zone.zone} (${zone.file})`;
}
