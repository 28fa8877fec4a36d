import { describe, expect, it } from "vitest";
import { closeWithout } from "../../../../shared/core/planning/partial-close.ts";
import type { Change } from "../../../../shared/model/change.ts";
import { hostChange, published } from "../../../support/reports.ts";

const host = (name: string) => published(name, "host", "istio/w1/ingress");
const close = (overrides: Partial<Change> = {}) =>
  hostChange({
    phase: "close",
    joins: [],
    leaves: [host("a"), host("b")],
    after: {
      kind: "Gateway",
      spec: {
        servers: [
          { port: 443, hosts: ["m", "z"] },
          { port: 80, hosts: ["m", "z"] },
        ],
      },
    },
    ...overrides,
  });

describe("closeWithout", () => {
  it("keeps the hosts that must stay on every server, sorted, and lets the others leave", () =>
    expect(closeWithout(close(), (name) => name === "b")).toMatchObject({
      leaves: [host("a")],
      after: {
        kind: "Gateway",
        spec: {
          servers: [
            { port: 443, hosts: ["b", "m", "z"] },
            { port: 80, hosts: ["b", "m", "z"] },
          ],
        },
      },
    }));

  it.each<[string, Change, (name: string) => boolean]>([
    ["all of them must stay", close(), () => true],
    ["none of them must stay: there is nothing to divide", close(), () => false],
    ["the object goes as a whole", close({ operation: "delete" }), (name) => name === "b"],
    ["it is not a closing", close({ phase: "open" }), (name) => name === "b"],
    ["it is no Istio Gateway", close({ kind: "DNSEndpoint" }), (name) => name === "b"],
  ])("is nothing where %s", (_what, change, stays) => expect(closeWithout(change, stays)).toBeUndefined());
});
