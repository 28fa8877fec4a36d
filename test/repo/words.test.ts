/** Words that people meet in statuses, reports and logs: each is explained where they would look for it. */
import { describe, expect, it } from "vitest";
import * as errors from "../../shared/errors.ts";
import { findingTexts, type FindingText } from "../../shared/model/finding.ts";
import { hasNextStep } from "../../shared/presentation/next-steps.ts";
import { codeOf, filesUnder, productFolders, textOf, trackedFiles } from "./source-tree.ts";

const tracked = trackedFiles();
const conditions = explained("docs/reference/conditions.md");
const codes = explained("docs/reference/error-codes.md");
const findings = explained("docs/reference/findings.md");

/** Words in backticks. */
function explained(path: string): ReadonlySet<string> {
  return new Set([...textOf(path).matchAll(/`([A-Za-z_…]+)`/g)].map(([, word = ""]) => word));
}

function found(paths: readonly string[], pattern: RegExp): readonly string[] {
  return [...new Set(paths.flatMap((path) => [...codeOf(path).matchAll(pattern)].map(([, word = ""]) => word)))].sort();
}

/** CamelCase words of the core that are no reasons: kinds, condition types, phases, record types, words of specs. */
const otherWords: ReadonlySet<string> = new Set(
  [
    "ClusterIdentity DNSConfiguration DNSPolicy Gateway ServiceRoute Service Namespace DNSEndpoint IstioGateway",
    "OperatorLease OperatorDeployment LoadBalancer",
    "ExternalDnsDeployment DestinationService VirtualService VirtualServices EndpointSlice EndpointSlices Event Services",
    "ExternalName",
    "Ready Published DNSVerified BackendBound DNSReady AdoptedRegionsValid Conflict ServiceAmbiguous",
    "True False Unknown Active Pending Failed Inactive RegionBound Same Selector All",
  ].flatMap((line) => line.split(" ")),
);

describe("docs/reference/conditions.md", () => {
  it("explains every reason and code that the core gives", () => {
    const core = filesUnder(tracked, ["shared/core", "shared/model"], [".ts"]);
    const reasons = found(core, /"([A-Z][A-Za-z]*[a-z][A-Za-z]*)"/g).filter((word) => !otherWords.has(word));
    // The test would prove nothing if it found no words.
    expect(reasons).toEqual(expect.arrayContaining(["HostConflict", "AwaitingPublication", "BudgetExceeded"]));
    expect(reasons.filter((word) => !conditions.has(word) && !findings.has(word))).toEqual([]);
  });
});

describe("docs/reference/findings.md", () => {
  it("explains every finding, each with one sentence of what follows and with what to do", () => {
    expect(Object.keys(findingTexts).filter((code) => !findings.has(code))).toEqual([]);
    const texts: readonly (readonly [string, FindingText])[] = Object.entries(findingTexts);
    const oneSentence = /^(?:[A-Z]|service-router )[^.!?]*(?:\.\d[^.!?]*)*\.$/;
    const odd = texts.filter(
      ([, { consequence, fix }]) => !oneSentence.test(consequence) || fix === "" || fix.endsWith("."),
    );
    expect(odd.map(([code]) => code)).toEqual([]);
  });

  it("explains every reason why a host would not be answered", () => {
    const reasons = [...codeOf("shared/model/coverage.ts").matchAll(/\| "(No[A-Za-z]+)"/g)].map(
      ([, word = ""]) => word,
    );
    expect(reasons.length).toBeGreaterThan(4);
    expect(reasons.filter((word) => !findings.has(word))).toEqual([]);
  });
});

describe("docs/reference/error-codes.md", () => {
  const product = filesUnder(tracked, productFolders, [".ts"]);

  it("explains every code of an error class, and every code that is made elsewhere", () => {
    const given = found(product, /\b(?:code|error)(?:: | = |\() *"([A-Z]+(?:_[A-Z]+)*)"/g);
    expect(given).toEqual(expect.arrayContaining(["CLUSTER_UNREACHABLE", "BAD_REQUEST", "INTERRUPTED", "DEADLINE"]));
    expect(given.filter((code) => !codes.has(code))).toEqual([]);
  });

  it("explains the codes of every FleetError", () => {
    const classes = Object.values(errors).filter((one) => typeof one === "function" && one.name.endsWith("Error"));
    const own = found(["shared/errors.ts"], /readonly code = "([A-Z_]+)"/g);
    // asError and the abstract FleetError have none.
    expect(own).toHaveLength(classes.length - 2);
    expect(own.filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe("a report", () => {
  it("knows the next step for every code of an error of the outside", () => {
    const own = found(["shared/errors.ts"], /readonly code = "([A-Z_]+)"/g);
    const reported = [
      ...own.filter((code) => code !== "INVARIANT"),
      "PLACEMENT_MOVED",
      "CLUSTER_NOT_CONFIGURED",
      "ZONE_FILE_INVALID",
    ];
    expect(reported.filter((code) => !hasNextStep(code))).toEqual([]);
  });
});
