/**
 * Whether the in-cluster operator that we replace still works there: two writers of one object would fight.
 * Seen running is believed always; "cannot be seen" needs a person's word (takeover.operatorStopped).
 */
import type { Listings } from "../../model/kinds.ts";
import type { OperatorDeployment } from "../../model/cluster-objects.ts";

const renewedWithinMs = 60_000;
const operatorName = "service-router-operator";

export type OperatorSighting =
  | { readonly kind: "not-running" }
  | { readonly kind: "running"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

type SightingInput = {
  readonly listings: Listings;
  readonly deployment: { readonly name: string; readonly namespace: string };
  readonly nowMs: number;
};

export function sightOperator({ listings, deployment, nowMs }: SightingInput): OperatorSighting {
  const leases = listings.OperatorLease;
  const deployments = listings.OperatorDeployment;
  if (leases?.read === "complete") {
    const live = leases.objects.find((lease) => nowMs - lease.renewedAtMs <= renewedWithinMs);
    if (live !== undefined) {
      return { kind: "running", reason: `its Lease ${live.meta.namespace}/${live.meta.name} is being renewed` };
    }
  }
  if (deployments?.read === "complete") {
    const live = deployments.objects.find((found) => found.readyReplicas > 0 && isOperator(found, deployment));
    if (live !== undefined) {
      return { kind: "running", reason: `its Deployment ${live.meta.namespace}/${live.meta.name} has a ready replica` };
    }
  }
  if (leases?.read !== "complete" && deployments?.read !== "complete") {
    return { kind: "unknown", reason: "neither its Lease nor Deployments can be read there" };
  }
  return { kind: "not-running" };
}

/** Whether a Deployment is the operator's, running or not. */
export function isOperator(
  found: Pick<OperatorDeployment, "meta" | "images">,
  configured: SightingInput["deployment"],
): boolean {
  if (found.meta.name === configured.name && found.meta.namespace === configured.namespace) return true;
  if (found.images.some((image) => imageName(image) === operatorName)) return true;
  return found.meta.labels["app.kubernetes.io/name"] === operatorName;
}

/** `registry:5000/team/name:tag@sha256:…` → `name` */
function imageName(image: string): string {
  const last = image.split("/").at(-1) ?? image;
  return last.split("@")[0]?.split(":")[0] ?? last;
}
