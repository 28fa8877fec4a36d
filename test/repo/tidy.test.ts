/** Order in the checkout: names, sizes, dead files, leftovers, links. Style as a test, so that nobody has to remember it. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf, filesUnder, importsOf, productFolders, ROOT, textOf, trackedFiles } from "./source-tree.ts";

const tracked = trackedFiles();
const product = filesUnder(tracked, productFolders, [".ts", ".mjs"]);
const tools = filesUnder(tracked, ["tools"], [".ts", ".mjs"]);
const tests = filesUnder(tracked, ["test"], [".ts"]);
const manifest = JSON.parse(textOf("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
};

describe("file names", () => {
  it("say what is in the file: none is a drawer for everything", () => {
    const drawers = /^(?:utils?|helpers?|managers?|common|misc|shared|stuff|lib)\b/;
    expect([...product, ...tools, ...tests].filter((path) => drawers.test(basename(path)))).toEqual([]);
    const folders = new Set([...product, ...tools, ...tests].flatMap((path) => dirname(path).split("/").slice(1)));
    expect([...folders].filter((folder) => drawers.test(folder))).toEqual([]);
  });

  it("are lower case with hyphens, and a dot only before the role", () => {
    const odd = [...product, ...tools, ...tests].filter(
      (path) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)?\.(?:ts|mjs)$/.test(basename(path)),
    );
    expect(odd).toEqual([]);
  });
});

describe("files of the product", () => {
  it("have at most 300 lines", () => {
    const long = [...product, ...tools].filter((path) => textOf(path).trimEnd().split("\n").length > 300);
    expect(long).toEqual([]);
  });

  it("begin with a comment that says what they are for", () => {
    const silent = product.filter((path) => !/^(?:#!.*\n)?\/\*\*/.test(textOf(path)));
    expect(silent).toEqual([]);
  });

  it("are all reachable from an entry: there is no dead file", () => {
    const scripts = Object.values(manifest.scripts).join(" ");
    const entries = [
      "functions/register.ts",
      "cli/main.ts",
      ...Object.values(manifest.bin),
      ...(scripts.match(/(?:cli|tools)\/[\w./-]+\.(?:ts|mjs)/g) ?? []),
    ];
    const reached = new Set<string>();
    const open = entries.map((path) => normalize(path));
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (reached.has(path) || !existsSync(join(ROOT, path))) continue;
      reached.add(path);
      if (/\.(?:ts|mjs)$/.test(path)) open.push(...importsOf(path).filter((name) => existsSync(join(ROOT, name))));
    }
    expect([...product, ...tools].filter((path) => !reached.has(path))).toEqual([]);
  });

  it.each([
    ["no leftovers", /\b(?:TODO|FIXME|XXX|HACK)\b/],
    ["no silenced compiler or linter", /@ts-(?:ignore|nocheck|expect-error)|(?:eslint|oxlint|biome)-disable/],
  ])("hold %s, in code or comment", (_what, pattern) => {
    expect([...product, ...tools].filter((path) => pattern.test(textOf(path)))).toEqual([]);
  });

  it("name only documents and tests that exist", () => {
    const lost = [...product, ...tools].flatMap((path) =>
      (textOf(path).match(/(?<![\w./-])(?:docs|test|crds|samples)\/[\w./-]+\.(?:md|ts|yaml)\b/g) ?? [])
        .filter((named) => !existsSync(join(ROOT, named)))
        .map((named) => `${path}: ${named}`),
    );
    expect(lost).toEqual([]);
  });
});

describe("tests", () => {
  it("are never skipped, left for later, or alone", () => {
    const pattern = /\b(?:it|test|describe)\.(?:skip|todo|only|fails|skipIf|runIf)\b|\bctx\.skip\(/;
    expect(tests.filter((path) => pattern.test(codeOf(path)))).toEqual([]);
  });

  it("stand in a folder that a vitest project runs", () => {
    const projects = /^test\/(?:unit|scenarios|contract\/quick|contract\/real|repo|integration|host|sim|e2e)\//;
    expect(tests.filter((path) => path.endsWith(".test.ts") && !projects.test(path))).toEqual([]);
  });
});

describe("the checkout", () => {
  it("speaks of nothing outside itself", () => {
    // Written so that this file does not match itself.
    const workplace =
      /(?:^|[\s"'`(=])\/wo[r]k\/|\.\.\/shared\/(?:design|style|facts|seeds|hooks)|\bfact[s]\/[\w-]+\.md/m;
    const texts = tracked.filter(
      (path) => /\.(?:ts|mjs|js|json|md|ya?ml|bicep|sh|txt)$/.test(path) || !path.includes("."),
    );
    expect(texts.filter((path) => path !== "package-lock.json" && workplace.test(textOf(path)))).toEqual([]);
  });

  it("refers to no document that its readers do not have", () => {
    // Written so that this file does not match itself.
    const unseen = /desig[n] section|the desig[n] (?:said|says)|deploymen[t] issue/i;
    const texts = tracked.filter((path) => /\.(?:ts|mjs|json|md|ya?ml)$/.test(path) && path !== "package-lock.json");
    // A sentence may break between the words.
    expect(texts.filter((path) => unseen.test(textOf(path).replaceAll(/\s+(?:\* )?/g, " ")))).toEqual([]);
  });

  it("has the scripts that README and contributors are told", () => {
    const promised = ["start", "test", "test:quick", "test:real", "sim", "bench", "generate", "build"];
    expect(promised.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
  });

  it("has the top level that people expect", () => {
    const promised = ["functions", "shared", "infra", "crds", "test", "cli", "docs", ".ci"];
    const files = ["host.json", "package.json", "tsconfig.json", "README.md", "LICENSE", "CHANGELOG.md"];
    expect([...promised, ...files].filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it("runs scripts whose files exist", () => {
    const named = Object.values(manifest.scripts).flatMap(
      (script) => script.match(/\b(?:cli|tools|test)\/[\w./-]+\.(?:ts|mjs)/g) ?? [],
    );
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("documents", () => {
  const documents = tracked.filter((path) => path.endsWith(".md"));

  it("link only to files and headings that exist", () => {
    const broken = documents.flatMap((path) =>
      linksOf(path).flatMap((target) => (resolves(path, target) ? [] : [`${path}: ${target}`])),
    );
    expect(broken).toEqual([]);
  });
});

/** Targets of links and pictures that lead into the checkout; code blocks are left out. */
function linksOf(path: string): readonly string[] {
  const prose = textOf(path)
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm)];
  return [...inline, ...references]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

function resolves(from: string, target: string): boolean {
  const [file = "", heading] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), decodeURIComponent(file)));
  const full = join(ROOT, path);
  if (path.startsWith("..") || !existsSync(full)) return false;
  if (heading === undefined || heading === "" || statSync(full).isDirectory() || !path.endsWith(".md")) return true;
  return headingsOf(path).has(heading);
}

/** Anchors as GitHub makes them; a heading that occurs twice gets a number. */
function headingsOf(path: string): ReadonlySet<string> {
  const prose = textOf(path).replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
  const anchors = new Set<string>();
  for (const [, title = ""] of prose.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const anchor = title
      .toLowerCase()
      .replaceAll(/[`*_]|\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number += 1) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}
