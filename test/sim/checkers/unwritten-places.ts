/**
 * Rule 9: nothing is written to a cluster that is only observed, or in which the predecessor operator still runs; and no pass
 * writes a zone.
 */
import { epochMs } from "../../../shared/contracts/object-meta.ts";
import { runOf, type Run } from "../app/run-context.ts";
import { fieldsOf } from "../world/field-ownership.ts";
import type { Checker } from "./checker.ts";

export const unwrittenPlaces: Checker = {
  rule: "9 places that are not written",
  watch: (_site, violate) => ({
    mutation: (mutation) => {
      const run = runOf(mutation);
      if (run === undefined) return;
      const { server, kind, key } = mutation;
      const configured = run.configuration.clusters.find(({ name }) => name === server);
      if (configured?.writes === "observe")
        violate(`${run.id} wrote ${kind} ${key} of ${server}, which is only observed`);
      if (operatorSeen(run, server)) violate(`${run.id} wrote ${kind} ${key} of ${server}, where the operator runs`);
    },
    runEnded: (run) => {
      const [first] = run.zoneWrites;
      if (first !== undefined) violate(`${run.id}, a ${run.what}, wrote a zone: ${first}`);
    },
  }),
};

function operatorSeen(run: Run, cluster: string): boolean {
  const reading = run.readings.get(cluster);
  return (reading?.listed.get("OperatorLease") ?? []).some((lease) => {
    const renewedAtMs = epochMs(fieldsOf(lease["spec"])["renewTime"]);
    return renewedAtMs > (reading?.beganAtMs ?? 0) - 60_000;
  });
}
