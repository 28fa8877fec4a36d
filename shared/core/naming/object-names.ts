/**
 * Names and label values of the objects we write. Patterns are those of the operator we replace and stay for every case
 * that fits; only where Kubernetes would refuse the name, or two sources would share one, a hash is added.
 */
import { digest } from "./digest.ts";

const maxNameLength = 253;
const maxLabelLength = 63;
const hashLength = 8;
const objectName = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/** `{route}-{controller}`, in the route's namespace. */
export function routeEndpointName(route: string, controller: string): string {
  return fitName(`${route}-${controller}`, [route, controller]);
}

/** `gateway-controller-{controller}-{postfix}-{externalDNSController}`, in the namespace of the LoadBalancer Service. */
export function gatewayEndpointName(controller: string, postfix: string, externalDnsController: string): string {
  return fitName(`gateway-controller-${controller}-${postfix}-${externalDnsController}`, [
    controller,
    postfix,
    externalDnsController,
  ]);
}

/**
 * Tells apart the second source that would produce a name already taken (`a-b`+`c` and `a`+`b-c`).
 * The front of the name stays: it is the part that people search for.
 */
export function distinctName(name: string, parts: readonly string[]): string {
  return withHash(name, parts, maxNameLength);
}

/** A label value: as it is when Kubernetes accepts it, else cut and told apart by a hash. */
export function labelValue(value: string): string {
  if (value.length <= maxLabelLength && /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/.test(value)) return value;
  return withHash(value.replaceAll(/[^A-Za-z0-9_.-]/g, "-"), [value], maxLabelLength);
}

function fitName(name: string, parts: readonly string[]): string {
  if (name.length <= maxNameLength && objectName.test(name)) return name;
  return withHash(name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-"), parts, maxNameLength);
}

function withHash(name: string, parts: readonly string[], limit: number): string {
  const kept = name
    .slice(0, limit - hashLength - 1)
    .replace(/^[^A-Za-z0-9]+/, "")
    .replace(/[^A-Za-z0-9]+$/, "");
  const hash = digest(parts, hashLength);
  return kept === "" ? hash : `${kept}-${hash}`;
}
