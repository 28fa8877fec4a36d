/** The cluster that a test of the contract works on, with objects of one namespace. */
import { randomBytes } from "node:crypto";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind, KindObjects } from "../../../shared/model/kinds.ts";
import type { ObjectMeta } from "../../../shared/model/object-meta.ts";
import type { ClusterPort, ObjectWrite } from "../../../shared/ports.ts";

/** A cluster under test, and hands on it that are not the port's. */
export type ClusterUnderTest = {
  readonly port: ClusterPort;
  /** Makes the namespace exist. */
  readonly createNamespace: (name: string) => Promise<void>;
  /** Writes an object as somebody else would (`kubectl apply`, an editor). */
  readonly put: (object: JsonObject) => Promise<void>;
  /** Deletes an object as somebody else would. */
  readonly remove: (kind: Kind, key: string) => Promise<void>;
  /** Kubernetes Events as stored, in any order. */
  readonly events: (namespace: string) => Promise<readonly StoredEvent[]>;
  readonly close: () => Promise<void>;
};

export type StoredEvent = {
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly count: number;
  readonly involved: { readonly kind: string; readonly name: string; readonly uid: string };
};

export function signal(): AbortSignal {
  return AbortSignal.timeout(60_000);
}

/** A namespace that no other test looks at. */
export class TestNamespace {
  readonly name = `contract-${randomBytes(4).toString("hex")}`;
  readonly #port: ClusterPort;
  constructor(port: ClusterPort) {
    this.#port = port;
  }

  key(name: string): string {
    return `${this.name}/${name}`;
  }

  async list<K extends Kind>(kind: K): Promise<readonly KindObjects[K][]> {
    const { objects } = await this.#port.list(kind, signal());
    return objects.filter((object) => object.meta.namespace === this.name);
  }

  async meta(kind: Kind, name: string): Promise<ObjectMeta> {
    const found = (await this.list(kind)).find((object) => object.meta.name === name);
    if (found === undefined) throw new Error(`${kind} ${this.key(name)} is not there`);
    return found.meta;
  }

  /** Targets of every DNSEndpoint, by its name. */
  async targets(): Promise<Readonly<Record<string, readonly string[]>>> {
    const endpoints = await this.list("DNSEndpoint");
    return Object.fromEntries(
      endpoints.map(({ meta, spec }) => [meta.name, spec.endpoints.flatMap((record) => record.targets)]),
    );
  }

  dnsEndpoint(name: string, target: string, labels: JsonObject = { "router.io/region": "weu" }): JsonObject {
    return {
      apiVersion: "externaldns.k8s.io/v1alpha1",
      kind: "DNSEndpoint",
      metadata: { name, namespace: this.name, labels },
      spec: { endpoints: [{ dnsName: "shop.example.com", recordType: "CNAME", recordTTL: 300, targets: [target] }] },
    };
  }

  route(name: string, spec: JsonObject = {}): JsonObject {
    return {
      apiVersion: "routing.router.io/v1alpha1",
      kind: "ServiceRoute",
      metadata: { name, namespace: this.name, labels: { team: "shop" } },
      spec: { serviceName: name, gatewayName: "public", environment: "prod", application: "shop", ...spec },
    };
  }

  creation(name: string, target: string): ObjectWrite {
    return { kind: "DNSEndpoint", key: this.key(name), body: this.dnsEndpoint(name, target), force: false };
  }

  update(name: string, body: JsonObject, precondition: ObjectMeta): ObjectWrite {
    return { kind: "DNSEndpoint", key: this.key(name), body, force: false, precondition };
  }

  /** Creates a DNSEndpoint through the port. @returns its metadata as listed. */
  async create(name: string, target: string): Promise<ObjectMeta> {
    await this.#port.apply(this.creation(name, target), signal());
    return await this.meta("DNSEndpoint", name);
  }
}
