/** Status of DNSPolicy. */
import type { DesiredStatus } from "../../model/desired.ts";
import type { Place } from "../../model/place.ts";
import { condition, rejectedStatus, statusOf } from "./conditions.ts";
import type { ClusterFindings, PolicyFinding } from "./findings.ts";

export function policyStatuses(findings: ClusterFindings): readonly DesiredStatus[] {
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const listing = findings.cluster.believed?.DNSPolicy;
  const rejected = listing?.read === "complete" ? listing.rejected : [];
  return [
    ...[...findings.policies.values(), ...findings.superseded].map((finding) => policyStatus(finding, place)),
    ...rejected.map((object) => rejectedStatus(place, "DNSPolicy", object)),
  ];
}

function policyStatus(finding: PolicyFinding, place: Place): DesiredStatus {
  const { policy, verdict, supersededBy } = finding;
  if (supersededBy !== undefined) {
    const message = `DNSPolicy ${supersededBy} is older and is the one honoured in this namespace; delete one of them`;
    return statusOf(place, "DNSPolicy", policy, {
      fields: { phase: "Inactive", active: false, activeControllers: [] },
      conditions: [
        condition("Ready", "False", "SingletonViolation", message),
        condition("Conflict", "True", "SingletonViolation", message),
      ],
    });
  }
  switch (verdict.kind) {
    case "active":
      return statusOf(place, "DNSPolicy", policy, {
        fields: {
          phase: "Active",
          active: true,
          activeControllers: verdict.controllers.map((controller) => controller.name),
        },
        conditions: [condition("Ready", "True", "ReconciliationSucceeded", "DNSPolicy is active")],
      });
    case "inactive":
      return statusOf(place, "DNSPolicy", policy, {
        fields: { phase: "Inactive", active: false, activeControllers: [] },
        conditions: [condition("Ready", "False", "PolicyInactive", verdict.reason)],
      });
    case "unusable":
      return statusOf(place, "DNSPolicy", policy, {
        fields: {
          phase: verdict.code === "ValidationFailed" ? "Failed" : "Pending",
          active: false,
          activeControllers: [],
        },
        conditions: [condition("Ready", "False", verdict.code, verdict.reason)],
      });
  }
}
