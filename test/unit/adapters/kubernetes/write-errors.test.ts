import { describe, expect, it } from "vitest";
import { StatusFailure } from "../../../../shared/adapters/kubernetes/request-failure.ts";
import { writeError, type WriteMeaning } from "../../../../shared/adapters/kubernetes/write-errors.ts";

const meaning: WriteMeaning = {
  cluster: "w1",
  kind: "DNSEndpoint",
  key: "shop/a",
  verb: "patch",
  signal: new AbortController().signal,
};

function status(code: number, body: object | string): StatusFailure {
  const text = typeof body === "string" ? body : JSON.stringify({ kind: "Status", ...body });
  return new StatusFailure({ status: code, body: text, retryAfterMs: undefined });
}

const cause = (field: string, message = "m", reason = "FieldValueInvalid"): object => ({ reason, message, field });
const conflict = (field: string, manager: string): object =>
  cause(field, `conflict with "${manager}" using externaldns.k8s.io/v1alpha1`, "FieldManagerConflict");

/** Bodies as kube-apiserver 1.36 sent them. */
describe("writeError", () => {
  it.each<[string, StatusFailure, Partial<WriteMeaning>, object]>([
    [
      "a conflict with other field managers",
      status(409, {
        reason: "Conflict",
        details: { causes: [conflict(".spec.b", "helm"), conflict(".spec.a", "kubectl"), conflict(".spec.a", "helm")] },
      }),
      {},
      { code: "FIELD_CONFLICT", owned: { managers: ["helm", "kubectl"], fields: [".spec.a", ".spec.b"] } },
    ],
    [
      "an object that was made meanwhile",
      status(409, { reason: "Conflict" }),
      { verb: "create" },
      { code: "STALE_OBJECT" },
    ],
    ["an object that was changed", status(409, { reason: "Conflict" }), { verb: "delete" }, { code: "STALE_OBJECT" }],
    [
      "another uid",
      status(422, { reason: "Invalid", details: { causes: [cause("metadata.uid")] } }),
      {},
      { code: "STALE_OBJECT" },
    ],
    [
      "a failed test of a JSON patch",
      status(422, { reason: "Invalid", message: "the server rejected our request due to an error in our request" }),
      { subresource: "status" },
      { code: "STALE_OBJECT" },
    ],
    [
      "a value against the schema",
      status(422, { reason: "Invalid", message: "spec.x: too long", details: { causes: [cause("spec.x")] } }),
      {},
      { code: "OBJECT_REFUSED", message: "cluster/w1 refused DNSEndpoint shop/a: spec.x: too long" },
    ],
    ["a body that cannot be read", status(400, { reason: "BadRequest" }), {}, { code: "OBJECT_REFUSED" }],
    [
      "a field that the schema does not have",
      status(500, {
        message: "failed to create typed patch object (shop/a; v1): .spec.bogus: field not declared in schema",
      }),
      {},
      { code: "OBJECT_REFUSED" },
    ],
    [
      "a webhook that cannot be called",
      status(500, { reason: "InternalError", message: 'failed calling webhook "a.b"' }),
      {},
      { code: "OBJECT_REFUSED" },
    ],
    [
      "an etcd that is away",
      status(500, { message: "etcdserver: request timed out" }),
      {},
      { code: "CLUSTER_UNREACHABLE" },
    ],
    [
      "a right that is missing, by the verb that RBAC misses",
      status(403, {
        reason: "Forbidden",
        message: 'dnsendpoints "a" is forbidden: User "x" cannot create resource "dnsendpoints"',
      }),
      {},
      { code: "FORBIDDEN", what: "create dnsendpoints.externaldns.k8s.io" },
    ],
    [
      "an admission webhook that denies",
      status(403, { reason: "Forbidden", message: 'admission webhook "a.b" denied the request: no' }),
      {},
      { code: "OBJECT_REFUSED" },
    ],
    [
      "a namespace that is going",
      status(403, {
        reason: "Forbidden",
        message:
          'dnsendpoints "a" is forbidden: unable to create new content in namespace shop because it is being terminated',
        details: { causes: [cause("metadata.namespace", "m", "NamespaceTerminating")] },
      }),
      {},
      { code: "OBJECT_REFUSED" },
    ],
    [
      "a namespace that is gone",
      status(404, { reason: "NotFound", details: { kind: "namespaces" } }),
      {},
      { code: "STALE_OBJECT" },
    ],
    [
      "an object that is gone",
      status(404, { reason: "NotFound", details: { kind: "dnsendpoints" } }),
      {},
      { code: "STALE_OBJECT" },
    ],
    ["a CRD that is gone", status(404, "404 page not found"), {}, { code: "KIND_NOT_SERVED", kind: "DNSEndpoint" }],
    ["401", status(401, { reason: "Unauthorized" }), {}, { code: "CLUSTER_UNAUTHORIZED" }],
    ["503", status(503, "no backend"), {}, { code: "CLUSTER_UNREACHABLE" }],
  ])("calls %s by its name", (_given, failure, overrides, expected) => {
    const error = writeError(failure, { ...meaning, ...overrides });
    expect(error).toMatchObject(expected);
    expect(error).toHaveProperty("cause", failure);
  });
});
