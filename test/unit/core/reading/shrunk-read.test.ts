import { describe, expect, it } from "vitest";
import { judgeShrink } from "../../../../shared/core/reading/shrunk-read.ts";
import type { Listings } from "../../../../shared/model/kinds.ts";
import type { Approval, ShrunkRead } from "../../../../shared/model/state.ts";
import { cluster, listingsOf } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, gateway, istioGateway, route, unparsable } from "../../../support/builders/objects.ts";

const MINUTE_MS = 60_000;
const read = (routes: number, gateways: number, broken = 0): Listings =>
  listingsOf(
    cluster("w1", {
      objects: [
        ...Array.from({ length: routes }, (_none, index) => route(`shop/r${index}`)),
        ...Array.from({ length: gateways }, (_none, index) => gateway(`istio-system/g${index}`)),
      ],
      rejected: Array.from({ length: broken }, (_none, index) => unparsable("ServiceRoute", `shop/b${index}`)),
    }),
  );

type Judging = { readonly state?: ShrunkRead; readonly approved?: string; readonly nowMs?: number };
const judge = (lastGood: Listings, current: Listings, { state, approved, nowMs = 0 }: Judging = {}) =>
  judgeShrink({
    cluster: "w1",
    current,
    lastGood,
    state,
    approvals: approved === undefined ? [] : [approvalOf(approved)],
    nowMs,
  });
const approvalOf = (digest: string): Approval => ({ digest, scope: "", by: "x", verified: true, reason: "", atMs: 0 });

/** Judges the same read again and again, a pass every `everyMs`, from time 0. */
function passes(count: number, everyMs: number, approved: string | undefined) {
  let state: ShrunkRead | undefined;
  for (let number = 0; number < count; number += 1) {
    const judged = judge(read(20, 3), read(0, 0), {
      nowMs: number * everyMs,
      ...(state === undefined ? {} : { state }),
      ...(approved === undefined ? {} : { approved }),
    });
    if (judged.kind === "believed") return "believed";
    ({ state } = judged);
  }
  return state;
}
const doubted = passes(1, 0, undefined);
const emptyDigest = typeof doubted === "object" ? doubted.digest : "";

describe("judgeShrink", () => {
  it.each<[string, Listings, Listings]>([
    ["more than half of ten routes", read(10, 1), read(4, 1)],
    ["all routes", read(10, 1), read(0, 1)],
    ["all of three gateways", read(0, 3), read(0, 0)],
  ])("doubts a read that lost %s", (_what, lastGood, current) => expect(judge(lastGood, current).kind).toBe("doubted"));

  it.each<[string, Listings, Listings]>([
    ["nothing", read(10, 3), read(10, 3)],
    ["just half of its routes", read(10, 1), read(5, 1)],
    ["all of nine routes", read(9, 1), read(0, 1)],
    ["two of three gateways", read(0, 3), read(0, 1)],
    ["both of two gateways", read(0, 2), read(0, 0)],
    ["routes that merely do not parse now: they exist", read(10, 1), read(2, 1, 8)],
  ])("believes a read that lost %s", (_what, lastGood, current) =>
    expect(judge(lastGood, current)).toEqual({ kind: "believed" }),
  );

  it("counts routes that did not parse before as well", () =>
    expect(judge(read(0, 1, 10), read(4, 1)).kind).toBe("doubted"));

  it("says what was lost, in numbers", () => {
    const judged = judge(read(20, 3), read(3, 3));
    expect(judged.kind === "doubted" && judged.state.reason).toBe("3 ServiceRoutes where the last good read had 20");
  });

  it.each([
    ["3 passes, 10 min and an approval", 3, 5 * MINUTE_MS, emptyDigest, "believed"],
    ["2 passes in 10 min, approved", 2, 10 * MINUTE_MS, emptyDigest, "doubted"],
    ["3 passes in less than 10 min, approved", 3, 5 * MINUTE_MS - 1, emptyDigest, "doubted"],
    ["a hundred passes in a day, never approved", 100, 15 * MINUTE_MS, undefined, "doubted"],
    ["an approval of another read", 100, 15 * MINUTE_MS, "0123456789ab", "doubted"],
  ])("after %s it is %s", (_what, count, everyMs, approved, outcome) => {
    const judged = passes(count, everyMs, approved);
    expect(judged === "believed" ? "believed" : "doubted").toBe(outcome);
  });

  it("counts passes and time while nobody has approved yet", () => {
    const state = passes(7, 2 * MINUTE_MS, undefined);
    expect(state).toMatchObject({ passes: 7, firstSeenAtMs: 0, digest: emptyDigest });
  });

  it("starts anew when what is left differs: the digest binds to that very read", () => {
    const first = judge(read(20, 3), read(3, 3), { nowMs: 0 });
    const state = first.kind === "doubted" ? first.state : undefined;
    const next = judge(read(20, 3), read(2, 3), { nowMs: MINUTE_MS, ...(state === undefined ? {} : { state }) });
    expect(next).toMatchObject({ kind: "doubted", state: { passes: 1, firstSeenAtMs: MINUTE_MS } });
    expect(next.kind === "doubted" && next.state.digest).not.toBe(state?.digest);
  });

  it("binds the digest to the Gateways that are left as well", () => {
    const digests = [3, 2].map((gateways) => judge(read(20, 3), read(3, gateways)));
    const [first, second] = digests.map((judged) => (judged.kind === "doubted" ? judged.state.digest : undefined));
    expect(first).toMatch(/^[0-9a-f]+$/);
    expect(second).not.toBe(first);
  });

  it("tells clusters apart: two empty clusters are two approvals", () => {
    const [lastGood, current] = [read(20, 3), read(0, 0)];
    const other = judgeShrink({ cluster: "w2", current, lastGood, state: undefined, approvals: [], nowMs: 0 });
    expect(other.kind === "doubted" && other.state.digest).not.toBe(emptyDigest);
  });

  it("says who has approved already", () => {
    const judged = judge(read(20, 3), read(0, 0), { approved: emptyDigest });
    expect(judged).toMatchObject({ kind: "doubted", approval: { by: "x" } });
    expect(judge(read(20, 3), read(0, 0))).not.toHaveProperty("approval");
  });

  it.each<[string, "doubted" | "believed", Published]>([
    ["three hosts of routes and no route", "doubted", { hosts: 3 }],
    ["three hosts on our Istio Gateways and no route", "doubted", { istioHosts: 3 }],
    ["ten hosts of routes and four routes", "doubted", { hosts: 10, routes: 4 }],
    ["three hosts of gateways and no gateway", "doubted", { gatewayHosts: 3 }],
    ["as many routes as hosts", "believed", { hosts: 10, routes: 10 }],
    ["five hosts, each in two zones, and two routes", "believed", { hosts: 5, routes: 2, zones: ["weu", "neu"] }],
    ["two hosts, in DNSEndpoints and on an Istio Gateway, and no route", "believed", { hosts: 2, istioHosts: 2 }],
    ["nine hosts and one route", "believed", { hosts: 9, routes: 1 }],
    ["hosts of somebody else", "believed", { hosts: 10, ours: false }],
    ["nothing at all", "believed", {}],
  ])("with no earlier read known, of a cluster that publishes %s, is %s", (_what, kind, published) => {
    const judged = judgeShrink({
      cluster: "w1",
      current: publishing(published),
      lastGood: undefined,
      state: undefined,
      approvals: [],
      nowMs: 0,
    });
    expect(judged.kind).toBe(kind);
  });
});

type Published = {
  readonly hosts?: number;
  readonly istioHosts?: number;
  readonly gatewayHosts?: number;
  readonly routes?: number;
  readonly zones?: readonly string[];
  readonly ours?: boolean;
};

function publishing(published: Published): Listings {
  const { hosts = 0, istioHosts = 0, gatewayHosts = 0, routes = 0, zones = ["weu"], ours = true } = published;
  const endpoints = (count: number, host: string, labels: Readonly<Record<string, string>>) =>
    zones.flatMap((region) =>
      Array.from({ length: count }, (_none, index) =>
        dnsEndpoint(`shop/${host}${index}-${region}`, [cname(`${host}${index}.example.com`, "gw.example.com")], {
          region,
          ours,
          labels,
        }),
      ),
    );
  return listingsOf(
    cluster("w1", {
      objects: [
        ...Array.from({ length: routes }, (_none, index) => route(`shop/r${index}`)),
        ...endpoints(hosts, "h", {}),
        istioGateway(
          "istio-system/internal",
          Array.from({ length: istioHosts }, (_none, index) => `h${index}.example.com`),
          {
            ours,
          },
        ),
        ...endpoints(gatewayHosts, "g", { "router.io/resource-type": "gateway" }),
      ],
    }),
  );
}
