/** The checkout as text, for the tests that hold its rules. Reads what git tracks or would track: nothing built, nothing installed. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** Folders whose code is shipped or run by people. */
export const productFolders: readonly string[] = ["shared", "functions", "cli"];

/** Every file that is, or would be, part of a commit, relative to the root, sorted. */
export function trackedFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  // A file that was removed and not yet committed is still listed.
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(ROOT, path)))
    .sort();
}

export function filesUnder(files: readonly string[], folders: readonly string[], extensions: readonly string[]) {
  return files.filter(
    (path) =>
      folders.some((folder) => path.startsWith(`${folder}/`)) &&
      extensions.some((extension) => path.endsWith(extension)),
  );
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The code without comments. Light: good for this code, where no text holds the start of a comment after a space. */
export function codeOf(path: string): string {
  return textOf(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

const imports: readonly RegExp[] = [
  /^\s*(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"/gm,
  /^\s*import\s*"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"\s*\)/g,
];

/** What a file imports, statically or not, types included: relative paths from the root, or the bare name. */
export function importsOf(path: string): readonly string[] {
  const code = codeOf(path);
  const found = imports.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
  return [...new Set(found.map((name) => (name.startsWith(".") ? normalize(join(dirname(path), name)) : name)))].sort();
}

/** `@scope/name/deep` → `@scope/name`; `node:fs/promises` stays. */
export function packageOf(name: string): string {
  if (name.startsWith("node:")) return name;
  const [first = "", second = ""] = name.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}
