import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFleetConfiguration } from "../../../shared/contracts/fleet-configuration.ts";
import { ConfigurationError } from "../../../shared/errors.ts";

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const AKS = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-weu/providers/Microsoft.ContainerService/managedClusters/aks01`;

const cluster = (entry: object = {}): object => ({ name: "w1", source: { manifests: "clusters/w1" }, ...entry });
const zone = (entry: object = {}): object => ({
  subscription: SUBSCRIPTION,
  resourceGroup: "rg-weu",
  zone: "example.com",
  ...entry,
});

function faultsOf(value: unknown): readonly string[] {
  try {
    parseFleetConfiguration(value, "fleet.yaml");
    return [];
  } catch (caught) {
    if (!(caught instanceof ConfigurationError)) throw caught;
    return caught.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("parseFleetConfiguration", () => {
  it("fills in every default", () => {
    expect(parseFleetConfiguration({ clusters: [cluster()], regions: [{ name: "weu" }] }, "fleet.yaml")).toEqual({
      clusters: [
        {
          name: "w1",
          source: { kind: "manifests", directory: "clusters/w1" },
          writes: "observe",
          gatewayNamespace: "istio-system",
          operatorStopped: false,
        },
      ],
      discovery: [],
      regions: [
        {
          name: "weu",
          zones: [],
          zoneWrites: "observe",
          externalDns: { ownerId: "external-dns-weu", txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
        },
      ],
      readSeconds: 25,
      families: { serviceRouting: true },
      takeover: {
        operatorDeployment: "service-router-operator-controller-manager",
        operatorNamespace: "service-router-system",
      },
      budgets: { share: 0.3, fromNames: 10, names: 200 },
      vantage: "default",
      store: { kind: "file", directory: ".service-router" },
    });
  });

  it("keeps everything that a person sets", () => {
    const written = {
      clusters: [
        cluster({
          identity: { region: "weu", cluster: "aks01" },
          source: { kubeconfig: { path: "~/.kube/fleet", context: "aks-weu-01" } },
          writes: "apply",
          gatewayNamespace: "aks-istio-ingress",
          takeover: { operatorStopped: true },
        }),
        { name: "w2", source: { aks: AKS }, writes: "retiring" },
      ],
      discovery: [{ subscription: SUBSCRIPTION, tag: "fleet", value: "blue", writes: "apply" }],
      regions: [
        {
          name: "weu",
          zones: [zone()],
          zoneWrites: "apply",
          externalDns: { ownerId: "weu", txtPrefix: "", intervalSeconds: 300 },
        },
      ],
      readSeconds: 30,
      families: { serviceRouting: false },
      takeover: { operatorDeployment: "operator", operatorNamespace: "router" },
      budgets: { share: 1, fromNames: 0, names: 0 },
      vantage: "weu",
      store: { blob: { accountUrl: "https://store.blob.core.windows.net", container: "state" } },
    };
    expect(parseFleetConfiguration(written, "fleet.yaml")).toEqual({
      clusters: [
        {
          name: "w1",
          identity: { region: "weu", cluster: "aks01" },
          source: { kind: "kubeconfig", path: "~/.kube/fleet", context: "aks-weu-01" },
          writes: "apply",
          gatewayNamespace: "aks-istio-ingress",
          operatorStopped: true,
        },
        {
          name: "w2",
          source: { kind: "aks", resourceId: AKS },
          writes: "retiring",
          gatewayNamespace: "istio-system",
          operatorStopped: false,
        },
      ],
      discovery: [
        { subscription: SUBSCRIPTION, tag: "fleet", value: "blue", writes: "apply", gatewayNamespace: "istio-system" },
      ],
      regions: [{ ...written.regions[0], zones: [{ kind: "azure", ...zone() }] }],
      readSeconds: written.readSeconds,
      families: written.families,
      takeover: written.takeover,
      budgets: written.budgets,
      vantage: "weu",
      store: { kind: "blob", accountUrl: "https://store.blob.core.windows.net", container: "state" },
    });
  });

  it("takes zones of Azure and files, their names in lower case, and one that lies in another", () => {
    const zones = [zone({ zone: "Example.com" }), { file: "zones/shop.yaml", zone: "shop.example.com" }];
    const { regions } = parseFleetConfiguration({ clusters: [cluster()], regions: [{ name: "weu", zones }] }, "x");
    expect(regions[0]?.zones).toEqual([
      { kind: "azure", ...zone() },
      { kind: "file", file: "zones/shop.yaml", zone: "shop.example.com" },
    ]);
  });

  it("takes a manifests source beside a blob store, and Azurite's endpoint", () => {
    const store = { blob: { accountUrl: "http://127.0.0.1:10000/devstoreaccount1", container: "state" } };
    expect(parseFleetConfiguration({ clusters: [cluster()], store }, "x").store).toEqual({
      kind: "blob",
      ...store.blob,
    });
  });

  it("names the setting of a connection string, not the string", () => {
    const store = { blobConnection: { setting: "AzureWebJobsStorage", container: "state" } };
    expect(parseFleetConfiguration({ clusters: [cluster()], store }, "x").store).toEqual({
      kind: "blob-connection",
      connectionStringSetting: "AzureWebJobsStorage",
      container: "state",
    });
  });

  it.each([
    ["nothing at all", null, [": is empty; it needs clusters or discovery"]],
    ["a list", [], [": must be an object, not a list"]],
    ["an empty object", {}, ["clusters: names no cluster, and discovery names no tag: a fleet needs one of them"]],
    ["an empty key", { clusters: [cluster()], discovery: null }, ["discovery: must be a list, not empty (null)"]],
    [
      "a name that is no DNS label",
      { clusters: [cluster({ name: "W_1" })] },
      ["clusters[0].name: must be a DNS label: lower-case letters, digits and inner hyphens, at most 63"],
    ],
    [
      "a name of 64 characters",
      { clusters: [cluster({ name: "a".repeat(64) })] },
      [expect.stringContaining("clusters[0].name")],
    ],
    [
      "a mistyped key",
      { clusters: [cluster({ gatewayNamspace: "x" })] },
      ["clusters[0].gatewayNamspace: is not known; did you mean gatewayNamespace?"],
    ],
    [
      "a key that comes later",
      { clusters: [cluster()], failover: { mode: "propose" }, notify: [] },
      ["failover: is not supported by this version; remove it", "notify: is not supported by this version; remove it"],
    ],
    [
      "a write mode that does not exist",
      { clusters: [cluster({ writes: "yes" })] },
      ["clusters[0].writes: must be one of observe, apply, retiring"],
    ],
    ["no source", { clusters: [{ name: "w1" }] }, ["clusters[0].source: is required"]],
    [
      "an empty source",
      { clusters: [cluster({ source: {} })] },
      ["clusters[0].source: needs exactly one of manifests, kubeconfig, aks"],
    ],
    [
      "two sources in one",
      { clusters: [cluster({ source: { manifests: "a", aks: AKS } })] },
      ["clusters[0].source: needs exactly one of manifests, kubeconfig, aks"],
    ],
    [
      "a context without name",
      { clusters: [cluster({ source: { kubeconfig: {} } })] },
      ["clusters[0].source.kubeconfig.context: is required"],
    ],
    [
      "an id that is no AKS cluster's",
      { clusters: [cluster({ source: { aks: "aks01" } })] },
      [expect.stringContaining("clusters[0].source.aks: must be the resource id of a managed cluster")],
    ],
    [
      "a subscription by name",
      { clusters: [cluster()], regions: [{ name: "weu", zones: [zone({ subscription: "production" })] }] },
      ["regions[0].zones[0].subscription: must be a subscription id (a GUID)"],
    ],
    [
      "a zone that is nowhere",
      { clusters: [cluster()], regions: [{ name: "weu", zones: [{ zone: "example.com" }] }] },
      ["regions[0].zones[0]: needs subscription and resourceGroup of an Azure Private DNS zone, or file"],
    ],
    [
      "a zone of which only half is said",
      { clusters: [cluster()], regions: [{ name: "weu", zones: [{ resourceGroup: "rg", zone: "example.com" }] }] },
      ["regions[0].zones[0].subscription: is required"],
    ],
    [
      "a zone that is both in Azure and a file",
      { clusters: [cluster()], regions: [{ name: "weu", zones: [zone({ file: "zones/weu.yaml" })] }] },
      [
        "regions[0].zones[0].subscription: does not go with file: a zone is one or the other",
        "regions[0].zones[0].resourceGroup: does not go with file: a zone is one or the other",
      ],
    ],
    [
      "a zone file of another kind",
      { clusters: [cluster()], regions: [{ name: "weu", zones: [{ file: "weu.zone", zone: "example.com" }] }] },
      ["regions[0].zones[0].file: must end in .yaml or .yml"],
    ],
    [
      "an unknown placeholder in the prefix",
      { clusters: [cluster()], regions: [{ name: "weu", externalDns: { txtPrefix: "%{type}." } }] },
      [expect.stringContaining("regions[0].externalDns.txtPrefix: may hold")],
    ],
    [
      "a space in the prefix",
      { clusters: [cluster()], regions: [{ name: "weu", externalDns: { txtPrefix: "a b." } }] },
      [expect.stringContaining("regions[0].externalDns.txtPrefix: may hold")],
    ],
    [
      "a connection string in place of its setting",
      { clusters: [cluster()], store: { blobConnection: { setting: "AccountKey=s3cret", container: "state" } } },
      ["store.blobConnection.setting: must be the name of an app setting, never the connection string itself"],
    ],
    [
      "a share of more than all",
      { clusters: [cluster()], budgets: { share: 30 } },
      ["budgets.share: must be at most 1"],
    ],
    [
      "more time for reading than the lease of a pass leaves",
      { clusters: [cluster()], readSeconds: 45 },
      ["readSeconds: must be at most 35"],
    ],
  ])("refuses %s by its path", (_what, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
  });

  it.each(["a b", 'a"b', "a'b", "a,b", "a\tb"])("refuses the owner %j, which no ownership TXT can hold", (ownerId) => {
    expect(faultsOf({ clusters: [cluster()], regions: [{ name: "weu", externalDns: { ownerId } }] })).toEqual([
      "regions[0].externalDns.ownerId: must hold no spaces, quotes and commas: it is part of a TXT value",
    ]);
  });

  it.each([
    [
      "one name for two clusters",
      { clusters: [cluster(), cluster({ source: { manifests: "clusters/w2" } })] },
      ["clusters[1].name: is the name at clusters[0].name too; every cluster needs its own"],
    ],
    [
      "one identity for two clusters",
      {
        clusters: ["w1", "w2", "w3"].map((name) => ({
          name,
          source: { manifests: name },
          identity: { region: "weu", cluster: "aks01" },
        })),
        regions: [{ name: "weu" }],
      },
      [
        "clusters[1].identity: pins what clusters[0].identity pins; region and cluster name together belong to one cluster",
        "clusters[2].identity: pins what clusters[0].identity pins; region and cluster name together belong to one cluster",
      ],
    ],
    [
      "one source for two clusters, written differently",
      {
        clusters: [
          cluster({ source: { aks: AKS } }),
          cluster({ name: "w2", source: { aks: AKS.toLowerCase() } }),
          cluster({ name: "w3" }),
          cluster({ name: "w4", source: { manifests: "clusters/w1/" } }),
        ],
      },
      [
        "clusters[1].source: is the source at clusters[0].source too; one cluster has one entry",
        "clusters[3].source: is the source at clusters[2].source too; one cluster has one entry",
      ],
    ],
    [
      "a pinned region that is not listed",
      { clusters: [cluster({ identity: { region: "neu", cluster: "a" } })], regions: [{ name: "weu" }] },
      ["clusters[0].identity.region: is not one of `regions`; add it there or correct it"],
    ],
    [
      "a region listed twice",
      { clusters: [cluster()], regions: [{ name: "weu" }, { name: "weu" }] },
      ["regions[1].name: is the name at regions[0].name too; list a region once, with all its zones"],
    ],
    [
      "a zone of two regions, written differently",
      {
        clusters: [cluster()],
        regions: [
          { name: "weu", zones: [zone()] },
          { name: "neu", zones: [zone({ zone: "other.com" }), zone({ resourceGroup: "RG-WEU" })] },
        ],
      },
      ["regions[1].zones[1]: is the zone at regions[0].zones[0] too; a zone belongs to one region"],
    ],
    [
      "one zone twice in a region: said once",
      { clusters: [cluster()], regions: [{ name: "weu", zones: [zone(), zone({ zone: "EXAMPLE.com" })] }] },
      ["regions[0].zones[1]: is the zone at regions[0].zones[0] too; a zone belongs to one region"],
    ],
    [
      "two zones of one name in a region, a file among them",
      {
        clusters: [cluster()],
        regions: [
          { name: "weu", zones: [zone(), { file: "zones/weu.yaml", zone: "Example.com" }] },
          { name: "neu", zones: [zone({ resourceGroup: "rg-neu" })] },
        ],
      },
      [
        "regions[0].zones[1].zone: is the name at regions[0].zones[0].zone too; a region has one zone of a name, " +
          "where each of its hosts has one record",
      ],
    ],
    [
      "the same tag twice",
      { discovery: [1, 2].map(() => ({ subscription: SUBSCRIPTION, tag: "fleet", value: "blue" })) },
      ["discovery[1]: is the same as discovery[0]; remove one"],
    ],
  ])("compares settings: %s", (_what, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
  });

  it("accepts zones of one name in several regions, and one context name in two files", () => {
    const kubeconfig = { context: "admin" };
    const value = {
      clusters: [
        cluster({ source: { kubeconfig } }),
        cluster({ name: "n1", source: { kubeconfig: { ...kubeconfig, path: "neu.yaml" } } }),
      ],
      regions: [
        { name: "weu", zones: [zone()] },
        { name: "neu", zones: [zone({ resourceGroup: "rg-neu" })] },
      ],
    };
    expect(faultsOf(value)).toEqual([]);
  });

  it("names every fault at once: those of structure and, beside them, those between settings", () => {
    const value = {
      clusters: [cluster({ writes: 1, identity: { region: "mars", cluster: "a" } }), cluster({ source: 7 }), "w3"],
      regions: [{ name: "weu" }, { name: "weu", zones: {} }],
      vantage: "",
      colour: "red",
    };
    expect(faultsOf(value)).toEqual([
      "clusters[0].writes: must be one of observe, apply, retiring",
      "clusters[1].source: must be an object, not a number",
      "clusters[2]: must be an object, not a string",
      "regions[1].zones: must be a list, not an object",
      "vantage: must be a DNS label: lower-case letters, digits and inner hyphens, at most 63",
      expect.stringContaining("colour: is not known; known here: budgets, clusters"),
      "clusters[1].name: is the name at clusters[0].name too; every cluster needs its own",
      "clusters[0].identity.region: is not one of `regions`; add it there or correct it",
      "regions[1].name: is the name at regions[0].name too; list a region once, with all its zones",
    ]);
  });

  it("says in the error what was read and how much is wrong", () => {
    expect(() => parseFleetConfiguration({ clusters: [] }, "fleet.yaml")).toThrow(
      "fleet.yaml has 1 fault: clusters: names no cluster",
    );
  });

  it("answers any JSON with a configuration or a ConfigurationError", () => {
    const loose = fc.dictionary(
      fc.constantFrom("clusters", "discovery", "regions", "budgets", "store", "takeover"),
      fc.oneof(
        fc.jsonValue(),
        fc.array(fc.dictionary(fc.constantFrom("name", "source", "zones", "identity"), fc.jsonValue())),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), loose), (value) => {
        expect(() => faultsOf(value)).not.toThrow();
      }),
    );
  });
});
