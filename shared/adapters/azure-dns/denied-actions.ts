/**
 * Which actions an identity lacks on a zone, by Azure's own answer about the caller: no role assignment has to be read, and
 * groups, inheritance and custom roles are resolved there. Locks and policies are
 * not part of that answer, and deny assignments need not be.
 */
import { isPermitted, readPermission, type Permission } from "../../contracts/azure/permissions.ts";
import type { ZoneAction } from "../../model/access.ts";
import { readPages, type PagedList } from "./read-pages.ts";
import { unusable } from "./zone-errors.ts";

const API_VERSION = "2022-04-01";

export type ZoneToAsk = Pick<PagedList, "address" | "requests"> & {
  /** Path of the zone, encoded. */
  readonly zonePath: string;
};

/** In the order of `actions`. One page that fails, or cannot be understood, leaves all of them unknown. */
export async function deniedActions(
  { zonePath, ...zone }: ZoneToAsk,
  actions: readonly ZoneAction[],
  signal: AbortSignal,
): Promise<readonly ZoneAction[]> {
  const path = `${zonePath}/providers/Microsoft.Authorization/permissions?api-version=${API_VERSION}`;
  const permissions: Permission[] = [];
  for await (const entries of readPages({ ...zone, path, of: "permissions" }, signal)) {
    for (const entry of entries) {
      const permission = readPermission(entry);
      if (permission === undefined) throw unusable(zone.address, "one of its permissions cannot be understood");
      permissions.push(permission);
    }
  }
  return actions.filter((action) => !isPermitted(action, permissions));
}
