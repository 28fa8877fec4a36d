/**
 * Writes the whole status of one of our kinds: afterwards it is what was asked for, whoever wrote the fields before.
 * A JSON patch on the status subresource, not server-side apply: apply leaves every field and condition that another manager
 * shares, so what the predecessor operator wrote would stay for ever and make each pass see a difference.
 * The test on the uid keeps an object that was deleted and made again from getting its namesake's status.
 */
import { kindTable } from "../../contracts/kinds.ts";
import type { StatusUpdate } from "../../ports.ts";
import type { KubernetesConnection } from "./connection.ts";
import { objectPath } from "./resource-path.ts";
import { FIELD_MANAGER, JSON_PATCH, sendWrite } from "./write.ts";

/** @throws as ClusterPort.apply; StaleObjectError when the object is gone or is another one. */
export async function writeWholeStatus(
  connection: KubernetesConnection,
  update: StatusUpdate,
  signal: AbortSignal,
): Promise<void> {
  const { kind, key, uid } = update;
  const { cluster } = connection;
  await sendWrite(
    connection,
    { cluster, kind, key, verb: "patch", subresource: "status", signal },
    {
      method: "PATCH",
      path: objectPath(kind, kindTable[kind].versions[0], key, "status"),
      query: { fieldManager: FIELD_MANAGER, fieldValidation: "Strict" },
      contentType: JSON_PATCH,
      body: [
        { op: "test", path: "/metadata/uid", value: uid },
        { op: "add", path: "/status", value: { ...update.fields, conditions: update.conditions } },
      ],
    },
  );
}
