/** Where the API server serves a kind, and how a key (`namespace/name`, or `name`) becomes a path. Pure. */
import { kindTable } from "../../contracts/kinds.ts";
import { InvariantError } from "../../errors.ts";
import type { Kind } from "../../model/kinds.ts";

export type ObjectName = { readonly namespace?: string; readonly name: string };

/** `/apis/routing.router.io/v1alpha1`, `/api/v1` for the core group. */
export function versionPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`;
}

/** All objects of a kind, in all namespaces. */
export function collectionPath(kind: Kind, version: string): string {
  const { group, plural } = kindTable[kind];
  return `${versionPath(group, version)}/${plural}`;
}

/** One object, or one of its subresources. */
export function objectPath(kind: Kind, version: string, key: string, subresource?: "status"): string {
  const { group, plural } = kindTable[kind];
  const { namespace, name } = parseKey(kind, key);
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const below = subresource === undefined ? "" : `/${subresource}`;
  return `${versionPath(group, version)}${scope}/${plural}/${encodeURIComponent(name)}${below}`;
}

/** @throws InvariantError when the key does not fit the scope of its kind: keys are ours, never a user's. */
export function parseKey(kind: Kind, key: string): ObjectName {
  const [first = "", second, ...rest] = key.split("/");
  if (kindTable[kind].namespaced) {
    if (first !== "" && second !== undefined && second !== "" && rest.length === 0)
      return { namespace: first, name: second };
  } else if (first !== "" && second === undefined) {
    return { name: first };
  }
  throw new InvariantError(`key ${JSON.stringify(key)} does not name a ${kind}`);
}

/** As a Role names it, for errors: `dnsendpoints.externaldns.k8s.io`, `services`. */
export function resourceName(kind: Kind): string {
  const { group, plural } = kindTable[kind];
  return group === "" ? plural : `${plural}.${group}`;
}

/** `apiVersion` of an object of this kind. */
export function apiVersionOf(kind: Kind, version: string): string {
  const { group } = kindTable[kind];
  return group === "" ? version : `${group}/${version}`;
}
