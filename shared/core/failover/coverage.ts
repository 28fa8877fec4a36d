/**
 * Coverage without probes: if this cluster, or this region, died now, which of its hosts would another cluster answer?
 * A host is covered by a substitute that has a valid route for it on a Gateway with the same postfix, a VirtualService bound
 * to both, and behind it a Service with a ready endpoint; its Gateway needs an address of every type that home's has.
 * One substitute takes all, in the own region first. Linear in hosts: every host is looked up once, whoever answers it.
 */
import type { ClusterHosts, Coverage, CoverageReport, GatewayEntrance, UncoveredHost } from "../../model/coverage.ts";
import { byText } from "../naming/item-id.ts";
import { backendsOf, type BackendListings, type Unbound } from "./backends.ts";

export type CoverageInput = { readonly hosts: ClusterHosts; readonly backends: BackendListings };

/** By postfix, then host: hundreds of thousands of keys are not put together for it. */
type ByHost<T> = ReadonlyMap<string, ReadonlyMap<string, T>>;

/** A cluster that can be judged. */
type Candidate = {
  readonly hosts: ClusterHosts;
  readonly entrances: ReadonlyMap<string, GatewayEntrance>;
  /** Every host that stands there: why nothing answers it, or that something does. */
  readonly answers: ByHost<Unbound | "answered">;
};

export function judgeCoverage(inputs: readonly CoverageInput[]): CoverageReport {
  const candidates: Candidate[] = [];
  const notJudged: { readonly cluster: string; readonly reason: string }[] = [];
  for (const { hosts, backends: listings } of inputs) {
    const backends = backendsOf(listings);
    if (backends.kind === "not-read") notJudged.push({ cluster: hosts.cluster, reason: backends.reason });
    else candidates.push(candidateOf(hosts, backends.unbound));
  }
  const homes = inputs.map(({ hosts }) => hosts).sort((left, right) => byText(left.cluster, right.cluster));
  const counts = countAnswers(homes, candidates);
  const clusters = homes
    .filter(({ published }) => published.length > 0)
    .map((home) => coverageOf({ kind: "cluster", name: home.cluster }, [home], candidates, counts));
  const regions = regionsOf(homes).map(([region, members]) =>
    coverageOf({ kind: "region", name: region }, members, candidates, counts),
  );
  return {
    coverages: [...clusters, ...regions],
    unbound: candidates.flatMap(unboundOf).sort((left, right) => byText(left.cluster, right.cluster)),
    notJudged: notJudged.sort((left, right) => byText(left.cluster, right.cluster)),
  };
}

function candidateOf(
  hosts: ClusterHosts,
  unbound: (gateway: GatewayEntrance, host: string) => Unbound | undefined,
): Candidate {
  const byKey = new Map(hosts.gateways.map((entrance) => [entrance.key, entrance]));
  const answers = new Map<string, Map<string, Unbound | "answered">>();
  for (const { host, gateway } of hosts.standing) {
    const entrance = byKey.get(gateway);
    if (entrance === undefined) continue;
    let ofPostfix = answers.get(entrance.postfix);
    if (ofPostfix === undefined) answers.set(entrance.postfix, (ofPostfix = new Map<string, Unbound | "answered">()));
    ofPostfix.set(host, unbound(entrance, host) ?? "answered");
  }
  return { hosts, entrances: entrancesByPostfix(hosts.gateways), answers };
}

/** Several Gateways may share a postfix, of one controller: they have the same addresses. */
function entrancesByPostfix(gateways: readonly GatewayEntrance[]): ReadonlyMap<string, GatewayEntrance> {
  return new Map(gateways.map((entrance) => [entrance.postfix, entrance]));
}

/** Hosts of a home that a candidate would answer. */
type Counts = ReadonlyMap<ClusterHosts, ReadonlyMap<Candidate, number>>;

/** One pass over all published hosts: of each only those are looked at who answer it. */
function countAnswers(homes: readonly ClusterHosts[], candidates: readonly Candidate[]): Counts {
  const answering = whoAnswers(candidates);
  return new Map(homes.map((home) => [home, countsOf(home, candidates, answering)]));
}

function countsOf(
  home: ClusterHosts,
  candidates: readonly Candidate[],
  answering: ByHost<readonly Candidate[]>,
): ReadonlyMap<Candidate, number> {
  const counts = new Map<Candidate, number>();
  const takers = takersOf(home, candidates);
  for (const { host, postfix = "" } of home.published) {
    for (const candidate of answering.get(postfix)?.get(host) ?? []) {
      if (takers.get(postfix)?.has(candidate) === true) counts.set(candidate, (counts.get(candidate) ?? 0) + 1);
    }
  }
  return counts;
}

function whoAnswers(candidates: readonly Candidate[]): ByHost<readonly Candidate[]> {
  const answering = new Map<string, Map<string, Candidate[]>>();
  for (const candidate of candidates) {
    for (const [postfix, hosts] of candidate.answers) {
      const known = answering.get(postfix) ?? new Map<string, Candidate[]>();
      answering.set(postfix, known);
      addAnswered(known, hosts, candidate);
    }
  }
  return answering;
}

function addAnswered(
  known: Map<string, Candidate[]>,
  hosts: ReadonlyMap<string, Unbound | "answered">,
  candidate: Candidate,
): void {
  for (const [host, answer] of hosts) {
    if (answer !== "answered") continue;
    const others = known.get(host);
    if (others === undefined) known.set(host, [candidate]);
    else others.push(candidate);
  }
}

/** By postfix of a home's Gateways: to whom that gateway host could move. */
function takersOf(home: ClusterHosts, candidates: readonly Candidate[]): ReadonlyMap<string, ReadonlySet<Candidate>> {
  const others = candidates.filter(({ hosts }) => hosts.cluster !== home.cluster);
  return new Map(
    home.gateways.map((entrance) => [
      entrance.postfix,
      new Set(others.filter((other) => addressFault(entrance, other) === undefined)),
    ]),
  );
}

/** What stands against moving home's gateway host to the candidate's Gateway of the same postfix. */
function addressFault(home: GatewayEntrance, candidate: Candidate): string | undefined {
  const { cluster } = candidate.hosts;
  const entrance = candidate.entrances.get(home.postfix);
  if (entrance === undefined) return `${cluster} has no usable Gateway with the postfix ${home.postfix}`;
  const missing = typesOf(home).filter((type) => !typesOf(entrance).includes(type));
  if (entrance.addresses.length === 0) return `Gateway ${entrance.key} of ${cluster} has no address`;
  return missing.length === 0
    ? undefined
    : `Gateway ${entrance.key} of ${cluster} has no ${missing.join(", ")} address`;
}

function typesOf({ addresses }: GatewayEntrance): readonly string[] {
  return [...new Set(addresses.map((address) => (address.includes(":") ? "IPv6" : "IPv4")))].sort();
}

/** Regions of several clusters: one of a single cluster is that cluster. */
function regionsOf(homes: readonly ClusterHosts[]): readonly (readonly [string, readonly ClusterHosts[]])[] {
  const regions = Map.groupBy(
    homes.filter(({ region }) => region !== undefined),
    ({ region }) => region ?? "",
  );
  return [...regions]
    .filter(([, members]) => members.length > 1 && members.some(({ published }) => published.length > 0))
    .sort(([left], [right]) => byText(left, right));
}

function coverageOf(
  scope: Coverage["scope"],
  members: readonly ClusterHosts[],
  candidates: readonly Candidate[],
  counts: Counts,
): Coverage {
  const substitute = chooseSubstitute(members, candidates, counts);
  const seen = new Set<string>();
  const uncovered: UncoveredHost[] = [];
  for (const home of members) {
    const faultOf = substitute === undefined ? () => noSubstitute : hostFaults(home, substitute);
    for (const { host, postfix } of home.published) {
      if (seen.has(host)) continue;
      seen.add(host);
      const fault = faultOf(host, postfix);
      if (fault !== undefined) uncovered.push({ host, cluster: home.cluster, ...fault });
    }
  }
  return {
    scope,
    clusters: members.map(({ cluster }) => cluster),
    total: seen.size,
    covered: seen.size - uncovered.length,
    ...(substitute === undefined ? {} : { substitute: substitute.hosts.cluster }),
    uncovered: uncovered.sort((left, right) => byText(left.host, right.host)),
  };
}

const noSubstitute = { code: "NoSubstitute", reason: "there is no other cluster that could be judged" } as const;

/** In the own region first, where anything is covered there; then who covers most, then the name. */
function chooseSubstitute(
  members: readonly ClusterHosts[],
  candidates: readonly Candidate[],
  counts: Counts,
): Candidate | undefined {
  const gone = new Set(members.map(({ cluster }) => cluster));
  const [home] = members;
  const ranked = candidates
    .filter(({ hosts }) => !gone.has(hosts.cluster))
    .map((candidate) => {
      const covered = members.reduce((sum, member) => sum + (counts.get(member)?.get(candidate) ?? 0), 0);
      const isSibling = home?.region !== undefined && candidate.hosts.region === home.region;
      return { candidate, covered, first: isSibling && covered > 0 ? 0 : 1, near: isSibling ? 0 : 1 };
    })
    .sort(
      (left, right) =>
        left.first - right.first ||
        right.covered - left.covered ||
        left.near - right.near ||
        byText(left.candidate.hosts.cluster, right.candidate.hosts.cluster),
    );
  return ranked[0]?.candidate;
}

type HostFault = Pick<UncoveredHost, "code" | "reason">;

/** Why the substitute would not answer a host of home; what holds for a whole Gateway is worked out once. */
function hostFaults(
  home: ClusterHosts,
  substitute: Candidate,
): (host: string, postfix: string | undefined) => HostFault | undefined {
  const { cluster } = substitute.hosts;
  const gatewayFaults = new Map(
    home.gateways.map((entrance): readonly [string, HostFault | undefined] => {
      const reason = addressFault(entrance, substitute);
      const code = substitute.entrances.has(entrance.postfix) ? "NoAddress" : "NoGateway";
      return [entrance.postfix, reason === undefined ? undefined : { code, reason }];
    }),
  );
  return (host, postfix) => {
    if (postfix === undefined || !gatewayFaults.has(postfix)) return leadsNowhere;
    const fault = gatewayFaults.get(postfix);
    if (fault !== undefined) return fault;
    const answer = substitute.answers.get(postfix)?.get(host);
    if (answer === undefined) {
      return { code: "NoRoute", reason: `${cluster} has no route for it on a Gateway with the postfix ${postfix}` };
    }
    return answer === "answered" ? undefined : { code: answer.code, reason: `in ${cluster} ${answer.reason}` };
  };
}

const leadsNowhere: HostFault = { code: "NoGateway", reason: "it leads to no Gateway that is there now" };

/** Hosts that lead to the cluster itself, and that nothing answers there. */
function unboundOf({ hosts, answers }: Candidate): CoverageReport["unbound"] {
  return hosts.published.flatMap(({ host, postfix }) => {
    const answer = answers.get(postfix ?? "")?.get(host);
    return answer === undefined || answer === "answered" ? [] : [{ cluster: hosts.cluster, host, ...answer }];
  });
}
