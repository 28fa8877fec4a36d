/**
 * Rule 6: objects that we do not own are never changed. The product creates, changes and deletes DNSEndpoints and Istio
 * Gateways that carry the marker, and writes the status of the five kinds; of these objects what others set stays.
 */
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind } from "../../../shared/model/kinds.ts";
import { runOf, type Run } from "../app/run-context.ts";
import { isMarked } from "../oracle/wanted-names.ts";
import type { Mutation } from "../world/api-server.ts";
import { labelsOf, uidOf } from "../world/api-server.ts";
import { canonical, metadataOf } from "../world/field-ownership.ts";
import type { Checker } from "./checker.ts";

const written: ReadonlySet<Kind> = new Set<Kind>(["DNSEndpoint", "IstioGateway"]);
const withStatus: ReadonlySet<Kind> = new Set<Kind>([
  "ClusterIdentity",
  "DNSConfiguration",
  "DNSPolicy",
  "Gateway",
  "ServiceRoute",
]);
const ownLabels = ["app", "app.kubernetes.io/managed-by"];

export const foreignObjects: Checker = {
  rule: "6 foreign objects",
  watch: (_site, violate) => ({
    mutation: (mutation) => {
      const run = runOf(mutation);
      if (run === undefined) return;
      const fault = mutation.part === "status" ? statusFault(mutation) : objectFault(run, mutation);
      if (fault !== undefined) violate(`${run.id}: ${mutation.kind} ${mutation.key} of ${mutation.server} ${fault}`);
      if (run.what === "preview" || run.what === "approval")
        violate(`${run.id}, a ${run.what}, wrote ${mutation.kind} ${mutation.key}`);
    },
  }),
};

function objectFault(run: Run, { server, kind, before, after }: Mutation): string | undefined {
  if (!written.has(kind)) return "is of a kind that the product never writes";
  // Given away since it was read, in the seconds of this very pass: server-side apply cannot know.
  const read = run.readings
    .get(server)
    ?.listed.get(kind)
    ?.find((object) => uidOf(object) === uidOf(before));
  const wasMarked = after !== undefined && read !== undefined && isMarked(read);
  if (before !== undefined && !isMarked(before) && !wasMarked) return "did not carry the marker and was changed";
  if (after === undefined || before === undefined) return undefined;
  const labels = labelsOf(after);
  const lost = Object.entries(labelsOf(before)).find(([label, value]) => !isOwn(label) && labels[label] !== value);
  return lost === undefined ? undefined : `lost the label ${lost[0]} of somebody else`;
}

function isOwn(label: string): boolean {
  return label.startsWith("router.io/") || ownLabels.includes(label);
}

function statusFault({ kind, before, after }: Mutation): string | undefined {
  if (!withStatus.has(kind)) return "has a status that is not the product's";
  return canonical(withoutStatus(before)) === canonical(withoutStatus(after))
    ? undefined
    : "changed outside its status";
}

function withoutStatus(object: JsonObject | undefined): JsonObject {
  const { status: _status, ...rest } = object ?? {};
  const { managedFields: _managed, resourceVersion: _version, ...metadata } = metadataOf(object ?? {});
  return { ...rest, metadata };
}
