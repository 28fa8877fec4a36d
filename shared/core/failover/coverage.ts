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

/** A cluster that can be judged: what it would answer, by `postfix host`. */
type Candidate = {
  readonly hosts: ClusterHosts;
  readonly entrances: ReadonlyMap<string, GatewayEntrance>;
  readonly answers: ReadonlyMap<string, Unbound | "answered">;
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
  const answers = new Map<string, Unbound | "answered">();
  for (const { host, gateway } of hosts.standing) {
    const entrance = byKey.get(gateway);
    if (entrance !== undefined) answers.set(answerKey(entrance.postfix, host), unbound(entrance, host) ?? "answered");
  }
  return { hosts, entrances: entrancesByPostfix(hosts.gateways), answers };
}

/** Several Gateways may share a postfix, of one controller: they have the same addresses. */
function entrancesByPostfix(gateways: readonly GatewayEntrance[]): ReadonlyMap<string, GatewayEntrance> {
  return new Map(gateways.map((entrance) => [entrance.postfix, entrance]));
}

function answerKey(postfix: string, host: string): string {
  return `${postfix} ${host}`;
}

/** Hosts of a home that a candidate would answer, by `home candidate`. */
type Counts = ReadonlyMap<string, number>;

/** One pass over all published hosts: of each only those are looked at who answer it. */
function countAnswers(homes: readonly ClusterHosts[], candidates: readonly Candidate[]): Counts {
  const answering = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    for (const [key, answer] of candidate.answers) {
      if (answer !== "answered") continue;
      const known = answering.get(key);
      if (known === undefined) answering.set(key, [candidate]);
      else known.push(candidate);
    }
  }
  const counts = new Map<string, number>();
  for (const home of homes) {
    const own = entrancesByPostfix(home.gateways);
    const takers = home.published.flatMap(({ host, postfix }) => {
      const entrance = postfix === undefined ? undefined : own.get(postfix);
      const answered = entrance === undefined ? [] : (answering.get(answerKey(entrance.postfix, host)) ?? []);
      return answered.filter((other) => other.hosts.cluster !== home.cluster && canMove(entrance, other));
    });
    for (const taker of takers) {
      const pair = pairKey(home, taker);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  return counts;
}

function canMove(home: GatewayEntrance | undefined, candidate: Candidate): boolean {
  return addressFault(home, candidate) === undefined;
}

function pairKey(home: ClusterHosts, { hosts }: Candidate): string {
  return `${home.cluster}\n${hosts.cluster}`;
}

/** What stands against moving home's gateway host to the candidate's Gateway of the same postfix. */
function addressFault(home: GatewayEntrance | undefined, candidate: Candidate): string | undefined {
  const { cluster } = candidate.hosts;
  const entrance = home === undefined ? undefined : candidate.entrances.get(home.postfix);
  if (home === undefined || entrance === undefined) return `${cluster} has no Gateway with that postfix`;
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
    const own = entrancesByPostfix(home.gateways);
    for (const { host, postfix } of home.published) {
      if (seen.has(host)) continue;
      seen.add(host);
      const entrance = postfix === undefined ? undefined : own.get(postfix);
      const fault = substitute === undefined ? noSubstitute : hostFault(host, entrance, substitute);
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
      const covered = members.reduce((sum, member) => sum + (counts.get(pairKey(member, candidate)) ?? 0), 0);
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

function hostFault(
  host: string,
  home: GatewayEntrance | undefined,
  substitute: Candidate,
): Pick<UncoveredHost, "code" | "reason"> | undefined {
  const { cluster } = substitute.hosts;
  if (home === undefined) return { code: "NoGateway", reason: "it leads to no Gateway that is there now" };
  if (!substitute.entrances.has(home.postfix)) {
    return { code: "NoGateway", reason: `${cluster} has no usable Gateway with the postfix ${home.postfix}` };
  }
  const address = addressFault(home, substitute);
  if (address !== undefined) return { code: "NoAddress", reason: address };
  const answer = substitute.answers.get(answerKey(home.postfix, host));
  if (answer === undefined) {
    return { code: "NoRoute", reason: `${cluster} has no route for it on a Gateway with the postfix ${home.postfix}` };
  }
  return answer === "answered" ? undefined : { code: answer.code, reason: `in ${cluster} ${answer.reason}` };
}

/** Hosts that lead to the cluster itself, and that nothing answers there. */
function unboundOf({ hosts, answers }: Candidate): CoverageReport["unbound"] {
  return hosts.published.flatMap(({ host, postfix }) => {
    const answer = postfix === undefined ? undefined : answers.get(answerKey(postfix, host));
    return answer === undefined || answer === "answered" ? [] : [{ cluster: hosts.cluster, host, ...answer }];
  });
}
