/** Who may import whom, as a table, held against the code. A new folder needs a line here before anything imports it. */
import { describe, expect, it } from "vitest";
import { filesUnder, importsOf, packageOf, productFolders, trackedFiles } from "./source-tree.ts";

/** Parts of the code by the start of their path; the first that fits counts. */
const parts: readonly (readonly [name: string, path: RegExp])[] = [
  ["model", /^shared\/model\//],
  ["errors", /^shared\/errors\.ts$/],
  ["contracts", /^shared\/contracts\//],
  ["core/compute-desired", /^shared\/core\/compute-desired\.ts$/],
  ["core/naming", /^shared\/core\/naming\//],
  ["core/placement", /^shared\/core\/placement\//],
  ["core/planning", /^shared\/core\/planning\//],
  ["core/reading", /^shared\/core\/reading\//],
  ["core/service-routing", /^shared\/core\/service-routing\//],
  ["presentation", /^shared\/presentation\//],
  ["ports", /^shared\/ports\.ts$/],
  ["app", /^shared\/app\//],
  ["adapters/azure-aks", /^shared\/adapters\/azure-aks\//],
  ["adapters/kubernetes", /^shared\/adapters\/kubernetes\//],
  ["adapters/manifests", /^shared\/adapters\/manifests\//],
  ["adapters/storage", /^shared\/adapters\/storage\//],
  ["adapters/system", /^shared\/adapters\/system\//],
  ["adapters/telemetry", /^shared\/adapters\/telemetry\//],
  ["config", /^shared\/config\.ts$/],
  ["compose", /^shared\/compose(?:-[a-z-]+)?\.ts$/],
  ["functions", /^functions\//],
  ["cli/serve", /^cli\/serve\//],
  ["cli", /^cli\//],
  ["package.json", /^package\.json$/],
];

const core = ["core/compute-desired", "core/naming", "core/placement", "core/planning", "core/reading"];
const adapter = ["ports", "contracts", "model", "errors", "node:"];
const cli = ["compose", "contracts", "config", "presentation", "model", "errors", "commander", "node:", "package.json"];
const adapters = ["azure-aks", "kubernetes", "manifests", "storage", "system", "telemetry"].map(
  (name) => `adapters/${name}`,
);

/** What each part may import besides itself. `node:` alone stands for everything of Node. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  errors: [],
  contracts: ["model", "errors", "zod"],
  // Hashing is a computation, not I/O; the next test says that one file does it.
  "core/naming": ["model", "errors", "node:crypto"],
  "core/placement": ["model", "errors", "core/naming"],
  "core/planning": ["model", "errors", "core/naming"],
  "core/reading": ["model", "errors", "core/naming"],
  "core/service-routing": ["model", "errors", "core/naming"],
  "core/compute-desired": ["model", "errors", "core/naming", "core/placement", "core/service-routing"],
  // cli-table3 lays out text and does no I/O.
  presentation: ["model", "errors", "cli-table3"],
  ports: ["model"],
  // p-limit bounds what runs at once and does no I/O.
  app: [...core, "ports", "model", "errors", "p-limit"],
  "adapters/azure-aks": [
    ...adapter,
    "@azure/arm-containerservice",
    "@azure/core-rest-pipeline",
    "@azure/identity",
    "@kubernetes/client-node",
  ],
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
  config: ["contracts", "model", "errors", "zod", "yaml", "node:"],
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
  "cli/serve": [...cli, "cli", "functions", "croner"],
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

  it("lets a single file of the core import from Node, for hashing", () => {
    const users = files.filter(
      (path) => path.startsWith("shared/core/") && importsOf(path).some((name) => name.startsWith("node:")),
    );
    expect(users).toEqual(["shared/core/naming/digest.ts"]);
  });

  it("lets only compose and the use cases' own folder know the use cases", () => {
    const users = files.filter((path) => importsOf(path).some((name) => name.startsWith("shared/app/")));
    expect(users.filter((path) => !["app", "compose"].includes(partOf(path)))).toEqual([]);
  });

  it("is held by a scanner that sees every form of import", () => {
    expect(importsOf("shared/compose-store.ts")).toEqual(expect.arrayContaining(["@azure/storage-blob"]));
    expect(importsOf("shared/contracts/kinds.ts")).toEqual(expect.arrayContaining(["shared/contracts/parsed.ts"]));
    expect(importsOf("cli/program.ts")).toEqual(expect.arrayContaining(["package.json", "commander"]));
  });
});
