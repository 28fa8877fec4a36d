/** One way from a document to what is sent: text, Markdown or JSON. */
import type { Document, Paint } from "./document.ts";
import { renderJson } from "./json-documents.ts";
import { commandFields, withConfiguration } from "./pasted-commands.ts";
import { fitsMarkdown, renderMarkdown } from "./render-markdown.ts";
import { renderText } from "./render-text.ts";

/** What all formats share. */
type ForReader = {
  /** The reader's `--config` as it was given: commands to be pasted repeat it. Absent: none was given. */
  readonly config?: string;
};

export type Presentation = ForReader & Layout;

type Layout =
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
 * @param build makes the document with at most `limit` rows per group, and `heldLimit` changes per group that is held. Nobody
 *   can approve what they cannot see: held changes are shown in full, except where a comment has no room for them.
 * @param json what `--output json` writes, whole.
 */
export function present(
  build: (limit: number, heldLimit: number) => Document,
  json: () => unknown,
  as: Presentation,
): string {
  const view = (limit: number, heldLimit: number) => withConfiguration(build(limit, heldLimit), as.config);
  switch (as.format) {
    case "json":
      return renderJson(json(), commandFields(as.config));
    case "markdown": {
      const whole = MARKDOWN_ROWS.find((limit) => fitsMarkdown(view(limit, Infinity)));
      if (whole !== undefined) return renderMarkdown(view(whole, Infinity));
      const rows = MARKDOWN_ROWS.find((limit) => fitsMarkdown(view(limit, limit))) ?? 1;
      return renderMarkdown(view(rows, rows));
    }
    case "text": {
      if (as.brief === true) return renderText({ headline: view(0, 0).headline, blocks: [] }, as);
      // What is held takes the lines that it needs: it neither counts nor costs the other groups theirs.
      const rows = TEXT_ROWS.find((limit) => renderText(view(limit, 0), as).split("\n").length <= TEXT_LINES) ?? 1;
      return renderText(view(rows, Infinity), as);
    }
  }
}
