import { describe, expect, it } from "vitest";
import { publishNumbers } from "../../../shared/app/publish-numbers.ts";
import type { Telemetry } from "../../../shared/ports.ts";
import { approve, cluster, fleet, ingress, remove } from "../../support/builders/fleet.ts";
import { policy, route } from "../../support/builders/objects.ts";
import { play, runPass } from "../../support/builders/pass.ts";
import { reportOf } from "../../support/builders/report.ts";
import { change, failure, result } from "./changes.ts";
import { givenFleet } from "./given-fleet.ts";

const base = (ip: string) => [...ingress(ip), policy("shop")];

describe("publishNumbers", () => {
  it("gives numbers of the pass, and a sentence for each frozen cluster and failed change", () => {
    const world = fleet([
      cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart")] }),
      cluster("n1", { region: "neu", unread: "all" }),
    ]);
    const given = givenFleet();
    const made = reportOf(world, { results: [result(change("shop/cart"), failure), result(change("shop/pay"))] });
    publishNumbers(made, given.ports.telemetry);
    expect(Object.fromEntries(given.metrics)).toEqual({
      "service_router.pass.duration_ms": 1_500,
      "service_router.clusters.complete": 1,
      "service_router.clusters.frozen": 1,
      "service_router.changes.due": made.plan.changes.length,
      "service_router.changes.held": 2,
      "service_router.changes.waiting": made.plan.waiting.length,
      "service_router.refusals": made.plan.refusals.length,
    });
    expect(given.warnings).toEqual(["cluster is frozen", "change failed"]);
  });

  it("counts a read that is held as one thing that waits for a person, until it is approved", () => {
    const routes = Array.from({ length: 12 }, (_none, index) => route(`shop/r${index}`));
    const full = play(fleet([cluster("w1", { objects: [...base("10.0.0.1"), ...routes] })])).after;
    const lost = remove(full, "w1", "ServiceRoute", ...routes.map(({ object }) => `shop/${object.meta.name}`));
    const [group] = runPass(lost).plan.held;
    const held = [lost, approve(lost, group?.digest ?? "")].map((world) => {
      const given = givenFleet();
      const made = reportOf(world);
      publishNumbers(made, given.ports.telemetry);
      return [made.plan.held[0]?.code, made.heldForPerson, given.metrics.get("service_router.changes.held")];
    });
    expect(held).toEqual([
      ["ShrunkRead", 1, 1],
      ["ShrunkRead", 0, 0],
    ]);
  });

  it("ends with one line of counts", () => {
    const world = fleet([cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart")] })]);
    const lines: unknown[] = [];
    const telemetry: Telemetry = {
      ...givenFleet().ports.telemetry,
      info: (message, fields) => void lines.push([message, fields]),
    };
    const statuses = [{ place: { kind: "cluster", name: "w1" }, kind: "ServiceRoute", key: "shop/cart" }] as const;
    const written = statuses.map((status) => ({ ...status, outcome: "written" as const }));
    const made = reportOf(world, {
      mode: "apply",
      results: [result(change("shop/cart"))],
      statuses: written,
      events: 7,
    });
    publishNumbers(made, telemetry);
    const counts = { changes: made.plan.changes.length, done: 1, statuses: 1, events: 7, frozen: 0 };
    expect(lines).toEqual([["pass ended", { mode: "apply", ended: "complete", ...counts }]]);
  });
});
