/**
 * A document as GitHub Markdown for a pull-request comment: tables, `<details>` for what is folded, bounded in size.
 * Text that came from clusters is escaped; it can make neither markup nor a table cell of its own.
 */
import type { Block, Document, Rich, Span, Tone } from "./document.ts";

/** Bytes of UTF-8. GitHub takes 65,536 characters for a comment; the rest is for what a pipeline puts around it. */
export const MARKDOWN_BYTES = 60_000;

/** Blocks are kept whole and left out from the end when the document would pass `maximumBytes`; it then says so. */
export function renderMarkdown(document: Document, maximumBytes = MARKDOWN_BYTES): string {
  const parts: string[] = [`### ${heading(document.headline)}`];
  let bytes = byteLength(parts[0] ?? "") + byteLength(CUT) + 4;
  for (const block of document.blocks) {
    const rendered = renderBlock(block, 0);
    if (bytes + byteLength(rendered) + 2 > maximumBytes) return `${[...parts, CUT].join("\n\n")}\n`;
    parts.push(rendered);
    bytes += byteLength(rendered) + 2;
  }
  return `${parts.join("\n\n")}\n`;
}

/** Whether nothing had to be left out from the end. */
export function fitsMarkdown(document: Document, maximumBytes = MARKDOWN_BYTES): boolean {
  return !renderMarkdown(document, maximumBytes).endsWith(`${CUT}\n`);
}

const CUT = "_The rest does not fit into a comment; `--output json` shows all._";

function byteLength(value: string): number {
  return new TextEncoder().encode(value).length;
}

function renderBlock(block: Block, depth: number): string {
  switch (block.kind) {
    case "text":
      return blockStart(inline(block.text));
    case "command":
      return `\`\`\`sh\n${block.text.replace(/[\r\n]+/g, " ")}\n\`\`\``;
    case "entries":
      return joinParts([
        block.entries.map((entry) => `- ${[entry.head, ...entry.details].map(entryLine).join("<br>")}`).join("\n"),
        leftOut(block.more),
      ]);
    case "table":
      return joinParts([renderTable(block.head, block.rows, block.numbers ?? []), leftOut(block.more)]);
    case "section":
      return renderSection(block, depth);
  }
}

function renderSection(block: Extract<Block, { kind: "section" }>, depth: number): string {
  const inner = block.blocks.map((each) => renderBlock(each, depth + 1));
  if (block.folded) {
    return [`<details><summary>${html(block.title)}</summary>`, ...inner, "</details>"].join("\n\n");
  }
  const title = depth === 0 ? `#### ${heading(block.title)}` : `**${heading(block.title)}**`;
  return [title, ...inner].join("\n\n");
}

function renderTable(head: readonly string[], rows: readonly (readonly Rich[])[], numbers: readonly number[]): string {
  if (rows.length === 0) return "";
  return [
    tableLine(head.map((name) => escaped(sentenceCase(name)))),
    tableLine(head.map((_name, index) => (numbers.includes(index) ? "---:" : "---"))),
    ...rows.map((row) => tableLine(row.map((cell) => inline(cell)))),
  ].join("\n");
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function leftOut(more: number): string {
  return more === 0 ? "" : `and ${more} more (\`--output json\` shows all)`;
}

function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Heads are capitals in a terminal, as kubectl's are; in Markdown they read better as words. */
function sentenceCase(head: string): string {
  return head.charAt(0) + head.slice(1).toLowerCase();
}

function inline(rich: Rich): string {
  return rich.map((span) => inlineSpan(span, true)).join("");
}

/** Headings are bold already. */
function heading(rich: Rich): string {
  return rich.map((span) => inlineSpan(span, false)).join("");
}

function entryLine(rich: Rich): string {
  return blockStart(inline(rich));
}

/** At the start of a block a sign or a number would begin a list or a heading. */
function blockStart(line: string): string {
  return line.replace(/^([-+#]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `<!-- -->${start}` : `\\${start}`));
}

const BOLD: ReadonlySet<Tone> = new Set<Tone>(["strong", "attention", "bad"]);
const CODE: ReadonlySet<Tone> = new Set<Tone>(["name", "create", "update", "delete", "adopt"]);

function inlineSpan(span: Span, bold: boolean): string {
  if (typeof span === "string") return escaped(span);
  const [tone, value] = span;
  if (CODE.has(tone)) return around(value, codeSpan);
  return bold && BOLD.has(tone) ? around(value, (inner) => `**${escaped(inner)}**`) : escaped(value);
}

/** Spaces at either end stay outside: markup that touches a space is not read as markup. */
function around(given: string, mark: (inner: string) => string): string {
  const value = oneLine(given);
  const inner = value.trim();
  if (inner === "") return value;
  const start = value.indexOf(inner);
  return `${value.slice(0, start)}${mark(inner)}${value.slice(start + inner.length)}`;
}

/** A code span can hold neither a backtick nor, in a table, a bar: no name has one, and text that does is escaped as text. */
function codeSpan(value: string): string {
  return /[`|]/.test(value) ? escaped(value) : `\`${value}\``;
}

/** `<summary>` takes HTML only: Markdown inside it is shown as it is. */
function html(rich: Rich): string {
  return rich
    .map((span) => {
      if (typeof span === "string") return htmlEscaped(span);
      if (CODE.has(span[0])) return `<code>${htmlEscaped(span[1])}</code>`;
      return BOLD.has(span[0]) ? `<b>${htmlEscaped(span[1])}</b>` : htmlEscaped(span[1]);
    })
    .join("");
}

function htmlEscaped(value: string): string {
  return oneLine(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Everything that Markdown or HTML could read as markup. A mention would notify people, so `@` is taken apart too. */
function escaped(value: string): string {
  return oneLine(value)
    .replaceAll("&", "&amp;")
    .replace(/[\\`*_[\]|~]/g, String.raw`\$&`)
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "@<!-- -->");
}

function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
