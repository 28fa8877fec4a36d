import { describe, expect, it } from "vitest";
import { presentPlan } from "../../../shared/presentation/plan.ts";
import type { Change, HeldChanges } from "../../../shared/model/change.ts";
import {
  change,
  clusterReport,
  emptyPlan,
  hostChange,
  manyChanges,
  passReport,
  published,
  troubledPlan,
} from "../../support/reports.ts";

describe("what is held", () => {
  it("has one number: headline and JSON summary say the same", () => {
    const [one] = troubledPlan().plan.held;
    const group: HeldChanges = { ...(one as HeldChanges), changes: [change(), change(), change()] };
    const read: HeldChanges = { ...group, scope: "read/w1", code: "ShrunkRead", changes: [] };
    const approved: HeldChanges = { ...read, scope: "read/w2", approved: true };
    const report = passReport({ plan: emptyPlan({ held: [group, read, approved] }) });
    expect(presentPlan(report, { format: "text" })).toContain("Plan: nothing to change, 4 held\n");
    expect(JSON.parse(presentPlan(report, { format: "json" }))).toMatchObject({ summary: { held: 4 } });
  });
});

describe("what is approved and waits for time", () => {
  const [one] = troubledPlan().plan.held;
  const read: HeldChanges = { ...(one as HeldChanges), scope: "read/w2", code: "ShrunkRead", changes: [] };
  const shown = (...held: readonly HeldChanges[]): string =>
    presentPlan(passReport({ plan: emptyPlan({ held }) }), { format: "text" });
  const approved: HeldChanges = { ...read, approved: true };

  it("does not stand under what a person must approve", () => {
    const written = shown(approved);
    expect(written).toContain("\nApproved, waiting for time\n  read/w2  ShrunkRead");
    expect(written).not.toContain("Held until a person approves");
  });

  it("stands after it", () =>
    expect(shown(approved, { ...read, scope: "read/w3" })).toMatch(
      /Held until a person approves\n {2}read\/w3 [^]*Approved, waiting for time\n {2}read\/w2 /,
    ));
});

describe("presentPlan as text", () => {
  it("says in one line that nothing is to be changed", () => {
    expect(presentPlan(passReport(), { format: "text" })).toBe(
      "Plan: nothing to change\n1 of 1 cluster read completely\n",
    );
  });

  it("shows counts first, then what is frozen, then changes by place and phase, then what is open", () => {
    expect(presentPlan(troubledPlan(), { format: "text" })).toMatchInlineSnapshot(`
      "Plan: 2 changes in 1 cluster, 1 held, 1 waiting, 1 only observed, 1 refused, 1 cluster frozen
      2 of 3 clusters read completely, 7 statuses to write, digest 0a1b2c3d4e5f

      FROZEN n1 (neu)  NotRead
        cluster n1 cannot be reached: connect ECONNREFUSED 10.1.0.1:443
        Nothing is written there; what it published last still counts as published.
        → make the cluster readable again (the reason says what failed), then run again

      w1 (weu)  1 create, 1 update
        1 open
          Gateway istio-system/public: the hosts of its routes
            ~ update IstioGateway istio-system/public
              + host cart-ns-p-prod-shop.example.com
              - host old-ns-p-prod-shop.example.com
        3 publish
          ServiceRoute shop/cart: its policy is active
            + create DNSEndpoint shop/cart-external-dns-weu
              weu: cart-ns-p-prod-shop.example.com CNAME aks-weu-public.example.com (300 s)

      Held until a person approves
        cluster/w1  BudgetExceeded  1 change  digest 1a2b3c4d5e6f
          40 of 90 names would stop resolving; the limit is 30 % in an hour
          ServiceRoute shop/cart: its policy is active
            - delete DNSEndpoint shop/old-external-dns-weu
              weu: cart-ns-p-prod-shop.example.com no longer CNAME aks-weu-public.example.com (300 s)
          service-router approve 1a2b3c4d5e6f --reason "…"

      Waiting
        + create DNSEndpoint shop/moving-external-dns-weu in w1 (weu)
          Handover: w2 published the name until now; due in 3 min 10 s (2026-11-21T14:03:11Z)
          weu: cart-ns-p-prod-shop.example.com CNAME aks-weu-public.example.com (300 s)
          because ServiceRoute shop/cart: its policy is active

      f1 (frc)  only observed: writes: observe
        ServiceRoute shop/cart: its policy is active
          + create DNSEndpoint shop/cart-external-dns-weu
            weu: cart-ns-p-prod-shop.example.com CNAME aks-weu-public.example.com (300 s)

      Refused  1
        HostConflict  → rename one of the two, or delete the one that should not have the host
          w1  ServiceRoute shop/double  ServiceRoute shop/cart is older and has the host

      Not valid  1 object; what any of them published before stays
        f1  ServiceRoute shop/bad
          spec.environment: Required

      Notes
        waits are not shown: there is no state store
      "
    `);
  });

  it("folds long groups and says how to see all", () => {
    const report = passReport({ plan: emptyPlan({ changes: manyChanges(324) }) });
    const written = presentPlan(report, { format: "text" });
    expect(written).toContain("and 312 more (--output json shows all)");
    expect(written.split("\n").length).toBeLessThan(50);
  });

  it("shows every held change and each name it takes, however many there are, and leaves other groups their rows", () => {
    const report = passReport({ plan: emptyPlan({ changes: manyChanges(20), held: [heldDeletes(300)] }) });
    const written = presentPlan(report, { format: "text" });
    expect(written.match(/- delete DNSEndpoint/g)?.length).toBe(300);
    expect(written.match(/- host /g)?.length).toBe(40);
    expect(written).toContain("and 8 more (--output json shows all)");
    expect(written).toContain("service-router approve 1a2b3c4d5e6f");
  });

  it("shows only the first line when it should be brief", () => {
    expect(presentPlan(troubledPlan(), { format: "text", brief: true })).toBe(
      "Plan: 2 changes in 1 cluster, 1 held, 1 waiting, 1 only observed, 1 refused, 1 cluster frozen\n",
    );
  });

  it("says of a cluster that is not written because the operator runs there what to do", () => {
    const writes = { kind: "stopped", code: "OperatorRunning", reason: "its Lease was renewed 4 s ago" } as const;
    expect(presentPlan(passReport({ clusters: [clusterReport({ writes })] }), { format: "text" }))
      .toMatchInlineSnapshot(`
      "Plan: nothing to change
      1 of 1 cluster read completely

      NOT WRITTEN w1 (weu)  OperatorRunning
        its Lease was renewed 4 s ago
        → stop the operator in that cluster (scale its Deployment to 0), then run again
      "
    `);
  });

  it("puts a pass that was stopped first", () => {
    const ended = {
      kind: "stopped",
      code: "STORE_UNAVAILABLE",
      reason: "the state store cannot be used: ENOSPC",
    } as const;
    expect(presentPlan(passReport({ ended }), { format: "text" })).toMatchInlineSnapshot(`
      "Plan: nothing to change, stopped (STORE_UNAVAILABLE)
      1 of 1 cluster read completely

      STOPPED STORE_UNAVAILABLE
        the state store cannot be used: ENOSPC
        → check that the state store (store in the fleet configuration) can be reached and written
      "
    `);
  });
});

describe("presentPlan as Markdown", () => {
  it("reads as a pull-request comment", () => {
    expect(presentPlan(troubledPlan(), { format: "markdown" })).toMatchInlineSnapshot(`
      "### Plan: 2 changes in 1 cluster, 1 held, 1 waiting, 1 only observed, 1 refused, 1 cluster frozen

      2 of 3 clusters read completely, 7 statuses to write, digest 0a1b2c3d4e5f

      #### FROZEN n1 (neu)  NotRead

      cluster n1 cannot be reached: connect ECONNREFUSED 10.1.0.1:443

      Nothing is written there; what it published last still counts as published.

      **→** make the cluster readable again (the reason says what failed), then run again

      <details><summary><b>w1 (weu)</b>  <code>1 create</code>, <code>1 update</code></summary>

      **1 open**

      **Gateway istio-system/public: the hosts of its routes**

      - \`~ update\` IstioGateway \`istio-system/public\`<br>\`+ host\` \`cart-ns-p-prod-shop.example.com\`<br>\`- host\` \`old-ns-p-prod-shop.example.com\`

      **3 publish**

      **ServiceRoute shop/cart: its policy is active**

      - \`+ create\` DNSEndpoint \`shop/cart-external-dns-weu\`<br>weu: \`cart-ns-p-prod-shop.example.com\` CNAME \`aks-weu-public.example.com\` (300 s)

      </details>

      #### Held until a person approves

      **cluster/w1  BudgetExceeded  1 change  digest \`1a2b3c4d5e6f\`**

      40 of 90 names would stop resolving; the limit is 30 % in an hour

      **ServiceRoute shop/cart: its policy is active**

      - \`- delete\` DNSEndpoint \`shop/old-external-dns-weu\`<br>weu: \`cart-ns-p-prod-shop.example.com\` no longer CNAME \`aks-weu-public.example.com\` (300 s)

      \`\`\`sh
      service-router approve 1a2b3c4d5e6f --reason "…"
      \`\`\`

      #### Waiting

      - \`+ create\` DNSEndpoint \`shop/moving-external-dns-weu\` in **w1 (weu)**<br>**Handover**: w2 published the name until now; due in 3 min 10 s (2026-11-21T14:03:11Z)<br>weu: \`cart-ns-p-prod-shop.example.com\` CNAME \`aks-weu-public.example.com\` (300 s)<br>because ServiceRoute shop/cart: its policy is active

      <details><summary><b>f1 (frc)</b>  <b>only observed: writes: observe</b></summary>

      **ServiceRoute shop/cart: its policy is active**

      - \`+ create\` DNSEndpoint \`shop/cart-external-dns-weu\`<br>weu: \`cart-ns-p-prod-shop.example.com\` CNAME \`aks-weu-public.example.com\` (300 s)

      </details>

      #### Refused  1

      **HostConflict  → rename one of the two, or delete the one that should not have the host**

      | Place | Object | Reason |
      | --- | --- | --- |
      | w1 | ServiceRoute \`shop/double\` | ServiceRoute shop/cart is older and has the host |

      #### Not valid  1 object; what any of them published before stays

      - f1  ServiceRoute \`shop/bad\`<br>spec.environment: Required

      #### Notes

      - waits are not shown: there is no state store
      "
    `);
  });

  it("shows every held change while a comment has room for them", () => {
    const written = presentPlan(passReport({ plan: emptyPlan({ held: [heldDeletes(100)] }) }), { format: "markdown" });
    expect(written.match(/- delete` DNSEndpoint/g)?.length).toBe(100);
    expect(written).toContain("service-router approve 1a2b3c4d5e6f");
  });

  it("does not say how to approve what it has no room to show", () => {
    const written = presentPlan(passReport({ plan: emptyPlan({ held: [heldDeletes(1_000)] }) }), {
      format: "markdown",
    });
    expect(written).toContain("digest `1a2b3c4d5e6f`");
    expect(written).toContain("read all of them with service-router plan");
    expect(written).not.toContain("service-router approve");
  });

  it("fits a comment however large the plan is", () => {
    const clusters = Array.from({ length: 50 }, (_none, index) => clusterReport({ cluster: `c${index}` }));
    const changes = clusters.flatMap(({ cluster }) =>
      manyChanges(200).map((change) => ({ ...change, place: { kind: "cluster" as const, name: cluster } })),
    );
    const written = presentPlan(passReport({ clusters, plan: emptyPlan({ changes }) }), { format: "markdown" });
    expect(new TextEncoder().encode(written).length).toBeLessThanOrEqual(60_000);
    expect(written.match(/<details>/g)?.length).toBe(50);
    expect(written.match(/<details>/g)?.length).toBe(written.match(/<\/details>/g)?.length);
  });
});

describe("presentPlan as JSON", () => {
  it("holds everything, under keys that stay", () => {
    const written: unknown = JSON.parse(presentPlan(troubledPlan(), { format: "json" }));
    expect(written).toMatchObject({
      apiVersion: "service-router/v1",
      kind: "Plan",
      at: "2026-11-21T14:00:00Z",
      durationMs: 1_200,
      digest: "0a1b2c3d4e5f",
      summary: { changes: 2, held: 1, waiting: 1, observed: 1, refused: 1, frozenClusters: ["n1"], statusesDue: 7 },
      ended: { kind: "complete" },
      changes: [
        { place: "cluster/w1", kind: "IstioGateway", operation: "update", phase: "open" },
        { place: "cluster/w1", kind: "DNSEndpoint", key: "shop/cart-external-dns-weu", operation: "create" },
      ],
      held: [{ digest: "1a2b3c4d5e6f", approve: 'service-router approve 1a2b3c4d5e6f --reason "…"' }],
      waiting: [{ code: "Handover", dueAt: "2026-11-21T14:03:11Z", change: { place: "cluster/w1" } }],
      observed: [{ place: "cluster/f1" }],
      refusals: [{ place: "cluster/w1", code: "HostConflict", next: expect.stringContaining("rename") }],
      notes: ["waits are not shown: there is no state store"],
    });
  });

  it("shows before and after of an update in one form", () => {
    const before = { labels: { a: "1" }, annotations: {}, ownerReferences: [], spec: { ttl: 60 } };
    const after = { apiVersion: "v1", kind: "X", metadata: { name: "x", labels: { a: "1" } }, spec: { ttl: 300 } };
    const updated = change({ operation: "update", before, after });
    const written: unknown = JSON.parse(
      presentPlan(passReport({ plan: emptyPlan({ changes: [updated] }) }), { format: "json" }),
    );
    expect(written).toMatchObject({ changes: [{ before, after: { ...before, spec: { ttl: 300 } } }] });
    expect(written).not.toHaveProperty("changes.0.after.metadata");
  });

  it("has the same keys whether or not there is anything under them", () => {
    expect(keys(presentPlan(passReport(), { format: "json" }))).toEqual(
      keys(presentPlan(troubledPlan(), { format: "json" })),
    );
  });

  it("shows every change of a long plan", () => {
    const report = passReport({ plan: emptyPlan({ changes: manyChanges(324) }) });
    expect(JSON.parse(presentPlan(report, { format: "json" }))).toHaveProperty("changes.length", 324);
  });

  it("claims nothing of what a cluster published that was never read completely", () => {
    const standing = { kind: "frozen", code: "NotRead", reason: "no answer" } as const;
    const text = presentPlan(passReport({ clusters: [clusterReport({ standing, neverRead: true })] }), {
      format: "text",
    });
    expect(text).toContain("No complete read of it is known, so names new to its zones are held");
    expect(text).not.toContain("still counts as published");
  });
});

/** So many deleted DNSEndpoints, and one Istio Gateway that loses 40 hosts. */
function heldDeletes(count: number): HeldChanges {
  const deletes = manyChanges(count).map((each): Change => ({
    ...each,
    operation: "delete",
    joins: [],
    leaves: each.joins,
  }));
  const leaves = Array.from({ length: 40 }, (_none, index) =>
    published(`h${index}.example.com`, "host", "istio/w1/internal"),
  );
  const reason = "too many names would stop resolving";
  const changes = [...deletes, hostChange({ joins: [], leaves })];
  return { scope: "cluster/w1", code: "BudgetExceeded", reason, digest: "1a2b3c4d5e6f", changes };
}

function keys(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  return Object.keys(Object(parsed));
}
