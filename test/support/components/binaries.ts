/**
 * Where the real components come from: a folder that the user names, the cache, or a build from source.
 * Built from the Go module proxy only; the committed go.mod and go.sum of each component fix every byte that goes in.
 * Nothing is skipped: without a binary and without Go this throws one sentence that says what to install or set.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { ETCD, EXTERNAL_DNS_0_20, EXTERNAL_DNS_0_22, KUBE_APISERVER, KUBECTL, type Component } from "./component.ts";
import { buildBinary, goVersion } from "./go-build.ts";

const resolved = new Map<string, Promise<string>>();

export const kubeApiServer = (): Promise<string> => resolveBinary(KUBE_APISERVER);
export const etcd = (): Promise<string> => resolveBinary(ETCD);
export const kubectl = (): Promise<string> => resolveBinary(KUBECTL);

export type ExternalDnsVersion = "0.20" | "0.22";

export const externalDns = (version: ExternalDnsVersion): Promise<string> =>
  resolveBinary(version === "0.20" ? EXTERNAL_DNS_0_20 : EXTERNAL_DNS_0_22);

/**
 * Finds or builds one component; calls within one process share the work, a lock keeps processes apart.
 * @returns the path of an executable file.
 * @throws Error of one sentence when there is neither a binary nor Go, or with the compiler's last lines.
 */
export function resolveBinary(component: Component): Promise<string> {
  const key = `${component.folder}/${component.binary}`;
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const found = findOrBuild(component);
  resolved.set(key, found);
  return found;
}

async function findOrBuild(component: Component): Promise<string> {
  return findBinary(component) ?? (await buildInCache(component));
}

/** The binary if it needs no build: named by the user or cached. */
export function findBinary(component: Component): string | undefined {
  return findGiven(component) ?? findCached(component);
}

function findGiven(component: Component): string | undefined {
  const folder = process.env["KUBEBUILDER_ASSETS"];
  if (!component.inKubebuilderAssets || folder === undefined || folder === "") return undefined;
  const file = path.join(folder, executable(component));
  if (existsSync(file)) return path.resolve(file);
  throw new Error(
    `KUBEBUILDER_ASSETS is set to ${folder}, but there is no ${component.binary} in it: ` +
      "put it there, or unset the variable so that it is built from source.",
  );
}

/**
 * A build of the same source by any version of Go will do: a machine with a restored cache needs no Go, and a new Go does
 * not cost a rebuild. The one by the newest Go wins.
 */
function findCached(component: Component): string | undefined {
  const source = sourceCacheFolder(component);
  if (!existsSync(source)) return undefined;
  const builds = readdirSync(source).filter((name) => existsSync(path.join(source, name, executable(component))));
  const newest = builds.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return newest === undefined ? undefined : path.join(source, newest, executable(component));
}

async function buildInCache(component: Component): Promise<string> {
  const sourceFolder = folderOf(component);
  const compiler = await goVersion(sourceFolder);
  if (compiler === undefined) throw new Error(missingSentence(component));
  const version = requiredVersion(component);
  const stamp = component.versionVariable === undefined ? "" : ` -X ${component.versionVariable}=${version}`;
  const targetFolder = path.join(sourceCacheFolder(component), compiler);
  mkdirSync(targetFolder, { recursive: true });
  const plan = { component, sourceFolder, version, ldflags: `-s -w${stamp}`, targetFolder };
  return await buildBinary(plan, path.join(targetFolder, executable(component)));
}

function missingSentence(component: Component): string {
  const inAssets = component.inKubebuilderAssets;
  const what = inAssets ? "kube-apiserver and etcd" : `${component.binary} ${requiredVersion(component)}`;
  // One sentence for the pair, so it names the newer Go of the two.
  const go = requiredGo(inAssets ? KUBE_APISERVER : component);
  const install = `install Go >= ${go} (https://go.dev/dl) so that ${inAssets ? "they are" : "it is"} built from source`;
  return `Integration tests need ${what}: ${install}${inAssets ? ", or set KUBEBUILDER_ASSETS to a folder that holds them" : ""}.`;
}

/** `<cache>/components/<binary>-<version>-<hash of the pinned source>`; the Go version is the folder below. */
function sourceCacheFolder(component: Component): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(path.join(folderOf(component), file)));
  hash.update(JSON.stringify([component.command, process.platform, process.arch]));
  const name = `${component.binary}-${requiredVersion(component)}-${hash.digest("hex").slice(0, 16)}`;
  return path.join(cacheFolder(), "components", name);
}

/** `SERVICE_ROUTER_TEST_CACHE`, else the user's cache folder. */
export function cacheFolder(): string {
  const chosen = process.env["SERVICE_ROUTER_TEST_CACHE"];
  if (chosen !== undefined && chosen !== "") return path.resolve(chosen);
  const base = process.env["XDG_CACHE_HOME"];
  return path.join(base === undefined || base === "" ? path.join(homedir(), ".cache") : base, "service-router");
}

/** The version is written in go.mod only, so that an update is one edit and `go mod tidy`. */
const requiredVersion = (component: Component): string => wordAfter(component, component.module);

const requiredGo = (component: Component): string => wordAfter(component, "go").replace(/\.0$/, "");

/** The first line of go.mod that begins with `word` (or `require word`), and the word after it. */
function wordAfter(component: Component, word: string): string {
  const file = path.join(folderOf(component), "go.mod");
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [first, second] = line.replace("require ", "").trim().split(/\s+/);
    if (first === word && second !== undefined) return second;
  }
  throw new Error(`${file} has no line that begins with "${word}"`);
}

const folderOf = (component: Component): string => path.join(import.meta.dirname, component.folder);

const executable = (component: Component): string =>
  process.platform === "win32" ? `${component.binary}.exe` : component.binary;
