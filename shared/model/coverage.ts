/** Coverage: which hosts another cluster would answer if one cluster, or all of a region, died now. */

/** A Gateway of ours as a takeover sees it: found by its postfix, moved by its addresses. */
export type GatewayEntrance = {
  /** `namespace/name`; the Istio Gateway has the same. */
  readonly key: string;
  readonly postfix: string;
  /** IPs of its LoadBalancer Service, sorted. */
  readonly addresses: readonly string[];
  /** Namespace of that Service, where the ingress gateway runs; absent without one. */
  readonly ingressNamespace?: string;
};

/** The hosts of one cluster, as service routing sees them. */
export type ClusterHosts = {
  readonly cluster: string;
  readonly region?: string;
  /**
   * Hosts that lead to this cluster in at least one zone, each once, with the postfix of the Gateway they lead to. Without
   * one: what is published leads to no Gateway that is there now.
   */
  readonly published: readonly { readonly host: string; readonly postfix?: string }[];
  readonly gateways: readonly GatewayEntrance[];
  /** Hosts that its Istio Gateways have, whoever publishes them, with the key of the Gateway. */
  readonly standing: readonly { readonly host: string; readonly gateway: string }[];
};

/**
 * Why a host would not be answered: there is nobody to take over, no usable Gateway with that postfix, no address of a type
 * that it has now, no route, no VirtualService for it, nothing ready behind it.
 */
export type UncoveredCode =
  | "NoSubstitute"
  | "NoGateway"
  | "NoAddress"
  | "NoRoute"
  | "NoVirtualService"
  | "NoReadyEndpoint";

export type UncoveredHost = {
  readonly host: string;
  /** Where it is published now. */
  readonly cluster: string;
  readonly code: UncoveredCode;
  /** In words, with names. */
  readonly reason: string;
};

export type Coverage = {
  /** What would be gone: `cluster w1`, or `region weu` with all of its clusters. */
  readonly scope: { readonly kind: "cluster" | "region"; readonly name: string };
  readonly clusters: readonly string[];
  /** Hosts published from there. */
  readonly total: number;
  readonly covered: number;
  /** Who would take over; absent when no other cluster could be judged. */
  readonly substitute?: string;
  /** Sorted by host. */
  readonly uncovered: readonly UncoveredHost[];
};

/** A route whose host a Gateway of its own cluster answers with an error. */
export type UnboundHost = {
  readonly cluster: string;
  readonly host: string;
  readonly code: "NoVirtualService" | "NoReadyEndpoint";
  readonly reason: string;
};

export type CoverageReport = {
  /** Clusters first, then regions of several clusters, each by name. Empty where nothing is published. */
  readonly coverages: readonly Coverage[];
  /** Sorted by cluster and host. */
  readonly unbound: readonly UnboundHost[];
  /** Clusters that cannot be judged as a substitute, with the reason. */
  readonly notJudged: readonly { readonly cluster: string; readonly reason: string }[];
};
