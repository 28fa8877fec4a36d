/**
 * `npm run build`: makes dist/, exactly what is deployed to Azure Functions: the bundle, host.json and a package.json that
 * names the entry. No node_modules are needed beside it.
 *
 * ES modules in chunks, not one file: what only a pass needs (Kubernetes, Azure and telemetry SDKs) lies in chunks that are
 * read at the first use. One CommonJS file of everything took 290 to 460 ms to registered functions on two cores, because
 * all of it is parsed; with chunks it is a tenth of that (docs/decisions/0006-es-modules-in-chunks.md).
 * Not minified and without source maps: a stack frame names the function and a line that can be read in the deployed file;
 * maps would need NODE_OPTIONS, which comes too late for workers that Azure prepares in advance.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build, transform, type Metafile } from "esbuild";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");

/** Offered by the Azure worker to `require`; exists nowhere else. */
const CORE_MODULE = "@azure/functions-core";

/** Packages of which no file may be read before the functions are registered: every cold start would wait for them. */
const NEVER_EAGER: readonly string[] = [
  "@azure/arm-containerservice",
  "@azure/arm-privatedns",
  "@azure/identity",
  "@azure/monitor-opentelemetry",
  "@azure/storage-blob",
  "@kubernetes/client-node",
  "applicationinsights",
  "undici",
];

/**
 * Packages that others ask for inside try/catch and do without. None of them is installed or deployed.
 * Anything else that stays outside the bundle fails the build: it would be missing in Azure.
 */
const OPTIONAL: readonly string[] = [
  // ws (under the Kubernetes client): speed-ups of WebSockets, which we do not open.
  "bufferutil",
  "utf-8-validate",
  // proxy-agent-negotiate (under the Kubernetes client): proxies with Negotiate authentication.
  "kerberos",
];

/** CommonJS packages inside ES modules call `require` for Node's own modules and for the worker's. */
const BANNER = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
  "const __chunkFilename = import.meta.filename;",
  "const __chunkDirname = import.meta.dirname;",
].join("\n");

/** Names that CommonJS has and ES modules lack; packages that declare them themselves are left alone. */
const DEFINE = { __filename: "__chunkFilename", __dirname: "__chunkDirname" };

type Output = Metafile["outputs"][string];

async function main(): Promise<void> {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { functions: "functions/register.ts" },
    outdir: DIST,
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
    external: [CORE_MODULE, ...OPTIONAL],
    banner: { js: BANNER },
    define: DEFINE,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  await writeFile(join(DIST, "package.json"), `${JSON.stringify(await packageJson(), null, 2)}\n`);
  await copyFile(join(ROOT, "host.json"), join(DIST, "host.json"));
  const eager = eagerOutputs(result.metafile, "dist/functions.mjs");
  refuseEagerPackages(result.metafile, eager);
  refuseMissingPackages(result.metafile);
  await refuseClashes(Object.keys(result.metafile.outputs));
  report(result.metafile, eager);
}

/** `main` is a glob to the worker; it must match the entry and nothing else, or other files are loaded as functions. */
async function packageJson(): Promise<unknown> {
  const own: unknown = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const { name, version }: { readonly name?: unknown; readonly version?: unknown } =
    typeof own === "object" && own !== null ? own : {};
  return { name, version, private: true, type: "module", main: "functions.mjs" };
}

/** What is read before any function is registered: the entry and all it imports statically. */
function eagerOutputs(metafile: Metafile, entry: string): ReadonlySet<string> {
  const eager = new Set<string>([entry]);
  for (const path of eager) {
    for (const { path: imported, kind, external } of metafile.outputs[path]?.imports ?? []) {
      if (kind !== "dynamic-import" && external !== true) {
        eager.add(imported);
      }
    }
  }
  return eager;
}

function refuseEagerPackages(metafile: Metafile, eager: ReadonlySet<string>): void {
  const inputs = [...eager].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
  const found = NEVER_EAGER.filter((name) => inputs.some((input) => input.includes(`node_modules/${name}/`)));
  if (found.length > 0) {
    throw new Error(
      `read before functions are registered: ${found.join(", ")}; import them where they are first used (await import)`,
    );
  }
}

function refuseMissingPackages(metafile: Metafile): void {
  const known = new Set([CORE_MODULE, ...OPTIONAL, ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
  const missing = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const { path, external } of output.imports) {
      if (external === true && !known.has(path)) {
        missing.add(path);
      }
    }
  }
  if (missing.size > 0) {
    throw new Error(`outside the bundle and not in Azure: ${[...missing].toSorted().join(", ")}`);
  }
}

/** The banner's names may be declared by a package as well; esbuild does not look, so every chunk is parsed once more. */
async function refuseClashes(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await transform(await readFile(join(ROOT, path), "utf8"), { format: "esm", sourcefile: path, logLevel: "error" });
  }
}

function report(metafile: Metafile, eager: ReadonlySet<string>): void {
  const outputs = Object.entries(metafile.outputs);
  const first = outputs.filter(([path]) => eager.has(path));
  console.log(`dist/functions.mjs and what it imports at start: ${kilobytes(sum(first))} in ${first.length} files`);
  console.log(`all of dist/: ${kilobytes(sum(outputs))} in ${outputs.length} files; largest chunks:`);
  for (const [path, output] of outputs.toSorted(([, left], [, right]) => right.bytes - left.bytes).slice(0, 5)) {
    console.log(`  ${kilobytes(output.bytes).padStart(9)}  ${path}`);
  }
}

function sum(list: readonly (readonly [string, Output])[]): number {
  return list.reduce((bytes, [, output]) => bytes + output.bytes, 0);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

await main();
