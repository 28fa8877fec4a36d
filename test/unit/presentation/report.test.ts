import { describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { presentReport } from "../../../shared/presentation/report.ts";
import { change, hostChange, manyChanges, outcome, passReport } from "../../support/reports.ts";

const place = { kind: "cluster", name: "w1" } as const;
const applied = (overrides: Partial<PassReport> = {}): PassReport => passReport({ mode: "apply", ...overrides });

describe("presentReport", () => {
  it("says that nothing was to be done", () => {
    expect(presentReport(applied(), { format: "text" })).toBe(
      "Applied: nothing to change in 1.2 s\n0 statuses written\n",
    );
  });

  it("has the number of Events in its JSON", () => {
    const written: unknown = JSON.parse(presentReport(applied({ events: 12 }), { format: "json" }));
    expect(written).toMatchObject({ kind: "Report", summary: { events: 12 } });
  });

  it("shows per place what failed and why with the next step, then what it blocked, then what was done", () => {
    const report = applied({
      results: [
        outcome(change({ key: "shop/later-external-dns-weu" }), { kind: "not-started", reason: "the lease ran out" }),
        outcome(change(), { kind: "blocked", by: "cluster/w1|IstioGateway|istio-system/public" }),
        outcome(hostChange(), {
          kind: "failed",
          code: "FIELD_CONFLICT",
          reason: "istio-system/public has fields owned by argocd (spec.servers)",
          retryable: false,
        }),
        ...manyChanges(14).map((each) => outcome(each)),
      ],
      statuses: [
        { place, kind: "ServiceRoute", key: "shop/cart", outcome: "written" },
        { place, kind: "ServiceRoute", key: "shop/gone", outcome: "failed", reason: "404: it was deleted meanwhile" },
        { place, kind: "ServiceRoute", key: "shop/later", outcome: "deferred" },
      ],
    });
    expect(presentReport(report, { format: "text" })).toMatchInlineSnapshot(`
      "Applied: 14 changes done, 1 failed, 1 blocked, 1 not started in 1.2 s
      1 status written, 1 failed, 1 left for the next pass

      w1 (weu)  16 create, 1 update
        failed ~ update IstioGateway istio-system/public
          FIELD_CONFLICT: istio-system/public has fields owned by argocd (spec.servers)
          → remove the fields from the manager that the reason names, or delete the object so that it is made again
        blocked + create DNSEndpoint shop/cart-external-dns-weu
          by cluster/w1 IstioGateway istio-system/public, which did not succeed
        not started + create DNSEndpoint shop/later-external-dns-weu
          the lease ran out
        + create DNSEndpoint shop/route-0000-external-dns-weu
        + create DNSEndpoint shop/route-0001-external-dns-weu
        + create DNSEndpoint shop/route-0002-external-dns-weu
        + create DNSEndpoint shop/route-0003-external-dns-weu
        + create DNSEndpoint shop/route-0004-external-dns-weu
        + create DNSEndpoint shop/route-0005-external-dns-weu
        + create DNSEndpoint shop/route-0006-external-dns-weu
        + create DNSEndpoint shop/route-0007-external-dns-weu
        + create DNSEndpoint shop/route-0008-external-dns-weu
        + create DNSEndpoint shop/route-0009-external-dns-weu
        + create DNSEndpoint shop/route-0010-external-dns-weu
        + create DNSEndpoint shop/route-0011-external-dns-weu
        and 2 more (--output json shows all)

      Statuses that could not be written
        → run again; the resources themselves are as reported above
        CLUSTER  OBJECT                  REASON
        w1       ServiceRoute shop/gone  404: it was deleted meanwhile
      "
    `);
  });

  it("says in JSON what became of each change", () => {
    const report = applied({
      results: [outcome(change(), { kind: "failed", code: "FORBIDDEN", reason: "not allowed", retryable: false })],
      statuses: [{ place, kind: "ServiceRoute", key: "shop/cart", outcome: "written" }],
    });
    expect(JSON.parse(presentReport(report, { format: "json" }))).toMatchObject({
      kind: "Report",
      summary: { done: 0, failed: 1, blocked: 0, notStarted: 0 },
      results: [
        {
          change: { place: "cluster/w1", key: "shop/cart-external-dns-weu" },
          outcome: {
            kind: "failed",
            code: "FORBIDDEN",
            retryable: false,
            next: expect.stringContaining("grant the rule"),
          },
        },
      ],
      statuses: [{ place: "cluster/w1", kind: "ServiceRoute", key: "shop/cart", outcome: "written" }],
    });
  });
});
