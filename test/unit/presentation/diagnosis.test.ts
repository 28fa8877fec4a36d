import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../../shared/model/diagnosis.ts";
import { finding, findingTexts } from "../../../shared/model/finding.ts";
import { presentDiagnosis } from "../../../shared/presentation/diagnosis.ts";
import { coverage, diagnosis, instance, settings } from "../../support/diagnoses.ts";

const wiper = finding("ZoneWiper", {
  cluster: "n1",
  region: "weu",
  object: "Deployment external-dns/external-dns-weu",
  what: "policy sync, and there is no DNSEndpoint",
});
const prefixes = finding("PrefixDiffers", {
  region: "weu",
  what: "region weu has two prefixes",
  names: ["w1 a/b", "n1 a/b"],
});
const hosts = Array.from({ length: 30 }, (_none, index) => `host-${String(index).padStart(2, "0")}.example.com`);
const tooLong = finding("TxtNameTooLong", { cluster: "w1", what: "30 hosts too long", names: hosts });

const text = (given: Partial<Diagnosis> = {}): string => presentDiagnosis(diagnosis(given), { format: "text" });

describe("presentDiagnosis as text", () => {
  it("says that nothing was found", () => {
    expect(text().split("\n").slice(0, 2)).toEqual([
      "Doctor: 1 cluster, 1 instance of ExternalDNS; nothing found",
      "clusters of the fleet configuration; read at 2026-11-21T14:00:00Z in 1.2 s; nothing was written",
    ]);
  });

  it("shows each kind of trouble with where, what, what follows, and what to do", () => {
    const shown = text({ findings: [wiper, prefixes] });
    expect(shown).toContain("; 2 critical findings\n");
    expect(shown).toContain(
      [
        "CRITICAL ZoneWiper",
        "  n1  Deployment external-dns/external-dns-weu  (weu)",
        "    policy sync, and there is no DNSEndpoint",
        `  ${findingTexts.ZoneWiper.consequence}`,
        `  → ${findingTexts.ZoneWiper.fix}`,
      ].join("\n"),
    );
    expect(shown).toContain("  region weu\n    region weu has two prefixes\n    - w1 a/b\n    - n1 a/b\n");
  });

  it("says consequence and next step once for many, and the step of each where they differ", () => {
    const two = [
      finding("LabelFilterMissing", { cluster: "n1", what: "no filter", fix: "set neu" }),
      finding("LabelFilterMissing", { cluster: "w1", what: "no filter", fix: "set weu" }),
    ];
    const shown = text({ findings: two });
    expect(shown.split(findingTexts.LabelFilterMissing.consequence)).toHaveLength(2);
    expect(shown).toContain(
      "WARNING LabelFilterMissing  2\n  n1\n    no filter\n    → set neu\n  w1\n    no filter\n    → set weu\n",
    );
  });

  it("says the consequence of each where they differ", () => {
    const shown = text({
      findings: [
        finding("SyncShared", { cluster: "n1", what: "0 replicas", consequence: "Once it runs." }),
        finding("SyncShared", { cluster: "w1", what: "it runs", consequence: "In every pass." }),
      ],
    });
    expect(shown).toMatch(/n1\n +0 replicas\n +Once it runs\.\n(.*\n)*.*w1\n +it runs\n +In every pass\./);
    expect(shown.split("In every pass.")).toHaveLength(2);
  });

  it("counts names that it does not show, and shows none that the sentence has", () => {
    const shown = text({ findings: [tooLong] });
    expect(shown).toContain("    - host-11.example.com\n    and 18 more (--output json shows all)\n");
    const said = finding("ReadRightsMissing", {
      cluster: "w1",
      what: "it may not list a, list b",
      names: ["list a", "list b"],
    });
    expect(text({ findings: [said] })).not.toContain("- list a");
  });

  it("says who would answer if a cluster or region died, and which hosts nobody would", () => {
    const shown = text({
      coverages: [
        coverage(),
        coverage({
          scope: { kind: "region", name: "weu" },
          total: 3,
          covered: 1,
          uncovered: [
            { host: "a.example.com", cluster: "w1", code: "NoRoute", reason: "n1 has no route for it" },
            { host: "b.example.com", cluster: "w1", code: "NoRoute", reason: "n1 has no route for it" },
          ],
        }),
        { scope: { kind: "cluster", name: "w2" }, clusters: ["w2"], total: 1, covered: 0, uncovered: [] },
      ],
      notJudged: [{ cluster: "n2", reason: "VirtualServices were not read: forbidden" }],
    });
    expect(shown).toContain(
      [
        "If it died now",
        "  cluster w1: n1 would answer 2 of 2 hosts",
        "  region weu: n1 would answer 1 of 3 hosts; these 2 would not:",
        "    n1 has no route for it:",
        "    - a.example.com",
        "    - b.example.com",
        "  cluster w2: nobody would answer its 1 host",
        "  n2 could not be judged as a substitute: VirtualServices were not read: forbidden",
      ].join("\n"),
    );
  });

  it("leaves coverage out where nothing is published", () => expect(text()).not.toContain("If it died now"));

  it("lists clusters with what was found in each, and those that were not read", () => {
    const clusters = [{ cluster: "n1", reached: false }, ...diagnosis().clusters];
    expect(text({ clusters, findings: [wiper] })).toMatch(
      /n1 +- +no +- +- +- +1 +0 +0\n +w1 +weu +yes +2 +3 +1 +0 +0 +0\n/,
    );
  });

  it("lists the settings of every instance that names depend on, and what of them is not known", () => {
    const unknown = instance({
      cluster: "n1",
      unknown: ["policy"],
      settings: settings({ txtPrefix: "" }),
      regions: [],
    });
    const { version: _none, ...unversioned } = unknown;
    const shown = text({ instances: [instance(), unversioned] });
    expect(shown).toMatch(
      /w1 +external-dns\/external-dns-weu +0\.20\.0 +weu +upsert-only +external-dns-weu +_xdns-%\{record_type\}\. +1\n/,
    );
    expect(shown).toMatch(/n1 +external-dns\/external-dns-weu +\? +- +\? +external-dns-weu +- +1\n/);
  });

  it("says what to do next: repair first, and in a fleet plan", () => {
    expect(text({ findings: [wiper] })).toContain("repair what is critical before anything is applied");
    expect(text()).toContain("what would be published from here:\n  service-router plan\n");
    expect(text({ of: "contexts" })).toContain("write a fleet.yaml as docs/platform/getting-started.md shows");
    const contexts = text({ of: "contexts", findings: [wiper] });
    expect(contexts).toContain("then run doctor again\n");
    expect(contexts).not.toContain("meanwhile");
  });

  it("fits 80 columns", () => {
    const shown = presentDiagnosis(diagnosis({ findings: [wiper, prefixes, tooLong], coverages: [coverage()] }), {
      format: "text",
      width: 80,
    });
    expect(shown.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("stays short with many findings", () => {
    const many = Array.from({ length: 60 }, (_none, index) =>
      finding("SyncPolicy", { cluster: `c${index}`, object: "Deployment a/b", what: "policy sync" }),
    );
    expect(text({ findings: [...many, tooLong] }).split("\n").length).toBeLessThan(220);
  });
});

describe("presentDiagnosis as JSON", () => {
  it("holds everything, whole", () => {
    const document: unknown = JSON.parse(
      presentDiagnosis(diagnosis({ findings: [wiper, tooLong], coverages: [coverage()] }), { format: "json" }),
    );
    expect(document).toMatchObject({
      apiVersion: "service-router/v1",
      kind: "Diagnosis",
      at: "2026-11-21T14:00:00Z",
      durationMs: 1_200,
      of: "fleet",
      summary: { critical: 2, warning: 0, info: 0 },
      findings: [{ code: "ZoneWiper", consequence: findingTexts.ZoneWiper.consequence }, { names: hosts }],
      coverage: [{ covered: 2, total: 2 }],
      externalDns: [{ settings: { policy: "upsert-only" } }],
    });
  });
});

describe("presentDiagnosis as Markdown", () => {
  it("folds what is only worth knowing, and the table of instances", () => {
    const note = finding("EventsOff", { cluster: "w1", what: "no --events" });
    const shown = presentDiagnosis(diagnosis({ findings: [wiper, note] }), { format: "markdown" });
    expect(shown).toMatch(/^### \*?\*?Doctor: /);
    expect(shown).toContain("#### CRITICAL ZoneWiper");
    expect(shown).toContain("<details><summary><b>NOTE EventsOff</b></summary>");
  });
});
