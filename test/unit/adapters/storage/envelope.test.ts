import * as fc from "fast-check";
import { gzipSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { open, seal } from "../../../../shared/adapters/storage/envelope.ts";

/** As JSON gives it back: no undefined, no -0. */
const anyJson = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

describe("seal and open", () => {
  it.each([
    ["plain", false],
    ["packed", true],
  ])("give back any document that was sealed (%s)", (_form, packed) => {
    fc.assert(
      fc.property(anyJson, fc.integer({ min: 1, max: 999 }), (document, schema) => {
        expect(open(seal(schema, document, packed), packed)).toEqual({ kind: "document", schema, document });
      }),
    );
  });

  it("never give back another document for packed bytes that were damaged", () => {
    const document = { clusters: ["w1", "w2"], text: "x".repeat(300) };
    const sealed = seal(1, document, true);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const damaged = Buffer.from(sealed);
        damaged[position] = (damaged[position] ?? 0) ^ flip;
        const opened = open(damaged, true);
        // A byte of the gzip header that means nothing (its time, its system) changes nothing.
        if (opened.kind === "document") expect(opened).toEqual({ kind: "document", schema: 1, document });
      }),
    );
  });

  it("never throw for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, packed) => {
        expect(["document", "unreadable"]).toContain(open(bytes, packed).kind);
      }),
    );
  });

  it("notice a payload that was changed and packed again", () => {
    const text = gunzipSync(seal(1, { servedBy: "w1" }, true))
      .toString("utf8")
      .replace("w1", "w2");
    expect(open(gzipSync(text), true)).toEqual({
      kind: "unreadable",
      reason: "its content does not match its digest",
    });
  });

  it("recognise a later schema in the head of a packed document", () => {
    expect(open(seal(9, { anything: 1 }, true), true)).toMatchObject({ schema: 9 });
  });

  it.each([
    ["without a digest", '{"schema":1,"document":{}}', "schema and a digest"],
    ["that is no JSON", "hello", "JSON"],
  ])("refuse a packed document %s", (_what, text, reason) => {
    expect(open(gzipSync(text), true)).toMatchObject({ kind: "unreadable", reason: expect.stringContaining(reason) });
  });

  it("refuse text that is not UTF-8, and accept a byte order mark", () => {
    expect(open(Buffer.from([0x7b, 0xff, 0x7d]), false).kind).toBe("unreadable");
    expect(open(Buffer.from('\ufeff{"schema":1,"document":2}', "utf8"), false)).toMatchObject({ document: 2 });
  });
});
