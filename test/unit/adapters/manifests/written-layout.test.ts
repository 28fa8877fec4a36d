import { describe, expect, it } from "vitest";
import {
  objectText,
  sourceDigest,
  splitSourceDigest,
  writtenClassOf,
  writtenPath,
} from "../../../../shared/adapters/manifests/written-layout.ts";
import { readManifestText } from "../../../../shared/adapters/manifests/manifest-text.ts";

describe("writtenPath", () => {
  it.each([
    ["object", "DNSEndpoint", "orders/api-external-dns-weu", "orders/dnsendpoint-api-external-dns-weu.yaml"],
    ["object", "IstioGateway", "istio-system/internal", "istio-system/gateway.networking.istio.io-internal.yaml"],
    ["status", "Gateway", "istio-system/internal", "status/istio-system/gateway-internal.yaml"],
    ["status", "ClusterIdentity", "w1", "status/_cluster/clusteridentity-w1.yaml"],
    ["deleted", "DNSEndpoint", "orders/api", "deleted/orders/dnsendpoint-api.yaml"],
  ] as const)("puts the %s of %s %s at %s", (written, kind, key, path) => {
    expect(writtenPath(written, kind, key)).toBe(path);
    expect(writtenClassOf(path)).toBe(written);
  });

  it.each([
    ["../../etc/passwd"],
    ["orders/../../../etc/passwd"],
    ["a/b/c"],
    ["./.."],
    ["orders/a\\b:c"],
    [`orders/${"a".repeat(253)}`],
  ])("keeps %s inside the directory, in one file name of at most 255 characters", (key) => {
    const path = writtenPath("status", "ServiceRoute", key);
    expect(path).toMatch(/^status\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/[A-Za-z0-9._~-]{1,255}$/);
  });

  it("tells apart names that differ only in what no file name can have", () => {
    expect(writtenPath("status", "ServiceRoute", "a/b:c")).not.toBe(writtenPath("status", "ServiceRoute", "a/b;c"));
  });
});

describe("writtenClassOf", () => {
  it.each(["events.yaml", "a.yaml", "other/a/b.yaml", "status/a/b/c.yaml"])("says nothing about %s", (path) => {
    expect(writtenClassOf(path)).toBeUndefined();
  });
});

describe("objectText", () => {
  it("says that the file is generated, and reads back as the same object and digest", () => {
    const body = { apiVersion: "v1", kind: "X", metadata: { name: "a", annotations: { b: "c" } }, spec: { on: "no" } };
    const text = objectText(body, "0123");
    expect(text).toMatch(/^# Generated\./);
    const [read] = readManifestText(text).objects;
    expect(splitSourceDigest(read?.body ?? {})).toEqual({ body, digest: "0123" });
  });
});

describe("sourceDigest", () => {
  const body = { apiVersion: "v1", kind: "X", metadata: { name: "a", resourceVersion: "1" }, spec: { a: 1 } };

  it("does not move with status and notes of the API server", () => {
    const exported = { ...body, metadata: { name: "a", resourceVersion: "2", managedFields: [] }, status: { b: 1 } };
    expect(sourceDigest(exported)).toBe(sourceDigest(body));
  });

  it("moves with the spec", () => {
    expect(sourceDigest({ ...body, spec: { a: 2 } })).not.toBe(sourceDigest(body));
  });
});
