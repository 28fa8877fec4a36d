/**
 * One way from raw JSON to a model object, for every kind: check against the schema, report every fault, keep little.
 * Nothing here throws: one object that cannot be read must not cost the other 1,999 of its list.
 */
import type * as z from "zod";
import type { ObjectMeta } from "../model/object-meta.ts";
import type { ObservedStatus, RejectedObject } from "../model/resources.ts";
import { issueLines, wording } from "./issues.ts";
import { readMeta, readStatus } from "./object-meta.ts";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejected: RejectedObject };

export type ParsedParts<W> = {
  readonly wire: W;
  readonly meta: ObjectMeta;
  /** Reads the status; a function, because most kinds have none that counts. */
  readonly status: () => ObservedStatus;
};

/**
 * @param schema of everything but the metadata (`spec`, where it counts `status`); other fields are dropped.
 * @param project builds the model object; only called when the schema accepts the object.
 */
export function objectParser<W, T>(options: {
  readonly schema: z.ZodType<W>;
  readonly namespaced: boolean;
  readonly project: (parts: ParsedParts<W>) => T;
}): (raw: unknown) => Parsed<T> {
  const { schema, namespaced, project } = options;
  return (raw) => {
    const issues: string[] = [];
    const meta = readMeta(raw, namespaced, (issue) => issues.push(issue));
    const status = (): ObservedStatus => readStatus(raw);
    try {
      const read = schema.safeParse(raw, { error: wording });
      if (read.success && issues.length === 0) {
        return { ok: true, value: project({ wire: read.data, meta, status }) };
      }
      if (!read.success) issues.push(...issueLines(read.error, schema));
    } catch (caught) {
      // Recursion over JSON that nests some thousand levels deep ends the stack; nothing else throws on plain data.
      issues.push(`(object): cannot be read: ${caught instanceof Error ? caught.message : String(caught)}`);
    }
    return { ok: false, rejected: { meta, issues, status: status() } };
  };
}
