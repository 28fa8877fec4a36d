/**
 * A YAML file as a DNS zone, beside a fleet of manifests (docs/reference/zone-file.md): for a preview in a pull request, for
 * a demo, and for the export of a real zone that one has no right to read. The file is read and never written; what is
 * written goes to `<file>.out.yaml` and is read back over it.
 * Writes of one port follow one another. Other processes are kept away by the lease of a pass, as with manifests.
 */
import { readFile, stat } from "node:fs/promises";
import { relativeName } from "../../contracts/azure/record-set.ts";
import {
  checkedRecordSet,
  type FiledRecordSet,
  parseWrittenZone,
  parseZoneFile,
  type WrittenZone,
  writtenZonePath,
} from "../../contracts/zone-file.ts";
import { pathText } from "../../contracts/issues.ts";
import {
  asError,
  ObjectRefusedError,
  StaleObjectError,
  ZoneNotFoundError,
  ZoneUnreachableError,
} from "../../errors.ts";
import type { RecordSet, RecordSetDelete, RecordSetId, RecordSetWrite } from "../../model/zone-records.ts";
import type { ZonePort } from "../../ports.ts";
import { ZoneFileInvalidError } from "./zone-file-invalid.ts";
import { changed, keyOf, overlaid, sorted, withEtag, writtenText, type ZoneReading } from "./zone-overlay.ts";
import { zoneTextReader, type ZoneText } from "./zone-text.ts";

/** A zone of 25,000 record sets, the most that Azure takes, has about 4 MB as YAML. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Faults named in one message; the count of the others follows. */
const MAX_NAMED_FAULTS = 20;
const NOTHING_WRITTEN: WrittenZone = { written: [], deleted: [] };

export type ZoneFileOptions = {
  /** DNS name, lower case. */
  readonly zone: string;
  /** Absolute, or relative to the working directory; messages name it as it is given here. */
  readonly file: string;
  /** Writes a whole file or nothing of it; compose passes what the directories of manifests use. */
  readonly writeWholeFile: (path: string, text: string) => Promise<void>;
};

/** Nothing is read before the first call, so a missing file is told there. */
export function openZoneFile(options: ZoneFileOptions): ZonePort {
  return new ZoneFile(options);
}

class ZoneFile implements ZonePort {
  readonly zone: string;
  readonly #options: ZoneFileOptions;
  /** `example.com (zones/weu.yaml)`: for messages. */
  readonly #label: string;
  readonly #outFile: string;
  readonly #readSource: (text: string) => ZoneText<readonly FiledRecordSet[]>;
  readonly #readWritten: (text: string) => ZoneText<WrittenZone>;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(options: ZoneFileOptions) {
    const { zone, file } = options;
    this.zone = zone;
    this.#options = options;
    this.#label = `${zone} (${file})`;
    this.#outFile = writtenZonePath(file);
    this.#readSource = zoneTextReader(file, (value) => parseZoneFile(zone, value));
    this.#readWritten = zoneTextReader(this.#outFile, (value) => parseWrittenZone(zone, value));
  }

  async list(signal: AbortSignal): Promise<readonly RecordSet[]> {
    const { current } = await this.#read(signal);
    return sorted(current.values());
  }

  async get(id: RecordSetId, signal: AbortSignal): Promise<RecordSet | undefined> {
    const { current } = await this.#read(signal);
    return current.get(keyOf(id));
  }

  async put(write: RecordSetWrite, signal: AbortSignal): Promise<RecordSet> {
    return await this.#inTurn(async () => {
      const { expected } = write;
      const reading = await this.#read(signal);
      const found = reading.current.get(keyOf(write));
      if (expected === "absent" && found !== undefined) throw this.#stale(write, "it exists by now");
      if (expected !== "absent" && found?.etag !== expected.etag) {
        throw this.#stale(write, found === undefined ? "it is gone" : "it was written meanwhile");
      }
      const recordSet = this.#checked(write, reading);
      await this.#write(changed(reading, write, recordSet), signal);
      return withEtag(recordSet);
    });
  }

  async remove(target: RecordSetDelete, signal: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      const reading = await this.#read(signal);
      const found = reading.current.get(keyOf(target));
      if (found === undefined) return;
      if (found.etag !== target.etag) throw this.#stale(target, "it was written meanwhile");
      await this.#write(changed(reading, target, undefined), signal);
    });
  }

  /** Nobody keeps a file from being read and written but the file system, which says so by itself. */
  async deniedActions(_actions: unknown, signal: AbortSignal): Promise<readonly []> {
    signal.throwIfAborted();
    return [];
  }

  /** As a real zone would: what it refuses must not seem to work here. */
  #checked(write: RecordSetWrite, { current }: ZoneReading): FiledRecordSet {
    const refused = (detail: string): ObjectRefusedError =>
      new ObjectRefusedError(`zone ${this.#label}`, `${write.type} ${write.name}`, detail);
    const relative = relativeName(write.name, this.zone);
    if (relative === undefined) throw refused("its name does not lie in the zone");
    if (current.has(keyOf({ name: write.name, type: "CNAME" }))) throw refused("a CNAME of that name stands alone");
    const read = checkedRecordSet(this.zone, write, relative);
    if (read.ok) return read.value;
    throw refused(read.faults.map(({ path, message }) => `${pathText(path)}: ${message}`).join("; "));
  }

  /** One write after another, whatever became of the one before. */
  async #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(write, write);
    this.#lastWrite = turn.catch(() => {});
    return await turn;
  }

  async #read(signal: AbortSignal): Promise<ZoneReading> {
    const source = await this.#textOf(this.#options.file, signal);
    if (source === undefined) throw new ZoneNotFoundError(this.#label);
    const beside = await this.#textOf(this.#outFile, signal);
    return overlaid(
      this.#valueOf(this.#readSource(source)),
      beside === undefined ? NOTHING_WRITTEN : this.#valueOf(this.#readWritten(beside)),
    );
  }

  #valueOf<T>(read: ZoneText<T>): T {
    if ("value" in read) return read.value;
    const named = read.faults.slice(0, MAX_NAMED_FAULTS);
    const more = read.faults.length - named.length;
    const detail = [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
    throw new ZoneFileInvalidError(this.#label, detail);
  }

  /** Undefined when there is no such file. */
  async #textOf(path: string, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    try {
      const { size } = await stat(path);
      if (size > MAX_FILE_BYTES) throw this.#unreadable(`${path} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
      return await readFile(path, { encoding: "utf8", signal });
    } catch (caught) {
      signal.throwIfAborted();
      if (caught instanceof ZoneUnreachableError) throw caught;
      if (isMissing(caught)) return undefined;
      throw this.#unreadable(asError(caught).message, caught);
    }
  }

  async #write(written: WrittenZone, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      await this.#options.writeWholeFile(this.#outFile, writtenText(this.zone, written));
    } catch (caught) {
      throw new ZoneUnreachableError(this.#label, asError(caught).message, caught, "cannot be written");
    }
  }

  #unreadable(detail: string, cause?: unknown): ZoneUnreachableError {
    return new ZoneUnreachableError(this.#label, detail, cause, "cannot be read");
  }

  #stale({ name, type }: RecordSetId, detail: string): StaleObjectError {
    return new StaleObjectError(`zone ${this.#label}`, `${type} ${name}`, detail);
  }
}

/** ENOENT, and ENOTDIR where a folder on the way is a file. */
function isMissing(caught: unknown): boolean {
  const code = caught instanceof Error && "code" in caught ? caught.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
