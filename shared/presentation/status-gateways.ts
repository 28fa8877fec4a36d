/** Every Gateway: its host, the addresses behind it, how many hosts it serves, and why it is not ready where it is not. */
import type { GatewayReport, PassReport } from "../model/report.ts";
import type { Scope } from "../model/pass.ts";
import { phaseSpan, troubleText } from "./condition-lines.ts";
import { section, text } from "./document.ts";
import type { Document, Rich, Span } from "./document.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { frozenSections } from "./report-sections.ts";
import { narrowed } from "./status-scope.ts";
import { counted, timestamp } from "./wording.ts";

export function presentGatewaysStatus(report: PassReport, scope: Scope, as: Presentation): string {
  const part = narrowed(report, scope);
  return present(
    (limit) => gatewaysDocument(part, limit),
    () => gatewaysJson(part),
    as,
  );
}

function gatewaysJson(report: PassReport) {
  return {
    apiVersion: JSON_API_VERSION,
    kind: "GatewaysStatus",
    at: timestamp(report.startedAtMs),
    gateways: report.gateways,
  };
}

/** Gateways are few; a terminal shows them all, Markdown what fits. */
const GATEWAYS_AT_LEAST = 100;

function gatewaysDocument(report: PassReport, limit: number): Document {
  const shown = report.gateways.slice(0, limit < GATEWAYS_AT_LEAST ? limit * GATEWAYS_AT_LEAST : limit);
  const ready = report.gateways.filter(({ phase }) => phase === "Active").length;
  const rows = shown.map((gateway): readonly Rich[] => [
    [gateway.cluster],
    [["name", gateway.key]],
    [phaseSpan(gateway.phase)],
    [`${gateway.hosts}`],
    gateway.host === undefined ? ["-"] : [["name", gateway.host]],
    addressesCell(gateway),
  ]);
  const head = ["CLUSTER", "GATEWAY", "PHASE", "HOSTS", "HOST", "ADDRESSES"];
  return {
    headline: [["strong", "Gateways: "], `${counted(report.gateways.length, "gateway")}, ${ready} active`],
    blocks: [
      text(["dim", `read at ${timestamp(report.startedAtMs)}`]),
      ...frozenSections(report),
      section(
        [["strong", "Gateways"]],
        [{ kind: "table", head, rows, numbers: [3], more: report.gateways.length - shown.length }],
      ),
    ],
  };
}

/** The addresses behind the host, and what is wrong where something is. */
function addressesCell({ addresses, conditions }: GatewayReport): Rich {
  const known: Span = addresses.length === 0 ? ["attention", "none"] : ["name", addresses.join(", ")];
  const trouble = troubleText(conditions);
  return trouble.length === 0 ? [known] : [known, "; ", ...trouble];
}
