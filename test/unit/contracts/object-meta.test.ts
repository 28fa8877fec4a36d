import { describe, expect, it } from "vitest";
import { epochMs, readMeta, readStatus } from "../../../shared/contracts/object-meta.ts";

function meta(metadata: unknown, namespaced = true): { meta: ReturnType<typeof readMeta>; issues: readonly string[] } {
  const issues: string[] = [];
  return { meta: readMeta({ metadata }, namespaced, (issue) => issues.push(issue)), issues };
}

const EMPTY = {
  name: "",
  uid: "",
  resourceVersion: "",
  generation: 0,
  createdAtMs: 0,
  deleting: false,
  labels: {},
  annotations: {},
  owners: [],
  managers: [],
};

describe("readMeta", () => {
  it("keeps what rules look at and drops the rest", () => {
    const owner = { apiVersion: "v1", kind: "Service", name: "ingress", uid: "u-1", controller: true };
    const read = meta({
      name: "orders",
      namespace: "shop",
      uid: "u-2",
      resourceVersion: "17",
      generation: 3,
      creationTimestamp: "2026-01-02T03:04:05Z",
      deletionTimestamp: "2026-01-03T00:00:00Z",
      selfLink: "/x",
      finalizers: ["a/b"],
      labels: { "router.io/region": "weu" },
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "external-dns.alpha.kubernetes.io/controller": "external-dns-weu",
        "router.io/note": "kept",
        "example.com/router.io/x": "dropped",
      },
      ownerReferences: [{ ...owner, extra: 1 }],
      managedFields: [
        { manager: "kubectl", operation: "Update", fieldsV1: { "f:spec": {} } },
        { manager: "service-router", operation: "Apply", fieldsV1: {} },
        { manager: "kubectl", operation: "Apply" },
        { manager: "kube-controller-manager", subresource: "status" },
        { operation: "Apply" },
      ],
    });
    expect(read.issues).toEqual([]);
    expect(read.meta).toEqual({
      namespace: "shop",
      name: "orders",
      uid: "u-2",
      resourceVersion: "17",
      generation: 3,
      createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      deleting: true,
      labels: { "router.io/region": "weu" },
      annotations: { "external-dns.alpha.kubernetes.io/controller": "external-dns-weu", "router.io/note": "kept" },
      owners: [owner],
      managers: ["kubectl", "service-router"],
    });
  });

  it("takes what people leave empty in YAML for nothing", () => {
    const read = meta({
      name: "a",
      namespace: "b",
      labels: null,
      annotations: null,
      ownerReferences: null,
      creationTimestamp: null,
      deletionTimestamp: null,
    });
    expect(read).toEqual({ meta: { ...EMPTY, namespace: "b", name: "a" }, issues: [] });
  });

  it.each([
    ["no metadata", undefined, ["metadata.name", "metadata.namespace"]],
    ["metadata that is a list", [], ["metadata.name", "metadata.namespace"]],
    ["a name that is a number", { name: 7, namespace: "b" }, ["metadata.name"]],
    ["an empty name", { name: "", namespace: "b" }, ["metadata.name"]],
    ["no namespace", { name: "a" }, ["metadata.namespace"]],
    ["labels that are a list", { name: "a", namespace: "b", labels: ["x"] }, ["metadata.labels"]],
    ["owners that are an object", { name: "a", namespace: "b", ownerReferences: {} }, ["metadata.ownerReferences"]],
    [
      "an owner without uid",
      { name: "a", namespace: "b", ownerReferences: [{ kind: "x" }] },
      ["metadata.ownerReferences[0]"],
    ],
  ])("reports %s and goes on", (_what, metadata, paths) => {
    const { issues } = meta(metadata);
    expect(issues.map((issue) => issue.slice(0, issue.indexOf(":")))).toEqual(paths);
  });

  it("reports a label that is no string by its key, and keeps the others", () => {
    const read = meta({ name: "a", namespace: "b", labels: { "app.io/version": 2, app: "x" } });
    expect(read.issues).toEqual(['metadata.labels["app.io/version"]: must be a string; quote it']);
    expect(read.meta.labels).toEqual({ "app.io/version": "", app: "x" });
  });

  it("drops the namespace of a cluster-scoped object", () => {
    expect(meta({ name: "a", namespace: "b" }, false)).toEqual({ meta: { ...EMPTY, name: "a" }, issues: [] });
  });
});

describe("managers", () => {
  const ours = (fieldsV1: unknown) => ({ manager: "service-router", operation: "Apply", fieldsV1 });
  const theirs = (fieldsV1: unknown, operation = "Update") => ({ manager: "operator", operation, fieldsV1 });
  const labels = { "f:metadata": { "f:labels": { "f:app": {} } } };
  const managersOf = (...managedFields: readonly unknown[]) =>
    meta({ name: "a", namespace: "b", managedFields }).meta.managers;

  it.each<readonly [string, readonly unknown[], readonly string[]]>([
    ["everything is ours", [ours(labels)], ["service-router"]],
    ["others own other fields", [theirs({ "f:spec": {} }), ours(labels)], ["operator", "service-router"]],
    [
      "others own fields beside ours",
      [theirs({ "f:metadata": { "f:labels": { ".": {}, "f:team": {} } } }), ours(labels)],
      ["operator", "service-router"],
    ],
    ["the one before still claims a field that we applied", [theirs(labels), ours(labels)], ["operator"]],
    [
      "it claims a list as a whole that we applied",
      [theirs({ "f:spec": { "f:endpoints": {} } }), ours({ "f:spec": { "f:endpoints": {} } })],
      ["operator"],
    ],
    ["somebody applies the same", [theirs(labels, "Apply"), ours(labels)], ["operator", "service-router"]],
    ["somebody writes a status", [{ ...theirs(labels), subresource: "status" }, ours(labels)], ["service-router"]],
    ["we only updated", [theirs(labels), { ...ours(labels), operation: "Update" }], ["operator", "service-router"]],
  ])("where %s", (_where, managedFields, expected) => expect(managersOf(...managedFields)).toEqual(expected));
});

describe("epochMs", () => {
  it.each([
    ["2026-01-02T03:04:05Z", Date.UTC(2026, 0, 2, 3, 4, 5)],
    ["2026-01-02T03:04:05.123456Z", Date.UTC(2026, 0, 2, 3, 4, 5, 123)],
    ["yesterday", 0],
    ["", 0],
    [17, 0],
    [undefined, 0],
  ])("reads %s as %s", (time, ms) => {
    expect(epochMs(time)).toBe(ms);
  });
});

describe("readStatus", () => {
  const whole = {
    type: "Ready",
    status: "True",
    reason: "ReconciliationSucceeded",
    message: "",
    observedGeneration: 2,
    lastTransitionTime: "2026-01-02T03:04:05Z",
  };

  it.each([
    ["no status", {}, {}],
    ["a status that is a word", { status: "ok" }, {}],
    ["fields without conditions", { status: { phase: "Active", x: [1] } }, { phase: "Active", x: [1] }],
    ["conditions that are no list", { status: { phase: "Active", conditions: "none" } }, { phase: "Active" }],
    ["whole conditions", { status: { conditions: [whole] } }, { conditions: [whole] }],
    [
      "a condition with missing parts",
      { status: { conditions: [{ type: "Ready", status: "False", observedGeneration: "2" }] } },
      { conditions: [{ type: "Ready", status: "False", reason: "", message: "", lastTransitionTime: "" }] },
    ],
    [
      "conditions that say nothing",
      { status: { conditions: [null, 7, {}, { type: "Ready" }, { type: "Ready", status: "Maybe" }, whole] } },
      { conditions: [whole] },
    ],
  ])("of %s keeps what can be read", (_what, raw, status) => {
    expect(readStatus(raw)).toEqual(status);
  });
});
