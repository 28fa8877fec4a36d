/** One thing in a zone that nobody wants, as a zone is judged: without the time since when, which passes remember. */
import type { RecordSet, RecordSetId } from "../../model/zone-records.ts";

/**
 * - `record`: an address or CNAME record that nobody wants, with its TXTs. - `ownership`: a TXT whose record is gone.
 * - `old-ownership`: a TXT of another prefix; the record is owned under the region's own.
 */
export type GarbageKind = "record" | "ownership" | "old-ownership";

export type FoundGarbage = {
  readonly kind: GarbageKind;
  readonly region: string;
  /** What goes first: the record, or the TXT that stands alone. */
  readonly record: RecordSet;
  /** TXTs about the record; they go after it. The first one decides about it. */
  readonly txts: readonly RecordSet[];
  /** Of a TXT: the records it could be about. Where one came back, the TXT is put back. */
  readonly about: readonly RecordSetId[];
  /** Of an old TXT: the TXTs that own its records instead; they must still stand as they were read. */
  readonly replacedBy: readonly RecordSet[];
  /** After this nothing of the name resolves any more. */
  readonly endsName: boolean;
  readonly reason: string;
};
