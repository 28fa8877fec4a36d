import { describe, expect, it } from "vitest";
import { readsOf } from "../../../../shared/core/compute-desired.ts";
import { missingKinds } from "../../../../shared/core/reading/completeness.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";
import { allKinds, cluster, listingsOf } from "../../../support/builders/fleet.ts";
import { gateway } from "../../../support/builders/objects.ts";

const reads = readsOf({ serviceRouting: true });
const selecting = gateway("istio-system/internal", { allowedNamespaces: { from: "Selector", matchLabels: {} } });

const missingOf = (unread: readonly Kind[], kinds = allKinds, objects = [gateway()]) =>
  missingKinds(listingsOf(cluster("w1", { objects, unread }), kinds), reads).map(({ kind, code }) => `${kind} ${code}`);

describe("missingKinds", () => {
  it.each([
    "ClusterIdentity",
    "DNSConfiguration",
    "DNSPolicy",
    "Gateway",
    "ServiceRoute",
    "Service",
    "DNSEndpoint",
  ] as const)("names %s when it was not read: the cluster is frozen", (kind) =>
    expect(missingOf([kind])).toEqual([`${kind} FORBIDDEN`]),
  );

  it.each(["IstioGateway", "OperatorLease", "OperatorDeployment"] as const)(
    "does not miss %s: without it only what it feeds is off",
    (kind) => expect(missingOf([kind])).toEqual([]),
  );

  it("misses Namespaces only where a Gateway selects routes by namespace labels", () => {
    expect(missingOf(["Namespace"])).toEqual([]);
    expect(missingOf(["Namespace"], allKinds, [selecting])).toEqual(["Namespace FORBIDDEN"]);
    expect(missingOf(["Namespace", "Gateway"], allKinds, [selecting])).toEqual(["Gateway FORBIDDEN"]);
  });

  it("counts a kind that nobody listed as missing", () =>
    expect(
      missingOf(
        [],
        allKinds.filter((kind) => kind !== "ServiceRoute"),
      ),
    ).toEqual(["ServiceRoute NOT_LISTED"]));

  it("names all that is missing, in the order in which the family reads", () =>
    expect(missingOf(["DNSEndpoint", "DNSPolicy"])).toEqual(["DNSPolicy FORBIDDEN", "DNSEndpoint FORBIDDEN"]));

  it("is content with a cluster that was read to its end", () => expect(missingOf([])).toEqual([]));
});
