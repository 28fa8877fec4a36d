/** A text of presentation/ as an HTTP answer, in the form that was asked for. */
import type { HttpResponseInit } from "@azure/functions";

export type Output = "text" | "json" | "markdown";

const CONTENT_TYPES: Readonly<Record<Output, string>> = {
  text: "text/plain; charset=utf-8",
  json: "application/json; charset=utf-8",
  markdown: "text/markdown; charset=utf-8",
};

export function presented(
  format: Output,
  present: (as: { readonly format: Output }) => string,
  status = 200,
): HttpResponseInit {
  return {
    status,
    body: present({ format }),
    headers: {
      "content-type": CONTENT_TYPES[format],
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  };
}
