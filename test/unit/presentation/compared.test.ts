import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compared } from "../../../shared/presentation/compared.ts";
import { edit, fleet, cluster, ingress, later } from "../../support/builders/fleet.ts";
import { policy, route } from "../../support/builders/objects.ts";
import { play, runPass, WAIT_MS } from "../../support/builders/pass.ts";

const sent = {
  apiVersion: "externaldns.k8s.io/v1alpha1",
  kind: "DNSEndpoint",
  metadata: {
    name: "cart",
    namespace: "shop",
    labels: { b: "2", a: "1" },
    ownerReferences: [{ apiVersion: "v1", kind: "ServiceRoute", name: "cart", uid: "u", controller: true }],
  },
  spec: { endpoints: [{ recordTTL: 300, dnsName: "cart.example.com" }] },
};
const found = {
  labels: { a: "1", team: "shop", "router.io/old": "x" },
  annotations: { note: "theirs" },
  ownerReferences: [{ uid: "u", name: "cart", kind: "ServiceRoute" }],
  spec: { endpoints: [{ dnsName: "cart.example.com", recordTTL: 60 }] },
};

describe("compared", () => {
  it("brings what is sent to the form of what was there: others' labels stay, ours that are not sent go", () => {
    expect(compared({ before: found, after: sent })).toEqual({
      before: found,
      after: {
        labels: { a: "1", b: "2", team: "shop" },
        annotations: { note: "theirs" },
        ownerReferences: [{ kind: "ServiceRoute", name: "cart", uid: "u" }],
        spec: { endpoints: [{ dnsName: "cart.example.com", recordTTL: 300 }] },
      },
    });
  });

  it("sorts keys on both sides, so that a diff of the text shows the change only", () => {
    const { before, after } = compared({ before: found, after: sent });
    const [left, right] = [before, after].map((side) => JSON.stringify(side, undefined, 2).split("\n"));
    const differing = right?.filter((line) => !(left ?? []).includes(line)).map((line) => line.trim());
    expect(differing).toEqual(['"b": "2",', '"recordTTL": 300']);
  });

  it.each([
    ["a create", { after: sent }, ["after"]],
    ["a delete", { before: found }, ["before"]],
  ])("gives %s only the side that it has", (_which, change, sides) => {
    expect(Object.keys(compared(change))).toEqual(sides);
  });

  it("says nothing differs where an object gets what it has", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.dictionary(fc.string(), fc.string()), (labels, spec) => {
        const before = { labels, annotations: {}, ownerReferences: [], spec };
        const { before: one, after: other } = compared({ before, after: { metadata: { labels }, spec } });
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
    );
  });

  it("shows of an update made by the planner only what the person changed", () => {
    const objects = [...ingress(), policy("shop"), route("shop/cart")];
    const { after: published } = play(fleet([cluster("w1", { objects })]));
    const target = { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" } as const;
    const edited = edit(later(published, WAIT_MS), target, (one) => ({
      ...one,
      spec: { ...one.spec, ttlSeconds: 60 },
    }));
    const [change] = runPass(edited).plan.changes;
    const { before, after } = compared(change ?? {});
    const [left, right] = [JSON.stringify(before), JSON.stringify(after)];
    expect([change?.operation, right]).toEqual(["update", left.replace('"recordTTL":300', '"recordTTL":60')]);
  });
});
