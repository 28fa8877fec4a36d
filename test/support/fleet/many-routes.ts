/** Routes in numbers, and admission policies: arranged with raw requests, because one by one they would take their time. */
import type { ApiServer } from "../components/api-server.ts";
import { applyObject, createNamespace } from "../components/test-cluster.ts";
import { create } from "./edits.ts";
import { route } from "./fleet-objects.ts";

const AT_ONCE = 16;

/** `r0000` … in one namespace, written with 16 requests at a time. */
export async function manyRoutes(server: ApiServer, namespace: string, count: number): Promise<void> {
  await createNamespace(server, namespace);
  const names = Array.from({ length: count }, (_, index) => `r${String(index).padStart(4, "0")}`);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, lane) => {
      for (let index = lane; index < names.length; index += AT_ONCE) {
        await create(server, route(namespace, names[index] ?? ""), "test");
      }
    }),
  );
}

const POLICY = "refuse-one";

/** The API server itself refuses to write this one DNSEndpoint from now on, with the message "not this one". */
export async function refuseDnsEndpoint(server: ApiServer, name: string): Promise<void> {
  await applyObject(server, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: POLICY },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ["externaldns.k8s.io"],
            apiVersions: ["v1alpha1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["dnsendpoints"],
          },
        ],
      },
      validations: [{ expression: `object.metadata.name != '${name}'`, message: "not this one" }],
    },
  });
  await applyObject(server, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: POLICY },
    spec: { policyName: POLICY, validationActions: ["Deny"] },
  });
}
