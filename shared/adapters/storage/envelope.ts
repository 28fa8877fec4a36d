/**
 * The form of a document as bytes: `{"schema": n, "document": …}`.
 * Plain: indented JSON, so that a person can read and, in an emergency, mend it. Packed (last-good, megabytes): gzip of
 * `{"schema":n,"sha256":"…","document":…}` on one line, the digest over the bytes of the document, so that a payload that
 * verifies need not be checked field by field. That first part of a packed document keeps its form for all time: it is how
 * an older version recognises a newer document and leaves it alone.
 */
import { createHash } from "node:crypto";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { asError, InvariantError } from "../../errors.ts";

export type Opened =
  | { readonly kind: "document"; readonly schema: number; readonly document: unknown }
  | { readonly kind: "unreadable"; readonly reason: string };

/** 50 clusters of 5,000 routes stay far below this per document; a file that unpacks to more is not ours. */
const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;
const PACKED_HEAD = /^\{"schema":(\d{1,9}),"sha256":"([0-9a-f]{64})","document":/;
const PACKED_HEAD_MAX_BYTES = 128;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** On listings level 1 takes a third to a half of the time of the default and gives 6 % more bytes. */
const GZIP_LEVEL = constants.Z_BEST_SPEED;

/**
 * Synchronous on purpose: the order of events in a simulated run must not depend on a thread pool.
 * @throws InvariantError when the document would be too large to read back.
 */
export function seal(schema: number, document: unknown, packed: boolean): Uint8Array {
  if (!packed) return Buffer.from(`${JSON.stringify({ schema, document }, undefined, 2)}\n`, "utf8");
  const payload = Buffer.from(JSON.stringify(document), "utf8");
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new InvariantError(
      `a document of ${payload.length} bytes is larger than the ${MAX_PAYLOAD_BYTES} that can be read`,
    );
  }
  const head = `{"schema":${schema},"sha256":"${sha256(payload)}","document":`;
  return gzipSync(Buffer.concat([Buffer.from(head, "latin1"), payload, Buffer.from("}", "latin1")]), {
    level: GZIP_LEVEL,
  });
}

/** Never throws: bytes that nobody can read become a reason. */
export function open(bytes: Uint8Array, packed: boolean): Opened {
  if (bytes.length === 0) return unreadable("it is empty");
  try {
    return packed ? openPacked(bytes) : openJson(utf8.decode(bytes));
  } catch (caught) {
    return unreadable(asError(caught).message);
  }
}

function openPacked(bytes: Uint8Array): Opened {
  const unpacked = gunzipSync(bytes, { maxOutputLength: MAX_PAYLOAD_BYTES + PACKED_HEAD_MAX_BYTES });
  const head = PACKED_HEAD.exec(unpacked.toString("latin1", 0, PACKED_HEAD_MAX_BYTES));
  if (head === null) {
    const opened = openJson(utf8.decode(unpacked));
    if (opened.kind === "unreadable") return opened;
    return { kind: "unreadable", reason: "it does not begin with a schema and a digest" };
  }
  const payload = unpacked.subarray(head[0].length, unpacked.length - 1);
  if (sha256(payload) !== head[2]) return unreadable("its content does not match its digest");
  return { kind: "document", schema: Number(head[1]), document: JSON.parse(utf8.decode(payload)) };
}

function openJson(text: string): Opened {
  const read: unknown = JSON.parse(text);
  if (typeof read !== "object" || read === null || !("schema" in read) || !("document" in read)) {
    return unreadable("it is not an object with schema and document");
  }
  const { schema, document } = read;
  if (typeof schema !== "number" || !Number.isSafeInteger(schema) || schema < 1) {
    return unreadable("its schema is not a whole number from 1 up");
  }
  return { kind: "document", schema, document };
}

function unreadable(reason: string): Opened {
  return { kind: "unreadable", reason };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
