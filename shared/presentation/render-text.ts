/**
 * A document as text for a terminal or a log. Two spaces of indent per section.
 * Text that came from clusters is stripped of control characters: a condition message must not move anybody's cursor.
 */
import type { Block, Document, Entry, Paint, Rich, Span } from "./document.ts";
import { plainPaint, plainText } from "./document.ts";
import { fitsWidth, layOutTable, wordBreaks, wrapText } from "./table-layout.ts";

export type TextOptions = {
  readonly paint?: Paint;
  /** Columns of the terminal; absent: long lines stay long (pipes, files). */
  readonly width?: number;
};

/** Lines end in `\n`, the last one too. */
export function renderText(document: Document, options: TextOptions = {}): string {
  const pen: Pen = { paint: options.paint ?? plainPaint, width: options.width };
  const lines = [
    ...paragraph(document.headline, 0, pen),
    ...document.blocks.flatMap((block) => [...(block.kind === "section" ? [""] : []), ...renderBlock(block, 0, pen)]),
  ];
  return `${lines.join("\n")}\n`;
}

type Pen = { readonly paint: Paint; readonly width: number | undefined };

const INDENT = "  ";

function renderBlock(block: Block, depth: number, pen: Pen): readonly string[] {
  switch (block.kind) {
    case "text":
      return paragraph(block.text, depth, pen);
    case "command":
      return [`${INDENT.repeat(depth)}${pen.paint("name", clean(block.text))}`];
    case "entries":
      return [...block.entries.flatMap((entry) => renderEntry(entry, depth, pen)), ...leftOut(block.more, depth, pen)];
    case "table":
      return [...renderTable(block, depth, pen), ...leftOut(block.more, depth, pen)];
    case "section":
      return [
        ...paragraph(block.title, depth, pen),
        ...block.blocks.flatMap((inner) => renderBlock(inner, depth + 1, pen)),
      ];
  }
}

function renderEntry(entry: Entry, depth: number, pen: Pen): readonly string[] {
  return [
    ...paragraph(entry.head, depth, pen),
    ...entry.details.flatMap((detail) => paragraph(detail, depth + 1, pen)),
  ];
}

type TableBlock = Extract<Block, { kind: "table" }>;

function renderTable(block: TableBlock, depth: number, pen: Pen): readonly string[] {
  if (block.rows.length === 0) return [];
  const { width } = narrowed(pen.width, depth);
  if (width !== undefined && !fitsWidth(tableSize(block), width)) return stackedTable(block, depth, pen);
  const lines = layOutTable({
    head: block.plain === true ? [] : block.head,
    rows: block.rows.map((row) => row.map(plainLine)),
    numbers: block.numbers ?? [],
    written: (row, column, room) => painted(block.rows[row]?.[column] ?? [], pen.paint, room),
    ...narrowed(pen.width, depth),
  });
  return lines.map(
    (line, index) => `${INDENT.repeat(depth)}${index === 0 && block.plain !== true ? pen.paint("dim", line) : line}`,
  );
}

function tableSize({ head, rows, plain }: TableBlock) {
  return { head: plain === true ? [] : head, rows: rows.map((row) => row.map(plainLine)) };
}

/**
 * Each row as what it is about, and below it the other cells with their heads, where the columns do not fit side by side:
 * a terminal would break them in the middle of a word, and no column could be read down any more. Without heads only the last
 * cell goes below.
 */
function stackedTable(block: TableBlock, depth: number, pen: Pen): readonly string[] {
  return block.rows.flatMap((row) => {
    const last = row.at(-1) ?? [];
    const before = row.slice(0, -1);
    const lines: readonly Rich[] =
      block.plain === true
        ? [inLine(before), last]
        : [
            before[0] ?? [],
            inLine(before.slice(1).map((cell, at) => labelled(block, at + 1, cell))),
            labelled(block, row.length - 1, last),
          ];
    return lines
      .filter((line) => line.length > 0)
      .flatMap((line, index) => paragraph(line, index === 0 ? depth : depth + 1, pen));
  });
}

function labelled({ head }: TableBlock, column: number, cell: Rich): Rich {
  return [["dim", `${(head[column] ?? "").toLowerCase()}: `], ...cell];
}

function inLine(cells: readonly Rich[]): Rich {
  return cells.flatMap((cell, index) => (index === 0 ? cell : ["  ", ...cell]));
}

function paragraph(rich: Rich, depth: number, pen: Pen): readonly string[] {
  const lines = wrapText(plainLine(rich), narrowed(pen.width, depth).width, painted(rich, pen.paint));
  return lines.map((line) => `${INDENT.repeat(depth)}${line}`);
}

function leftOut(more: number, depth: number, pen: Pen): readonly string[] {
  if (more === 0) return [];
  return [`${INDENT.repeat(depth)}${pen.paint("dim", `and ${more} more (--output json shows all)`)}`];
}

function narrowed(width: number | undefined, depth: number): { readonly width?: number } {
  return width === undefined ? {} : { width: Math.max(1, width - depth * INDENT.length) };
}

function plainLine(rich: Rich): string {
  return clean(plainText(rich));
}

/** @param room where given, no word may be longer: a space stands where one is broken. */
function painted(rich: Rich, paint: Paint, room?: number): string {
  const breaks = room === undefined ? [] : wordBreaks(rich.map(spanText).join(""), room);
  let offset = 0;
  return rich
    .map((span) => {
      const visible = spanText(span);
      const pieces = cutAt(
        visible,
        breaks.map((at) => at - offset),
      );
      offset += visible.length;
      return typeof span === "string" ? pieces : paint(span[0], pieces);
    })
    .join("");
}

function spanText(span: Span): string {
  return clean(typeof span === "string" ? span : span[1]);
}

/** The text with a space at each offset that lies inside it, or at its start. */
function cutAt(visible: string, offsets: readonly number[]): string {
  const inside = offsets.filter((at) => at >= 0 && at < visible.length);
  return [0, ...inside].map((at, index) => (index === 0 ? "" : " ") + visible.slice(at, inside[index])).join("");
}

/** Control characters of any sort become one space: line breaks, tabs, escape sequences. */
function clean(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
