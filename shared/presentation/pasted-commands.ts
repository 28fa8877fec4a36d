/**
 * Commands of service-router that are shown to be pasted. Views write them without `--config`; where the reader gave one, it is
 * added here, in one place, so that what is pasted is about the same fleet.
 */
import type { Block, Document, Entry, Rich, Span } from "./document.ts";

const OWN = "service-router ";
/** Of a shell these need no quotes. */
const PLAIN_WORD = /^[\w./:@%+=,-]+$/;

/** @param config the `--config` of the reader, as it was given; undefined: none was. */
export function pastedCommand(command: string, config: string | undefined): string {
  if (config === undefined || !command.startsWith(OWN)) return command;
  const word = PLAIN_WORD.test(config) ? config : `'${config.replaceAll("'", String.raw`'\''`)}'`;
  return `${command} --config ${word}`;
}

/** The same document with `--config` on each command block, and on each `name` that is a command of its own. */
export function withConfiguration(document: Document, config: string | undefined): Document {
  if (config === undefined) return document;
  return { ...document, blocks: document.blocks.map((block) => blockWith(block, config)) };
}

function blockWith(block: Block, config: string): Block {
  switch (block.kind) {
    case "command":
      return { ...block, text: pastedCommand(block.text, config) };
    case "text":
      return { ...block, text: richWith(block.text, config) };
    case "entries":
      return { ...block, entries: block.entries.map((entry) => entryWith(entry, config)) };
    case "section":
      return { ...block, blocks: block.blocks.map((inner) => blockWith(inner, config)) };
    case "table":
      return block;
  }
}

function entryWith({ head, details }: Entry, config: string): Entry {
  return { head, details: details.map((detail) => richWith(detail, config)) };
}

function richWith(rich: Rich, config: string): Rich {
  return rich.map((span): Span =>
    typeof span !== "string" && span[0] === "name" ? ["name", pastedCommand(span[1], config)] : span,
  );
}

/** For JSON.stringify: the fields of documents that hold commands are `approve`, and `commands` of a migration. */
export function commandFields(config: string | undefined): (key: string, value: unknown) => unknown {
  return (key, value) => {
    if (key === "approve" && typeof value === "string") return pastedCommand(value, config);
    if (key === "commands" && Array.isArray(value)) {
      return value.map((one: unknown) => (typeof one === "string" ? pastedCommand(one, config) : one));
    }
    return value;
  };
}
