import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOutTable, wordBreaks, wrapText } from "../../../shared/presentation/table-layout.ts";

const RED = "\u001b[31m";
const RESET = "\u001b[39m";
const rows = [
  ["w1", "12", "all is well"],
  ["a-long-name", "3", "the API server does not answer and nobody knows since when"],
];

describe("layOutTable", () => {
  it("sets columns two spaces apart, numbers right, without trailing spaces", () => {
    expect(layOutTable({ head: ["NAME", "ROUTES", "WHY"], rows, numbers: [1] })).toEqual([
      "NAME         ROUTES  WHY",
      "w1               12  all is well",
      "a-long-name       3  the API server does not answer and nobody knows since when",
    ]);
  });

  it("does not count colours as width", () => {
    const plain = layOutTable({ head: [], rows, numbers: [1] });
    const coloured = layOutTable({
      head: [],
      rows,
      numbers: [1],
      written: (row, column) => `${RED}${rows[row]?.[column] ?? ""}${RESET}`,
    });
    expect(coloured.map((line) => line.replaceAll(RED, "").replaceAll(RESET, "").trimEnd())).toEqual(plain);
  });

  it("wraps the last column where the table is too wide", () => {
    expect(layOutTable({ head: ["NAME", "ROUTES", "WHY"], rows, numbers: [1], width: 55 })).toEqual([
      "NAME         ROUTES  WHY",
      "w1               12  all is well",
      "a-long-name       3  the API server does not answer and",
      "                     nobody knows since when",
    ]);
  });
});

describe("wrapText", () => {
  it("wraps words at the width", () =>
    expect(wrapText("one two three four five six", 24)).toEqual(["one two three four five", "six"]));

  it("rather passes the width than break a name that somebody may copy", () => {
    const name = `${"x".repeat(70)}.example.com`;
    expect(wrapText(`see ${name}`, 40)).toEqual([`see ${name}`]);
  });
});

describe("wordBreaks", () => {
  it("leaves no word longer than the room, and words that fit whole", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ]{0,60}$/), fc.integer({ min: 1, max: 20 }), (plain, room) => {
        const breaks = wordBreaks(plain, room);
        const pieces = [0, ...breaks].map((at, index) => plain.slice(at, breaks[index]));
        const words = pieces.flatMap((piece) => piece.split(" "));
        expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(room);
        expect(pieces.join("")).toBe(plain);
      }),
    );
  });
});
