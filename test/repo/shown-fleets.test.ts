/** Every fleet configuration that the documentation shows is one that can be used: people copy it. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseFleetConfiguration } from "../../shared/contracts/fleet-configuration.ts";
import { textOf, trackedFiles } from "./source-tree.ts";

const SETTING = /^(?:clusters|discovery|regions|store|budgets|families|takeover|readSeconds|vantage):/m;

/** Joined to a part of a configuration, so that it can be judged. */
const WHOLE = { clusters: [{ name: "any", source: { manifests: "clusters/any" } }] };

const shown = trackedFiles()
  .filter((path) => path.endsWith(".md"))
  .flatMap((path) =>
    [...textOf(path).matchAll(/^```ya?ml\n(?<text>[\s\S]*?)^```/gm)].map(
      ({ index, groups }) => [`${path}:${lineOf(path, index)}`, groups?.["text"] ?? ""] as const,
    ),
  )
  // Manifests and Helm values have none of these at the margin.
  .filter(([, text]) => SETTING.test(text));

function lineOf(path: string, index: number): number {
  return textOf(path).slice(0, index).split("\n").length;
}

describe("the documentation", () => {
  it("shows fleet configurations", () => expect(shown.length).toBeGreaterThan(2));

  it.each(shown)("shows at %s a fleet configuration without faults", (place, text) => {
    const given = parse(text) as Readonly<Record<string, unknown>>;
    const whole = "clusters" in given || "discovery" in given ? given : { ...WHOLE, ...given };
    expect(() => parseFleetConfiguration(whole, place)).not.toThrow();
  });
});
