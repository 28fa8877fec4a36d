/** The kinds that this family lists in every cluster. A cluster with a required one not read is frozen. */
import type { KindUse, Listings } from "../../model/kinds.ts";

export const reads: readonly KindUse[] = [
  { kind: "ClusterIdentity", required: true },
  { kind: "DNSConfiguration", required: true },
  { kind: "DNSPolicy", required: true },
  { kind: "Gateway", required: true },
  { kind: "ServiceRoute", required: true },
  { kind: "Service", required: true },
  { kind: "DNSEndpoint", required: true },
  { kind: "Namespace", required: true, onlyWhen: selectsNamespaces },
  { kind: "IstioGateway", required: false },
  { kind: "OperatorLease", required: false },
  { kind: "OperatorDeployment", required: false },
];

/** Namespace labels matter only to Gateways with `allowedNamespaces.from: Selector`. */
function selectsNamespaces(listings: Listings): boolean {
  const gateways = listings.Gateway;
  return (
    gateways?.read === "complete" &&
    gateways.objects.some((gateway) => gateway.spec.allowedNamespaces?.from === "Selector")
  );
}
