/**
 * What an identity may do at a scope, as Azure answers it (Microsoft.Authorization/permissions, api-version 2022-04-01): one
 * entry per role that reaches it there, by assignment, group or a scope above. Pure.
 * `notActions` take away from the actions of their own entry alone: another role may still grant what one leaves out.
 */

/** Actions with `*` for any number of characters, slashes included. Data actions are left out: zones have none. */
export type Permission = { readonly actions: readonly string[]; readonly notActions: readonly string[] };

/** One entry of `value`. @returns undefined for what is none: taken for empty, it would make up a denial, or hide one. */
export function readPermission(entry: unknown): Permission | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return undefined;
  const actions = textsOf("actions" in entry ? entry.actions : undefined);
  const notActions = textsOf("notActions" in entry ? entry.notActions : undefined);
  return actions === undefined || notActions === undefined ? undefined : { actions, notActions };
}

export function isPermitted(action: string, permissions: readonly Permission[]): boolean {
  return permissions.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matches(pattern, action)) && !notActions.some((pattern) => matches(pattern, action)),
  );
}

/** Without regard to case. Each part between stars is looked for once, leftmost: linear, whatever pattern was sent. */
function matches(pattern: string, action: string): boolean {
  const text = action.toLowerCase();
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** Absent and null are empty lists: Azure's schema requires neither. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const entries: readonly unknown[] = value;
  const texts = entries.filter((one) => typeof one === "string");
  return texts.length === entries.length ? texts : undefined;
}
