/** A diagnosis as a person, a pull request or a script wants it. */
import type { Diagnosis } from "../model/diagnosis.ts";
import type { Severity } from "../model/finding.ts";
import { diagnosisDocument } from "./diagnosis-document.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { present, type Presentation } from "./presentation-format.ts";
import { timestamp } from "./wording.ts";

/** JSON: every finding with its names, every instance with its settings, coverage with every uncovered host. */
export function presentDiagnosis(diagnosis: Diagnosis, as: Presentation): string {
  return present(
    (limit) => diagnosisDocument(diagnosis, limit),
    () => diagnosisJson(diagnosis),
    as,
  );
}

function diagnosisJson(diagnosis: Diagnosis) {
  const { of, clusters, instances, findings, coverages, notJudged, notes } = diagnosis;
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  return {
    apiVersion: JSON_API_VERSION,
    kind: "Diagnosis",
    at: timestamp(diagnosis.startedAtMs),
    durationMs: diagnosis.endedAtMs - diagnosis.startedAtMs,
    of,
    summary: { critical: count("critical"), warning: count("warning"), info: count("info") },
    clusters,
    findings,
    coverage: coverages,
    notJudged,
    externalDns: instances,
    notes,
  };
}
