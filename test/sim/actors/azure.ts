/** What goes wrong around the zones: Azure does not answer for one or throttles it, ExternalDNS stands still. */
import * as bodies from "../world/bodies.ts";
import type { ZoneAnswer } from "../world/zone.ts";
import type { Act, Repertoire } from "./actor.ts";

/** Each act of this kind ends another one, sooner or later: so a zone is away for some passes, or for the whole run. */
const spoilAnswers: Act = ({ world, random }) => {
  const zone = random.pick(world.zones);
  if (zone === undefined) return undefined;
  const answers: readonly [ZoneAnswer, ...ZoneAnswer[]] = [
    "stale",
    "forbidden",
    "missing",
    "away",
    "throttled",
    "cut",
    "hanging",
  ];
  zone.answer = random.oneOf(...answers);
  return `zone ${zone.region} (${zone.dnsName}): lists are answered as ${zone.answer}`;
};

const answerAgain: Act = ({ world, random }) => {
  const spoilt = world.zones.filter(({ answer }) => answer !== "whole");
  const zone = random.pick(spoilt);
  if (zone === undefined) return undefined;
  zone.answer = "whole";
  return `zone ${zone.region} (${zone.dnsName}): lists are whole again`;
};

const toggleFlakiness: Act = ({ world, random }) => {
  const zone = random.pick(world.zones);
  if (zone === undefined) return undefined;
  zone.flakiness = zone.flakiness > 0 ? 0 : random.next() * 0.5;
  return `zone ${zone.region}: ${Math.round(zone.flakiness * 100)} % of its lists fail`;
};

/** All records are written before the first TXT: what is cut off in between is left without owner for good. */
const throttle: Act = ({ world, random }) => {
  const zone = random.pick(world.zones.filter(({ dnsName }) => dnsName === bodies.domain));
  if (zone === undefined) return undefined;
  zone.createsLeft = zone.createsLeft === Infinity ? random.int(0, 6) : Infinity;
  return `zone ${zone.region}: Azure takes ${zone.createsLeft === Infinity ? "every create" : `${zone.createsLeft} more creates`}`;
};

const toggleExternalDns: Act = ({ world, random }) => {
  const stopped = world.externalDns.filter(({ running }) => !running);
  const instance = random.pick(stopped.length > 1 ? stopped : world.externalDns);
  if (instance === undefined) return undefined;
  instance.running = !instance.running;
  const { cluster, region, running } = instance;
  return `${cluster}: ExternalDNS of ${region} ${running ? "runs again" : "stands still"}`;
};

export const azureActs: Repertoire = [
  [5, spoilAnswers],
  [6, answerAgain],
  [2, toggleFlakiness],
  [3, throttle],
  [3, toggleExternalDns],
];
