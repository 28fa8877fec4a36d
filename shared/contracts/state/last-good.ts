/**
 * last-good/{cluster}: the last complete read of one cluster.
 * Only its outline is checked here, not each of its thousands of objects: the store verified a digest over the payload, so
 * these are the bytes that this product wrote under this schema number, from objects that had passed their own schemas.
 * Whoever changes a model type that a listing holds raises the schema number in documents.ts.
 */
import * as z from "zod";
import type { LastGood } from "../../model/state.ts";
import { issueLines } from "../issues.ts";
import type { ParsedDocument } from "./state-document.ts";

const LastGoodOutline = z.strictObject({
  cluster: z.string(),
  readAtMs: z.number(),
  digest: z.string(),
  istioVersion: z.enum(["v1", "v1beta1"]).exactOptional(),
  listings: z.record(
    z.string(),
    z.discriminatedUnion("read", [
      z.strictObject({ read: z.literal("complete"), objects: z.array(z.unknown()), rejected: z.array(z.unknown()) }),
      z.strictObject({ read: z.literal("not-read"), code: z.string(), reason: z.string() }),
    ]),
  ),
});

/** Trusts the objects of a payload whose outline is right; see the head of this file. */
function hasOutline(raw: unknown): raw is LastGood {
  return LastGoodOutline.safeParse(raw).success;
}

export function parseLastGood(raw: unknown): ParsedDocument<LastGood> {
  if (hasOutline(raw)) return { ok: true, value: raw };
  const read = LastGoodOutline.safeParse(raw);
  return { ok: false, issues: read.success ? [] : issueLines(read.error) };
}
