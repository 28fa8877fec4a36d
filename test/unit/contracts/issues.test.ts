import { describe, expect, it } from "vitest";
import * as z from "zod";
import { issueLines, nearest, pathText, wording } from "../../../shared/contracts/issues.ts";

describe("pathText", () => {
  it.each([
    [[], ""],
    [["spec"], "spec"],
    [["spec", "endpoints", 2, "targets"], "spec.endpoints[2].targets"],
    [[0, "name"], "[0].name"],
    [["metadata", "labels", "router.io/region"], 'metadata.labels["router.io/region"]'],
    [["a b"], '["a b"]'],
  ])("writes %j as %s", (path, text) => {
    expect(pathText(path)).toBe(text);
  });
});

describe("nearest", () => {
  const known = ["gatewayNamespace", "identity", "name", "source", "writes"];
  it.each([
    ["gatewayNamspace", "gatewayNamespace"],
    ["GATEWAYNAMESPACE", "gatewayNamespace"],
    ["sources", "source"],
    ["write", "writes"],
    ["nmae", "name"],
    ["colour", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ])("for %s suggests %s", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

describe("issueLines", () => {
  const schema = z.strictObject({
    name: z.string().min(1).max(3),
    mode: z.enum(["a", "b"]),
    count: z.int().min(2).max(4),
    on: z.boolean(),
    items: z.array(z.strictObject({ key: z.string() })).min(1),
  });
  const lines = (value: unknown): readonly string[] => {
    const read = schema.safeParse(value, { error: wording });
    return read.success ? [] : issueLines(read.error, schema);
  };

  it("says what is missing, field by field", () => {
    expect(lines({})).toEqual([
      "name: is required",
      "mode: is required: one of a, b",
      "count: is required",
      "on: is required",
      "items: is required",
    ]);
  });

  it("says what a value must be, never what it is", () => {
    const secret = "DefaultEndpointsProtocol=https;AccountKey=abc";
    const found = lines({ name: secret, mode: secret, count: secret, on: secret, items: secret });
    expect(found).toEqual([
      "name: must be at most 3 characters",
      "mode: must be one of a, b",
      "count: must be a number, not a string",
      "on: must be true or false, not a string",
      "items: must be a list, not a string",
    ]);
    expect(found.join()).not.toContain("AccountKey");
  });

  it("says limits, and tells empty values from wrong ones", () => {
    expect(lines({ name: "", mode: "a", count: 1, on: null, items: [] })).toEqual([
      "name: must not be empty",
      "count: must be at least 2",
      "on: must be true or false, not empty (null)",
      "items: must not be empty",
    ]);
    expect(lines({ name: "a", mode: "a", count: 5, on: true, items: [7] })).toEqual([
      "count: must be at most 4",
      "items[0]: must be an object, not a number",
    ]);
  });

  it("names every unknown key by itself, with the key that was meant or all that there are", () => {
    const good = { name: "a", mode: "a", count: 2, on: true };
    expect(lines({ ...good, items: [{ key: "x", kez: "y", colour: "red" }], cuont: 1 })).toEqual([
      "items[0].kez: is not known; did you mean key?",
      "items[0].colour: is not known; known here: key",
      "cuont: is not known; did you mean count?",
    ]);
  });

  it("calls the whole value (object)", () => {
    expect(lines([])).toEqual(["(object): must be an object, not a list"]);
    expect(lines(undefined)).toEqual(["(object): is required"]);
  });
});
