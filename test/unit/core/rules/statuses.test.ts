/** Statuses are written by us and checked by the API server: one that breaks its CRD's schema would never be written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { ClusterIdentityStatus } from "../../../../shared/contracts/cluster.router.io/cluster-identity.ts";
import { DnsConfigurationStatus } from "../../../../shared/contracts/cluster.router.io/dns-configuration.ts";
import { DnsPolicyStatus } from "../../../../shared/contracts/routing.router.io/dns-policy.ts";
import { GatewayStatus } from "../../../../shared/contracts/routing.router.io/gateway.ts";
import { ServiceRouteStatus } from "../../../../shared/contracts/routing.router.io/service-route.ts";
import type { StatusChange } from "../../../../shared/core/planning/status-changes.ts";
import type { ChangeOutcome } from "../../../../shared/model/change.ts";
import { anyLivedFleet, runs } from "../../../support/builders/arbitraries.ts";
import { breakObject, cluster, fleet, ingress, type World } from "../../../support/builders/fleet.ts";
import { policy, route } from "../../../support/builders/objects.ts";
import { dueStatuses, play, runPass } from "../../../support/builders/pass.ts";

const schemas: Readonly<Record<string, z.ZodType>> = {
  ClusterIdentity: ClusterIdentityStatus,
  DNSConfiguration: DnsConfigurationStatus,
  DNSPolicy: DnsPolicyStatus,
  Gateway: GatewayStatus,
  ServiceRoute: ServiceRouteStatus,
};

/** `Gateway istio-system/internal: phase: …`: what the API server would say against a status. */
function faultsOf({ status, fields, conditions }: StatusChange): readonly string[] {
  const { kind, key } = status;
  const read = schemas[kind]?.safeParse({ ...fields, conditions });
  if (read === undefined) return [`${kind} ${key}: no kind of ours`];
  const types = conditions.map(({ type }) => type);
  const twice = types.filter((type, index) => types.indexOf(type) !== index);
  return [
    ...(read.error?.issues ?? []).map(({ path, message }) => `${kind} ${key}: ${path.join(".")}: ${message}`),
    ...twice.map((type) => `${kind} ${key}: two conditions ${type}`),
  ];
}

function statusesOf(world: World, outcome: ChangeOutcome): readonly StatusChange[] {
  const pass = runPass(world);
  const results = pass.plan.changes.map((change) => ({ change, outcome }));
  return dueStatuses(pass, results);
}

describe("every status that is due", () => {
  it("fits its schema, whatever the fleet is and whatever became of its changes", () => {
    const anyOutcome = fc.constantFrom<ChangeOutcome>(
      { kind: "done" },
      { kind: "failed", code: "OBJECT_REFUSED", reason: "the API server refused it", retryable: false },
      { kind: "blocked", by: "another change" },
      { kind: "not-started", reason: "the pass ended before it" },
    );
    fc.assert(
      fc.property(anyLivedFleet(), anyOutcome, ({ world }, outcome) => {
        expect(statusesOf(world, outcome).flatMap(faultsOf)).toEqual([]);
      }),
      runs,
    );
  });

  it("fits it for objects that do not parse, in whole and in frozen clusters", () => {
    const objects = [...ingress(), policy("shop"), route("shop/cart")];
    const written = play(fleet([cluster("w1", { objects })])).after;
    const broken = (
      ["DNSPolicy shop/policy", "Gateway istio-system/internal", "ServiceRoute shop/cart"] as const
    ).reduce((world, text) => {
      const [kind = "", key = ""] = text.split(" ");
      return breakObject(world, "w1", kind as "ServiceRoute", key);
    }, written);
    const due = statusesOf(broken, { kind: "done" });
    expect(due.map(({ status }) => status.kind)).toEqual(["DNSPolicy", "Gateway", "ServiceRoute"]);
    expect(due.flatMap(faultsOf)).toEqual([]);
    const frozen = fleet([cluster("w1", { objects, unread: ["DNSEndpoint"] })]);
    expect(statusesOf(frozen, { kind: "done" }).flatMap(faultsOf)).toEqual([]);
  });
});
