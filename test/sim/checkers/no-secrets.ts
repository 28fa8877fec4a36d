/** Rule 13: no secret in a log, an error, a report, a status, an Event or the store. Every error of a port has one as its cause. */
import { gunzipSync } from "node:zlib";
import { secretToken } from "../app/faulty-cluster.ts";
import { reportOf } from "../app/run-product.ts";
import { runOf } from "../app/run-context.ts";
import type { Checker } from "./checker.ts";

/** Documents that hold none. */
const looked = new WeakSet<Uint8Array>();

export const noSecrets: Checker = {
  rule: "13 no secrets",
  watch: (site, violate) => ({
    logged: (line) => {
      if (line.includes(secretToken)) violate(`telemetry says: ${line.slice(0, 200)}`);
    },
    mutation: (mutation) => {
      if ((runOf(mutation)?.faults ?? 0) === 0 || mutation.after === undefined) return;
      if (JSON.stringify(mutation.after).includes(secretToken))
        violate(`${mutation.kind} ${mutation.key} holds a secret`);
    },
    runEnded: (run, end) => {
      const report = reportOf(end);
      if (report !== undefined && run.faults > 0 && JSON.stringify(report).includes(secretToken)) {
        violate(`the report of ${run.id} holds a secret`);
      }
      if (end.kind === "error" && end.error.message.includes(secretToken))
        violate(`${run.id} failed with a secret in its message`);
      if (run.faults === 0 || run.events === 0) return;
      for (const { server } of site.world.clusters) {
        const event = server.events.find((one) => one.event.message.includes(secretToken));
        if (event !== undefined) violate(`an Event of ${server.name} holds a secret: ${event.event.reason}`);
      }
    },
    remembered: (run, document) => {
      if (run.faults === 0) return;
      for (const [path, bytes] of site.memory.files) {
        if (!path.startsWith(document) || looked.has(bytes)) continue;
        looked.add(bytes);
        const text = path.endsWith(".gz") ? gunzipSync(bytes) : Buffer.from(bytes);
        if (text.includes(secretToken)) violate(`${path} of the store holds a secret`);
      }
    },
  }),
};
