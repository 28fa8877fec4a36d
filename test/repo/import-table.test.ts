/** Who may import whom, as a table, held against the code. A new folder needs a line here before anything imports it. */
import { describe, expect, it } from "vitest";
import {
  anyCode,
  codeOf,
  filesUnder,
  importsIn,
  importsOf,
  packageOf,
  productFolders,
  trackedFiles,
  unreadableImportsIn,
} from "./source-tree.ts";

/** Parts of the code by the start of their path; the first that fits counts. */
const parts: readonly (readonly [name: string, path: RegExp])[] = [
  ["model", /^shared\/model\//],
  ["errors", /^shared\/error(?:s|-detail)\.ts$/],
  ["contracts", /^shared\/contracts\//],
  ["core/compute-desired", /^shared\/core\/compute-desired\.ts$/],
  ["core/diagnosis", /^shared\/core\/diagnosis\//],
  ["core/external-dns", /^shared\/core\/external-dns\//],
  ["core/failover", /^shared\/core\/failover\//],
  ["core/naming", /^shared\/core\/naming\//],
  ["core/placement", /^shared\/core\/placement\//],
  ["core/planning", /^shared\/core\/planning\//],
  ["core/reading", /^shared\/core\/reading\//],
  ["core/service-routing", /^shared\/core\/service-routing\//],
  ["core/verification", /^shared\/core\/verification\//],
  ["presentation", /^shared\/presentation\//],
  ["ports", /^shared\/ports\.ts$/],
  ["app", /^shared\/app\//],
  ["adapters/azure-aks", /^shared\/adapters\/azure-aks\//],
  ["adapters/azure-dns", /^shared\/adapters\/azure-dns\//],
  ["adapters/kubernetes", /^shared\/adapters\/kubernetes\//],
  ["adapters/manifests", /^shared\/adapters\/manifests\//],
  ["adapters/storage", /^shared\/adapters\/storage\//],
  ["adapters/system", /^shared\/adapters\/system\//],
  ["adapters/telemetry", /^shared\/adapters\/telemetry\//],
  ["adapters/zone-files", /^shared\/adapters\/zone-files\//],
  ["config", /^shared\/config\.ts$/],
  ["compose", /^shared\/compose(?:-[a-z-]+)?\.ts$/],
  ["functions", /^functions\//],
  ["cli/serve", /^cli\/serve\//],
  ["cli", /^cli\//],
  ["package.json", /^package\.json$/],
];

const core = [
  "compute-desired",
  "diagnosis",
  "external-dns",
  "failover",
  "naming",
  "placement",
  "planning",
  "reading",
  "verification",
].map((name) => `core/${name}`);
const adapter = ["ports", "contracts", "model", "errors", "node:"];
const cli = ["compose", "contracts", "config", "presentation", "model", "errors", "commander", "node:", "package.json"];
const adapters = [
  "azure-aks",
  "azure-dns",
  "kubernetes",
  "manifests",
  "storage",
  "system",
  "telemetry",
  "zone-files",
].map((name) => `adapters/${name}`);

/** What each part may import besides itself. `node:` alone stands for everything of Node. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  errors: [],
  contracts: ["model", "errors", "zod"],
  // Hashing is a computation, not I/O; the next test says that one file does it.
  "core/naming": ["model", "errors", "node:crypto"],
  "core/diagnosis": ["model", "errors", "core/naming"],
  "core/external-dns": ["model", "errors", "core/naming"],
  "core/failover": ["model", "errors", "core/naming"],
  "core/placement": ["model", "errors", "core/naming"],
  "core/planning": ["model", "errors", "core/naming"],
  "core/reading": ["model", "errors", "core/naming"],
  "core/service-routing": ["model", "errors", "core/naming"],
  "core/verification": ["model", "errors", "core/naming"],
  "core/compute-desired": ["model", "errors", "core/naming", "core/placement", "core/service-routing"],
  // cli-table3 lays out text and does no I/O.
  presentation: ["model", "errors", "cli-table3"],
  ports: ["model"],
  // p-limit bounds what runs at once and does no I/O.
  app: [...core, "ports", "model", "errors", "p-limit"],
  "adapters/azure-aks": [...adapter, "@azure/arm-containerservice", "@kubernetes/client-node"],
  "adapters/azure-dns": [...adapter, "@azure/arm-privatedns"],
  "adapters/kubernetes": [...adapter, "@kubernetes/client-node", "p-retry", "undici"],
  "adapters/manifests": [...adapter, "yaml"],
  "adapters/storage": [...adapter, "@azure/identity", "@azure/storage-blob"],
  "adapters/system": adapter,
  "adapters/telemetry": [
    ...adapter,
    "@azure/identity",
    "@opentelemetry/api",
    "@opentelemetry/api-logs",
    "applicationinsights",
  ],
  "adapters/zone-files": [...adapter, "yaml"],
  config: ["contracts", "model", "errors", "yaml", "node:"],
  compose: [
    ...core,
    ...adapters,
    "core/service-routing",
    "app",
    "config",
    "contracts",
    "presentation",
    "ports",
    "model",
    "errors",
    "@azure/identity",
    "@azure/storage-blob",
    "node:",
  ],
  functions: ["compose", "contracts", "presentation", "model", "errors", "@azure/functions", "node:async_hooks"],
  cli: [...cli, "cli/serve"],
  "cli/serve": [...cli.filter((name) => name !== "commander"), "cli", "functions", "croner"],
};

function partOf(path: string): string {
  return parts.find(([, pattern]) => pattern.test(path))?.[0] ?? `nowhere (${path})`;
}

function isAllowed(part: string, name: string): boolean {
  const allowed = mayImport[part] ?? [];
  if (name.startsWith("node:")) return allowed.includes("node:") || allowed.includes(name);
  if (!/^(?:shared|functions|cli|package\.json)(?:\/|$)/.test(name)) return allowed.includes(packageOf(name));
  const target = partOf(name);
  return target === part || allowed.includes(target);
}

const files = filesUnder(trackedFiles(), productFolders, [".ts", ".mjs"]);

describe("the import table", () => {
  it("knows every file of the product", () => {
    expect(files.length).toBeGreaterThan(150);
    expect(files.filter((path) => partOf(path).startsWith("nowhere"))).toEqual([]);
  });

  it.each(Object.keys(mayImport))("holds for %s", (part) => {
    const breaches = files
      .filter((path) => partOf(path) === part)
      .flatMap((path) => importsOf(path).flatMap((name) => (isAllowed(part, name) ? [] : [`${path} imports ${name}`])));
    expect(breaches).toEqual([]);
  });

  it("names no package that the part does not import", () => {
    const parted = new Set(parts.map(([name]) => name));
    const unused = Object.entries(mayImport).flatMap(([part, allowed]) => {
      const used = new Set(
        files.filter((path) => partOf(path) === part).flatMap((path) => importsOf(path).map(packageOf)),
      );
      return allowed
        .filter((name) => !parted.has(name) && !name.startsWith("node:") && !used.has(name))
        .map((name) => `${part}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it("sees every code file: TypeScript, and the one file that an old Node reads first", () => {
    const others = trackedFiles().filter(
      (path) =>
        productFolders.some((folder) => path.startsWith(`${folder}/`)) && anyCode.test(path) && !path.endsWith(".ts"),
    );
    expect(others).toEqual(["cli/service-router.mjs"]);
  });

  it("sees every import: each names one plain text", () => {
    const odd = files.flatMap((path) => unreadableImportsIn(codeOf(path)).map((found) => `${path}: ${found}`));
    // It only asks where packages lie, to say which of them are missing.
    const asks = /^cli\/service-router\.mjs: createRequire(?: }|\(import\.meta\.url\)\.resolve\()/;
    expect(odd.filter((found) => !asks.test(found))).toEqual([]);
  });

  it("lets a single file of the core import from Node, for hashing", () => {
    const users = files.filter(
      (path) => path.startsWith("shared/core/") && importsOf(path).some((name) => name.startsWith("node:")),
    );
    expect(users).toEqual(["shared/core/naming/digest.ts"]);
    const [first, ...more] = codeOf("shared/core/naming/digest.ts").match(/^\s*import[^;]*"node:[^;]*;/gm) ?? [];
    expect([first?.trim(), more]).toEqual(['import { createHash } from "node:crypto";', []]);
  });

  it("lets only compose and the use cases' own folder know the use cases", () => {
    const users = files.filter((path) => importsOf(path).some((name) => name.startsWith("shared/app/")));
    expect(users.filter((path) => !["app", "compose"].includes(partOf(path)))).toEqual([]);
  });

  it.each([
    'import { z } from "zod";',
    'import type {\n  ZodType,\n} from "zod";',
    "import z from 'zod';",
    'import * as z from "zod";',
    'import "zod";',
    'const a = 1; import z from "zod";',
    'export * from "zod";',
    'export { z } from "zod";',
    'const { z } = await import("zod");',
    'const z = import (\n  "zod"\n);',
    'type Z = import("zod").ZodType;',
    'import data from "zod" with { type: "json" };',
  ])("is held by a scanner that reads %s", (code) =>
    expect([importsIn(code), unreadableImportsIn(code)]).toEqual([["zod"], []]),
  );

  it.each([
    "await import(`zod`)",
    'await import("zod", {})',
    'await import("zo" + "d")',
    "await import('zod')",
    "await import(name)",
    'require("zod")',
    "createRequire(import.meta.url)",
  ])("is held by a scanner that refuses %s", (code) => expect(unreadableImportsIn(code)).toHaveLength(1));

  it("is held by a scanner that reads real files", () => {
    expect(importsOf("shared/compose-store.ts")).toEqual(expect.arrayContaining(["@azure/storage-blob"]));
    expect(importsOf("shared/contracts/kinds.ts")).toEqual(expect.arrayContaining(["shared/contracts/parsed.ts"]));
    expect(importsOf("cli/program.ts")).toEqual(expect.arrayContaining(["package.json", "commander"]));
  });
});
