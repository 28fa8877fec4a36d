/** The app's user with exactly the rights of crds/rbac, and ways to take single rights away and give them back. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import type { ApiServer } from "../components/api-server.ts";
import { applyObject, type KubeObject } from "../components/test-cluster.ts";

/** The user whose token the kubeconfig of a fleet holds. */
export const APP_USER = "service-router";

const RBAC = path.join(import.meta.dirname, "..", "..", "..", "crds", "rbac");

type Rule = { readonly apiGroups: readonly string[]; readonly resources: readonly string[] };
type RoleName = "read" | "write";

/** Servers on which a role has less than it is shipped with. */
const limited = new WeakSet<ApiServer>();

function clusterRole(name: RoleName): KubeObject & { readonly rules: readonly Rule[] } {
  return parse(readFileSync(path.join(RBAC, `${name}.yaml`), "utf8")) as KubeObject & {
    readonly rules: readonly Rule[];
  };
}

/** Installs the two roles as they are shipped and binds them to the app's user. */
export async function grantRights(server: ApiServer): Promise<void> {
  for (const name of ["read", "write"] as const) {
    await applyObject(server, clusterRole(name));
    await applyObject(server, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: `service-router-${name}` },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `service-router-${name}` },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: APP_USER }],
    });
  }
}

/**
 * Takes the rules for these resources (`dnspolicies.routing.router.io`) out of a role, all others are as shipped, and waits
 * until the API server goes by it. `giveBackRights` brings them back. @throws Error when no rule names a resource.
 */
export async function withoutRights(server: ApiServer, name: RoleName, ...resources: readonly string[]): Promise<void> {
  const role = clusterRole(name);
  const rights = resources.map((resource) => rightOf(name, resource));
  let { rules } = role;
  for (const { group, resource } of rights) {
    const before = JSON.stringify(rules);
    rules = rules.flatMap((rule) => {
      if (rule.apiGroups[0] !== group) return [rule];
      const left = rule.resources.filter((other) => other !== resource);
      return left.length === 0 ? [] : [{ ...rule, resources: left }];
    });
    if (JSON.stringify(rules) === before) throw new Error(`no rule of ${name}.yaml is for ${resource}.${group}`);
  }
  limited.add(server);
  await applyObject(server, { ...role, rules });
  for (const right of rights) await waitForRight(server, right, false);
}

/** The roles as they are shipped, where a test took rights away and did not give them back. */
export async function restoreRights(server: ApiServer): Promise<void> {
  if (limited.delete(server)) await grantRights(server);
}

/** The roles as they are shipped, and waits until the resources may be used again. */
export async function giveBackRights(
  server: ApiServer,
  name: RoleName,
  ...resources: readonly string[]
): Promise<void> {
  await grantRights(server);
  for (const resource of resources) await waitForRight(server, rightOf(name, resource), true);
}

function rightOf(name: RoleName, resource: string): Right {
  const [plural = "", ...group] = resource.split(".");
  return { verb: name === "read" ? "list" : "patch", group: group.join("."), resource: plural };
}

type Right = { readonly verb: string; readonly group: string; readonly resource: string };

const RIGHT_DEADLINE_MS = 30_000;
const POLL_MS = 25;

async function waitForRight(server: ApiServer, right: Right, wanted: boolean): Promise<void> {
  const deadlineAtMs = Date.now() + RIGHT_DEADLINE_MS;
  const [resource = "", subresource = ""] = right.resource.split("/");
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { ...right, resource, subresource } },
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  for (;;) {
    const answer = await server.requestAs(APP_USER, { method: "POST", path, body });
    const { status } = answer.body as { readonly status: { readonly allowed: boolean } };
    if (status.allowed === wanted) return;
    if (Date.now() > deadlineAtMs) throw new Error(`${JSON.stringify(right)} is still ${wanted ? "not " : ""}allowed`);
    await delay(POLL_MS);
  }
}
