/**
 * What decides reads no clock, no environment and no chance: the same input gives the same bytes, everywhere.
 * `new Date(nowMs)` with an argument only writes a given time down.
 */
import { describe, expect, it } from "vitest";
import { codeOf, filesUnder, productFolders, trackedFiles, usesProcess } from "./source-tree.ts";

const tracked = trackedFiles();

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["the wall clock", /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bTemporal\b/],
  ["a monotonic clock", /\bperformance\b|\bhrtime\b/],
  ["chance", /\bMath\.random\b|\brandom[A-Z]\w*\b|\bgetRandomValues\b/],
  ["timers", /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bAbortSignal\.timeout\b/],
  ["the process", /\bprocess\b|\bglobalThis\b/],
  ["output", /\bconsole\b|\bfetch\b|\bWebSocket\b/],
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

/** What else than config.ts may ask the process for in `shared` and `functions`, word by word. */
const processUses: Readonly<Record<string, RegExp>> = {
  "shared/adapters/manifests/write-file.ts": /\bprocess\.pid\b/g,
  "shared/adapters/storage/write-lock.ts": /\bprocess\.platform\b/g,
  "shared/adapters/telemetry/console-telemetry.ts": /\bprocess\.stderr\b/g,
};

describe("the process", () => {
  it("and with it the environment is reached by config.ts alone in what functions and command line share", () => {
    const users = filesUnder(tracked, ["shared", "functions"], [".ts"]).filter((path) =>
      usesProcess(codeOf(path).replaceAll(processUses[path] ?? /(?!)/g, "")),
    );
    expect(users).toEqual(["shared/config.ts"]);
  });

  it.each([
    "process.env.HOME",
    "process?.env",
    'process["env"]',
    "const { env } = process;",
    "const p = process;",
    "read(process)",
    "const all = { process };",
    "globalThis.process",
    'import { env } from "node:process";',
    'import process from "process";',
  ])("is seen in %s", (code) => expect(usesProcess(code)).toBe(true));

  it("is not seen in a sentence", () =>
    expect(usesProcess("const text = `no other process uses this store: each process has one`;")).toBe(false));

  it("reaches the command line only by its entry, for colours and the terminal", () => {
    const readers = filesUnder(tracked, ["cli"], [".ts"]).filter((path) =>
      /\benv\b.*\bprocess\b|\bprocess\b.*\benv\b/.test(codeOf(path)),
    );
    expect(readers.every((path) => ["cli/main.ts", "cli/sample-run.ts"].includes(path))).toBe(true);
  });
});

describe("use cases", () => {
  const useCases = filesUnder(tracked, ["shared/app"], [".ts"]);

  it.each([
    ["the time", /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b/],
    ["chance", /\bMath\.random\b|\brandom[A-Z]\w*\b|\bgetRandomValues\b|\bcrypto\b/],
    ["anything of the network or the terminal", /\bfetch\b|\bWebSocket\b|\bEventSource\b|\bconsole\b/],
  ])("take %s from a port, or do without", (_what, pattern) => {
    expect(useCases.length).toBeGreaterThan(15);
    expect(useCases.filter((path) => pattern.test(codeOf(path)))).toEqual([]);
  });

  it("throw the product's own errors, never bare ones", () => {
    const throwers = filesUnder(tracked, productFolders, [".ts"])
      .filter((path) => /^shared\/(?:core|app|contracts|config|compose)/.test(path))
      .filter((path) => /\bthrow new Error\(/.test(codeOf(path)));
    expect(throwers).toEqual([]);
  });
});
