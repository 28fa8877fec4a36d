import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { section, text } from "../../../shared/presentation/document.ts";
import type { Document } from "../../../shared/presentation/document.ts";
import { renderText } from "../../../shared/presentation/render-text.ts";

const document: Document = {
  headline: ["Plan: ", ["good", "nothing"]],
  blocks: [
    section(
      [["strong", "w1"]],
      [text("a line"), { kind: "entries", entries: [{ head: ["+ x"], details: [["why"]] }], more: 3 }],
    ),
    section(["to do"], [{ kind: "command", text: "service-router apply" }]),
  ],
};

describe("renderText", () => {
  it("indents what belongs together and keeps sections apart", () => {
    expect(renderText(document)).toBe(
      [
        "Plan: nothing",
        "",
        "w1",
        "  a line",
        "  + x",
        "    why",
        "  and 3 more (--output json shows all)",
        "",
        "to do",
        "  service-router apply",
        "",
      ].join("\n"),
    );
  });

  it("colours by what a text means", () => {
    expect(renderText(document, { paint: (tone, visible) => `<${tone}:${visible}>` })).toContain(
      "Plan: <good:nothing>",
    );
  });

  it("loses nothing of a table cell that it must wrap, colours or not", () => {
    const word = fc.stringMatching(/^[a-z.]{1,60}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.integer({ min: 30, max: 80 }), (words, width) => {
        const rows = [[["w1"], [["name", words[0] ?? ""] as const, ` ${words.slice(1).join(" ")}`]]];
        const table = { headline: ["x"], blocks: [{ kind: "table", head: [], rows, plain: true, more: 0 } as const] };
        const written = renderText(table, { width, paint: (_tone, visible) => `\u001b[36m${visible}\u001b[39m` });
        const visible = stripVTControlCharacters(written).replace(/^x\nw1/, "");
        expect(visible.replace(/\s/g, "")).toBe(words.join(""));
        expect(Math.max(...visible.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("sets the cells of a row below each other, with their heads, where the columns do not fit", () => {
    const host = "reports-api-ns-p-prod-reporting.example.internal";
    const rows = [[[["name", host] as const], ["n2"], ["Active"], ["aks02-neu-internal.example.internal"]]];
    const head = ["HOST", "CLUSTER", "PHASE", "TARGET"];
    const blocks = [{ kind: "table", head, rows, more: 0 } as const];
    expect(renderText({ headline: ["x"], blocks }, { width: 80 })).toBe(
      `x\n${host}\n  cluster: n2  phase: Active\n  target: aks02-neu-internal.example.internal\n`,
    );
    expect(renderText({ headline: ["x"], blocks }, { width: 120 })).toContain("HOST  ");
    expect(renderText({ headline: ["x"], blocks })).toContain("HOST  ");
  });

  it("sets a long last cell below the others rather than break a name in it", () => {
    const reason = "host web-ns-p-prod-eu-shop.example.internal is that of another";
    const rows = [[["w1"], ["ServiceRoute marketing/web"], [reason]]];
    const blocks = [{ kind: "table", head: [], rows, plain: true, more: 0 } as const];
    expect(renderText({ headline: ["x"], blocks }, { width: 66 })).toBe(
      `x\nw1  ServiceRoute marketing/web\n  ${reason}\n`,
    );
  });

  it("lets no control character of a cluster's text through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        const written = renderText({ headline: ["x"], blocks: [text(message), text(["name", message])] });
        expect(written.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
