/**
 * Asks the API server what the credential may do: one SelfSubjectAccessReview per right. They are answered and not stored,
 * and every signed-in user may ask (system:basic-user).
 */
import { kindTable } from "../../contracts/kinds.ts";
import { ClusterUnreachableError, InvariantError } from "../../errors.ts";
import type { AccessRight, DeniedRight } from "../../model/access.ts";
import type { JsonObject } from "../../model/json.ts";
import type { KubernetesConnection } from "./connection.ts";
import { asFleetError, placeOf } from "./fleet-errors.ts";
import { withRetries } from "./retry.ts";

const PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
/** Rights asked about in one call: a few dozen are needed in all. */
const MAX_RIGHTS = 200;

type Resource = { readonly group: string; readonly plural: string; readonly name?: string };

/** Lists that ask for one object by name need the right for that name only. */
function resourceOf({ kind, verb }: AccessRight): Resource {
  if (kind === "Event") return { group: "", plural: "events" };
  const { group, plural, fieldSelector } = kindTable[kind];
  const name = /^metadata\.name=(.+)$/.exec(verb === "list" ? (fieldSelector ?? "") : "")?.[1];
  return name === undefined ? { group, plural } : { group, plural, name };
}

/** @throws FleetError when the API server could not be asked about every one. */
export async function findDeniedRights(
  connection: KubernetesConnection,
  rights: readonly AccessRight[],
  signal: AbortSignal,
): Promise<readonly DeniedRight[]> {
  if (rights.length > MAX_RIGHTS) throw new InvariantError(`${rights.length} rights to ask about at once`);
  // The connection sends 16 at a time.
  const allowed = await Promise.all(rights.map((right) => isAllowed(connection, right, signal)));
  return rights.filter((_right, at) => allowed[at] === false).map((right) => ({ right, what: nameOf(right) }));
}

/** `patch gateways/status.routing.router.io`, as people write it of a resource. */
function nameOf(right: AccessRight): string {
  const { group, plural, name } = resourceOf(right);
  const resource = right.status === true ? `${plural}/status` : plural;
  const where = group === "" ? resource : `${resource}.${group}`;
  return `${right.verb} ${where}${name === undefined ? "" : ` ${name}`}`;
}

async function isAllowed(connection: KubernetesConnection, right: AccessRight, signal: AbortSignal): Promise<boolean> {
  const { cluster } = connection;
  const { group, plural, name } = resourceOf(right);
  const resourceAttributes: JsonObject = {
    verb: right.verb,
    group,
    resource: plural,
    ...(right.status === true ? { subresource: "status" } : {}),
    ...(name === undefined ? {} : { name }),
  };
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
  const what = `ask whether it may ${nameOf(right)}`;
  try {
    const send = (): Promise<string> => connection.send({ method: "POST", path: PATH, body }, signal);
    const answer = await withRetries(send, { place: placeOf(cluster), signal, access: "read" });
    return allowedIn(JSON.parse(answer), cluster);
  } catch (caught) {
    throw asFleetError(caught, { cluster, what, signal });
  }
}

function allowedIn(answer: unknown, cluster: string): boolean {
  if (typeof answer === "object" && answer !== null && "status" in answer) {
    const { status } = answer;
    if (typeof status === "object" && status !== null && "allowed" in status && typeof status.allowed === "boolean")
      return status.allowed;
  }
  const detail = "an access review without an answer";
  throw new ClusterUnreachableError(cluster, detail, undefined, "gives no usable answer");
}
