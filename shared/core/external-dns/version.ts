/** Which version of ExternalDNS runs, by its image; and what depends on it. */
import type { ExternalDnsVersion } from "../../model/external-dns.ts";

/** `registry:5000/external-dns:v0.20.0@sha256:…` → 0.20.0. Undefined for `latest`, and for a digest alone. */
export function versionOf(image: string): ExternalDnsVersion | undefined {
  const [named = ""] = image.split("@");
  const tag = named.slice(named.lastIndexOf("/") + 1).split(":")[1] ?? "";
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])/.exec(tag) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) };
}

export function versionText({ major, minor, patch }: ExternalDnsVersion): string {
  return `${major}.${minor}.${patch}`;
}

/** Whether the version is that minor release of 0.x or a later one. */
export function isFrom({ major, minor }: ExternalDnsVersion, wantedMinor: number): boolean {
  return major > 0 || minor >= wantedMinor;
}

/** `--policy` has a default up to 0.21: sync. Undefined where nothing is set and the version decides against starting. */
export function policyOf(given: string | undefined, version: ExternalDnsVersion | undefined): string | undefined {
  if (given !== undefined && given !== "") return given;
  return version !== undefined && !isFrom(version, 22) ? "sync" : undefined;
}

export type AnnotationFilterDefect = "none-known" | "keeps-edited" | "empties" | "unknown";

/** What `--annotation-filter` does to DNSEndpoints. 0.23 and later were not looked at. */
export function annotationFilterDefect(version: ExternalDnsVersion | undefined): AnnotationFilterDefect {
  if (version === undefined || isFrom(version, 23)) return "unknown";
  if (isFrom(version, 22)) return "empties";
  return isFrom(version, 21) ? "keeps-edited" : "none-known";
}

/** Versions whose behaviour is known: measured, or read in the code. */
export function isTested(version: ExternalDnsVersion): boolean {
  return isFrom(version, 19) && !isFrom(version, 23);
}
