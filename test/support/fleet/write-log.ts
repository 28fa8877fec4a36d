/**
 * What a user, by default the app's, wrote to an API server, from the server's own audit log. Unlike a comparison of resource versions it
 * shows writes that changed nothing, too. Requests are logged when they are received, so none is missing once it is answered.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { APP_USER } from "./access-rights.ts";

/** Reviews of one's own rights are asked by POST and stored nowhere. */
const policyFor = (user: string) => ({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["ResponseStarted", "ResponseComplete", "Panic"],
  rules: [
    { level: "None", resources: [{ group: "authorization.k8s.io" }] },
    { level: "Metadata", users: [user], verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "None" },
  ],
});

export type WriteLog = {
  /** Flags for the API server. */
  readonly args: readonly string[];
  /** Writes since the last call, in order: `patch dnsendpoints shop/cart-external-dns-weu`, `patch gateways/status …`. */
  readonly taken: () => readonly string[];
};

export function openWriteLog(folder: string, server: string, user = APP_USER): WriteLog {
  const policyFile = path.join(folder, `${server}.audit-policy.json`);
  const logFile = path.join(folder, `${server}.audit.log`);
  writeFileSync(policyFile, JSON.stringify(policyFor(user)));
  writeFileSync(logFile, "");
  let read = 0;
  return {
    args: [`--audit-policy-file=${policyFile}`, `--audit-log-path=${logFile}`],
    taken: () => {
      const { size } = statSync(logFile);
      const text = readFileSync(logFile).subarray(read, size).toString("utf8");
      read = size;
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map(writeOf);
    },
  };
}

type AuditEvent = {
  readonly verb: string;
  readonly objectRef: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
};

function writeOf(line: string): string {
  const { verb, objectRef } = JSON.parse(line) as AuditEvent;
  const { resource, subresource, namespace, name = "" } = objectRef;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${what} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
