/** Installs CustomResourceDefinitions and waits until their resources can really be used. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { ApiServer } from "./api-server.ts";
import { resourceOf } from "./discovery.ts";
import { applyObject, get, type KubeObject } from "./test-cluster.ts";

const READY_DEADLINE_MS = 30_000;
const POLL_MS = 25;

/** CRDs of others that are kept in this repository (test/support/crds/README.md). */
const FOREIGN_CRDS = path.join(import.meta.dirname, "..", "crds");
export const EXTERNAL_DNS_CRDS = path.join(FOREIGN_CRDS, "externaldns");
/** Istio's Gateway and VirtualService, each served as v1, v1beta1 and v1alpha3. */
export const ISTIO_CRDS = path.join(FOREIGN_CRDS, "istio");

type CrdVersion = { readonly name: string; readonly served: boolean; readonly [field: string]: unknown };

export type Crd = KubeObject & {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly CrdVersion[];
  };
};

/**
 * @param sources folders (every .yaml and .yml in them, not deeper), files, or definitions made by code.
 * Returns when each is Established and each served version is in discovery and can be listed.
 * @throws Error when a source holds no CRD, one is refused, or one is not usable in time.
 */
export async function installCrds(server: ApiServer, ...sources: readonly (string | Crd)[]): Promise<void> {
  const crds = sources.flatMap((source) => (typeof source === "string" ? readCrds(source) : [source]));
  await Promise.all(
    crds.map(async (crd) => {
      await applyObject(server, crd);
      await waitUntilUsable(server, crd);
    }),
  );
}

/** All CRDs of a file or folder; other objects beside them are left alone. */
export function readCrds(source: string): readonly Crd[] {
  const files = statSync(source).isDirectory()
    ? readdirSync(source)
        .filter((name) => /\.ya?ml$/.test(name))
        .toSorted()
        .map((name) => path.join(source, name))
    : [source];
  const crds = files.flatMap(readFile);
  if (crds.length === 0) throw new Error(`${source} holds no CustomResourceDefinition`);
  return crds;
}

/** The same definition, serving only `versions`; the first of them is stored. For clusters with an older Istio. */
export function servingOnly(crd: Crd, versions: readonly string[]): Crd {
  const kept = versions.map((name) => {
    const version = crd.spec.versions.find((candidate) => candidate.name === name);
    if (version === undefined) throw new Error(`${crd.metadata.name} has no version ${name}`);
    return { ...version, served: true, storage: name === versions[0] };
  });
  return { ...crd, spec: { ...crd.spec, versions: kept } };
}

/** Istio's Gateway as clusters know it whose Istio is older than `networking.istio.io/v1`. */
export function istioGatewayCrd(versions: readonly string[] = ["v1beta1"]): Crd {
  const [crd] = readCrds(path.join(ISTIO_CRDS, "gateways.networking.istio.io.yaml"));
  if (crd === undefined) throw new Error("Istio's Gateway CRD is missing");
  return servingOnly(crd, versions);
}

function readFile(file: string): readonly Crd[] {
  const documents = parseAllDocuments(readFileSync(file, "utf8"));
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: ${error.message}`, { cause: error });
    const value: unknown = document.toJS();
    return isCrd(value) ? [value] : [];
  });
}

function isCrd(value: unknown): value is Crd {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "CustomResourceDefinition";
}

async function waitUntilUsable(server: ApiServer, crd: Crd): Promise<void> {
  const deadlineAtMs = Date.now() + READY_DEADLINE_MS;
  while (!(await isUsable(server, crd))) {
    if (Date.now() > deadlineAtMs) {
      const { name } = crd.metadata;
      const stored = await get(server, { apiVersion: crd.apiVersion, kind: crd.kind, name });
      throw new Error(`${name} is not usable on ${server.name} after 30 s: ${JSON.stringify(stored?.["status"])}`);
    }
    await delay(POLL_MS);
  }
}

/** Established alone is not enough: the handlers and discovery of the new resource follow a moment later. */
async function isUsable(server: ApiServer, crd: Crd): Promise<boolean> {
  const { apiVersion, kind, metadata } = crd;
  const stored = await get(server, { apiVersion, kind, name: metadata.name });
  if (stored === undefined || !isEstablished(stored["status"])) return false;
  const { group, names, versions } = crd.spec;
  for (const version of versions.filter((candidate) => candidate.served)) {
    const served = `${group}/${version.name}`;
    if ((await resourceOf(server, served, names.kind)) === undefined) return false;
    const { status } = await server.request("GET", `/apis/${served}/${names.plural}?limit=1`);
    if (status !== 200) return false;
  }
  return true;
}

function isEstablished(status: unknown): boolean {
  if (typeof status !== "object" || status === null || !("conditions" in status)) return false;
  const { conditions } = status;
  if (!Array.isArray(conditions)) return false;
  return conditions.some((one: unknown) => {
    const isTyped = typeof one === "object" && one !== null && "type" in one && "status" in one;
    return isTyped && one.type === "Established" && one.status === "True";
  });
}
