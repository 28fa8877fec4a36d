import { describe, expect, it } from "vitest";
import {
  annotationFilterDefect,
  isTested,
  policyOf,
  versionOf,
  versionText,
} from "../../../../shared/core/external-dns/version.ts";

const version = (minor: number) => ({ major: 0, minor, patch: 0 });

describe("versionOf", () => {
  it.each([
    ["registry.k8s.io/external-dns/external-dns:v0.20.0", "0.20.0"],
    ["acr.example.com:5000/mirror/external-dns:0.22.1@sha256:0a", "0.22.1"],
    ["bitnami/external-dns:0.15.1-debian-12-r0", "0.15.1"],
    ["external-dns:v0.21", "0.21.0"],
    ["external-dns:v1.0.0", "1.0.0"],
  ])("of %s is %s", (image, text) => {
    const found = versionOf(image);
    expect(found === undefined ? undefined : versionText(found)).toBe(text);
  });

  it.each([
    "external-dns:latest",
    "external-dns",
    "acr.example.com:5000/external-dns",
    "external-dns@sha256:0a1b",
    "external-dns:20240101",
    "external-dns:0.20.0.1",
    "",
  ])("of %s is not known", (image) => expect(versionOf(image)).toBeUndefined());
});

describe("policyOf", () => {
  it.each([
    ["upsert-only", version(20), "upsert-only"],
    [undefined, version(20), "sync"],
    [undefined, version(21), "sync"],
    [undefined, version(22), undefined],
    ["", version(22), undefined],
    [undefined, undefined, undefined],
    ["sync", undefined, "sync"],
  ])("of %s in %o is %s", (given, of, policy) => expect(policyOf(given, of)).toBe(policy));
});

describe("annotationFilterDefect", () => {
  it.each([
    [19, "none-known"],
    [20, "none-known"],
    [21, "keeps-edited"],
    [22, "empties"],
    [23, "unknown"],
  ])("of 0.%i is %s", (minor, defect) => expect(annotationFilterDefect(version(minor))).toBe(defect));

  it("of an unknown version is unknown", () => expect(annotationFilterDefect(undefined)).toBe("unknown"));
});

describe("isTested", () => {
  it.each([
    [18, false],
    [19, true],
    [22, true],
    [23, false],
  ])("of 0.%i is %s", (minor, tested) => expect(isTested(version(minor))).toBe(tested));
});
