import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { kindTable, storedKind } from "../../../../shared/contracts/kinds.ts";
import { doctorReads } from "../../../../shared/core/diagnosis/doctor-reads.ts";
import { readRights, rightsFindings, writeRights } from "../../../../shared/core/diagnosis/needed-rights.ts";
import { reads } from "../../../../shared/core/service-routing/reads.ts";
import type { AccessRight, DeniedRight } from "../../../../shared/model/access.ts";

type Rule = Readonly<Record<"apiGroups" | "resources" | "verbs", readonly string[]>>;

/** `list routing.router.io/gateways`, for every verb and resource of a role as it is shipped. */
function granted(role: string): readonly string[] {
  const file = path.join(import.meta.dirname, "..", "..", "..", "..", "crds", "rbac", `${role}.yaml`);
  const { rules } = parse(readFileSync(file, "utf8")) as { readonly rules: readonly Rule[] };
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    )
    .sort();
}

function named({ verb, kind, status }: AccessRight): string {
  const { group, plural } = kind === "Event" ? { group: "", plural: "events" } : kindTable[kind];
  return `${verb} ${group}/${plural}${status === true ? "/status" : ""}`;
}

describe("the rights that are asked about", () => {
  it("are those that crds/rbac grants, no fewer and no more", () => {
    expect(readRights.map(named).sort()).toEqual(granted("read"));
    expect(writeRights.map(named).sort()).toEqual(granted("write"));
  });

  it("are for every kind that is read, by a pass or by doctor", () => {
    const asked = new Set(readRights.map(({ kind }) => kind));
    const read = [...reads, ...doctorReads].map(({ kind }) => storedKind(kind));
    expect(read.filter((kind) => !asked.has(kind))).toEqual([]);
  });
});

describe("rightsFindings", () => {
  const denied: readonly DeniedRight[] = [
    { right: { verb: "patch", kind: "DNSEndpoint" }, what: "patch dnsendpoints.externaldns.k8s.io" },
    { right: { verb: "list", kind: "ServiceRoute" }, what: "list serviceroutes.routing.router.io" },
    { right: { verb: "list", kind: "Gateway" }, what: "list gateways.routing.router.io" },
  ];

  it("names each missing right and the ClusterRole that has it", () => {
    expect(rightsFindings("w1", denied, "apply")).toMatchObject([
      {
        code: "ReadRightsMissing",
        severity: "warning",
        what: "it may not list gateways.routing.router.io, list serviceroutes.routing.router.io",
        fix: expect.stringContaining("service-router-read"),
      },
      {
        code: "WriteRightsMissing",
        severity: "warning",
        names: ["patch dnsendpoints.externaldns.k8s.io"],
        fix: expect.stringContaining("service-router-write"),
      },
    ]);
  });

  it.each([
    ["apply", "warning"],
    ["retiring", "warning"],
    ["observe", "info"],
    [undefined, "info"],
  ] as const)("takes rights to write for a cluster with writes %s as %s", (mode, severity) =>
    expect(rightsFindings("w1", denied.slice(0, 1), mode)).toMatchObject([{ severity }]),
  );

  it("says nothing where nothing is missing", () => expect(rightsFindings("w1", [], "apply")).toEqual([]));
});
