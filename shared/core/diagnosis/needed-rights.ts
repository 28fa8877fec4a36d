/**
 * Which rights the product needs in a cluster, and by which ClusterRole they come. crds/rbac/ grants exactly these; a test
 * holds the two together.
 */
import type { AccessRight, DeniedRight } from "../../model/access.ts";
import { finding, type Finding } from "../../model/finding.ts";
import type { WriteMode } from "../../model/fleet-configuration.ts";
import type { Kind } from "../../model/kinds.ts";

const listed: readonly Kind[] = [
  "ClusterIdentity",
  "DNSConfiguration",
  "DNSPolicy",
  "Gateway",
  "ServiceRoute",
  "DNSEndpoint",
  "Service",
  "Namespace",
  "IstioGateway",
  "VirtualService",
  "EndpointSlice",
  "OperatorLease",
  "OperatorDeployment",
];
const written: readonly Kind[] = ["DNSEndpoint", "IstioGateway"];
const withStatus: readonly Kind[] = ["ClusterIdentity", "DNSConfiguration", "DNSPolicy", "Gateway", "ServiceRoute"];

export const readRights: readonly AccessRight[] = listed.map((kind) => ({ verb: "list", kind }));

export const writeRights: readonly AccessRight[] = [
  ...written.flatMap((kind) => (["create", "patch", "delete"] as const).map((verb) => ({ verb, kind }))),
  ...withStatus.map((kind) => ({ verb: "patch", kind, status: true }) as const),
  ...(["create", "get", "patch"] as const).map((verb) => ({ verb, kind: "Event" }) as const),
];

/** `denied`: of both lists. A cluster that is only observed needs no right to write; it is told all the same. */
export function rightsFindings(
  cluster: string,
  denied: readonly DeniedRight[],
  mode: WriteMode | undefined,
): readonly Finding[] {
  const reads = namesOf(denied.filter(isRead));
  const writes = namesOf(denied.filter((one) => !isRead(one)));
  const isWritten = mode === "apply" || mode === "retiring";
  return [
    ...(reads.length === 0
      ? []
      : [finding("ReadRightsMissing", { cluster, what: `it may not ${reads.join(", ")}`, names: reads })]),
    ...(writes.length === 0
      ? []
      : [
          finding("WriteRightsMissing", {
            cluster,
            what: `it may not ${writes.join(", ")}`,
            names: writes,
            ...(isWritten ? {} : { severity: "info" }),
          }),
        ]),
  ];
}

function isRead({ right }: DeniedRight): boolean {
  return right.verb === "list";
}

function namesOf(denied: readonly DeniedRight[]): readonly string[] {
  return denied.map(({ what }) => what).sort();
}
