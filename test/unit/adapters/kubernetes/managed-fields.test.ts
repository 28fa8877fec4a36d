import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addedSpecFields, ownershipTakenOver } from "../../../../shared/adapters/kubernetes/managed-fields.ts";

const ours = {
  manager: "service-router",
  operation: "Apply",
  fieldsV1: { "f:metadata": { "f:labels": { "f:region": {} } }, "f:spec": { "f:endpoints": {} } },
};
const spec = { ".": {}, "f:endpoints": {} };

function object(...managedFields: readonly object[]): object {
  return { metadata: { resourceVersion: "7", managedFields } };
}

describe("ownershipTakenOver", () => {
  it.each<[string, readonly object[]]>([
    ["nobody else owns anything", []],
    ["others own other fields", [{ manager: "m", operation: "Update", fieldsV1: { "f:spec": { "f:ttl": {} } } }]],
    [
      "another manager applies the same fields",
      [{ manager: "flux", operation: "Apply", fieldsV1: { "f:spec": spec } }],
    ],
    [
      "others own status only",
      [{ manager: "m", operation: "Update", subresource: "status", fieldsV1: { "f:spec": spec } }],
    ],
  ])("changes nothing when %s", (_given, others) => {
    expect(ownershipTakenOver(object(ours, ...others), "service-router")).toBeUndefined();
  });

  it("takes shared fields off a plain update and leaves the rest of it", () => {
    const labels = { ".": {}, "f:region": {}, "f:team": {} };
    const theirs = {
      manager: "m",
      operation: "Update",
      fieldsV1: { "f:metadata": { "f:labels": labels }, "f:spec": spec },
    };
    const patch = ownershipTakenOver(object(ours, theirs), "service-router");
    expect(patch).toEqual([
      { op: "test", path: "/metadata/resourceVersion", value: "7" },
      {
        op: "replace",
        path: "/metadata/managedFields",
        value: [ours, { ...theirs, fieldsV1: { "f:metadata": { "f:labels": { ".": {}, "f:team": {} } } } }],
      },
    ]);
  });

  it("drops an entry that has nothing left", () => {
    const theirs = { manager: "m", operation: "Update", fieldsV1: { "f:spec": spec } };
    expect(ownershipTakenOver(object(theirs, ours), "service-router")?.[1]).toMatchObject({ value: [ours] });
  });

  it("says nothing about an object without our entry, or about no object", () => {
    expect(ownershipTakenOver(object({ ...ours, manager: "flux" }), "service-router")).toBeUndefined();
    expect(ownershipTakenOver("<html>", "service-router")).toBeUndefined();
  });

  it("never takes a field that is not ours, and leaves none that is", () => {
    const fieldSet = fc.dictionary(
      fc.constantFrom("f:a", "f:b"),
      fc.dictionary(fc.constantFrom("f:x", "f:y", "f:z"), fc.constant({}), { minKeys: 1 }),
    );
    fc.assert(
      fc.property(fieldSet, fieldSet, (mine, theirs) => {
        const before = { manager: "m", operation: "Update", fieldsV1: theirs };
        const patch = ownershipTakenOver(object({ ...ours, fieldsV1: mine }, before), "service-router");
        const after = patch === undefined ? theirs : remaining(patch);
        const expected = leaves(theirs).filter((leaf) => !leaves(mine).includes(leaf));
        expect(leaves(after)).toEqual(expected);
      }),
    );
  });
});

function remaining(patch: readonly object[]): object {
  const { value } = patch[1] as { readonly value: readonly { readonly manager: string; readonly fieldsV1: object }[] };
  return value.find(({ manager }) => manager === "m")?.fieldsV1 ?? {};
}

function leaves(fields: object): readonly string[] {
  return Object.entries(fields)
    .flatMap(([path, below]) => Object.keys(below as object).map((leaf) => `${path}.${leaf}`))
    .sort();
}

describe("addedSpecFields", () => {
  const selecting = {
    manager: "service-router",
    operation: "Apply",
    fieldsV1: { "f:spec": { "f:selector": { "f:istio": {} }, "f:servers": {} } },
  };

  it.each<[string, readonly object[]]>([
    ["nobody else set anything", []],
    ["others set labels", [{ manager: "m", operation: "Update", fieldsV1: { "f:metadata": { "f:labels": {} } } }]],
    ["others own what we own, too", [{ manager: "m", operation: "Apply", fieldsV1: selecting.fieldsV1 }]],
    [
      "others have only touched the map that our field is in",
      [{ manager: "m", operation: "Update", fieldsV1: { "f:spec": { ".": {}, "f:selector": { ".": {} } } } }],
    ],
    [
      "others wrote a status",
      [{ manager: "m", operation: "Update", subresource: "status", fieldsV1: { "f:spec": { "f:extra": {} } } }],
    ],
  ])("finds nothing when %s", (_given, others) => {
    expect(addedSpecFields(object(selecting, ...others), "service-router")).toEqual({ managers: [], fields: [] });
  });

  it("names what others added beside our fields, and who", () => {
    const edited = {
      manager: "kubectl-edit",
      operation: "Update",
      fieldsV1: { "f:spec": { "f:selector": { ".": {}, "f:app": {}, "f:tier": {} } } },
    };
    const applied = { manager: "flux", operation: "Apply", fieldsV1: { "f:spec": { "f:extra": { "f:deep": {} } } } };
    expect(addedSpecFields(object(edited, selecting, applied), "service-router")).toEqual({
      managers: ["flux", "kubectl-edit"],
      fields: [".spec.extra.deep", ".spec.selector.app", ".spec.selector.tier"],
    });
  });

  it("says nothing about no object", () => {
    expect(addedSpecFields("<html>", "service-router")).toEqual({ managers: [], fields: [] });
  });
});
