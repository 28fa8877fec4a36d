/** Colours of a terminal for each tone. node:util decides by stream and by NO_COLOR, FORCE_COLOR and the terminal's kind. */
import { styleText } from "node:util";
import type { Paint, Tone } from "../shared/presentation/document.ts";

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Tone, Style>> = {
  strong: "bold",
  dim: "dim",
  name: "cyan",
  good: "green",
  attention: "yellow",
  bad: ["bold", "red"],
  create: "green",
  update: "yellow",
  delete: "red",
  adopt: "magenta",
};

export function styledPaint(stream: NodeJS.WritableStream): Paint {
  return (tone, text) => styleText(STYLES[tone], text, { stream });
}
