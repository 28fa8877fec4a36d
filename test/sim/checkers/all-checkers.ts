/** Every checker that watches a site, and the joint that gathers what they find. */
import type { Site } from "../app/site.ts";
import { budgets } from "./budgets.ts";
import type { Checker, Violation } from "./checker.ts";
import { foreignObjects } from "./foreign-objects.ts";
import { garbage } from "./garbage.ts";
import { incompleteReads } from "./incomplete-reads.ts";
import { badResourceIsolation, lastRecord } from "./last-record.ts";
import { noSecrets } from "./no-secrets.ts";
import { onePublisher } from "./one-publisher.ts";
import { onlyKnownErrors } from "./only-known-errors.ts";
import { staleRun } from "./stale-run.ts";
import { unwrittenPlaces } from "./unwritten-places.ts";
import { unreadZones, verifiedIsTrue } from "./zone-conditions.ts";
import { zoneReports } from "./zone-reports.ts";

const checkers: readonly Checker[] = [
  incompleteReads,
  onePublisher,
  lastRecord,
  foreignObjects,
  badResourceIsolation,
  onlyKnownErrors,
  budgets,
  unwrittenPlaces,
  staleRun,
  noSecrets,
  unreadZones,
  verifiedIsTrue,
  zoneReports,
  garbage,
];

/** Every rule is said once per run of the simulation: what follows from a broken rule only hides where it began. */
export class Findings {
  readonly violations: Violation[] = [];
  readonly #label: string;

  constructor(label = "") {
    this.#label = label;
  }

  report(rule: string, atMs: number, message: string): void {
    if (this.violations.some((found) => found.rule === rule)) return;
    this.violations.push({ rule, atMs, message: `${this.#label}${message}` });
  }

  watch(site: Site): void {
    for (const { rule, watch } of checkers) {
      site.add(watch(site, (message) => this.report(rule, site.nowMs(), message)));
    }
  }
}
