/** A diagnosis as a document: the worst first, each kind of trouble once with its consequence and what to do about it. */
import type { Coverage } from "../model/coverage.ts";
import type { Diagnosis } from "../model/diagnosis.ts";
import type { ExternalDnsInstance } from "../model/external-dns.ts";
import type { Finding, Severity } from "../model/finding.ts";
import { firstOf, joined, section, text } from "./document.ts";
import type { Block, Document, Entry, Rich, Span, Tone } from "./document.ts";
import { counted, duration, timestamp } from "./wording.ts";

/** @param limit entries per kind of finding, and names per finding or cluster. */
export function diagnosisDocument(diagnosis: Diagnosis, limit: number): Document {
  return {
    headline: headline(diagnosis),
    blocks: [
      text(["dim", subline(diagnosis)]),
      ...findingSections(diagnosis.findings, limit),
      ...coverageSections(diagnosis, limit),
      clustersSection(diagnosis),
      ...instancesSection(diagnosis.instances),
      ...notesSection(diagnosis.notes),
      section([["strong", "Next"]], nextBlocks(diagnosis)),
    ],
  };
}

const severities: readonly {
  readonly severity: Severity;
  readonly tone: Tone;
  readonly title: string;
  readonly noun: readonly [one: string, more: string];
}[] = [
  { severity: "critical", tone: "bad", title: "CRITICAL", noun: ["critical finding", "critical findings"] },
  { severity: "warning", tone: "attention", title: "WARNING", noun: ["warning", "warnings"] },
  { severity: "info", tone: "strong", title: "NOTE", noun: ["note", "notes"] },
];

function headline({ clusters, instances, findings }: Diagnosis): Rich {
  const looked = `${counted(clusters.length, "cluster")}, ${counted(instances.length, "instance")} of ExternalDNS; `;
  const counts = severities.flatMap(({ severity, tone, noun: [one, more] }): readonly Span[] => {
    const count = findings.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [[tone, counted(count, one, more)]];
  });
  return [
    ["strong", "Doctor: "],
    looked,
    ...(counts.length === 0 ? [["good", "nothing found"] as const] : joined(counts, ", ")),
  ];
}

function subline({ of, startedAtMs, endedAtMs }: Diagnosis): string {
  const named = of === "fleet" ? "clusters of the fleet configuration" : "clusters by their contexts";
  return `${named}; read at ${timestamp(startedAtMs)} in ${duration(endedAtMs - startedAtMs)}; nothing was written`;
}

/** By code: consequence and next step are said once where they are the same for all. */
function findingSections(findings: readonly Finding[], limit: number): readonly Block[] {
  return severities.flatMap(({ severity, tone, title }) => {
    const codes = Map.groupBy(
      findings.filter((each) => each.severity === severity),
      ({ code }) => code,
    );
    return [...codes].map(([code, members]) => {
      const { shown, more } = firstOf(members, limit);
      const [first] = members;
      const sameFix = members.every(({ fix }) => fix === first?.fix);
      const sameConsequence = members.every(({ consequence }) => consequence === first?.consequence);
      const own = { consequence: !sameConsequence, fix: !sameFix };
      const head: Rich = [[tone, `${title} ${code}`], members.length === 1 ? "" : `  ${members.length}`];
      return section(
        head,
        [
          { kind: "entries", entries: shown.map((one) => findingEntry(one, limit, own)), more },
          ...(sameConsequence ? [text(first?.consequence ?? "")] : []),
          ...(sameFix ? [nextLine(first?.fix ?? "")] : []),
        ],
        severity === "info",
      );
    });
  });
}

/** @param own what it says for itself, because others of its code say something else. */
function findingEntry(
  { cluster, region, object, what, names, consequence, fix }: Finding,
  limit: number,
  own: Readonly<Record<"consequence" | "fix", boolean>>,
): Entry {
  const where: readonly Span[] = [
    ...(cluster === undefined ? [] : [["strong", cluster] as const]),
    ...(object === undefined ? [] : [["name", object] as const]),
    ...(region === undefined
      ? []
      : cluster === undefined
        ? [["strong", `region ${region}`] as const]
        : [`(${region})`]),
  ];
  // Names that the sentence says already are not said again.
  const { shown, more } = firstOf(
    names.filter((name) => !what.includes(name)),
    limit,
  );
  return {
    head: where.length === 0 ? [what] : joined(where, "  "),
    details: [
      ...(where.length === 0 ? [] : [[what]]),
      ...shown.map((name): Rich => ["- ", ["name", name]]),
      ...(more === 0 ? [] : [[["dim", `and ${more} more (--output json shows all)`] as const]]),
      ...(own.consequence ? [[consequence]] : []),
      ...(own.fix ? [[["attention", "→ "] as const, fix]] : []),
    ],
  };
}

function nextLine(step: string): Block {
  return text(["attention", "→ "], step);
}

/** "If this died now": one entry per cluster and region, the hosts that would not be answered below it. */
function coverageSections({ coverages, notJudged }: Diagnosis, limit: number): readonly Block[] {
  if (coverages.length === 0) return [];
  const entries = coverages.map((coverage) => coverageEntry(coverage, limit));
  const unjudged = notJudged.map(({ cluster, reason }): Entry => ({
    head: [["attention", `${cluster} could not be judged as a substitute`], `: ${reason}`],
    details: [],
  }));
  return [section([["strong", "If it died now"]], [{ kind: "entries", entries: [...entries, ...unjudged], more: 0 }])];
}

function coverageEntry({ scope, total, covered, substitute, uncovered }: Coverage, limit: number): Entry {
  const missing = total - covered;
  const tone: Tone = missing === 0 ? "good" : "attention";
  const answer: Rich =
    substitute === undefined
      ? [["attention", `nobody would answer its ${counted(total, "host")}`]]
      : [["strong", substitute], " would answer ", [tone, `${covered} of ${counted(total, "host")}`]];
  const rest =
    missing === 0 || substitute === undefined ? "" : `; ${missing === 1 ? "this one" : `these ${missing}`} would not:`;
  return {
    head: [`${scope.kind} `, ["strong", scope.name], ": ", ...answer, rest],
    details: uncoveredLines(uncovered, limit),
  };
}

/** By reason, so that each is said once. */
function uncoveredLines(uncovered: Coverage["uncovered"], limit: number): readonly Rich[] {
  const { shown, more } = firstOf(
    [...uncovered].sort((left, right) => (left.reason < right.reason ? -1 : left.reason > right.reason ? 1 : 0)),
    limit,
  );
  const byReason = [...Map.groupBy(shown, ({ reason }) => reason)];
  return [
    ...byReason.flatMap(([reason, hosts]) => [
      [`${reason}:`],
      ...hosts.map(({ host }): Rich => ["- ", ["name", host]]),
    ]),
    ...(more === 0 ? [] : [[["dim", `and ${more} more (--output json shows all)`] as const]]),
  ];
}

function clustersSection({ clusters, findings }: Diagnosis): Block {
  const rows = clusters.map((cluster): readonly Rich[] => {
    const own = findings.filter((one) => one.cluster === cluster.cluster);
    const counts = severities.map(({ severity, tone }): Rich => {
      const count = own.filter((one) => one.severity === severity).length;
      return count === 0 ? ["0"] : [[tone, `${count}`]];
    });
    return [
      [["strong", cluster.cluster]],
      [cluster.region ?? "-"],
      [cluster.reached ? ["good", "yes"] : ["bad", "no"]],
      [number(cluster.routes)],
      [number(cluster.dnsEndpoints)],
      [number(cluster.externalDns)],
      ...counts,
    ];
  });
  const head = ["CLUSTER", "REGION", "READ", "ROUTES", "DNSENDPOINTS", "EXTERNALDNS", "CRITICAL", "WARNINGS", "NOTES"];
  return section([["strong", "Clusters"]], [{ kind: "table", head, rows, numbers: [3, 4, 5, 6, 7, 8], more: 0 }]);
}

function number(count: number | undefined): string {
  return count === undefined ? "-" : `${count}`;
}

function instancesSection(instances: readonly ExternalDnsInstance[]): readonly Block[] {
  if (instances.length === 0) return [];
  const rows = instances.map((instance): readonly Rich[] => {
    const { settings, version, unknown } = instance;
    const known = (flag: string, value: string): string => (unknown.includes(flag) ? "?" : value);
    return [
      [["strong", instance.cluster]],
      [["name", instance.deployment]],
      [version === undefined ? "?" : `${version.major}.${version.minor}.${version.patch}`],
      [instance.regions.join(", ") || "-"],
      [known("policy", settings.policy ?? "-")],
      [known("txt-owner-id", settings.ownerId)],
      [known("txt-prefix", settings.txtPrefix || settings.txtSuffix || "-")],
      [`${instance.replicas}`],
    ];
  });
  const head = ["CLUSTER", "DEPLOYMENT", "VERSION", "REGION", "POLICY", "OWNER", "PREFIX", "REPLICAS"];
  return [section([["strong", "ExternalDNS"]], [{ kind: "table", head, rows, numbers: [7], more: 0 }], true)];
}

function notesSection(notes: readonly string[]): readonly Block[] {
  const entries = notes.map((note): Entry => ({ head: [note], details: [] }));
  return entries.length === 0 ? [] : [section([["strong", "Notes"]], [{ kind: "entries", entries, more: 0 }])];
}

function nextBlocks({ of, findings }: Diagnosis): readonly Block[] {
  const isSafe = !findings.some(({ severity }) => severity === "critical");
  return [
    nextLine(
      "every finding is explained in docs/reference/findings.md, the safe profile in docs/platform/external-dns.md",
    ),
    ...nextPlan(of, isSafe),
  ];
}

function nextPlan(of: Diagnosis["of"], isSafe: boolean): readonly Block[] {
  const repair = isSafe ? "" : "repair what is critical before anything is applied, then run doctor again";
  if (of === "contexts") {
    // Only a fleet has a plan.
    const fleet = "for a plan, which writes nothing: write a fleet.yaml as docs/platform/getting-started.md shows";
    return [...(isSafe ? [] : [nextLine(repair)]), nextLine(`${fleet}, then service-router plan`)];
  }
  const plan = isSafe ? "what would be published from here:" : `${repair}; meanwhile, without any write:`;
  return [nextLine(plan), { kind: "command", text: "service-router plan" }];
}
