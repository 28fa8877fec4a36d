/** One way from a document to what is sent: text, Markdown or JSON. */
import type { Document, Paint } from "./document.ts";
import { renderJson } from "./json-documents.ts";
import { fitsMarkdown, renderMarkdown } from "./render-markdown.ts";
import { renderText } from "./render-text.ts";

export type Presentation =
  | {
      readonly format: "text";
      /** Absent: no colours. */
      readonly paint?: Paint;
      /** Columns of the terminal; absent: nothing is wrapped. */
      readonly width?: number;
      /** Only the headline. */
      readonly brief?: boolean;
    }
  | { readonly format: "markdown" }
  | { readonly format: "json" };

export const PRESENTATION_FORMATS = ["text", "markdown", "json"] as const;

/** Rows per group in text, tried in turn until it is not longer than a person reads before asking for all. */
const TEXT_ROWS = [12, 6, 3, 1] as const;
const TEXT_LINES = 200;

/** Rows per group in Markdown, tried in turn until the comment fits. */
const MARKDOWN_ROWS = [25, 12, 6, 3, 1] as const;

/**
 * @param view builds the document with at most so many rows per group.
 * @param json what `--output json` writes, whole.
 */
export function present(view: (limit: number) => Document, json: () => unknown, as: Presentation): string {
  switch (as.format) {
    case "json":
      return renderJson(json());
    case "markdown": {
      const rows = MARKDOWN_ROWS.find((limit) => fitsMarkdown(view(limit))) ?? 1;
      return renderMarkdown(view(rows));
    }
    case "text": {
      if (as.brief === true) return renderText({ headline: view(0).headline, blocks: [] }, as);
      const texts = TEXT_ROWS.map((limit) => () => renderText(view(limit), as));
      return firstShort(texts);
    }
  }
}

function firstShort(texts: readonly (() => string)[]): string {
  let written = "";
  for (const text of texts) {
    written = text();
    if (written.split("\n").length <= TEXT_LINES) return written;
  }
  return written;
}
