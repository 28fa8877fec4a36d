/** Zones for people: who publishes in each, what the real zone says, and the names in it that are not as they should be. */
import type { PassReport, ZoneReading, ZoneReport } from "../model/report.ts";
import type { UnverifiedName } from "../model/verification.ts";
import { firstOf, section, text } from "./document.ts";
import type { Block, Rich, Span } from "./document.ts";
import { duration } from "./wording.ts";

export function zonesSection(zones: readonly ZoneReport[]): readonly Block[] {
  if (zones.length === 0) return [];
  // A fleet without zones has nothing to say in that column.
  const isRead = zones.some(({ reading }) => reading.read !== "not-configured");
  const rows = zones.map((zone): readonly Rich[] => [
    [["strong", zone.zone]],
    [zone.adopter === undefined ? "-" : zone.adopter],
    [`${zone.publishers.reduce((sum, { names }) => sum + names, 0)}`],
    [`${zone.standby}`],
    zone.conflicts === 0 ? ["0"] : [["bad", `${zone.conflicts}`]],
    ...(isRead ? [readingText(zone.reading)] : []),
    [zone.publishers.map(({ cluster, names }) => `${cluster} ${names}`).join(", ") || "nobody"],
  ]);
  const head = [
    "ZONE",
    "ADOPTED BY",
    "NAMES",
    "STANDBY",
    "CONFLICTS",
    ...(isRead ? ["IN THE ZONE"] : []),
    "PUBLISHED BY",
  ];
  return [
    section(
      [["strong", "Zones"]],
      [
        { kind: "table", head, rows, numbers: [2, 3, 4], more: 0 },
        ...unreadLines(zones),
        ...outsideLines(zones),
        ...garbageLines(zones),
      ],
    ),
  ];
}

/** `240 verified, 1 missing`: never a number that was not read. */
function readingText(reading: ZoneReading): Rich {
  switch (reading.read) {
    case "not-configured":
      return [["dim", "no zone configured"]];
    case "not-read":
      return [["attention", `not read (${reading.code})`]];
    case "complete": {
      const { verified, awaited, outside, ...others } = reading.names;
      const troubles = Object.entries(others).filter(([, count]) => count > 0);
      return [
        ["good", `${verified} verified`],
        awaited === 0 ? "" : ["dim", `, ${awaited} awaited`],
        outside === 0 ? "" : ["bad", `, ${outside} in no zone`],
        ...troubles.map(([result, count]): Span => ["bad", `, ${count} ${result}`]),
      ];
    }
  }
}

function unreadLines(zones: readonly ZoneReport[]): readonly Block[] {
  return zones.flatMap(({ zone, reading }) =>
    reading.read === "not-read"
      ? [text(`${zone}: ${reading.reason}. What its names said before stays, and nothing is cleaned up there.`)]
      : [],
  );
}

/** Nothing is wrong with these names as far as anybody can see, and nobody can see them. */
function outsideLines(zones: readonly ZoneReport[]): readonly Block[] {
  return zones.flatMap(({ zone, reading }) => {
    if (reading.read !== "complete" || reading.names.outside === 0) return [];
    const { outside } = reading.names;
    const names = outside === 1 ? "1 name lies" : `${outside} names lie`;
    return [
      text(`${zone}: ${names} in none of the zones that are configured for this region; correct regions[].zones`),
    ];
  });
}

function garbageLines(zones: readonly ZoneReport[]): readonly Block[] {
  return zones.flatMap(({ zone, reading }) => {
    if (reading.read !== "complete" || reading.garbage.found === 0) return [];
    const { found, due } = reading.garbage;
    const records =
      found === 1 ? "1 record that nobody claims any more" : `${found} records that nobody claims any more`;
    return [text(`${zone}: ${records}, ${due} of them past the grace time; see \`service-router garbage\``)];
  });
}

/** Names that are not verified, those that need somebody before those that ExternalDNS may yet put right. */
export function unverifiedSection(report: PassReport, limit: number): readonly Block[] {
  const names = report.zones.flatMap(({ reading }) => (reading.read === "complete" ? reading.unverified : []));
  if (names.length === 0) return [];
  const ordered = [...names].sort((left, right) => Number(left.awaited) - Number(right.awaited));
  const { shown, more } = firstOf(ordered, limit);
  const rows = shown.map((name): readonly Rich[] => [
    [["name", `${name.type} ${name.name}`]],
    [name.zone],
    [resultSpan(name)],
    [name.stage ?? "-"],
    [duration(report.startedAtMs - name.sinceMs)],
    [name.evidence],
  ]);
  const head = ["NAME", "ZONE", "RESULT", "STUCK AT", "FOR", "WHY"];
  return [section([["strong", "Not as they should be"], `  ${names.length}`], [{ kind: "table", head, rows, more }])];
}

function resultSpan({ result, awaited }: UnverifiedName): Span {
  return awaited ? ["dim", `${result}, awaited`] : ["bad", result];
}
