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

function clusterRole(name: RoleName): KubeObject & { readonly rules: readonly Rule[] } {
  return parse(readFileSync(path.join(RBAC, `${name}.yaml`), "utf8")) as KubeObject & { readonly rules: readonly Rule[] };
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
 * Takes the rules for one resource (`dnspolicies.routing.router.io`) out of a role, and waits until the API server goes by it.
 * `grantRights` brings them back. @throws Error when no rule names the resource.
 */
export async function withoutRight(server: ApiServer, name: RoleName, resource: string): Promise<void> {
  const role = clusterRole(name);
  const [plural = "", ...rest] = resource.split(".");
  const group = rest.join(".");
  const rules = role.rules.flatMap((rule) => {
    if (rule.apiGroups[0] !== group || !rule.resources.includes(plural)) return [rule];
    const resources = rule.resources.filter((other) => other !== plural);
    return resources.length === 0 ? [] : [{ ...rule, resources }];
  });
  if (JSON.stringify(rules) === JSON.stringify(role.rules))
    throw new Error(`no rule of ${name}.yaml is for ${resource}`);
  await applyObject(server, { ...role, rules });
  await waitForRight(server, { verb: name === "read" ? "list" : "patch", group, resource: plural }, false);
}

/** As `grantRights`, and waits until the resource may be used again. */
export async function giveBackRight(server: ApiServer, name: RoleName, resource: string): Promise<void> {
  const [plural = "", ...rest] = resource.split(".");
  await grantRights(server);
  await waitForRight(
    server,
    { verb: name === "read" ? "list" : "patch", group: rest.join("."), resource: plural },
    true,
  );
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
