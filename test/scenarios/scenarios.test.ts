/**
 * Plays every story of this folder: each step is one pass of the pure core on the fleet as the story left it. A failure
 * prints the line of the story, what was expected and what was found (README.md: how stories are written).
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { play } from "../support/builders/pass.ts";
import { differences, neverHappened } from "./expectations.ts";
import { givenFleet } from "./given-fleet.ts";
import { happen, type Told } from "./happenings.ts";
import { parseStory, type Story } from "./story.ts";

const folder = new URL(".", import.meta.url);
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .sort();

const stories = files.map((file) => {
  const read = (): Story => parseStory(file, readFileSync(new URL(file, folder), "utf8"));
  return { file, read };
});

describe("scenarios", () => {
  it.each(stories)("$file holds from its first pass to its last", ({ file, read }) => {
    expect(faultOf(file, read())).toBe("");
  });

  it("refuses a story with unknown words and names file and path of each", () => {
    const given = "given: {clusters: {w1: {region: weu, addresses: [], colour: red}}}";
    const steps = "steps: [{story: s, when: [{explode: w1}, {unreachable: w1, loudly: true}], then: {plans: []}}]";
    const text = ["title: t", "why: w", given, steps].join("\n");
    expect(() => parseStory("x.yaml", text)).toThrow(
      /^x\.yaml is not a story:\n {2}given\.clusters\.w1: unknown word colour\n {2}steps\[0\]\.when\[0\]: unknown event "explode"/,
    );
    expect(() => parseStory("x.yaml", text)).toThrow(/steps\[0\]\.when\[1\]: .*loudly/);
    expect(() => parseStory("x.yaml", text)).toThrow(/steps\[0\]\.then: unknown word plans/);
  });
});

/** What the first step that goes wrong says; the steps after it would only repeat it. Empty: the story holds. */
function faultOf(file: string, story: Story): string {
  let told: Told = { world: givenFleet(story), lastPlan: undefined, lost: new Map() };
  for (const [index, { story: line, when, outcome }] of story.steps.entries()) {
    const where = `${file}, step ${index + 1}: ${line}`;
    try {
      told = happen(told, when ?? []);
      const { pass, after } = play(told.world);
      const played = { nowMs: told.world.nowMs, pass, after };
      const faults = [...differences(played, outcome), ...neverHappened(played, story.never ?? [])];
      if (faults.length > 0) return [where, ...faults].join("\n    ");
      told = { ...told, world: after, lastPlan: pass.plan };
    } catch (error) {
      throw new Error(where, { cause: error });
    }
  }
  return "";
}
