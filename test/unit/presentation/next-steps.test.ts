import { describe, expect, it } from "vitest";
import * as errors from "../../../shared/errors.ts";
import {
  approveCommand,
  faultStep,
  frozenStep,
  hasNextStep,
  nextStep,
} from "../../../shared/presentation/next-steps.ts";

describe("nextStep", () => {
  it.each([
    new errors.ClusterUnreachableError("w1", "x"),
    new errors.DirectoryNotWrittenError("w1", "w1.out", new Error("ENOSPC")),
    new errors.ClusterCertificateError("w1", "x"),
    new errors.ClusterUnauthorizedError("w1", "x"),
    new errors.ForbiddenError("w1", "list"),
    new errors.KindNotServedError("w1", "DNSEndpoint"),
    new errors.IncompleteListError("w1", "DNSEndpoint", "x"),
    new errors.FieldConflictError("w1", "a/b", { managers: [], fields: [] }),
    new errors.StaleObjectError("w1", "a/b", "x"),
    new errors.ObjectRefusedError("w1", "a/b", "x"),
    new errors.ThrottledError("w1", 1),
    new errors.AzureUnavailableError("x"),
    new errors.StoreUnavailableError("x"),
    new errors.StoreConflictError("since"),
    new errors.StoreNewerSchemaError("since", 9),
    new errors.LeaseHeldError("reconcile", "x"),
    new errors.LeaseLostError("reconcile"),
    new errors.ConfigurationError("fleet.yaml", []),
  ])("knows what to do after %s", ({ code }) => expect(hasNextStep(code)).toBe(true));

  // The reason stands for a failed change and for a kind that was not read, where there is no change at all.
  it.each(["CRDs", "crds/rbac/", "change"])("says of an Istio Gateway that is not there all it may need: %s", (part) =>
    expect(nextStep("IstioGatewayGenerationFailed")).toContain(part),
  );

  it.each([
    ["ForeignObject", /the label/],
    ["ForeignOwner", /--txt-owner-id.*cannot be read \(encrypted.*service-router never touches such a record$/],
    ["Contended", /the cluster or DNSEndpoint .* else a writer outside the fleet/],
    ["Orphan", /dns repair.*dns copy-ownership/],
  ])("fits every case in which people meet %s", (code, step) => expect(nextStep(code)).toMatch(step));

  it("promises no other pass where only the command line may run", () => {
    expect(nextStep("LEASE_HELD")).not.toContain("anyway");
    expect(nextStep("LEASE_HELD")).toContain("60 s");
  });

  it("thinks of a rename in the fleet configuration where two clusters have one name", () =>
    expect(nextStep("DuplicateClusterName")).toContain("undo the rename"));

  it("says something useful of a code that it does not know", () =>
    expect(nextStep("New")).toContain("service-router status"));

  it("names the command that approves", () =>
    expect(approveCommand("1a2b3c4d5e6f")).toBe('service-router approve 1a2b3c4d5e6f --reason "…"'));
});

describe("frozenStep", () => {
  it.each([
    ["NotRead", ["CLUSTER_NOT_CONFIGURED", "CLUSTER_NOT_CONFIGURED"], "put its entry back"],
    ["NotRead", ["FORBIDDEN"], "crds/rbac/"],
    ["NotRead", ["FORBIDDEN", "KIND_NOT_SERVED"], "make the cluster readable"],
    ["NotRead", ["NEW"], "make the cluster readable"],
    ["NotRead", ["LIST_INCOMPLETE"], "correct the file that the reason names"],
    ["NotRead", [], "make the cluster readable"],
    ["ShrunkRead", ["FORBIDDEN"], "approve the digest"],
  ])("of %s after %j says %s", (code, notRead, part) => expect(frozenStep(code, notRead)).toContain(part));
});

describe("faultStep", () => {
  it.each([
    ["fleet.yaml", "service-router config check"],
    ["serve/fleet.yaml", "service-router config check"],
    ["the state store", "service-router config check"],
    ["kubeconfig /home/me/.kube/config", "kubectl config view"],
    ["kubeconfig", "--context"],
    ["cluster w1", "then run again"],
    ["--key-file", "then run again"],
  ])("of %s names what reads it: %s", (source, step) => expect(faultStep(source)).toContain(step));
});
