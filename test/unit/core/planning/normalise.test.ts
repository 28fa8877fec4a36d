import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  comparableBody,
  comparableObject,
  equalJson,
  matches,
  shown,
  type Comparable,
} from "../../../../shared/core/planning/normalise.ts";
import type { Json, JsonObject } from "../../../../shared/model/json.ts";
import type { ObjectMeta } from "../../../../shared/model/object-meta.ts";
import { metaOf } from "../../../support/builders/objects.ts";

const owner = { apiVersion: "v1", kind: "Service", name: "lb", uid: "u1", controller: true };
const body: JsonObject = {
  apiVersion: "externaldns.k8s.io/v1alpha1",
  metadata: {
    name: "x",
    labels: { "router.io/region": "weu", app: "dns" },
    annotations: { "external-dns.alpha.kubernetes.io/controller": "external-dns-weu" },
    ownerReferences: [owner],
  },
  spec: { endpoints: [{ dnsName: "a", targets: ["b"] }] },
};
const wanted = comparableBody(body);
const observed = (meta: Partial<ObjectMeta> = {}, spec: unknown = body["spec"]): Comparable =>
  comparableObject(
    metaOf("DNSEndpoint", "shop/x", {
      labels: wanted.labels,
      annotations: wanted.annotations,
      owners: [owner],
      managers: ["service-router"],
      ...meta,
    }),
    spec,
  );
const labels = (more: Readonly<Record<string, string>>) => ({ labels: { ...wanted.labels, ...more } });

describe("matches", () => {
  it.each<[string, Comparable]>([
    ["the same object", observed()],
    ["more labels of others", observed(labels({ team: "shop", "helm.sh/chart": "x" }))],
    ["more annotations", observed({ annotations: { ...wanted.annotations, note: "x" } })],
    ["one more owner", observed({ owners: [{ ...owner, uid: "u2", controller: false }, owner] })],
    ["keys in another order", observed({}, { endpoints: [{ targets: ["b"], dnsName: "a" }] })],
    ["a field that is undefined", observed({}, { endpoints: [{ dnsName: "a", targets: ["b"], labels: undefined }] })],
    [
      "a label under our prefix that another manager may have set",
      observed({
        ...labels({ "router.io/team": "shop" }),
        managers: ["kubectl", "service-router"],
      }),
    ],
  ])("takes %s for what is wanted", (_what, found) => expect(matches(found, wanted)).toBe(true));

  it.each<[string, Comparable]>([
    ["a label with another value", observed(labels({ "router.io/region": "neu" }))],
    ["a missing label", observed({ labels: { app: "dns" } })],
    ["a label of ours that is no longer wanted", observed(labels({ "router.io/serviceroute": "x" }))],
    ["a missing annotation", observed({ annotations: {} })],
    ["no owner", observed({ owners: [] })],
    ["an owner that was made again", observed({ owners: [{ ...owner, uid: "u2" }] })],
    ["an owner that is no longer the controller", observed({ owners: [{ ...owner, controller: false }] })],
    ["another spec", observed({}, { endpoints: [{ dnsName: "a", targets: ["c"] }] })],
    [
      "one field too many in the spec",
      observed({}, { endpoints: [{ dnsName: "a", targets: ["b"], setIdentifier: "s" }] }),
    ],
    ["targets in another order", observed({}, { endpoints: [{ dnsName: "a", targets: ["b", "c"] }] })],
    ["no spec at all", observed({}, {})],
  ])("sees drift in %s", (_what, found) => expect(matches(found, wanted)).toBe(false));
});

describe("shown", () => {
  it("leaves labels and annotations of others out, so that they cannot change a digest", () => {
    const meta = {
      ...labels({ team: "shop", "router.io/old": "x" }),
      annotations: { ...wanted.annotations, note: "x" },
    };
    expect(shown(observed(meta), wanted)).toEqual({
      labels: { "router.io/region": "weu", app: "dns", "router.io/old": "x" },
      annotations: wanted.annotations,
      ownerReferences: [{ kind: "Service", name: "lb", uid: "u1" }],
      spec: body["spec"],
    });
  });

  it("is alike for an object that was read and for the body that made it: a step's before is the step's after", () =>
    expect(shown(observed(), wanted)).toEqual(shown(wanted, wanted)));
});

describe("equalJson", () => {
  it.each<[Json | undefined, Json | undefined, boolean]>([
    [1, 1, true],
    ["1", 1, false],
    [null, undefined, false],
    [undefined, undefined, true],
    [[], {}, false],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: undefined }, {}, true],
    [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1 }] } }, true],
    [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, false],
  ])("%j and %j: %s", (left, right, equal) => {
    expect(equalJson(left, right)).toBe(equal);
    expect(equalJson(right, left)).toBe(equal);
  });

  it("agrees with structural equality on any JSON", () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, (left, right) => {
        const text = (value: Json): string => JSON.stringify(sorted(value));
        expect(equalJson(left, right)).toBe(text(left) === text(right));
        expect(equalJson(left, JSON.parse(JSON.stringify(left)) as Json)).toBe(true);
      }),
    );
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((entry: Json) => sorted(entry));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as JsonObject).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, entry === undefined ? entry : sorted(entry)]));
}
