/** A directory of manifests for one test, removed afterwards, and short ways to write what stands in it. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export type ManifestDirectory = {
  /** The directory itself; `<path>.out` stands beside it. */
  readonly path: string;
  write(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Paths of all files written to `.out`, sorted. */
  outFiles(): Promise<readonly string[]>;
  readOut(file: string): Promise<string>;
  writeOut(file: string, text: string): Promise<void>;
};

/** @param files text by path below the directory. */
export async function manifestDirectory(files: Readonly<Record<string, string>> = {}): Promise<ManifestDirectory> {
  const root = await mkdtemp(join(tmpdir(), "manifests-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const path = join(root, "w1");
  await mkdir(path);
  for (const [file, text] of Object.entries(files)) {
    await writeTo(path, file, text);
  }
  return {
    path,
    write: (file, text) => writeTo(path, file, text),
    remove: (file) => rm(join(path, file)),
    outFiles: () => filesBelow(`${path}.out`),
    readOut: (file) => readFile(join(`${path}.out`, file), "utf8"),
    writeOut: (file, text) => writeTo(`${path}.out`, file, text),
  };
}

async function writeTo(folder: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export const routeText = (name: string, application = "checkout"): string => `apiVersion: routing.router.io/v1alpha1
kind: ServiceRoute
metadata: { name: ${name}, namespace: orders }
spec: { serviceName: api, gatewayName: internal, environment: prod, application: ${application} }
`;

export const endpointText = (
  name: string,
  target = "a.example.com",
  metadata = "",
): string => `apiVersion: externaldns.k8s.io/v1alpha1
kind: DNSEndpoint
metadata: { name: ${name}, namespace: orders${metadata} }
spec: { endpoints: [{ dnsName: h.example.com, recordType: CNAME, targets: [${target}] }] }
`;
