/**
 * What the state store knows about a document besides its bytes: its schema number, its form on disk, its parser.
 * These schemas are strict: we own the documents, so an unknown field means damage or a schema number nobody raised.
 */
import type * as z from "zod";
import { issueLines } from "../issues.ts";

export type ParsedDocument<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly string[] };

export type StateDocument<T> = {
  /** Raised with every change of the shape, additions included: an older version must not drop a field it never saw. */
  readonly schema: number;
  /** The oldest schema that `parse` still understands; `schema` where it understands no other. */
  readonly oldest?: number;
  /** True: one document per id (`last-good/w1`). False: the name is the document. */
  readonly keyed: boolean;
  /** True: gzip with a digest over the payload, because it can be megabytes. False: indented JSON that a person can read. */
  readonly packed: boolean;
  readonly parse: (raw: unknown) => ParsedDocument<T>;
};

/** A parser that reports every fault by its path and never throws. */
export function documentParser<T>(schema: z.ZodType<T>): (raw: unknown) => ParsedDocument<T> {
  return (raw) => {
    const read = schema.safeParse(raw);
    return read.success ? { ok: true, value: read.data } : { ok: false, issues: issueLines(read.error) };
  };
}
