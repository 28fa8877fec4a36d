/**
 * What decides reads no clock, no environment and no chance: the same input gives the same bytes, everywhere.
 * `new Date(nowMs)` with an argument only writes a given time down.
 */
import { describe, expect, it } from "vitest";
import { codeOf, filesUnder, productFolders, trackedFiles } from "./source-tree.ts";

const tracked = trackedFiles();

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["the wall clock", /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bTemporal\b/],
  ["a monotonic clock", /\bperformance\b|\bhrtime\b/],
  ["chance", /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/],
  ["timers", /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bAbortSignal\.timeout\b/],
  ["the process", /\bprocess\b|\bglobalThis\b/],
  ["output", /\bconsole\b|\bfetch\(/],
  ["the machine's language", /\blocaleCompare\b|\btoLocale[A-Z]\w*|\bIntl\b/],
];

describe("core, model and presentation", () => {
  const pure = filesUnder(tracked, ["shared/core", "shared/model", "shared/presentation"], [".ts"]);

  it.each(forbidden)("never use %s", (_what, pattern) => {
    expect(pure.length).toBeGreaterThan(60);
    expect(pure.filter((path) => pattern.test(codeOf(path)))).toEqual([]);
  });

  it("wait for nothing: no function of theirs is asynchronous", () => {
    expect(pure.filter((path) => /\basync\b|\bawait\b|\bPromise\b/.test(codeOf(path)))).toEqual([]);
  });
});

describe("the environment", () => {
  it("is read by config.ts alone in what functions and command line share", () => {
    const readers = filesUnder(tracked, ["shared", "functions"], [".ts"]).filter((path) =>
      /\bprocess\.env\b|\benv\(/.test(codeOf(path)),
    );
    expect(readers).toEqual(["shared/config.ts"]);
  });

  it("reaches the command line only by its entry, for colours and the terminal", () => {
    const readers = filesUnder(tracked, ["cli"], [".ts"]).filter((path) => /\bprocess\.env\b/.test(codeOf(path)));
    expect(readers.every((path) => ["cli/main.ts", "cli/sample-run.ts"].includes(path))).toBe(true);
  });
});

describe("use cases", () => {
  it("take the time from their clock port", () => {
    const readers = filesUnder(tracked, ["shared/app"], [".ts"]).filter((path) =>
      /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bsetTimeout\b|\bMath\.random\b/.test(codeOf(path)),
    );
    expect(readers).toEqual([]);
  });

  it("throw the product's own errors, never bare ones", () => {
    const throwers = filesUnder(tracked, productFolders, [".ts"])
      .filter((path) => /^shared\/(?:core|app|contracts|config|compose)/.test(path))
      .filter((path) => /\bthrow new Error\(/.test(codeOf(path)));
    expect(throwers).toEqual([]);
  });
});
