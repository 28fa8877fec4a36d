/**
 * The garbage collector of one cluster: removes objects all of whose owners are gone (by uid), and ends foreground
 * deletions once nothing is left that the owner owns.
 */
import { kinds } from "../../../shared/contracts/kinds.ts";
import type { ApiServer } from "./api-server.ts";
import { finalizersOf, foregroundFinalizer, isDeleting, keyOf, uidOf } from "./api-server.ts";
import { ownersOf } from "./field-ownership.ts";

const writer = { manager: "kube-controller-manager" };

/** Revision at which a server was found to hold no garbage. */
const clean = new WeakMap<ApiServer, number>();

/** One sweep. @returns the number of objects that it removed. */
export function collectGarbage(server: ApiServer): number {
  const { revision } = server;
  if (clean.get(server) === revision) return 0;
  const removed = sweep(server);
  if (server.revision === revision) clean.set(server, revision);
  return removed;
}

function sweep(server: ApiServer): number {
  const all = kinds.flatMap((kind) => server.stored(kind).map((object) => ({ kind, object })));
  const living = new Set(all.map(({ object }) => uidOf(object)));
  const dying = new Set(
    all.filter(({ object }) => finalizersOf(object).includes(foregroundFinalizer)).map(({ object }) => uidOf(object)),
  );
  let removed = 0;
  const dependants = new Map<string, number>();
  for (const { kind, object } of all) {
    const owners = ownersOf(object).map((owner) => String(owner["uid"]));
    if (owners.length === 0) continue;
    const alive = owners.filter((uid) => living.has(uid));
    if (alive.length === 0 || alive.every((uid) => dying.has(uid))) {
      if (!isDeleting(object)) removed += 1;
      server.delete(kind, keyOf(object), { writer });
    }
    if (server.get(kind, keyOf(object)) === undefined) continue;
    for (const uid of alive) dependants.set(uid, (dependants.get(uid) ?? 0) + 1);
  }
  for (const { kind, object } of all) {
    if (dying.has(uidOf(object)) && (dependants.get(uidOf(object)) ?? 0) === 0) {
      server.finalize(kind, keyOf(object), foregroundFinalizer, writer);
    }
  }
  return removed;
}
