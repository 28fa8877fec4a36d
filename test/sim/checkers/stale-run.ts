/** Rule 11: a stale run cannot write after a newer one. Every write carries the fencing token that its run was given. */
import { runOf } from "../app/run-context.ts";
import type { Checker } from "./checker.ts";

export const staleRun: Checker = {
  rule: "11 stale run",
  watch: (_site, violate) => {
    let newest = 0;
    let holder = "";
    return {
      leased: (run) => {
        if (run.token === undefined || run.token < newest) return;
        newest = run.token;
        holder = run.id;
      },
      mutation: (mutation) => {
        const run = runOf(mutation);
        if (run === undefined) return;
        const { kind, key, server } = mutation;
        if (run.token === undefined) violate(`${run.id} wrote ${kind} ${key} of ${server} without a lease`);
        else if (run.token < newest) {
          violate(
            `${run.id} (token ${run.token}) wrote ${kind} ${key} of ${server} after ${holder} had got token ${newest}`,
          );
        }
      },
    };
  },
};
