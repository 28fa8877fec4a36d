/** A pass that was run, presented: what became of each change. `apiVersion` and keys of the JSON: json-documents.ts. */
import type { PassReport } from "../model/report.ts";
import { passDocument } from "./json-documents.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { reportDocument } from "./report-document.ts";

export function presentReport(report: PassReport, as: Presentation): string {
  return present(
    (limit, heldLimit) => reportDocument(report, limit, heldLimit),
    () => passDocument(report),
    as,
  );
}
