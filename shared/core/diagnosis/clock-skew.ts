/** How far a cluster's clock is from ours: leases, ages and health samples are compared over that distance. */
import { finding, type Finding } from "../../model/finding.ts";

const warningMs = 5_000;
const criticalMs = 30_000;

/** When the question was sent and answered by our clock, and what the cluster's said in between, cut to whole seconds. */
export type ClockReading = { readonly sentAtMs: number; readonly answeredAtMs: number; readonly serverTimeMs: number };

/** Positive when the cluster is ahead. What cutting off and the way there and back may have added is left out. */
export function skewMs({ sentAtMs, answeredAtMs, serverTimeMs }: ClockReading): number {
  const earliestMs = serverTimeMs - answeredAtMs;
  const latestMs = serverTimeMs + 1_000 - sentAtMs;
  if (earliestMs <= 0 && latestMs >= 0) return 0;
  return earliestMs > 0 ? earliestMs : latestMs;
}

export function clockFindings(cluster: string, reading: ClockReading): readonly Finding[] {
  const skew = skewMs(reading);
  if (Math.abs(skew) < warningMs) return [];
  const seconds = Math.round(Math.abs(skew) / 1_000);
  return [
    finding("ClockSkew", {
      cluster,
      what: `its clock is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} ours`,
      ...(Math.abs(skew) >= criticalMs ? { severity: "critical" } : {}),
    }),
  ];
}
