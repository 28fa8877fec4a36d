/** File system errors as one StoreUnavailableError that names the path and what to do about it. */
import { FleetError, StoreUnavailableError } from "../../errors.ts";

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "no permission; let this user read and write it, or set store.file to another one",
  EPERM: "not permitted; let this user read and write it, or set store.file to another one",
  EROFS: "the file system is read-only; set store.file to a writable one",
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the disk quota is used up; free some space",
  ENOTDIR: "a part of the path is a file, not a directory; move it away, or set store.file to another one",
  EISDIR: "it is a directory where a file is expected; move it away",
  ENOENT: "it vanished while it was used; does something else delete it?",
  EMFILE: "too many open files in this process; raise its limit",
  ENFILE: "too many open files on this machine; raise its limit",
};

/** The `code` of a Node.js error (`ENOENT` …), or undefined. */
export function errorCode(caught: unknown): string | undefined {
  if (typeof caught !== "object" || caught === null || !("code" in caught)) return undefined;
  return typeof caught.code === "string" ? caught.code : undefined;
}

/** Errors of this project pass through unchanged. */
export function fileFault(doing: string, path: string, caught: unknown): Error {
  if (caught instanceof FleetError) return caught;
  const code = errorCode(caught);
  if (code === undefined) return caught instanceof Error ? caught : new Error(String(caught));
  return new StoreUnavailableError(`cannot ${doing} ${path}: ${ADVICE[code] ?? "see the cause"} (${code})`, caught);
}
