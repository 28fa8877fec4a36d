/** What the ports throw is a FleetError; so is everything that leaves a use case, and a change fails for no other reason. */
import { FleetError } from "../../../shared/errors.ts";
import { reportOf } from "../app/run-product.ts";
import type { Checker } from "./checker.ts";

const ownMistake = /undefined|not a function|Cannot read|not iterable|InvariantError/;

export const onlyKnownErrors: Checker = {
  rule: "7 only known errors",
  watch: (_site, violate) => ({
    runEnded: (run, end) => {
      if (end.kind === "error" && !(end.error instanceof FleetError)) {
        violate(`${run.id} failed with ${end.error.stack ?? end.error.message}`);
      }
      const report = reportOf(end);
      for (const { change, outcome } of report?.results ?? []) {
        if (outcome.kind === "failed" && outcome.code === "UNEXPECTED")
          violate(`${run.id}: ${change.id}: ${outcome.reason}`);
      }
      for (const { kind, key, outcome, reason = "" } of report?.statuses ?? []) {
        if (outcome === "failed" && ownMistake.test(reason)) violate(`${run.id}: status of ${kind} ${key}: ${reason}`);
      }
    },
  }),
};
