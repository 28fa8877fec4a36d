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

/** Code files by their name, whatever their kind: a file that no test reads would be bound by no rule. */
export const anyCode = /\.[cm]?[jt]sx?$/;

export function codeOf(path: string): string {
  return withoutComments(textOf(path));
}

/** Light: good for this code, where no text holds the start of a comment after a space. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

const imports: readonly RegExp[] = [
  /(?:^|;)\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']/gm,
  /(?:^|;)\s*import\s*["']([^"']+)["']/gm,
  /\bimport\s*\(\s*"([^"]+)"\s*\)/g,
];

/** Names that code without comments imports, statically or not, types included; as they are written there. */
export function importsIn(code: string): readonly string[] {
  return imports.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

/** Imports whose name cannot be read from the code: anything but one plain text in double quotes, and `require`. */
export function unreadableImportsIn(code: string): readonly string[] {
  return [...code.matchAll(/\bimport\s*\((?!\s*"[^"]+"\s*\)).*|\b(?:require\s*\(|createRequire\b).*/g)].map(
    ([found]) => found,
  );
}

/** True where code without comments reaches the process in any form: by its name, by the global object, by a module. */
export function usesProcess(code: string): boolean {
  return (
    /\bprocess\s*\??\.\s*[\w[]|\bprocess\s*\[|[=(,:?{]\s*process\b|\bglobalThis\b|\bglobal\s*[.[]/.test(code) ||
    importsIn(code).some((name) => /^(?:node:)?process$/.test(name))
  );
}

/** What a file imports, statically or not, types included: relative paths from the root, or the bare name. */
export function importsOf(path: string): readonly string[] {
  const found = importsIn(codeOf(path));
  return [...new Set(found.map((name) => (name.startsWith(".") ? normalize(join(dirname(path), name)) : name)))].sort();
}

/** `@scope/name/deep` → `@scope/name`; `node:fs/promises` stays. */
export function packageOf(name: string): string {
  if (name.startsWith("node:")) return name;
  const [first = "", second = ""] = name.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}
