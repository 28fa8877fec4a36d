/**
 * Every setting of the fleet configuration (fleet.yaml): shape, default, meaning. What compares two settings stands in
 * fleet-configuration-rules.ts. docs/reference/fleet-configuration.md is generated from the descriptions here.
 */
import * as z from "zod";

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const label = (): z.ZodString =>
  z.string().regex(DNS_LABEL, "must be a DNS label: lower-case letters, digits and inner hyphens, at most 63");

/** Up to 15 minutes: above that a handover would take longer than anybody waits. */
const INTERVAL_MAX_SECONDS = 900;

/** The lease of a pass is renewed when less than 40 s of it are left: a read that begins just before must end before it. */
const READ_MAX_SECONDS = 35;

const subscription = (): z.ZodGUID => z.guid("must be a subscription id (a GUID)");
const text = (): z.ZodString => z.string().min(1).max(1024);

const writes = z
  .enum(["observe", "apply", "retiring"])
  .default("observe")
  .describe(
    "observe: read and plan, write nothing. apply: carry out the plan. retiring: withdraw what the cluster publishes; " +
      "when nothing is left the entry may go.",
  );

const gatewayNamespace = label()
  .default("istio-system")
  .describe("Namespace of the Gateway for ServiceRoutes that name none.");

/** Exactly one key of several; each key stands for a kind of source or store. */
function oneOf<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const keys = Object.keys(shape);
  return z.strictObject(shape).refine((value) => keys.filter((key) => key in value).length === 1, {
    message: `needs exactly one of ${keys.join(", ")}`,
  });
}

const Source = oneOf({
  manifests: text()
    .exactOptional()
    .describe(
      "A directory of YAML files, relative to the fleet configuration, read as if it were a cluster. Results go to " +
        "`<directory>.out/`; the files themselves are never changed.",
    ),
  kubeconfig: z
    .strictObject({
      path: text().exactOptional().describe("A kubeconfig file. Without it the usual one of kubectl."),
      context: text().describe("Context in that file."),
    })
    .exactOptional()
    .describe("An API server as kubectl knows it."),
  aks: z
    .string()
    .regex(
      /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+$/i,
      "must be the resource id of a managed cluster: /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…",
    )
    .exactOptional()
    .describe("Resource id of an AKS cluster; endpoint and CA come from Azure, the token from the managed identity."),
}).describe("Where the cluster is found: exactly one of the three.");

const Cluster = z.strictObject({
  name: label().describe("Name of the cluster in plans, state and messages. Unique in the fleet; do not change it."),
  identity: z
    .strictObject({
      region: label().describe("Region that its ClusterIdentity must name; one of `regions`."),
      cluster: label().describe("Cluster name that its ClusterIdentity must have."),
    })
    .exactOptional()
    .describe(
      "Pins the identity: a ClusterIdentity that differs is refused (IdentityMismatch). Without it the ClusterIdentity counts.",
    ),
  source: Source,
  writes,
  gatewayNamespace,
  takeover: z
    .strictObject({
      operatorStopped: z
        .boolean()
        .default(false)
        .describe(
          "Your word that the predecessor operator is stopped there, where neither its Lease nor its Deployment can be read.",
        ),
    })
    .prefault({})
    .describe("What you vouch for when a cluster is taken over from the predecessor operator."),
});

const Discovery = z.strictObject({
  subscription: subscription().describe("Subscription that is searched."),
  tag: text().describe("Name of the tag."),
  value: text().describe("Value of the tag."),
  writes,
  gatewayNamespace,
});

const Zone = z
  .strictObject({
    subscription: subscription().exactOptional().describe("Subscription of an Azure Private DNS zone."),
    resourceGroup: z.string().min(1).max(90).exactOptional().describe("Its resource group."),
    file: text()
      .regex(/\.ya?ml$/i, "must end in .yaml or .yml")
      .exactOptional()
      .describe(
        "Instead of both: a YAML file of record sets, relative to the fleet configuration, read as if it were a zone " +
          "([Zone files](zone-file.md)). Results go beside it (`weu.yaml`: `weu.out.yaml`); the file is never changed.",
      ),
    zone: z
      .string()
      .max(253)
      .regex(/^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z]{2,}$/i, "must be the name of a DNS zone")
      .describe(
        "DNS name of the zone. Zones of several regions have the same name, in different resource groups or " +
          "subscriptions. In one region names differ; where one lies in another, a host belongs to the longer one.",
      ),
  })
  .check(({ value, issues }) => {
    const fault = (path: PropertyKey[], message: string): void => {
      issues.push({ code: "custom", input: value, path, message });
    };
    const azure = (["subscription", "resourceGroup"] as const).filter((key) => key in value);
    if ("file" in value) {
      for (const key of azure) fault([key], "does not go with file: a zone is one or the other");
    } else if (azure.length === 0) {
      fault([], "needs subscription and resourceGroup of an Azure Private DNS zone, or file");
    } else if (azure.length === 1) {
      fault([azure[0] === "subscription" ? "resourceGroup" : "subscription"], "is required");
    }
  });

/** Of settings that are checked and kept for later: who sets one must not expect it to do anything. */
const unread = "(not read by this version)";

const Region = z.strictObject({
  name: label().describe("Region code, as in ClusterIdentity and DNSConfiguration."),
  zones: z
    .array(Zone)
    .max(16)
    .default([])
    .describe(
      "DNS zones of this region, Azure Private DNS zones or files that stand for them: each is read in every pass, and names are verified in it.",
    ),
  zoneWrites: z
    .enum(["observe", "apply"])
    .default("observe")
    .describe(
      "apply: records of these zones may be written, where a person approves it: garbage is deleted, missing ownership TXTs are written. observe: it is listed only.",
    ),
  externalDns: z
    .strictObject({
      // It stands in the ownership TXT, in quotes, between commas.
      ownerId: text()
        .max(200)
        .regex(/^[^\s\p{Cc}"',]+$/u, "must hold no spaces, quotes and commas: it is part of a TXT value")
        .exactOptional()
        .meta({ defaultText: "external-dns-<region>" })
        .describe(
          `\`--txt-owner-id\` of the region's ExternalDNS instances, the same in all clusters. A record whose ownership TXT names another one is not ours.`,
        ),
      txtPrefix: z
        .string()
        .max(200)
        .regex(
          /^([a-z0-9._-]|%\{record_type\})*$/i,
          "may hold letters, digits, dots, hyphens, underscores and %{record_type}",
        )
        .default("_xdns-%{record_type}.")
        .describe("`--txt-prefix` of those instances, the same in all clusters."),
      intervalSeconds: z
        .int()
        .min(1)
        .max(INTERVAL_MAX_SECONDS)
        .default(60)
        .describe("Longest `--interval` of those instances in seconds. A handover waits this long plus 10 s."),
    })
    .prefault({})
    .describe("How ExternalDNS runs for this region."),
});

const Container = z
  .string()
  .regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/, "must be the name of a blob container")
  .describe("Blob container; it must exist.");

const Store = oneOf({
  file: text()
    .exactOptional()
    .describe("A directory, relative to the fleet configuration. For one person at one machine."),
  blob: z
    .strictObject({
      accountUrl: z
        .url({
          protocol: /^https?$/,
          error: "must be the blob endpoint of a storage account: https://….blob.core.windows.net",
        })
        .describe("Blob endpoint of the storage account; signed in with the managed identity."),
      container: Container,
    })
    .exactOptional()
    .describe("Azure Blob storage by managed identity."),
  blobConnection: z
    .strictObject({
      setting: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an app setting, never the connection string itself")
        .describe("Name of the app setting or environment variable that holds the connection string."),
      container: Container,
    })
    .exactOptional()
    .describe("Azure Blob storage by connection string."),
});

export const FleetConfigurationSchema = z.strictObject({
  clusters: z
    .array(Cluster)
    .max(500)
    .default([])
    .describe("The clusters of the fleet. Their order breaks ties between them."),
  discovery: z
    .array(Discovery)
    .max(64)
    .default([])
    .describe("AKS clusters that join by tag. A cluster that vanishes from it counts as unreachable, never as gone."),
  regions: z
    .array(Region)
    .max(64)
    .default([])
    .describe("The regions, with their zones and how ExternalDNS runs for them."),
  readSeconds: z
    .int()
    .min(5)
    .max(READ_MAX_SECONDS)
    .default(25)
    .describe(
      "How long reading one cluster may take, in seconds. One that takes longer is not read in this pass, and frozen. " +
        "All others wait for it: raise it only where a cluster is too large to be read within.",
    ),
  families: z
    .strictObject({
      serviceRouting: z.boolean().default(true).describe("ServiceRoutes to DNSEndpoints and Istio Gateways."),
    })
    .prefault({})
    .describe("Which kinds of work are done at all."),
  takeover: z
    .strictObject({
      operatorDeployment: text()
        .max(253)
        .default("service-router-operator-controller-manager")
        .describe("Name of the predecessor's Deployment. While it has a ready replica its cluster is not written to."),
      operatorNamespace: label().default("service-router-system").describe("Namespace of that Deployment."),
    })
    .prefault({})
    .describe("How the predecessor operator is recognised."),
  budgets: z
    .strictObject({
      share: z
        .number()
        .min(0)
        .max(1)
        .default(0.3)
        .describe(
          "Share of a cluster's or zone's published names that may be lost or redirected in a rolling hour, 0 to 1.",
        ),
      fromNames: z.int().min(0).default(10).describe("The share counts from this many published names up."),
      names: z.int().min(0).default(200).describe("The same limit as a number of names."),
    })
    .prefault({})
    .describe("Above these limits changes are held until somebody approves them."),
  vantage: label()
    .default("default")
    .describe(`Name of this deployment among several that watch one fleet. Each needs its own. ${unread}`),
  store: Store.default({ file: ".service-router" }).describe("Where state is kept: exactly one of the three."),
});
