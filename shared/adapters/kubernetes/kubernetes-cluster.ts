/**
 * One real cluster as a ClusterPort. Each method is one file here: list, write, status, events …; all share one connection.
 * Decides nothing: what to write, and whether, is the plan's.
 */
import { KindNotServedError } from "../../errors.ts";
import type { AccessRight, DeniedRight } from "../../model/access.ts";
import type { Kind, KindObjects } from "../../model/kinds.ts";
import type { ClusterPort, ObjectDelete, ObjectWrite, ReadList, ResourceEvent, StatusUpdate } from "../../ports.ts";
import type { ClusterAccess, ConnectionLimits } from "./access.ts";
import { findDeniedRights } from "./access-review.ts";
import type { KubernetesConnection } from "./connection.ts";
import { recordResourceEvent } from "./events.ts";
import { listKind } from "./list.ts";
import { readServerTime } from "./server-time.ts";
import { ServedVersions } from "./served-version.ts";
import { writeWholeStatus } from "./status.ts";
import { applyObject, removeObject } from "./write.ts";

export type KubernetesClusterOptions = {
  /** Name in the fleet configuration; it is part of every error. */
  readonly name: string;
  readonly access: ClusterAccess;
  readonly limits?: Partial<ConnectionLimits>;
};

/**
 * Opens no socket before the first request.
 * @throws ConfigurationError when the access cannot even be tried (no https address, broken certificate data).
 */
export async function openKubernetesCluster(options: KubernetesClusterOptions): Promise<ClusterPort> {
  const { name: cluster, access, limits } = options;
  const { openConnection } = await import("./connection.ts");
  return new KubernetesCluster(openConnection({ cluster, access, ...(limits === undefined ? {} : { limits }) }));
}

class KubernetesCluster implements ClusterPort {
  readonly name: string;
  readonly #connection: KubernetesConnection;
  readonly #versions: ServedVersions;
  constructor(connection: KubernetesConnection) {
    this.name = connection.cluster;
    this.#connection = connection;
    this.#versions = new ServedVersions(connection);
  }

  async list<K extends Kind>(kind: K, signal: AbortSignal): Promise<ReadList<KindObjects[K]>> {
    const version = await this.#version(kind, signal);
    return await listKind({ connection: this.#connection, kind, version, signal });
  }

  async istioVersion(signal: AbortSignal): Promise<"v1" | "v1beta1" | undefined> {
    const version = await this.#versions.find("IstioGateway", signal);
    return version === "v1" || version === "v1beta1" ? version : undefined;
  }

  async apply(write: ObjectWrite, signal: AbortSignal): Promise<void> {
    await applyObject(this.#connection, write, signal);
  }

  async remove(target: ObjectDelete, signal: AbortSignal): Promise<void> {
    const version = await this.#version(target.kind, signal);
    await removeObject({ connection: this.#connection, target, version, signal });
  }

  async writeStatus(update: StatusUpdate, signal: AbortSignal): Promise<void> {
    await writeWholeStatus(this.#connection, update, signal);
  }

  async recordEvent(event: ResourceEvent, signal: AbortSignal): Promise<void> {
    await recordResourceEvent(this.#connection, event, signal);
  }

  async deniedRights(rights: readonly AccessRight[], signal: AbortSignal): Promise<readonly DeniedRight[]> {
    return await findDeniedRights(this.#connection, rights, signal);
  }

  async serverTimeMs(signal: AbortSignal): Promise<number | undefined> {
    return await readServerTime(this.#connection, signal);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #version(kind: Kind, signal: AbortSignal): Promise<string> {
    const version = await this.#versions.recall(kind, signal);
    if (version === undefined) throw new KindNotServedError(this.name, kind);
    return version;
  }
}
