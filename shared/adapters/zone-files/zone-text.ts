/**
 * From the text of a zone file to its record sets, or every fault with file, line and field. Pure: no file is opened here.
 * What is read once stays known as long as the text is the same: YAML is read at about 1 MB a second, in which nothing else
 * runs.
 */
import { isNode, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import { type FaultAt, pathText } from "../../contracts/issues.ts";
import type { ParsedZoneFile } from "../../contracts/zone-file.ts";
import { asError } from "../../errors.ts";

export type ZoneText<T> = { readonly value: T } | { readonly faults: readonly string[] };

/** @param file as it stands in messages. @param parse says what the value of the document means. */
export function zoneTextReader<T>(
  file: string,
  parse: (value: unknown) => ParsedZoneFile<T>,
): (text: string) => ZoneText<T> {
  let last: { readonly text: string; readonly read: ZoneText<T> } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, read: readText(file, text, parse) };
    return last.read;
  };
}

function readText<T>(file: string, text: string, parse: (value: unknown) => ParsedZoneFile<T>): ZoneText<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: true });
  if (document.errors.length > 0) return { faults: document.errors.map((error) => syntaxFault(file, error)) };
  const plain = plainValue(document);
  if (!plain.ok) return { faults: [`${file} ${plain.reason}`] };
  const parsed = parse(plain.value);
  if (parsed.ok) return { value: parsed.value };
  return { faults: parsed.faults.map((fault) => faultText(file, { fault, document, lines })) };
}

function syntaxFault(file: string, error: Document["errors"][number]): string {
  const [firstLine = error.message] = error.message.split("\n");
  const reason = firstLine.replace(/ at line \d+, column \d+:?$/, "");
  const [start] = error.linePos ?? [];
  return `${start === undefined ? file : `${file}:${start.line}`} ${reason}`;
}

/** Aliases that would grow without bound end here. */
function plainValue(document: Document): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: document.toJS() };
  } catch (caught) {
    const [reason = ""] = asError(caught).message.split("\n");
    return { ok: false, reason };
  }
}

/** `zones/weu.yaml:12 [3].ttl: must be at least 1` */
function faultText(
  file: string,
  found: { readonly fault: FaultAt; readonly document: Document; readonly lines: LineCounter },
): string {
  const { fault, document, lines } = found;
  const line = lineOf(document, fault.path, lines);
  const where = line === undefined ? file : `${file}:${line}`;
  return `${where} ${fault.path.length === 0 ? "" : `${pathText(fault.path)}: `}${fault.message}`;
}

/** Of the value, or of the nearest thing around it: what is missing has no line. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
