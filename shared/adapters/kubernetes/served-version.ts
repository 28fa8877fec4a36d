/**
 * Under which version an API server serves a kind, where there is a choice (Istio Gateways: v1, or only v1beta1 on older
 * installations). Kinds with one version are never asked about: their list says soon enough that they are missing.
 */
import { kindTable } from "../../contracts/kinds.ts";
import type { Kind } from "../../model/kinds.ts";
import type { KubernetesConnection } from "./connection.ts";
import { asFleetError, placeOf } from "./fleet-errors.ts";
import { StatusFailure } from "./request-failure.ts";
import { versionPath } from "./resource-path.ts";
import { withRetries } from "./retry.ts";

/** Remembers the answer of one cluster, so that a list and its writes do not ask again. */
export class ServedVersions {
  readonly #connection: KubernetesConnection;
  readonly #known = new Map<Kind, string>();
  constructor(connection: KubernetesConnection) {
    this.#connection = connection;
  }

  /** The preferred served version; undefined when no version that we know is served. Asks the API server anew. */
  async find(kind: Kind, signal: AbortSignal): Promise<string | undefined> {
    for (const version of kindTable[kind].versions) {
      if (!(await this.#isServed(kind, version, signal))) continue;
      this.#known.set(kind, version);
      return version;
    }
    this.#known.delete(kind);
    return undefined;
  }

  /** As `find`, but the last answer will do. */
  async recall(kind: Kind, signal: AbortSignal): Promise<string | undefined> {
    const { versions } = kindTable[kind];
    if (versions.length === 1) return versions[0];
    return this.#known.get(kind) ?? (await this.find(kind, signal));
  }

  /** A group may serve a version without this kind in it, so its resources are looked at. */
  async #isServed(kind: Kind, version: string, signal: AbortSignal): Promise<boolean> {
    const { group, plural } = kindTable[kind];
    const { cluster } = this.#connection;
    const path = versionPath(group, version);
    try {
      const send = (): Promise<string> => this.#connection.send({ method: "GET", path }, signal);
      const body = await withRetries(send, { place: placeOf(cluster), signal, access: "read" });
      return resourceNames(JSON.parse(body)).includes(plural);
    } catch (caught) {
      if (caught instanceof StatusFailure && caught.status === 404) return false;
      throw asFleetError(caught, { cluster, what: `get ${path}`, signal });
    }
  }
}

/** `resources[].name` of an APIResourceList. */
function resourceNames(body: unknown): readonly string[] {
  if (typeof body !== "object" || body === null || !("resources" in body) || !Array.isArray(body.resources)) return [];
  return body.resources.map((resource: unknown) =>
    typeof resource === "object" && resource !== null && "name" in resource && typeof resource.name === "string"
      ? resource.name
      : "",
  );
}
