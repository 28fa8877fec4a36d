/** Every document of the state store with its schema number. A new document is one entry here and one in model/state.ts. */
import type { DocumentName, DocumentTypes } from "../../model/state.ts";
import { parseApprovals } from "./approvals.ts";
import { parseLastGood } from "./last-good.ts";
import { parseMarks } from "./marks.ts";
import { parseOrder } from "./order.ts";
import { parsePlacement } from "./placement.ts";
import { parseSince } from "./since.ts";
import type { StateDocument } from "./state-document.ts";

export const stateDocuments: { readonly [D in DocumentName]: StateDocument<DocumentTypes[D]> } = {
  approvals: { schema: 1, keyed: false, packed: false, parse: parseApprovals },
  "last-good": { schema: 1, keyed: true, packed: true, parse: parseLastGood },
  marks: { schema: 1, keyed: false, packed: false, parse: parseMarks },
  order: { schema: 1, keyed: false, packed: false, parse: parseOrder },
  placement: { schema: 1, keyed: false, packed: false, parse: parsePlacement },
  since: { schema: 2, oldest: 1, keyed: false, packed: false, parse: parseSince },
};
