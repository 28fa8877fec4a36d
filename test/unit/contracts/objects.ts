/**
 * Objects of our kinds for tests, good and bad. The same tables are put before the contracts (test/unit/contracts) and
 * before a real API server (test/integration/crds.test.ts), so that both judge alike, or differ where it is said.
 */
export type Fields = Readonly<Record<string, unknown>>;

export type TestObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly spec?: Fields;
  readonly [field: string]: unknown;
};

export const NAMESPACE = "shop";

const clusterScoped = (kind: string, spec: Fields): TestObject => ({
  apiVersion: "cluster.router.io/v1alpha1",
  kind,
  metadata: { name: kind.toLowerCase() },
  spec,
});

const namespaced = (kind: string, spec: Fields): TestObject => ({
  apiVersion: "routing.router.io/v1alpha1",
  kind,
  metadata: { name: kind.toLowerCase(), namespace: NAMESPACE },
  spec,
});

/** Overrides replace fields of the spec; `undefined` removes one. */
export const clusterIdentity = (spec: Fields = {}): TestObject =>
  clusterScoped("ClusterIdentity", {
    region: "weu",
    cluster: "aks01",
    domain: "example.com",
    environmentLetter: "p",
    ...spec,
  });

export const dnsConfiguration = (
  controllers: readonly unknown[] = [{ name: "external-dns-weu", region: "weu" }],
): TestObject => clusterScoped("DNSConfiguration", { externalDNSControllers: controllers });

export const dnsPolicy = (spec: Fields = {}): TestObject => namespaced("DNSPolicy", spec);

export const gateway = (spec: Fields = {}): TestObject =>
  namespaced("Gateway", {
    controller: "aks-istio-ingressgateway-internal",
    credentialName: "wildcard",
    targetPostfix: "internal",
    ...spec,
  });

export const serviceRoute = (spec: Fields = {}): TestObject =>
  namespaced("ServiceRoute", {
    serviceName: "orders",
    gatewayName: "internal",
    environment: "prod",
    application: "shop",
    ...spec,
  });

const long = (length: number): string => "a".repeat(length);

/** What both refuse: what is wrong, the object, part of the contract's issue, part of the API server's message. */
export const refusedByBoth: readonly (readonly [string, TestObject, string, string])[] = [
  [
    "an identity without region",
    clusterIdentity({ region: undefined }),
    "spec.region: is required",
    "spec.region: Required",
  ],
  [
    "an identity with an empty region",
    clusterIdentity({ region: "" }),
    "spec.region: must not be empty",
    "spec.region",
  ],
  [
    "an identity with an empty cluster",
    clusterIdentity({ cluster: "" }),
    "spec.cluster: must not be empty",
    "spec.cluster",
  ],
  [
    "a domain in upper case",
    clusterIdentity({ domain: "Example.com" }),
    "spec.domain: must be a lower-case DNS name of two labels or more",
    "spec.domain",
  ],
  ["a domain of one label", clusterIdentity({ domain: "local" }), "spec.domain", "spec.domain"],
  [
    "an environment word",
    clusterIdentity({ environmentLetter: "prod" }),
    "spec.environmentLetter: must be one lower-case letter",
    "spec.environmentLetter",
  ],
  [
    "adopted regions that are no list",
    clusterIdentity({ adoptsRegions: "frc" }),
    "spec.adoptsRegions: must be a list, not a string",
    "spec.adoptsRegions",
  ],
  [
    "more adopted regions than there are",
    clusterIdentity({ adoptsRegions: Array.from({ length: 65 }, (_, index) => `r${index}`) }),
    "spec.adoptsRegions: must be at most 64 entries",
    "must have at most 64 items",
  ],
  [
    "no ExternalDNS instance",
    dnsConfiguration([]),
    "spec.externalDNSControllers: must not be empty",
    "should have at least 1",
  ],
  [
    "an instance without region",
    dnsConfiguration([{ name: "external-dns-weu" }]),
    "spec.externalDNSControllers[0].region: is required",
    "spec.externalDNSControllers[0].region: Required",
  ],
  [
    "one instance with two regions",
    dnsConfiguration([
      { name: "external-dns", region: "weu" },
      { name: "external-dns", region: "neu" },
    ]),
    "spec.externalDNSControllers: names one controller with two regions",
    'Duplicate value: {"name":"external-dns"}',
  ],
  [
    "a mode that does not exist",
    dnsPolicy({ mode: "Passive" }),
    "spec.mode: must be one of Active, RegionBound",
    'supported values: "Active", "RegionBound"',
  ],
  [
    "a gateway without controller",
    gateway({ controller: undefined }),
    "spec.controller: is required",
    "spec.controller: Required",
  ],
  ["an empty postfix", gateway({ targetPostfix: "" }), "spec.targetPostfix: must not be empty", "spec.targetPostfix"],
  [
    "a TLS version that is not offered",
    gateway({ minProtocolVersion: "TLSV1_1" }),
    "spec.minProtocolVersion: must be one of TLSV1_2, TLSV1_3",
    "spec.minProtocolVersion",
  ],
  [
    "allowed namespaces without saying which",
    gateway({ allowedNamespaces: {} }),
    "spec.allowedNamespaces.from: is required: one of All, Same, Selector",
    "spec.allowedNamespaces.from: Required",
  ],
  [
    "a selector without labels",
    gateway({ allowedNamespaces: { from: "Selector" } }),
    "spec.allowedNamespaces: matchLabels belongs to `from: Selector`",
    "matchLabels belongs to `from: Selector`",
  ],
  [
    "a selector of no labels, which would select every namespace",
    gateway({ allowedNamespaces: { from: "Selector", matchLabels: {} } }),
    "spec.allowedNamespaces: matchLabels belongs to `from: Selector`",
    "matchLabels belongs to `from: Selector`",
  ],
  [
    "labels that nothing would compare",
    gateway({ allowedNamespaces: { from: "Same", matchLabels: { a: "b" } } }),
    "spec.allowedNamespaces: matchLabels belongs to `from: Selector`",
    "matchLabels belongs to `from: Selector`",
  ],
  [
    "a label value that no namespace can have",
    gateway({ allowedNamespaces: { from: "Selector", matchLabels: { team: "a b" } } }),
    "spec.allowedNamespaces.matchLabels.team: must be a label value",
    "spec.allowedNamespaces.matchLabels.team",
  ],
  [
    "more labels than sixteen",
    gateway({
      allowedNamespaces: {
        from: "Selector",
        matchLabels: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`l${index}`, "x"])),
      },
    }),
    "spec.allowedNamespaces.matchLabels: must hold at most 16 labels",
    "must have at most 16 items",
  ],
  [
    "a route without environment",
    serviceRoute({ environment: undefined }),
    "spec.environment: is required",
    "spec.environment: Required",
  ],
  [
    "a route to no gateway",
    serviceRoute({ gatewayName: "" }),
    "spec.gatewayName: must not be empty",
    "spec.gatewayName",
  ],
  [
    "a route of no service",
    serviceRoute({ serviceName: "" }),
    "spec.serviceName: must not be empty",
    "spec.serviceName",
  ],
  [
    "a name longer than any name",
    serviceRoute({ serviceName: long(254) }),
    "spec.serviceName: must be at most 253 characters",
    "may not be more than 253",
  ],
  ["a TTL of nothing", serviceRoute({ ttlSeconds: 0 }), "spec.ttlSeconds: must be at least 1", "spec.ttlSeconds"],
  [
    "a TTL of more than a day",
    serviceRoute({ ttlSeconds: 86_401 }),
    "spec.ttlSeconds: must be at most 86400",
    "spec.ttlSeconds",
  ],
  [
    "a TTL in words",
    serviceRoute({ ttlSeconds: "60s" }),
    "spec.ttlSeconds: must be a number, not a string",
    "spec.ttlSeconds",
  ],
  [
    "a mistyped field",
    serviceRoute({ gatewayNamspace: "istio-system" }),
    "spec.gatewayNamspace: is not known; did you mean gatewayNamespace?",
    'unknown field "spec.gatewayNamspace"',
  ],
];

/** Refused by the API server alone: whoever parses meets them where they stand already, and goes on. */
export const refusedByAdmission: readonly (readonly [string, TestObject, string])[] = [
  [
    "the own region among the adopted ones",
    clusterIdentity({ adoptsRegions: ["frc", "weu"] }),
    "must not hold the cluster's own region: a cluster serves that anyway",
  ],
  ["a region adopted twice", clusterIdentity({ adoptsRegions: ["frc", "frc"] }), "Duplicate value"],
  [
    "an instance listed twice",
    dnsConfiguration([
      { name: "external-dns-weu", region: "weu" },
      { name: "external-dns-weu", region: "weu" },
    ]),
    "Duplicate value",
  ],
];

/**
 * What the predecessor's CRDs accepted and its controllers answered with a condition: admission still accepts it.
 * `parses`: whether the contracts do; where not, the object is rejected and its kind's controller said InvalidSpec too.
 */
export const acceptedAsBefore: readonly (readonly [string, TestObject, { readonly parses: boolean }])[] = [
  [
    "a route without words for environment and application",
    serviceRoute({ environment: "", application: "" }),
    { parses: true },
  ],
  [
    "a route whose host is no DNS name",
    serviceRoute({ serviceName: "Orders_API", application: long(80) }),
    { parses: true },
  ],
  ["a route with an empty gateway namespace", serviceRoute({ gatewayNamespace: "" }), { parses: true }],
  ["a postfix that the core fails", gateway({ targetPostfix: "Not_A-Postfix-" }), { parses: true }],
  ["a bound policy without home", dnsPolicy({ mode: "RegionBound" }), { parses: true }],
  ["a policy with empty restrictions", dnsPolicy({ sourceRegion: "", sourceCluster: "" }), { parses: true }],
  ["an adopted region that nobody knows", clusterIdentity({ adoptsRegions: ["mars", ""] }), { parses: true }],
  ["an instance without name and region", dnsConfiguration([{ name: "", region: "" }]), { parses: false }],
];
