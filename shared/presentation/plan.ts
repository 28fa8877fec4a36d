/** A preview, presented: what would change and why. `apiVersion` and keys of the JSON: json-documents.ts. */
import type { PassReport } from "../model/report.ts";
import { passDocument } from "./json-documents.ts";
import { planDocument } from "./plan-document.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";

export function presentPlan(report: PassReport, as: Presentation): string {
  return present(
    (limit, heldLimit) => planDocument(report, limit, heldLimit),
    () => passDocument(report),
    as,
  );
}
