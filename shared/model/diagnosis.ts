/** What `doctor` saw and found. Serialisable; presentation/ turns it into text, Markdown and JSON. It holds no secret. */
import type { Coverage } from "./coverage.ts";
import type { ExternalDnsInstance } from "./external-dns.ts";
import type { Finding } from "./finding.ts";

export type ClusterDiagnosis = {
  readonly cluster: string;
  readonly region?: string;
  /** False: its API server gave no usable answer, so nothing is known of it. */
  readonly reached: boolean;
  /** Absent where the kind is not there or could not be read. */
  readonly routes?: number;
  readonly dnsEndpoints?: number;
  /** Number of ExternalDNS instances; absent where Deployments could not be read. */
  readonly externalDns?: number;
};

export type Diagnosis = {
  /** Where the clusters were named: by contexts of a kubeconfig, or by the fleet configuration. */
  readonly of: "contexts" | "fleet";
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Sorted by name. */
  readonly clusters: readonly ClusterDiagnosis[];
  readonly instances: readonly ExternalDnsInstance[];
  /** The worst first, then by code, cluster, region and object. */
  readonly findings: readonly Finding[];
  /** Empty where nothing is published. */
  readonly coverages: readonly Coverage[];
  /** Clusters of which nobody could say what they would answer. */
  readonly notJudged: readonly { readonly cluster: string; readonly reason: string }[];
  readonly notes: readonly string[];
};
