import { describe, expect, it } from "vitest";
import { namesInstead } from "../../../shared/contracts/unknown-name.ts";

const many = Array.from({ length: 23 }, (_, index) => `cluster-${String.fromCodePoint(97 + index).repeat(9)}`);

describe("namesInstead", () => {
  it.each([
    ["w9", ["neu", "weu"], "neu, weu"],
    ["wue", ["neu", "weu"], "neu, weu; did you mean weu?"],
    ["nope", ["weu", "neu", "frc"], "frc, neu, weu"],
    // There is no choice to make.
    ["wue", ["weu"], "weu"],
    ["w9", [], "none"],
    ["x", many, `${many.slice(0, 20).join(", ")} and 3 more`],
  ])("for %s of %j says %s", (given, known, text) => expect(namesInstead(given, known)).toBe(text));
});
