/** What people and other tools do to objects of a cluster while the product runs. */
import type { ApiServer } from "../components/api-server.ts";
import { resourcePath } from "../components/discovery.ts";
import type { ObjectReference } from "../components/test-cluster.ts";

/** A merge patch, as `kubectl edit` and `kubectl label` send it; null removes a field. */
export async function edit(
  server: ApiServer,
  reference: ObjectReference,
  patch: object,
  manager = "kubectl-edit",
): Promise<void> {
  const path = `${await resourcePath(server, reference)}?fieldManager=${manager}`;
  const answer = await server.request("PATCH", path, patch);
  if (answer.status !== 200) {
    throw new Error(`${reference.kind} ${reference.name} was not edited: ${JSON.stringify(answer.body)}`);
  }
}

/** A plain POST, as the predecessor operator and `kubectl create` send it: the manager's operation is Update. */
export async function create(
  server: ApiServer,
  object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: object;
    readonly [field: string]: unknown;
  },
  manager: string,
): Promise<void> {
  const { namespace } = object.metadata as { readonly namespace?: string };
  const collection = await resourcePath(server, {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const answer = await server.request("POST", `${collection}?fieldManager=${manager}`, object);
  if (answer.status !== 201) throw new Error(`${object.kind} was not created: ${JSON.stringify(answer.body)}`);
}
