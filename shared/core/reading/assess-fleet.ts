/**
 * Turns what was read into what may be believed: per cluster complete or frozen, and its honoured identity.
 * Pure: reads no clock. A frozen cluster keeps its last-good claims; silence never means "nothing there".
 */
import type { HeldChanges } from "../../model/change.ts";
import type { ClusterConfiguration, FleetConfiguration } from "../../model/fleet-configuration.ts";
import type { ClusterStanding, ClusterWrites, Fleet, FleetCluster } from "../../model/fleet.ts";
import type { KindUse, Listings } from "../../model/kinds.ts";
import type { ClusterSnapshot, FleetSnapshot } from "../../model/snapshot.ts";
import type { Approval, LastGood, Order, ShrunkRead } from "../../model/state.ts";
import { missingKinds } from "./completeness.ts";
import { honouredConfiguration } from "./honoured-configuration.ts";
import { honouredIdentity } from "./honoured-identity.ts";
import { sightOperator } from "./operator-running.ts";
import { readDigest } from "./read-digest.ts";
import { judgeShrink, passesNeeded, mustStandMs } from "./shrunk-read.ts";
import { clustersInOrder, storedOrder } from "./stored-order.ts";

export type AssessmentInput = {
  readonly configuration: FleetConfiguration;
  readonly snapshot: FleetSnapshot;
  readonly lastGood: ReadonlyMap<string, LastGood>;
  readonly shrunkReads: Readonly<Record<string, ShrunkRead>>;
  readonly approvals: readonly Approval[];
  readonly order: Order;
  readonly reads: readonly KindUse[];
  readonly nowMs: number;
};

export type Assessment = {
  readonly fleet: Fleet;
  readonly order: Order;
  readonly shrunkReads: Readonly<Record<string, ShrunkRead>>;
  /** Reads that wait for approval: `read/<cluster>`. */
  readonly held: readonly HeldChanges[];
};

type Judged = {
  readonly cluster: FleetCluster;
  readonly shrunk?: ShrunkRead;
  readonly held?: HeldChanges;
};

export function assessFleet(input: AssessmentInput): Assessment {
  const snapshots = new Map(input.snapshot.clusters.map((snapshot) => [snapshot.cluster, snapshot]));
  const judged = input.configuration.clusters.map((configured) =>
    judgeCluster(input, configured, snapshots.get(configured.name)),
  );
  const clusters = freezeDuplicates(
    judged.map((entry) => entry.cluster),
    input.configuration,
  );
  const order = storedOrder(input.order, input.configuration, regionsOf(clusters));
  return {
    fleet: { nowMs: input.nowMs, clusters: clustersInOrder(clusters, order), regions: order.regions },
    order,
    shrunkReads: Object.fromEntries(
      judged.flatMap((entry) => (entry.shrunk === undefined ? [] : [[entry.cluster.name, entry.shrunk]])),
    ),
    held: judged.flatMap((entry) => (entry.held === undefined ? [] : [entry.held])),
  };
}

function judgeCluster(
  input: AssessmentInput,
  configured: ClusterConfiguration,
  snapshot: ClusterSnapshot | undefined,
): Judged {
  if (input.reads.length === 0) return judgeUnlisted(input, configured);
  const lastGood = input.lastGood.get(configured.name);
  const current = snapshot?.listings ?? {};
  const missing = missingKinds(current, input.reads);
  const shrink =
    missing.length === 0
      ? judgeShrink({
          cluster: configured.name,
          current,
          lastGood: lastGood?.listings,
          state: input.shrunkReads[configured.name],
          approvals: input.approvals,
          nowMs: input.nowMs,
        })
      : undefined;
  const standing = standingOf(missing, shrink?.kind === "doubted" ? shrink.state : undefined);
  const complete = standing.kind === "complete";
  const believed = complete ? current : lastGood?.listings;
  const digestNow = complete ? readDigest(current) : undefined;
  const { said, refusedIdentities, refusedConfigurations } = honoured(believed, configured, input.configuration);
  const istioVersion = complete ? snapshot?.istioVersion : lastGood?.istioVersion;
  const cluster: FleetCluster = {
    name: configured.name,
    mode: configured.writes,
    gatewayNamespace: configured.gatewayNamespace,
    standing,
    writes: writesOf(input, configured, { standing, snapshot }),
    refusedIdentities,
    refusedConfigurations,
    current,
    readAtMs: snapshot?.readAtMs ?? input.nowMs,
    ...said,
    ...(believed === undefined ? {} : { believed }),
    ...(lastGood === undefined || lastGood.digest === digestNow ? {} : { previous: lastGood.listings }),
    ...(digestNow === undefined ? {} : { readDigest: digestNow }),
    ...(istioVersion === undefined ? {} : { istioVersion }),
  };
  const unfinished = input.shrunkReads[configured.name];
  if (shrink?.kind === "doubted") {
    return { cluster, shrunk: shrink.state, held: heldRead(cluster.name, shrink.state, shrink.approval) };
  }
  if (shrink?.state !== undefined) return { cluster, shrunk: shrink.state };
  // An unreadable pass neither counts for the doubted read nor forgets it.
  return missing.length > 0 && unfinished !== undefined ? { cluster, shrunk: unfinished } : { cluster };
}

/**
 * Every family is switched off, so no kind was listed: that is "not asked", never "empty". What was believed of the cluster is
 * believed still, nothing is judged and no doubt is counted or forgotten.
 */
function judgeUnlisted(input: AssessmentInput, configured: ClusterConfiguration): Judged {
  const lastGood = input.lastGood.get(configured.name);
  const shrunk = input.shrunkReads[configured.name];
  const { said, refusedIdentities, refusedConfigurations } = honoured(
    lastGood?.listings,
    configured,
    input.configuration,
  );
  const cluster: FleetCluster = {
    name: configured.name,
    mode: configured.writes,
    gatewayNamespace: configured.gatewayNamespace,
    standing: { kind: "complete" },
    writes: { kind: "observed", reason: "no family is enabled (families in the fleet configuration)" },
    refusedIdentities,
    refusedConfigurations,
    current: {},
    readAtMs: input.nowMs,
    ...said,
    ...(lastGood === undefined ? {} : { believed: lastGood.listings }),
    ...(lastGood?.istioVersion === undefined ? {} : { istioVersion: lastGood.istioVersion }),
  };
  return shrunk === undefined ? { cluster } : { cluster, shrunk };
}

/** What a read says of the cluster itself: who it is, and which controllers it has. */
function honoured(
  listings: Listings | undefined,
  configured: ClusterConfiguration | undefined,
  configuration: Pick<FleetConfiguration, "regions">,
) {
  const regions = configuration.regions.map(({ name }) => name);
  const { identity, refused: refusedIdentities } = honouredIdentity(
    listings?.ClusterIdentity,
    configured?.identity,
    regions,
  );
  const { controllers, refused: refusedConfigurations } = honouredConfiguration(listings?.DNSConfiguration, regions);
  const region = identity?.region ?? configured?.identity?.region;
  const said: Pick<FleetCluster, "identity" | "controllers" | "region"> = {
    ...(identity === undefined ? {} : { identity }),
    ...(controllers === undefined ? {} : { controllers }),
    ...(region === undefined ? {} : { region }),
  };
  return { said, refusedIdentities, refusedConfigurations };
}

function standingOf(missing: ReturnType<typeof missingKinds>, shrunk: ShrunkRead | undefined): ClusterStanding {
  const [first] = missing;
  if (first !== undefined) {
    const kinds = missing.map((entry) => entry.kind).join(", ");
    return { kind: "frozen", code: "NotRead", reason: `${kinds} not read: ${first.reason}` };
  }
  if (shrunk !== undefined) return { kind: "frozen", code: "ShrunkRead", reason: shrunk.reason };
  return { kind: "complete" };
}

function writesOf(
  input: AssessmentInput,
  configured: ClusterConfiguration,
  read: { readonly standing: ClusterStanding; readonly snapshot: ClusterSnapshot | undefined },
): ClusterWrites {
  if (configured.writes === "observe") {
    return { kind: "observed", reason: "the fleet configuration says writes: observe" };
  }
  const { operatorDeployment, operatorNamespace } = input.configuration.takeover;
  const sighting = sightOperator({
    listings: read.snapshot?.listings ?? {},
    deployment: { name: operatorDeployment, namespace: operatorNamespace },
    nowMs: input.nowMs,
  });
  if (sighting.kind === "running") {
    return {
      kind: "stopped",
      code: "OperatorRunning",
      reason: `the in-cluster operator is running: ${sighting.reason}; scale it to zero first`,
    };
  }
  // After the operator: where it runs, it writes the very status that would get the condition Frozen.
  if (read.standing.kind === "frozen") return { kind: "stopped", code: "Frozen", reason: read.standing.reason };
  if (sighting.kind === "unknown" && !configured.operatorStopped) {
    return {
      kind: "stopped",
      code: "OperatorRunning",
      reason: `it is not known whether the in-cluster operator runs: ${sighting.reason}; grant get and list on them, or set takeover.operatorStopped: true`,
    };
  }
  return { kind: "allowed" };
}

/**
 * Two clusters with one (region, cluster) identity would publish under one gateway host: neither is written to.
 * What they claim is what they were last believed to claim, under the identity of that read: the last-good one where there
 * is one. So a mistyped region neither moves claims to another zone nor leaves its own without a cluster.
 */
function freezeDuplicates(
  clusters: readonly FleetCluster[],
  configuration: FleetConfiguration,
): readonly FleetCluster[] {
  const holders = new Map<string, string[]>();
  for (const cluster of clusters) {
    if (cluster.identity === undefined) continue;
    const name = `${cluster.identity.cluster}-${cluster.identity.region}.${cluster.identity.domain}`;
    holders.set(name, [...(holders.get(name) ?? []), cluster.name]);
  }
  return clusters.map((cluster) => {
    if (cluster.identity === undefined) return cluster;
    const { cluster: name, region, domain } = cluster.identity;
    const others = (holders.get(`${name}-${region}.${domain}`) ?? []).filter((holder) => holder !== cluster.name);
    if (others.length === 0) return cluster;
    const reason = `clusters ${[cluster.name, ...others].sort().join(" and ")} both say region ${region}, cluster ${name}; one of them must change`;
    return {
      ...asBefore(cluster, configuration),
      standing: { kind: "frozen", code: "DuplicateClusterName", reason },
      writes: cluster.writes.kind === "allowed" ? { kind: "stopped", code: "Frozen", reason } : cluster.writes,
    };
  });
}

function asBefore(cluster: FleetCluster, configuration: FleetConfiguration): FleetCluster {
  const { previous, identity: _identity, controllers: _controllers, region: _region, ...rest } = cluster;
  if (previous === undefined) return cluster;
  const configured = configuration.clusters.find(({ name }) => name === cluster.name);
  return { ...rest, previous, believed: previous, ...honoured(previous, configured, configuration).said };
}

function regionsOf(clusters: readonly FleetCluster[]): readonly string[] {
  return clusters.flatMap((cluster) => (cluster.region === undefined ? [] : [cluster.region]));
}

function heldRead(cluster: string, state: ShrunkRead, approval: Approval | undefined): HeldChanges {
  const from = `from ${minute(state.firstSeenAtMs + mustStandMs)} on`;
  const seen = `once ${passesNeeded} passes saw it (${state.passes} so far, this one included)`;
  const rule =
    approval === undefined
      ? `It is believed once a person approved it, ${from} and ${seen}`
      : `Approved by ${approval.by} at ${minute(approval.atMs)}: it is believed ${from} and ${seen}, nothing else is needed`;
  return {
    scope: `read/${cluster}`,
    code: "ShrunkRead",
    reason: `${state.reason}; a rebuilt cluster is empty, not retired. ${rule}`,
    digest: state.digest,
    changes: [],
    ...(approval === undefined ? {} : { approved: true }),
  };
}

/** `2026-11-21 17:17 (UTC)`, rounded up: what is due then is due. */
function minute(ms: number): string {
  const text = new Date(Math.ceil(ms / 60_000) * 60_000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 16)} (UTC)`;
}
