/**
 * The DNSEndpoints that a cluster's routes want, each under its own object name. Two sources that would produce one name are
 * told apart by a hash; the older keeps the pattern.
 */
import type { ExternalDnsController } from "../../model/resources.ts";
import { byAge } from "../naming/item-id.ts";
import { distinctName, routeEndpointName } from "../naming/object-names.ts";
import type { RouteFinding } from "./findings.ts";
import type { ClaimOutcome } from "./zones.ts";

export type WantedEndpoint = {
  readonly finding: RouteFinding;
  readonly controller: ExternalDnsController;
  readonly outcome: ClaimOutcome;
  readonly content: string;
  /** `namespace/name` of its object. */
  key: string;
};

export class WantedEndpoints {
  readonly #all: WantedEndpoint[] = [];
  readonly #reserved: ReadonlySet<string>;
  /** By key; absent where no two routes can produce one name, which spares a lookup for every route of a fleet. */
  readonly #byKey: Map<string, WantedEndpoint> | undefined;
  #keys: ReadonlySet<string> | undefined;

  /** @param reserved keys of the gateways' DNSEndpoints: a route that would have one of them gets another. */
  constructor(reserved: ReadonlySet<string>, controllers: readonly ExternalDnsController[]) {
    this.#reserved = reserved;
    this.#byKey = canCollide(controllers) ? new Map() : undefined;
  }

  add(wanted: Omit<WantedEndpoint, "key">): WantedEndpoint {
    const { finding, controller, outcome, content } = wanted;
    const { meta } = finding.route;
    const key = `${meta.namespace ?? ""}/${routeEndpointName(meta.name, controller.name)}`;
    const endpoint = { finding, controller, outcome, content, key };
    this.#all.push(endpoint);
    if (this.#byKey !== undefined) this.#place(endpoint, this.#byKey);
    else if (this.#reserved.has(key)) rename(endpoint);
    return endpoint;
  }

  /** Whether a route or a gateway has this key. To be asked when all are added. */
  has(key: string): boolean {
    this.#keys ??= new Set(this.#all.map(({ key: one }) => one));
    return this.#keys.has(key) || this.#reserved.has(key);
  }

  all(): readonly WantedEndpoint[] {
    return this.#all;
  }

  #place(endpoint: WantedEndpoint, byKey: Map<string, WantedEndpoint>): void {
    const { key } = endpoint;
    const holder = byKey.get(key);
    if (this.#reserved.has(key)) rename(endpoint);
    else if (holder === undefined) byKey.set(key, endpoint);
    else if (byAge(endpoint.finding.route.meta, holder.finding.route.meta) < 0) {
      byKey.set(key, endpoint);
      rename(holder);
    } else rename(endpoint);
  }
}

/** `a-b` + `c` and `a` + `b-c`: only where the name of one controller is the end of another's. */
function canCollide(controllers: readonly ExternalDnsController[]): boolean {
  return controllers.some((one) => controllers.some((other) => one.name.endsWith(`-${other.name}`)));
}

function rename(endpoint: WantedEndpoint): void {
  const { finding, controller } = endpoint;
  const [namespace = "", name = ""] = endpoint.key.split("/");
  endpoint.key = `${namespace}/${distinctName(name, [finding.route.meta.name, controller.name])}`;
}
