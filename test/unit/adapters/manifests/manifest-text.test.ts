import { describe, expect, it } from "vitest";
import { readManifestText } from "../../../../shared/adapters/manifests/manifest-text.ts";

const OBJECT = "apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n";

describe("readManifestText", () => {
  it.each([
    ["nothing at all", ""],
    ["only comments", "# one\n# two\n"],
    ["null", "null\n"],
    ["empty documents between separators", "---\n---\n# x\n---\n"],
  ])("finds neither object nor fault in %s", (_given, text) => {
    expect(readManifestText(text)).toEqual({ objects: [], faults: [] });
  });

  it("reads every document of a file, each with the line where it begins", () => {
    const read = readManifestText(`# head\n${OBJECT}---\n\n${OBJECT}`);
    expect(read.objects.map(({ kind, line }) => [kind, line])).toEqual([
      ["Namespace", 2],
      ["Namespace", 7],
    ]);
  });

  it("reads JSON, which is YAML", () => {
    const read = readManifestText(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } }));
    expect(read.objects[0]?.body).toEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
  });

  it("expands a List, with the line of each item", () => {
    const text = `apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Namespace, metadata: { name: a } }
  - apiVersion: v1
    kind: List
    items:
      - { apiVersion: v1, kind: Namespace, metadata: { name: b } }
`;
    expect(readManifestText(text).objects.map(({ kind, line }) => [kind, line])).toEqual([
      ["Namespace", 4],
      ["Namespace", 5],
    ]);
  });

  it("gives items of a typed list the kind that the API server leaves out", () => {
    const text = "apiVersion: routing.router.io/v1alpha1\nkind: GatewayList\nitems: [{ metadata: { name: a } }]\n";
    expect(readManifestText(text).objects).toMatchObject([
      { apiVersion: "routing.router.io/v1alpha1", kind: "Gateway", body: { metadata: { name: "a" } } },
    ]);
  });

  it("joins merge keys and copies what anchors share", () => {
    const text = "apiVersion: v1\nkind: X\na: &a { one: 1 }\nb: { <<: *a, two: 2 }\n";
    expect(readManifestText(text).objects[0]?.body).toMatchObject({ a: { one: 1 }, b: { one: 1, two: 2 } });
  });

  it("keeps times and words like `no` as text", () => {
    const text = `${OBJECT}at: 2025-01-01T00:00:00Z\nregion: no\n`;
    expect(readManifestText(text).objects[0]?.body).toMatchObject({ at: "2025-01-01T00:00:00Z", region: "no" });
  });

  it.each([
    ["a sequence", "- 1\n", 1, "is a sequence, not a Kubernetes object"],
    ["plain text", "hello\n", 1, "is a string, not a Kubernetes object"],
    ["a document without kind", `${OBJECT}---\napiVersion: v1\n`, 5, "has no kind"],
    ["a document without apiVersion", "kind: A\n", 1, "has no apiVersion"],
    ["values of a chart", "# values\nimage: a\n", 2, "has no apiVersion and kind"],
    ["a bracket that never closes", "a: 1\nb: [1\n", 3, "Flow sequence"],
    ["a key given twice", "a: 1\na: 2\n", 2, "Map keys must be unique"],
    ["an alias to nothing", "a: *b\n", 1, "Unresolved alias"],
    ["a value that contains itself", "a: &x [*x]\n", 1, "circular"],
    ["an item of a List that is no object", "apiVersion: v1\nkind: List\nitems:\n  - 1\n", 4, "is a number"],
    ["a template that was not rendered", "{{ if .Values.a }}\nkind: A\n{{ end }}\n", 2, ""],
  ])("names line and reason for %s", (_given, text, line, reason) => {
    const [fault] = readManifestText(text).faults;
    expect(fault?.line).toBe(line);
    expect(fault?.reason).toContain(reason);
  });

  it.each([
    ["in a mapping below", "a:\n  b: 1\n  c: 2\n  b: 3\n", [4]],
    ["in a flow mapping", "a: { b: 1, b: 2 }\n", [1]],
    ["quoted once", `a: 1\n"a": 2\n`, [2]],
    ["in two mappings of a list", "a: [{ b: 1 }, { b: 2 }]\n", []],
    ["as a number and as text", `a: { 1: x, "1": y }\n`, []],
  ])("judges a key that stands %s", (_given, text, lines) => {
    const { faults } = readManifestText(`apiVersion: v1\nkind: X\n${text}`);
    expect(faults.map(({ line, reason }) => [line, reason])).toEqual(
      lines.map((line) => [line + 2, "Map keys must be unique"]),
    );
  });

  it("reads a mapping of many keys in a time that grows with it, not with its square", () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `  key-${index}: "${"x".repeat(80)}"\n`);
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n${keys.join("")}`;
    expect(readManifestText(text).objects.map(({ kind }) => kind)).toEqual(["ConfigMap"]);
  });

  it("still reads the other documents of a file with a fault", () => {
    const read = readManifestText(`${OBJECT}---\nkind: A\n---\n${OBJECT}`);
    expect([read.objects.length, read.faults.length]).toEqual([2, 1]);
  });

  it("refuses aliases that multiply without end", () => {
    const rows = "bcdefghij".split("").map((letter, index) => {
      const before = String.fromCodePoint(97 + index);
      return `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`;
    });
    const read = readManifestText(`a: &a [x]\n${rows.join("\n")}\n`);
    expect(read.faults[0]?.reason).toContain("alias");
  });
});
