import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { section, text } from "../../../shared/presentation/document.ts";
import type { Document, Rich } from "../../../shared/presentation/document.ts";
import { fitsMarkdown, MARKDOWN_BYTES, renderMarkdown } from "../../../shared/presentation/render-markdown.ts";

const table = (rows: readonly (readonly Rich[])[]): Document => ({
  headline: ["x"],
  blocks: [{ kind: "table", head: ["PLACE", "NOT READ"], rows, more: 0 }],
});

describe("renderMarkdown", () => {
  it("renders every kind of block", () => {
    const document: Document = {
      headline: [["strong", "Plan: "], "2 changes"],
      blocks: [
        text(["attention", "→ "], "do this"),
        section(
          [["strong", "w1"], " ", ["create", "1 create"]],
          [
            section(
              [["dim", "open"]],
              [
                {
                  kind: "entries",
                  entries: [{ head: [["create", "+ create"], " X ", ["name", "a/b"]], details: [["why"]] }],
                  more: 2,
                },
              ],
            ),
            { kind: "command", text: "service-router apply" },
          ],
          true,
        ),
        section(
          [["bad", "Refused"]],
          [{ kind: "table", head: ["PLACE", "COUNT"], rows: [[["w1"], ["2"]]], numbers: [1], more: 0 }],
        ),
      ],
    };
    expect(renderMarkdown(document)).toMatchInlineSnapshot(`
      "### Plan: 2 changes

      **→** do this

      <details><summary><b>w1</b> <code>1 create</code></summary>

      **open**

      - \`+ create\` X \`a/b\`<br>why

      and 2 more (\`--output json\` shows all)

      \`\`\`sh
      service-router apply
      \`\`\`

      </details>

      #### Refused

      | Place | Count |
      | --- | ---: |
      | w1 | 2 |
      "
    `);
  });

  it.each([
    ["a table cell", "a | b", "a \\| b"],
    ["markup", "**bold** _it_ `code` [x](y) ~~z~~", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\[x\\](y) \\~\\~z\\~\\~"],
    ["HTML", "<img src=x> &amp;", "&lt;img src=x&gt; &amp;amp;"],
    ["a mention", "ask @team", "ask @<!-- -->team"],
    ["a line break", "one\ntwo", "one two"],
  ])("takes %s from a cluster as text", (_what, given, written) => {
    expect(renderMarkdown(table([[[given], []]]))).toContain(`| ${written} |`);
  });

  it.each([
    ["- x", "\\- x"],
    ["+ x", "\\+ x"],
    ["# x", "\\# x"],
    ["1. x", "<!-- -->1. x"],
  ])("begins no list or heading with %s", (given, written) => {
    expect(renderMarkdown({ headline: ["x"], blocks: [text(given)] })).toBe(`### x\n\n${written}\n`);
  });

  it("gives every row of a table the same number of cells, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 5 }), (cells) => {
        const rows = cells.map((cell): readonly Rich[] => [[cell], [["name", cell]]]);
        const lines = renderMarkdown(table(rows)).trimEnd().split("\n").slice(2);
        expect(lines.map((line) => line.replaceAll("\\\\", "").replaceAll("\\|", "").split("|").length)).toEqual(
          lines.map(() => 4),
        );
      }),
    );
  });

  it("stays within the size of a comment and says that it was cut", () => {
    const long: Document = { headline: ["x"], blocks: Array.from({ length: 500 }, () => text("é".repeat(200))) };
    const written = renderMarkdown(long);
    expect(new TextEncoder().encode(written).length).toBeLessThanOrEqual(MARKDOWN_BYTES);
    expect(written).toContain("`--output json` shows all");
    expect(fitsMarkdown(long)).toBe(false);
  });
});
