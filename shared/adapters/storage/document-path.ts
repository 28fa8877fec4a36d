/**
 * Where a document lies: `placement.json`, `last-good/w1.json.gz`.
 * Ids are escaped so that no id leaves its folder, and none meets another on a file system that ignores case.
 */
import { InvariantError } from "../../errors.ts";

/** Everything else becomes `%XX` per UTF-8 byte, upper-case letters included. */
const UNESCAPED = /^[a-z0-9_.-]$/;
const SUFFIX = { plain: ".json", packed: ".json.gz" } as const;

export type DocumentForm = { readonly keyed: boolean; readonly packed: boolean };

/** @throws InvariantError when an id is missing, or given to a document that has none. */
export function documentPath(name: string, form: DocumentForm, id?: string): string {
  const suffix = form.packed ? SUFFIX.packed : SUFFIX.plain;
  if (!form.keyed) {
    if (id !== undefined) throw new InvariantError(`the document ${name} has no ids, asked for ${id}`);
    return `${name}${suffix}`;
  }
  if (id === undefined || id === "") throw new InvariantError(`the document ${name} needs an id`);
  return `${name}/${escapeId(id)}${suffix}`;
}

/** The id of a file in the folder of a keyed document; undefined for a file that no id leads to. */
export function documentId(fileName: string, form: DocumentForm): string | undefined {
  const suffix = form.packed ? SUFFIX.packed : SUFFIX.plain;
  if (!fileName.endsWith(suffix) || fileName.length === suffix.length) return undefined;
  const escaped = fileName.slice(0, -suffix.length);
  try {
    const id = decodeURIComponent(escaped);
    return escapeId(id) === escaped ? id : undefined;
  } catch {
    return undefined;
  }
}

function escapeId(id: string): string {
  let escaped = "";
  for (const char of id) {
    escaped += UNESCAPED.test(char)
      ? char
      : [...Buffer.from(char, "utf8")].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  }
  return escaped;
}
