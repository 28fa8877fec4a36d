/**
 * The shape of a story: a fleet, what happens to it before each pass, and what the pass should say. Everything that a story
 * may contain is listed here; an unknown word is a fault with file and path, so that a misspelt expectation never passes.
 * How stories are written: README.md beside this file.
 */
import { parse } from "yaml";
import { z } from "zod";

const texts = z.array(z.string());
const textMap = z.record(z.string(), z.string());

/** Words of the kinds that people write, as stories say them. */
const routeSpec = z.strictObject({
  serviceName: z.string().exactOptional(),
  gatewayName: z.string().exactOptional(),
  gatewayNamespace: z.string().exactOptional(),
  environment: z.string().exactOptional(),
  application: z.string().exactOptional(),
  ttlSeconds: z.number().exactOptional(),
});

const policySpec = z.strictObject({
  mode: z.enum(["Active", "RegionBound"]).exactOptional(),
  sourceRegion: z.string().exactOptional(),
  sourceCluster: z.string().exactOptional(),
});

const gatewaySpec = z.strictObject({
  controller: z.string().exactOptional(),
  targetPostfix: z.string().exactOptional(),
  credentialName: z.string().exactOptional(),
});

const identitySpec = z.strictObject({ region: z.string().exactOptional(), cluster: z.string().exactOptional() });

/** `younger`: made after everything else of the fleet. */
const age = { younger: z.literal(true).exactOptional() };
const written = { writtenBy: z.enum(["operator", "stranger"]) };

const endpoint = z.strictObject({
  ...written,
  region: z.string(),
  /** `ServiceRoute team/api` or `Service istio-system/ingress`. */
  ownedBy: z.string().exactOptional(),
  /** `host CNAME target` or `host A 10.0.0.1`. */
  records: texts,
});

const istioGateway = z.strictObject({
  ...written,
  ownedBy: z.string().exactOptional(),
  controller: z.string().exactOptional(),
  hosts: texts,
});

const kinds = z.enum([
  "ClusterIdentity",
  "DNSConfiguration",
  "DNSPolicy",
  "Gateway",
  "ServiceRoute",
  "Service",
  "DNSEndpoint",
  "IstioGateway",
  "OperatorLease",
  "OperatorDeployment",
]);

const writes = z.enum(["observe", "apply", "retiring"]);

const cluster = z.strictObject({
  region: z.string(),
  /** `spec.cluster` of its ClusterIdentity; the name of the cluster unless said. */
  identityCluster: z.string().exactOptional(),
  /** Regions that its DNSConfiguration has an ExternalDNS controller for; its own unless said. */
  externalDns: texts.exactOptional(),
  adoptsRegions: texts.exactOptional(),
  writes: writes.exactOptional(),
  /** Region and cluster stand in fleet.yaml as well. */
  pinned: z.literal(true).exactOptional(),
  /** The in-cluster operator has a ready replica there. */
  operator: z.literal("running").exactOptional(),
  /** Kinds that cannot be read from the start; `all`: the API server does not answer. */
  notRead: z.union([z.array(kinds), z.literal("all")]).exactOptional(),
  /** Addresses of the LoadBalancer Service `istio-system/ingress` of the Istio controller `ingress`. */
  addresses: texts,
  /** `istio-system/internal` unless said. */
  gateways: z.record(z.string(), gatewaySpec.extend(age)).exactOptional(),
  /** By namespace, or `namespace/name`. */
  policies: z.record(z.string(), policySpec.extend(age)).exactOptional(),
  routes: z.record(z.string(), routeSpec.extend(age)).exactOptional(),
  dnsEndpoints: z.record(z.string(), endpoint).exactOptional(),
  istioGateways: z.record(z.string(), istioGateway).exactOptional(),
});

const inCluster = { in: z.string() };

/** Everything that can happen before a pass: the first key is the word, the others say where and how. */
export const events = {
  "add route": z.strictObject({ "add route": z.string(), ...inCluster, spec: routeSpec.exactOptional() }),
  "edit route": z.strictObject({ "edit route": z.string(), ...inCluster, spec: routeSpec }),
  "delete route": z.strictObject({ "delete route": z.string(), ...inCluster }),
  "route no longer parses": z.strictObject({ "route no longer parses": z.string(), ...inCluster }),
  "add policy": z.strictObject({ "add policy": z.string(), ...inCluster, spec: policySpec.exactOptional() }),
  "edit policy": z.strictObject({ "edit policy": z.string(), ...inCluster, spec: policySpec }),
  "delete policy": z.strictObject({ "delete policy": z.string(), ...inCluster }),
  "add gateway": z.strictObject({ "add gateway": z.string(), ...inCluster, spec: gatewaySpec.exactOptional() }),
  "edit gateway": z.strictObject({ "edit gateway": z.string(), ...inCluster, spec: gatewaySpec }),
  "delete gateway": z.strictObject({ "delete gateway": z.string(), ...inCluster }),
  /** Of the LoadBalancer Service `istio-system/ingress`. */
  addresses: z.strictObject({ addresses: texts, ...inCluster }),
  adoptsRegions: z.strictObject({ adoptsRegions: texts, ...inCluster }),
  /** Of the ClusterIdentity: another region or cluster name. */
  "edit identity": z.strictObject({ "edit identity": identitySpec, ...inCluster }),
  /** Somebody deletes an object with kubectl: `DNSEndpoint team/api-external-dns-weu`. */
  "delete object": z.strictObject({ "delete object": z.string(), ...inCluster }),
  /** Somebody deleted it, and somebody's finalizer holds it until `delete object`. */
  "is being deleted": z.strictObject({ "is being deleted": z.string(), ...inCluster }),
  "strange DNSEndpoint": endpoint.omit({ writtenBy: true }).extend({ "strange DNSEndpoint": z.string(), ...inCluster }),
  unreachable: z.strictObject({ unreachable: z.string() }),
  "not read": z.strictObject({ "not read": z.array(kinds), ...inCluster }),
  "readable again": z.strictObject({ "readable again": z.string() }),
  /** Rebuilt: the API server answers, and there is nothing in it. */
  "comes back empty": z.strictObject({ "comes back empty": z.string() }),
  /** Rebuilt and filled again with what it had before it came back empty, without what we wrote. */
  "objects are back": z.strictObject({ "objects are back": z.string() }),
  writes: z.strictObject({ writes, ...inCluster }),
  "operator stops": z.strictObject({ "operator stops": z.string() }),
  /** A document of the state store is gone. */
  "store loses": z.strictObject({ "store loses": z.enum(["order"]) }),
  /** The clusters as fleet.yaml lists them from now on. */
  "fleet.yaml lists": z.strictObject({ "fleet.yaml lists": texts }),
  /** Instead of the 60 s between two passes: `70s`, `10min`. */
  "time passes": z.strictObject({ "time passes": z.string().regex(/^\d+(s|min)$/, "like 70s or 10min") }),
  /** Digest of a held group of the pass before: `BudgetExceeded cluster/w1`. */
  approve: z.strictObject({ approve: z.string() }),
} as const;

export type EventWord = keyof typeof events;
export type EventOf<W extends EventWord> = z.infer<(typeof events)[W]>;
export type Event = { readonly [W in EventWord]: { readonly word: W; readonly event: EventOf<W> } }[EventWord];

const event = z.record(z.string(), z.unknown()).transform((raw, context): Event => {
  const words = Object.keys(events).filter((word) => word in raw && isFirst(raw, word));
  const [word] = words as EventWord[];
  if (word === undefined) {
    const known = Object.keys(events).join(", ");
    context.addIssue({ code: "custom", message: `unknown event "${Object.keys(raw).join(", ")}"; known: ${known}` });
    return z.NEVER;
  }
  const read = events[word].safeParse(raw);
  if (read.success) return { word, event: read.data } as Event;
  for (const { message, path } of read.error.issues) context.addIssue({ code: "custom", message, path: [...path] });
  return z.NEVER;
});

function isFirst(raw: object, word: string): boolean {
  return Object.keys(raw)[0] === word;
}

/** What a pass should say. Plan, held, waiting, observed and refused that are not named must be empty. */
const outcome = z.strictObject({
  /** `create DNSEndpoint team/api-external-dns-weu in w1`, in the plan's order. */
  plan: texts.exactOptional(),
  /** By `code scope`: the changes that are held. */
  held: z.record(z.string(), texts).exactOptional(),
  /** `create … in w2: Handover, due in 70s` */
  waiting: texts.exactOptional(),
  /** Changes that are shown only, because the place is not written to. */
  observed: texts.exactOptional(),
  /** `HostConflict ServiceRoute team/api in w1` */
  refused: texts.exactOptional(),
  /** `team/api in w1: Active Ready=True Published=False Standby "part of a message"`, after the pass. */
  status: texts.exactOptional(),
  /** By `host in zone`: `CNAME target by w1`, or `nobody`, by what DNSEndpoints say after the pass. */
  published: textMap.exactOptional(),
  /** By `namespace/name in cluster`: hosts of the Istio Gateway after the pass. */
  hosts: z.record(z.string(), texts).exactOptional(),
  /** Clusters that are frozen in this pass, with the code. */
  frozen: textMap.exactOptional(),
});

const step = z.strictObject({ story: z.string(), when: z.array(event).exactOptional(), outcome });

/** Stories say `when` and `then`; an object with the key `then` would look like a promise, so it is renamed at the door. */
const storyStep = z.preprocess((raw) => {
  if (typeof raw !== "object" || raw === null || "outcome" in raw) return raw;
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key === "then" ? "outcome" : key, value]));
}, step);

const storySchema = z.strictObject({
  title: z.string(),
  why: z.string(),
  given: z.strictObject({
    /** In the order of fleet.yaml; those of the clusters unless said. */
    regions: texts.exactOptional(),
    externalDnsInterval: z
      .string()
      .regex(/^\d+s$/, "like 60s")
      .exactOptional(),
    /** Passes ran before the story begins, until nothing was left to do. */
    converged: z.literal(true).exactOptional(),
    clusters: z.record(z.string(), cluster),
  }),
  /** What must hold after every pass of the story. */
  never: texts.exactOptional(),
  steps: z.array(storyStep).min(1),
});

export type Story = z.infer<typeof storySchema>;
export type GivenCluster = z.infer<typeof cluster>;
export type GivenEndpoint = Omit<z.infer<typeof endpoint>, "writtenBy">;
export type GivenIstioGateway = z.infer<typeof istioGateway>;
export type Outcome = z.infer<typeof outcome>;

/** @throws with file and path of every fault. */
export function parseStory(file: string, text: string): Story {
  const read = storySchema.safeParse(parse(text));
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => `  ${pathOf(issue.path)}: ${messageOf(issue)}`);
  throw new Error([`${file} is not a story:`, ...faults].join("\n"));
}

function pathOf(path: readonly PropertyKey[]): string {
  return (
    path
      .map((part) => (typeof part === "number" ? `[${part}]` : `.${part === "outcome" ? "then" : String(part)}`))
      .join("")
      .slice(1) || "(top)"
  );
}

function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === "unrecognized_keys" ? `unknown word ${issue.keys.join(", ")}` : issue.message;
}

/** `team/r-{01..12}` stands for twelve keys; a text without braces for itself. */
export function expand(text: string): readonly string[] {
  const range = /\{(\d+)\.\.(\d+)\}/.exec(text);
  if (range === null) return [text];
  const [braces, first = "", last = ""] = range;
  const count = Number(last) - Number(first) + 1;
  if (count < 1 || count > 500) throw new Error(`${text}: a range counts upwards, at most 500`);
  return Array.from({ length: count }, (_, index) =>
    text.replaceAll(braces, String(Number(first) + index).padStart(first.length, "0")),
  );
}

/** `70s` and `10min` in milliseconds. */
export function milliseconds(text: string): number {
  const amount = Number.parseInt(text, 10);
  return amount * (text.endsWith("min") ? 60_000 : 1000);
}
