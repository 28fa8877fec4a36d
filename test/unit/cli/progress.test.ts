import { describe, expect, it } from "vitest";
import { plainPaint } from "../../../shared/presentation/document.ts";
import { progressLine } from "../../../cli/progress.ts";
import type { ProgressOptions } from "../../../cli/progress.ts";
import { rewritesLines } from "../../../cli/rewrites-lines.ts";

/** What a pass says, 50 ms between two steps; returns what stderr got. */
function progressOf(options: ProgressOptions, isTTY: boolean): string {
  let written = "";
  let nowMs = 0;
  const stderr = {
    write: (text: string) => void (written += text),
    rewritesLines: isTTY,
    columns: 24,
    paint: plainPaint,
  };
  const line = progressLine({ stderr, monotonicMs: () => nowMs }, options);
  line.stage("reading clusters");
  for (const done of [1, 2, 3, 4]) {
    nowMs += 50;
    line.step(done, 4);
  }
  line.stage("a stage with a name longer than the terminal");
  line.end();
  line.end();
  return written.replaceAll("\r\u001b[K", "⏎");
}

describe("progressLine", () => {
  it("rewrites one line in a terminal, not more often than can be read, and takes it away", () => {
    expect(progressOf({ quiet: false, verbose: false }, true)).toBe(
      "⏎reading clusters …⏎reading clusters … 2/4⏎reading clusters … 4/4⏎a stage with a name lon⏎",
    );
  });

  it.each([
    ["nothing where there is no terminal", { quiet: false, verbose: false }, false, ""],
    ["nothing with --quiet", { quiet: true, verbose: false }, true, ""],
    [
      "one line per stage with --verbose",
      { quiet: false, verbose: true },
      true,
      "reading clusters\na stage with a name longer than the terminal\n",
    ],
  ])("writes %s", (_what, options, isTTY, written) => expect(progressOf(options, isTTY)).toBe(written));
});

describe("progressLine, while another pass has the lease", () => {
  function waitOf(options: ProgressOptions, isTTY: boolean): string {
    let written = "";
    const stderr = {
      write: (text: string) => void (written += text),
      rewritesLines: isTTY,
      columns: 80,
      paint: plainPaint,
    };
    const line = progressLine({ stderr, monotonicMs: () => 0 }, options);
    for (const holder of ["cli vm/1", "cli vm/1", "timer/2"]) line.waiting?.(holder);
    return written.replaceAll("\r\u001b[K", "⏎");
  }
  const lines = "waiting for the lease of cli vm/1\nwaiting for the lease of timer/2\n";

  it.each([
    ["once per holder where there is no terminal", { quiet: false, verbose: false }, false, lines],
    ["once per holder with --verbose", { quiet: false, verbose: true }, true, lines],
    ["nothing with --quiet", { quiet: true, verbose: false }, false, ""],
  ])("says %s", (_what, options, isTTY, written) => expect(waitOf(options, isTTY)).toBe(written));

  it("says it on the line of a terminal", () =>
    expect(waitOf({ quiet: false, verbose: false }, true)).toContain("⏎waiting for the lease of timer/2 …"));
});

describe("rewritesLines", () => {
  it.each([
    ["a terminal of 16 colours", { isTTY: true, getColorDepth: () => 4 }, true],
    ["TERM=dumb or NO_COLOR", { isTTY: true, getColorDepth: () => 1 }, false],
    ["a pipe", { isTTY: false }, false],
  ])("of %s", (_what, stream, expected) => expect(rewritesLines(stream)).toBe(expected));
});
