import { describe, expect, it } from "vitest";
import { applyBody } from "../../../../shared/adapters/manifests/server-side-apply.ts";
import type { JsonObject } from "../../../../shared/model/json.ts";

const OURS = { manager: "service-router", operation: "Apply" };
const body = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name: "internal", namespace: "istio-system", ...metadata },
  spec,
});
const written = (options: Partial<Parameters<typeof applyBody>[0]>): JsonObject => {
  const applied = applyBody({ current: undefined, source: undefined, body: body({}), force: false, ...options });
  if (applied.result !== "written") {
    throw new Error(`expected a write, got a conflict about ${applied.fields.join(", ")}`);
  }
  return applied.body;
};

describe("applyBody", () => {
  it("creates an object of generation 1 that service-router manages", () => {
    expect(written({ body: body({ a: 1 }) }).metadata).toMatchObject({ generation: 1, managedFields: [OURS] });
  });

  it("removes what an earlier apply set and this one does not", () => {
    const current = written({ body: body({ a: 1, b: 2 }, { labels: { x: "1" } }) });
    expect(written({ current, body: body({ a: 1 }) }).spec).toEqual({ a: 1 });
    expect(written({ current, body: body({ a: 1 }) }).metadata).not.toHaveProperty("labels");
  });

  it("keeps fields of the source that it never wrote, and replaces lists whole", () => {
    const source = body({ selector: { foo: "bar" }, servers: [1, 2] }, { labels: { team: "a" } });
    const result = written({ current: source, source, body: body({ selector: { istio: "x" }, servers: [3] }) });
    expect(result.spec).toEqual({ selector: { foo: "bar", istio: "x" }, servers: [3] });
    expect(result.metadata).toMatchObject({ labels: { team: "a" } });
  });

  it("joins owner references by uid", () => {
    const source = body(
      {},
      {
        ownerReferences: [
          { uid: "1", name: "old" },
          { uid: "2", name: "foreign" },
        ],
      },
    );
    const wanted = body({}, { ownerReferences: [{ uid: "1", name: "new" }] });
    expect(written({ current: source, source, body: wanted }).metadata).toMatchObject({
      ownerReferences: [
        { uid: "2", name: "foreign" },
        { uid: "1", name: "new" },
      ],
    });
  });

  it.each([
    ["raises the generation when the spec changed", { a: 2 }, 4],
    ["keeps the generation when the spec is the same", { a: 1 }, 3],
  ])("%s", (_rule, spec, generation) => {
    const current = body({ a: 1 }, { generation: 3 });
    expect(written({ current, body: body(spec) }).metadata).toMatchObject({ generation });
  });

  it("keeps the status, which others write", () => {
    const current = { ...body({}), status: { observedGeneration: 1 } };
    expect(written({ current, body: body({ a: 1 }) }).status).toEqual({ observedGeneration: 1 });
  });

  describe("where another manager owns a field", () => {
    const foreign = {
      manager: "kubectl",
      operation: "Update",
      fieldsV1: { "f:metadata": { "f:labels": { "f:team": {} } }, "f:spec": { "f:servers": {} } },
    };
    const current = body({ servers: [1] }, { labels: { team: "a" }, managedFields: [foreign] });

    it("refuses to change it, naming manager and fields", () => {
      const wanted = body({ servers: [2] }, { labels: { team: "b" } });
      expect(applyBody({ current, source: current, body: wanted, force: false })).toEqual({
        result: "conflict",
        managers: ["kubectl"],
        fields: [".metadata.labels.team", ".spec.servers"],
      });
    });

    it("writes an equal value, and both manage the object", () => {
      const result = written({ current, source: current, body: body({ servers: [1] }) });
      expect(result.metadata).toMatchObject({ managedFields: [foreign, OURS] });
    });

    it("takes it by force, and the other manager is gone", () => {
      const result = written({ current, source: current, body: body({ servers: [2] }), force: true });
      expect(result.spec).toEqual({ servers: [2] });
      expect(result.metadata).toMatchObject({ managedFields: [OURS] });
    });

    it("does not mind managers of the status", () => {
      const status = { ...foreign, subresource: "status" };
      const observed = body({ servers: [1] }, { managedFields: [status] });
      expect(written({ current: observed, body: body({ servers: [2] }) }).spec).toEqual({ servers: [2] });
    });
  });
});
