/**
 * Who may do what: roles that tests assign, and denials that take something away from everybody's. A caller without any role
 * on a zone may do everything there, so that tests which are not about permissions need none.
 */
import { actionOf, verbOf, type Operation, type Verb } from "./operations.ts";

type At = { readonly resourceGroup: string; readonly zone: string };

/** Refuses what fits: every condition that is given. */
export type Denial = {
  readonly caller?: string;
  /** Without it: everything, lists of zones included. */
  readonly at?: At;
  /** Of zones and record sets. Without it: all, and the question for permissions, too: as without any role. */
  readonly verbs?: readonly Verb[];
};

/** As in a role definition: `*` for any characters, without regard to case. */
export type RolePermission = { readonly actions: readonly string[]; readonly notActions?: readonly string[] };

/** From then on the caller may do there only what its roles permit. */
export type RoleAssignment = {
  /** Without it: every caller. */
  readonly caller?: string;
  /** Without it: everything. */
  readonly at?: At;
  readonly permissions: readonly RolePermission[];
};

export type Roles = { readonly denials: ReadonlySet<Denial>; readonly assignments: ReadonlySet<RoleAssignment> };

export function isAllowed(roles: Roles, caller: string, operation: Operation): boolean {
  const isQuestion = operation.kind === "permissions";
  const isDenied = denialsOf(roles, caller, operation).some(
    ({ verbs }) => verbs === undefined || (!isQuestion && verbs.includes(verbOf(operation))),
  );
  const action = actionOf(operation);
  return !isDenied && rolesOf(roles, caller, operation).some((permission) => permits(permission, action));
}

/** Entries of Microsoft.Authorization/permissions: one per permission of a role. */
export function permissionsOf(roles: Roles, caller: string, operation: Operation): readonly object[] {
  const denied = denialsOf(roles, caller, operation).flatMap(({ verbs = [] }) => verbs.flatMap(actionsOf));
  return rolesOf(roles, caller, operation).map(({ actions, notActions = [] }) => ({
    actions,
    notActions: [...notActions, ...denied],
    dataActions: [],
    notDataActions: [],
  }));
}

const EVERYTHING: RolePermission = { actions: ["*"] };

function rolesOf({ assignments }: Roles, caller: string, operation: Operation): readonly RolePermission[] {
  const own = [...assignments].filter((one) => concerns(one, caller, operation));
  return own.length === 0 ? [EVERYTHING] : own.flatMap(({ permissions }) => permissions);
}

function denialsOf({ denials }: Roles, caller: string, operation: Operation): readonly Denial[] {
  return [...denials].filter((one) => concerns(one, caller, operation));
}

function concerns(
  { caller, at }: { readonly caller?: string; readonly at?: At },
  asking: string,
  { resourceGroup, zone }: Operation,
): boolean {
  return (
    (caller === undefined || caller === asking) &&
    (at === undefined ||
      (at.zone.toLowerCase() === zone && at.resourceGroup.toLowerCase() === resourceGroup.toLowerCase()))
  );
}

function permits({ actions, notActions = [] }: RolePermission, action: string): boolean {
  const fits = (pattern: string): boolean => patternOf(pattern).test(action);
  return actions.some(fits) && !notActions.some(fits);
}

const patternOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i");

/** The actions of a verb, in the spelling that nobody sends: case does not count. */
function actionsOf(verb: Verb): readonly string[] {
  const provider = "microsoft.network/PRIVATEDNSZONES";
  return [`${provider}/${verb}`, `${provider}/*/${verb}`];
}
