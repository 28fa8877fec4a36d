import { describe, expect, it } from "vitest";
import { hasUnknownNames } from "../../../../shared/core/naming/unknown-names.ts";

describe("hasUnknownNames", () => {
  it.each([
    ["a cluster that was never read", { mode: "apply" }, true],
    ["a cluster that is observed and was never read", { mode: "observe" }, true],
    ["a cluster that was never read and is given up", { mode: "retiring" }, false],
    ["a cluster that was read once", { mode: "apply", believed: {} }, false],
  ] as const)("%s", (_what, cluster, expected) => expect(hasUnknownNames(cluster)).toBe(expected));
});
