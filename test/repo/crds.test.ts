/** Files in crds/ and docs/reference/ that follow from the contracts are as the contracts say; samples can be used as they are. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import * as z from "zod";
import { isKind, kindTable } from "../../shared/contracts/kinds.ts";
import { staleFiles } from "../../tools/generate.ts";
import { structuralSchema } from "../../tools/crds/structural-schema.ts";

const CRDS = path.join(import.meta.dirname, "..", "..", "crds");

const read = (file: string): string => readFileSync(path.join(CRDS, file), "utf8");

describe("generated files", () => {
  it("are as the contracts say (else: npm run generate)", () => {
    expect(staleFiles()).toEqual([]);
  });
});

describe("samples", () => {
  const files = readdirSync(path.join(CRDS, "samples"));

  it("exist for every kind that people write, one each", () => {
    expect(files.map((file) => String(Object(parse(read(`samples/${file}`))).kind)).toSorted()).toEqual([
      "ClusterIdentity",
      "DNSConfiguration",
      "DNSPolicy",
      "Gateway",
      // The Gateway asks for its label.
      "Namespace",
      "ServiceRoute",
    ]);
  });

  it.each(files)("%s parses, and is of the version that the CRD serves", (file) => {
    const sample: unknown = parse(read(`samples/${file}`));
    const { apiVersion, kind } = Object(sample) as { readonly apiVersion: string; readonly kind: string };
    if (!isKind(kind)) throw new Error(`${kind} is no kind`);
    const { group, versions, parse: parseKind } = kindTable[kind];
    const parsed = parseKind(sample);
    expect(parsed.ok ? [] : parsed.rejected.issues).toEqual([]);
    expect(apiVersion).toBe(group === "" ? versions[0] : `${group}/${versions[0]}`);
  });
});

describe("kustomizations", () => {
  it.each([".", "rbac"])("of crds/%s list files that exist", (folder) => {
    const { resources } = parse(read(`${folder}/kustomization.yaml`)) as { readonly resources: readonly string[] };
    expect(resources.length).toBeGreaterThan(0);
    for (const resource of resources) expect(parseAllDocuments(read(`${folder}/${resource}`)).length).toBe(1);
  });
});

describe("structuralSchema", () => {
  it.each([
    ["a union", z.object({ a: z.union([z.string(), z.number()]) }), "x.a: has anyOf"],
    ["a discriminated union", z.discriminatedUnion("k", [z.object({ k: z.literal("a") })]), "x: has"],
    ["a tuple", z.tuple([z.string()]), "x"],
    ["any value", z.object({ a: z.unknown() }), "x.a: has no single type"],
    ["an open object", z.looseObject({}), "x: takes any field"],
    ["look-around", z.array(z.string().regex(/(?=a)b/)), "x[]: has a pattern that RE2 lacks"],
    ["a back-reference", z.string().regex(/(a)\1/), "x: has a pattern that RE2 lacks"],
    ["an expression with flags", z.string().regex(/a/i), "/a/i: has flags"],
    ["a format that nobody checks", z.email(), "x: has the format email"],
    ["keys from a list", z.record(z.enum(["a"]), z.string()), "x: requires a field that it does not describe"],
    ["rules for keys", z.record(z.string().max(3), z.string()), "a record: has rules for its keys"],
    ["steps", z.number().multipleOf(3), "x: has multipleOf"],
  ])("stops at %s, which a CRD cannot say", (_what, schema, message) => {
    expect(() => structuralSchema(schema, "x")).toThrow(message);
  });

  it("says integers, times, maps and defaults as Kubernetes does", () => {
    const schema = z.strictObject({
      small: z.int().min(1).max(9).optional(),
      big: z.int(),
      at: z.iso.datetime(),
      labels: z.record(z.string(), z.string().max(63)),
      mode: z.enum(["a", "b"]).default("a"),
    });
    expect(structuralSchema(schema, "x")).toEqual({
      type: "object",
      properties: {
        small: { type: "integer", format: "int32", minimum: 1, maximum: 9 },
        big: { type: "integer", format: "int64" },
        at: { type: "string", format: "date-time" },
        labels: { type: "object", additionalProperties: { type: "string", maxLength: 63 } },
        mode: { type: "string", enum: ["a", "b"], default: "a" },
      },
      required: ["big", "at", "labels"],
    });
  });
});
