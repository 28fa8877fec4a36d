/**
 * A document: what a person is shown, before it is text for a terminal or Markdown for a pull request.
 * Every view (plan, report, status) builds one; render-text and render-markdown lay it out. Data only.
 */

/**
 * What a piece of text is, not what it looks like. `name` is an identifier a person may copy (code in Markdown);
 * `good`, `attention`, `bad` are judgements; `create` … `adopt` are the four operations.
 */
export type Tone = "strong" | "dim" | "name" | "good" | "attention" | "bad" | "create" | "update" | "delete" | "adopt";

/** Colours one piece of text for a terminal. Must not change its visible characters. */
export type Paint = (tone: Tone, visible: string) => string;

/** No colours: files, pipes, tests, HTTP answers. */
export const plainPaint: Paint = (_tone, visible) => visible;

export type Span = string | readonly [Tone, string];
export type Rich = readonly Span[];

/** One thing in a list, with what is to be said about it on lines of its own. */
export type Entry = { readonly head: Rich; readonly details: readonly Rich[] };

/**
 * - `section`: a title and what belongs to it; `folded` sections are closed in Markdown (text shows them open).
 * - `entries` and `table` say in `more` how many rows were left out.
 * - `command`: something to copy into a shell, on a line of its own.
 */
export type Block =
  | { readonly kind: "text"; readonly text: Rich }
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "entries"; readonly entries: readonly Entry[]; readonly more: number }
  | {
      readonly kind: "table";
      readonly head: readonly string[];
      readonly rows: readonly (readonly Rich[])[];
      /** Indexes of columns that hold numbers: set right. */
      readonly numbers?: readonly number[];
      /** The columns speak for themselves: text shows no head (a Markdown table must have one). */
      readonly plain?: boolean;
      readonly more: number;
    }
  | {
      readonly kind: "section";
      readonly title: Rich;
      readonly folded: boolean;
      readonly blocks: readonly Block[];
    };

/** The headline stands alone: it is all that is shown where there is no room for more. */
export type Document = { readonly headline: Rich; readonly blocks: readonly Block[] };

export function text(...spans: Rich): Block {
  return { kind: "text", text: spans };
}

export function section(title: Rich, blocks: readonly Block[], folded = false): Block {
  return { kind: "section", title, blocks, folded };
}

/** A section, or nothing when there is nothing to put into it. */
export function sectionUnlessEmpty(title: Rich, blocks: readonly Block[], folded = false): readonly Block[] {
  return blocks.length === 0 ? [] : [section(title, blocks, folded)];
}

/** The first `limit` rows of a list, and how many are left out. */
export function firstOf<T>(all: readonly T[], limit: number): { readonly shown: readonly T[]; readonly more: number } {
  const shown = all.slice(0, Math.max(0, limit));
  return { shown, more: all.length - shown.length };
}

/** The text of spans without tones. */
export function plainText(rich: Rich): string {
  return rich.map((span) => (typeof span === "string" ? span : span[1])).join("");
}

/** Spans of several values with a separator between them. */
export function joined(parts: readonly Span[], separator: string): Rich {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
}
