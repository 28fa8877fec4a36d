/** Settings that this version checks and does not use say so, and none says so once something reads it. */
import { describe, expect, it } from "vitest";
import { codeOf, filesUnder, productFolders, textOf, trackedFiles } from "./source-tree.ts";

/** Where settings are checked, typed and shown: none of that makes them do anything. */
const notReading = /^shared\/(?:contracts|model|presentation)\//;

const rows = textOf("docs/reference/fleet-configuration.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"));
const readers = filesUnder(trackedFiles(), productFolders, [".ts"]).filter((path) => !notReading.test(path));

/** `name` in code of the product that acts on the configuration. */
function isRead(name: string): boolean {
  return readers.some((path) => new RegExp(String.raw`\b${name}\b`).test(codeOf(path)));
}

describe("the reference of the fleet configuration", () => {
  it.each([["vantage", "vantage"]])("says that %s is not read, as long as no code reads it", (setting, name) => {
    const row = rows.find((line) => line.startsWith(`| \`${setting}\``));
    expect([isRead(name), row?.includes("(not read by this version)")]).toEqual([false, true]);
  });

  it("says it of no other setting", () => {
    expect(rows.filter((line) => line.includes("(not read by this version)"))).toHaveLength(1);
  });
});
