/** Sample documents for the contract of the state store. */
import type { ObjectMeta } from "../../../shared/model/object-meta.ts";
import type { Placement } from "../../../shared/model/placement.ts";
import type { LastGood, Marks, Order, Since } from "../../../shared/model/state.ts";

export function marks(id: string): Marks {
  return { requests: [{ id, atMs: 1_767_434_400_000, by: "contract" }] };
}

export function order(...clusters: readonly string[]): Order {
  return { regions: ["weu", "neu"], clusters, adopters: [{ region: "frc", cluster: "n1" }] };
}

export const placement: Placement = {
  revision: 7,
  entries: [
    {
      cluster: "w1",
      servedBy: "n1",
      mode: "alias",
      phase: "moving",
      revision: 7,
      sinceMs: 1_767_434_400_000,
      decision: "d-7",
      by: "on-call",
    },
  ],
};

export const since: Since = {
  shrunkReads: { w1: { digest: "abc", firstSeenAtMs: 1, passes: 2, reason: "lost 60 of 100 routes" } },
  handovers: {
    "weu/a.example.com": { zone: "weu", name: "a.example.com", content: "A 10.0.0.1 30", from: "w1", goneAtMs: 5 },
  },
  budgets: { "zone/weu": { baseNames: 10, spent: [{ atMs: 2, names: 3 }] } },
  records: {
    "weu|api.example.com|CNAME": {
      wanted: "CNAME w1-weu-public.example.com 300",
      result: "orphan",
      sinceMs: 4,
      firstReadAtMs: 3,
      isNew: true,
      seen: [{ found: "CNAME w1-weu-public.example.com", atMs: 3 }],
    },
  },
  garbage: { "weu|old.example.com|CNAME": { firstSeenAtMs: 6, lastSeenAtMs: 7 } },
};

export function lastGood(cluster: string, routes: number): LastGood {
  return {
    cluster,
    readAtMs: 1_767_434_400_000,
    digest: `digest of ${routes} routes`,
    istioVersion: "v1",
    listings: {
      ServiceRoute: {
        read: "complete",
        objects: Array.from({ length: routes }, (_, index) => ({
          meta: meta("team-ä", `route-${String(index).padStart(5, "0")}`),
          spec: { serviceName: `s${index}`, gatewayName: "public", environment: "prod", application: "shop" },
          status: { phase: "Active" },
        })),
        rejected: [],
      },
      Namespace: { read: "not-read", code: "FORBIDDEN", reason: "not allowed" },
    },
  };
}

function meta(namespace: string, name: string): ObjectMeta {
  return {
    namespace,
    name,
    uid: `uid-${name}`,
    resourceVersion: "42",
    generation: 1,
    createdAtMs: 1_767_434_400_000,
    deleting: false,
    labels: { team: "shop" },
    annotations: {},
    owners: [],
    managers: ["kubectl"],
  };
}
