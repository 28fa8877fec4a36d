import * as fc from "fast-check";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { documentId, documentPath } from "../../../../shared/adapters/storage/document-path.ts";
import { InvariantError } from "../../../../shared/errors.ts";

const single = { keyed: false, packed: false };
const keyed = { keyed: true, packed: true };
/** Whole characters only: half a surrogate pair has no UTF-8. */
const anyId = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((id) => id.isWellFormed());

describe("documentPath", () => {
  it.each([
    ["placement", single, undefined, "placement.json"],
    ["last-good", keyed, "w1", "last-good/w1.json.gz"],
    ["last-good", keyed, "..", "last-good/...json.gz"],
    ["last-good", keyed, "../x", "last-good/..%2Fx.json.gz"],
    ["last-good", keyed, "W1", "last-good/%571.json.gz"],
    ["last-good", keyed, "a%b", "last-good/a%25b.json.gz"],
  ])("of %s %o %s is %s", (name, form, id, path) => expect(documentPath(name, form, id)).toBe(path));

  it("stays in its folder and differs from every other id, also where case does not count", () => {
    fc.assert(
      fc.property(anyId, anyId, (one, other) => {
        const path = documentPath("last-good", keyed, one);
        expect(posix.dirname(posix.normalize(path))).toBe("last-good");
        if (one !== other) {
          expect(path.toLowerCase()).not.toBe(documentPath("last-good", keyed, other).toLowerCase());
        }
      }),
    );
  });

  it.each([
    ["a missing id", keyed, undefined],
    ["an empty id", keyed, ""],
    ["an id where there are none", single, "w1"],
  ])("refuses %s", (_what, form, id) => {
    expect(() => documentPath("name", form, id)).toThrow(InvariantError);
  });
});

describe("documentId", () => {
  it("is the id again", () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(documentId(documentPath("last-good", keyed, id).slice("last-good/".length), keyed)).toBe(id);
      }),
    );
  });

  it.each(["w1.json", ".json.gz", "W1.json.gz", "%zz.json.gz", "%41b.tmp", "a b.json.gz"])(
    "is undefined for a file that no id leads to: %s",
    (file) => expect(documentId(file, keyed)).toBeUndefined(),
  );
});
