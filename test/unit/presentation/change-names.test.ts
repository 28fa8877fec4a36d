import { describe, expect, it } from "vitest";
import { changedNames } from "../../../shared/presentation/change-names.ts";
import { plainText } from "../../../shared/presentation/document.ts";
import { CART_HOST, change, hostChange, published } from "../../support/reports.ts";

const NEW = published(CART_HOST, "CNAME aks-weu-public.example.com 300");
const OLD = published(CART_HOST, "CNAME aks-neu-public.example.com 300");

describe("changedNames", () => {
  it.each([
    ["a name that joins", change(), [`weu: ${CART_HOST} CNAME aks-weu-public.example.com (300 s)`]],
    [
      "a name that is re-pointed",
      change({ operation: "update", leaves: [OLD], joins: [NEW] }),
      [`weu: ${CART_HOST} CNAME aks-neu-public.example.com (300 s) → CNAME aks-weu-public.example.com (300 s)`],
    ],
    [
      "a record of which only the TTL changes",
      change({
        operation: "update",
        before: {
          spec: {
            endpoints: [
              { dnsName: CART_HOST, recordType: "CNAME", recordTTL: 5, targets: ["aks-weu-public.example.com"] },
              { dnsName: "other.example.com", recordType: "A", targets: ["10.0.0.1"] },
            ],
          },
        },
        joins: [NEW],
      }),
      [`weu: ${CART_HOST} CNAME aks-weu-public.example.com (5 s) → CNAME aks-weu-public.example.com (300 s)`],
    ],
    [
      "a name that leaves",
      change({ operation: "delete", leaves: [NEW], joins: [] }),
      [`weu: ${CART_HOST} no longer CNAME aks-weu-public.example.com (300 s)`],
    ],
    [
      "addresses without TTL",
      change({ joins: [published("gw.example.com", "A 10.0.0.1,10.0.0.2 -")] }),
      ["weu: gw.example.com A 10.0.0.1, 10.0.0.2"],
    ],
    ["hosts of an Istio Gateway", hostChange(), [`+ host ${CART_HOST}`, "- host old-ns-p-prod-shop.example.com"]],
    [
      "fields, where no name is touched",
      change({
        operation: "update",
        joins: [],
        before: {
          labels: { a: "1", other: "kept" },
          annotations: {},
          ownerReferences: [{ kind: "ServiceRoute", name: "cart", uid: "u" }],
          spec: { endpoints: [{ recordTTL: 60 }] },
        },
        after: {
          apiVersion: "externaldns.k8s.io/v1alpha1",
          kind: "DNSEndpoint",
          metadata: {
            name: "cart",
            labels: { a: "1", b: "2" },
            ownerReferences: [{ apiVersion: "v1", kind: "ServiceRoute", name: "cart", uid: "u", controller: true }],
          },
          spec: { endpoints: [{ recordTTL: 300 }] },
        },
      }),
      ["labels.b: (absent) → 2", "spec.endpoints.0.recordTTL: 60 → 300"],
    ],
  ])("shows %s", (_what, of, lines) => expect(changedNames([of]).map(plainText)).toEqual(lines));

  it("counts what is beyond the sixth name", () => {
    const joins = Array.from({ length: 40 }, (_none, index) =>
      published(`h${index}.example.com`, "host", "istio/w1/internal"),
    );
    const lines = changedNames([hostChange({ joins, leaves: [] })]).map(plainText);
    expect([lines.length, lines.at(-1)]).toEqual([7, "and 34 more"]);
  });
});
