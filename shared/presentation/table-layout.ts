/**
 * Columns for a terminal, laid out by cli-table3 (it measures what is visible, so colours do not shift columns).
 * Borderless, two spaces between columns. Nothing is ever cut.
 */
import Table from "cli-table3";

export type TableLayout = {
  readonly head: readonly string[];
  /** What widths are measured with: one line per cell, no colour codes. */
  readonly rows: readonly (readonly string[])[];
  readonly numbers: readonly number[];
  /** Visible columns of the terminal that may be used; absent: no limit, nothing is wrapped. */
  readonly width?: number;
  /**
   * A cell as it is written, colours included; absent: as in `rows`. Where `room` is given the cell is wrapped, and a
   * word must not be longer than that: see {@link wordBreaks}.
   */
  readonly written?: (row: number, column: number, room: number | undefined) => string;
};

/** Below this many columns wrapping reads worse than a line that the terminal breaks. */
const NARROWEST_WRAP = 24;

const BORDERLESS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  mid: "",
  "mid-mid": "",
  "left-mid": "",
  "right-mid": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  right: "",
  middle: "  ",
};

/** Lines without trailing spaces. When the table is too wide, the last column is wrapped. */
export function layOutTable(layout: TableLayout): readonly string[] {
  const room = lastColumnRoom(layout);
  const table = newTable(layout, room);
  const last = columnsOf(layout) - 1;
  for (const [row, cells] of layout.rows.entries()) {
    table.push(cells.map((cell, column) => layout.written?.(row, column, column === last ? room : undefined) ?? cell));
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

/**
 * Words of one text, wrapped at `width` visible columns. One line when there is no limit, or when a word is longer: a name
 * that the terminal itself breaks can still be copied.
 * @param written the text with colours.
 */
export function wrapText(plain: string, width: number | undefined, written = plain): readonly string[] {
  const wraps = width !== undefined && wordBreaks(plain, width).length === 0;
  const limit = wraps ? { width } : {};
  return layOutTable({ head: [], rows: [[plain]], numbers: [], written: () => written, ...limit });
}

/** Where a space must be put so that no word is longer than `room`: offsets into the text, rising. */
export function wordBreaks(plain: string, room: number): readonly number[] {
  return [...plain.matchAll(/\S+/g)].flatMap(({ 0: word, index }) =>
    Array.from({ length: Math.ceil(word.length / room) - 1 }, (_none, piece) => index + (piece + 1) * room),
  );
}

/**
 * Whether the columns fit side by side, the last one wrapped where that still reads: not where it would break a name that has
 * room on a line of its own.
 */
export function fitsWidth(table: Pick<TableLayout, "head" | "rows">, width: number): boolean {
  const layout: TableLayout = { ...table, numbers: [], width };
  const left = width - widthWithoutLast(layout);
  const cells = [...table.head.slice(-1), ...table.rows.map((row) => row.at(-1) ?? "")];
  if (cells.every((cell) => cell.length <= left)) return true;
  const longest = cells.flatMap((cell) => cell.split(" ")).reduce((most, word) => Math.max(most, word.length), 0);
  return left >= NARROWEST_WRAP && (longest <= left || longest > width - "  ".length);
}

function columnsOf({ head, rows }: TableLayout): number {
  return Math.max(head.length, ...rows.map((row) => row.length));
}

function newTable(layout: TableLayout, lastWidth: number | undefined): Table.Table {
  const columns = columnsOf(layout);
  const colWidths: (number | null)[] = Array.from({ length: columns }, () => null);
  if (lastWidth !== undefined) colWidths[columns - 1] = lastWidth;
  return new Table({
    head: [...layout.head],
    colWidths,
    wordWrap: true,
    colAligns: colWidths.map((_width, index) => (layout.numbers.includes(index) ? "right" : "left")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
    chars: BORDERLESS,
  });
}

/** What is left for the last column, when the table does not fit and that is enough to read. */
function lastColumnRoom(layout: TableLayout): number | undefined {
  if (layout.width === undefined || layout.rows.length === 0) return undefined;
  const needed = Math.max(...layout.rows.map((row) => (row.at(-1) ?? "").length));
  const left = layout.width - widthWithoutLast(layout);
  return needed <= left || left < NARROWEST_WRAP ? undefined : left;
}

function widthWithoutLast(layout: TableLayout): number {
  const head = layout.head.slice(0, -1);
  const rows = layout.rows.map((row) => row.slice(0, -1));
  if (head.length === 0 && rows.every((row) => row.length === 0)) return 0;
  const table = newTable({ ...layout, head, rows }, undefined);
  for (const row of rows) table.push([...row]);
  return table.width + "  ".length;
}
