/**
 * From the text of one manifest file to Kubernetes objects: documents apart, Lists expanded, every object with its line.
 * Pure: no file is opened here. Kinds are not looked at, except that a List is one.
 * Rule that matters most: what cannot be understood is a fault, never left out, because any object could stand there.
 */
import { LineCounter, parseAllDocuments, isMap, isNode, isScalar, isSeq, visit } from "yaml";
import type { Document } from "yaml";
import { asError } from "../../errors.ts";
import type { JsonObject } from "../../model/json.ts";
import { fieldsOf, textOf } from "./json-fields.ts";

/** A Kubernetes object as written, not judged. `line` counts from 1; Lists give each item its own line where it has one. */
export type ManifestObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly body: JsonObject;
  readonly line: number;
};

/** Something in a file that cannot be read as an object. `line` is absent when the whole file is meant. */
export type TextFault = { readonly line?: number; readonly reason: string };

export type ManifestText = { readonly objects: readonly ManifestObject[]; readonly faults: readonly TextFault[] };

/** A List of Lists is legal and pointless; more than this many levels are not written by anybody. */
const MAX_LIST_DEPTH = 4;

/**
 * Reads every document of a file. Empty documents, and those that hold only comments or `null`, are skipped.
 * YAML as kubectl accepts it (merge keys, anchors), JSON included, which is YAML; a key given twice is a fault.
 */
export function readManifestText(text: string): ManifestText {
  const lines = new LineCounter();
  // The library compares every key with every other: a ConfigMap of 20,000 keys takes it half a minute. See repeatedKeys.
  const options = { lineCounter: lines, merge: true, prettyErrors: true, uniqueKeys: false };
  const documents = parseAllDocuments(text, options);
  const objects: ManifestObject[] = [];
  const faults: TextFault[] = [];
  for (const document of documents) {
    const syntax = document.errors.map((error) => syntaxFault(error));
    const broken = syntax.length > 0 ? syntax : repeatedKeys(document, lines);
    faults.push(...broken);
    if (broken.length === 0) {
      const read = readDocument(document, lines);
      objects.push(...read.objects);
      faults.push(...read.faults);
    }
  }
  return { objects, faults };
}

function syntaxFault(error: Document["errors"][number]): TextFault {
  const [firstLine = error.message] = error.message.split("\n");
  const reason = firstLine.replace(/ at line \d+, column \d+:?$/, "");
  return error.linePos === undefined ? { reason } : { line: error.linePos[0].line, reason };
}

/** Every key that stands twice in one mapping, where it stands again. Time grows with the document, not with its square. */
function repeatedKeys(document: Document, lines: LineCounter): readonly TextFault[] {
  const faults: TextFault[] = [];
  visit(document, {
    Map: (_position, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (isScalar(key) && seen.has(key.value)) {
          const reason = "Map keys must be unique";
          faults.push(key.range ? { line: lines.linePos(key.range[0]).line, reason } : { reason });
        } else if (isScalar(key)) {
          seen.add(key.value);
        }
      }
    },
  });
  return faults;
}

function readDocument(document: Document, lines: LineCounter): ManifestText {
  const lineOf = (node: unknown, otherwise: number): number =>
    isNode(node) && node.range ? lines.linePos(node.range[0]).line : otherwise;
  const line = lineOf(document.contents, 1);
  const plain = plainValue(document);
  if (!plain.ok) {
    return { objects: [], faults: [{ line, reason: plain.reason }] };
  }
  if (plain.value === null) {
    return { objects: [], faults: [] };
  }
  const itemNodes = isMap(document.contents) ? document.contents.get("items", true) : undefined;
  const itemLines = isSeq(itemNodes) ? itemNodes.items.map((node) => lineOf(node, line)) : [];
  return expand(plain.value, { line, itemLines, depth: 0 });
}

/** The document as JSON: aliases resolved and copied, so that no two objects share a part and none contains itself. */
function plainValue(document: Document): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    const text: string | undefined = JSON.stringify(document.toJS());
    return { ok: true, value: text === undefined ? null : (JSON.parse(text) as unknown) };
  } catch (caught) {
    const [reason = ""] = asError(caught).message.split("\n");
    return { ok: false, reason };
  }
}

type Location = { readonly line: number; readonly itemLines: readonly number[]; readonly depth: number };

function expand(value: unknown, location: Location): ManifestText {
  const { line, depth } = location;
  const body = fieldsOf(value);
  if (body === undefined) {
    return fault(line, `is ${describeValue(value)}, not a Kubernetes object`);
  }
  const apiVersion = textOf(body.apiVersion);
  const kind = textOf(body.kind);
  if (apiVersion === "" || kind === "") {
    const missing =
      apiVersion === "" && kind === "" ? "apiVersion and kind" : apiVersion === "" ? "apiVersion" : "kind";
    return fault(line, `has no ${missing}, so what it is cannot be told; a template must be rendered first`);
  }
  if (!kind.endsWith("List") || !Array.isArray(body.items)) {
    return { objects: [{ apiVersion, kind, body, line }], faults: [] };
  }
  if (depth >= MAX_LIST_DEPTH) {
    return fault(line, `is a List inside ${MAX_LIST_DEPTH} other Lists`);
  }
  const objects: ManifestObject[] = [];
  const faults: TextFault[] = [];
  for (const [index, item] of body.items.entries()) {
    const itemLocation = { line: location.itemLines[index] ?? line, itemLines: [], depth: depth + 1 };
    const read = expand(withListKind(item, { apiVersion, kind }), itemLocation);
    objects.push(...read.objects);
    faults.push(...read.faults);
  }
  return { objects, faults };
}

/** Items of a typed list, as the API server sends it (`ServiceRouteList`), carry neither apiVersion nor kind. */
function withListKind(item: unknown, list: { readonly apiVersion: string; readonly kind: string }): unknown {
  const body = fieldsOf(item);
  if (body === undefined || list.kind === "List") {
    return item;
  }
  return { apiVersion: list.apiVersion, kind: list.kind.slice(0, -"List".length), ...body };
}

function fault(line: number, reason: string): ManifestText {
  return { objects: [], faults: [{ line, reason }] };
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    return "a sequence";
  }
  return value === null ? "null" : `a ${typeof value}`;
}
