/**
 * Names as an API server would take them. A directory takes any, and a name goes on into file names, hosts and messages, so
 * what no cluster could hold is refused here as it would be there.
 * Source: kubernetes.io/docs/concepts/overview/working-with-objects/names (RFC 1123 subdomain, label; RFC 1035 label).
 */
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import { metadataOf, textOf } from "./json-fields.ts";

type Rule = { readonly form: RegExp; readonly longest: number; readonly words: string };

const SUBDOMAIN: Rule = {
  form: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  longest: 253,
  words: "lower-case letters, digits, inner hyphens and dots",
};
const LABEL: Rule = {
  form: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  longest: 63,
  words: "lower-case letters, digits and inner hyphens",
};
const SERVICE_LABEL: Rule = { ...LABEL, form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/, words: `${LABEL.words}, a letter first` };

const RULES: Partial<Readonly<Record<Kind, Rule>>> = { Namespace: LABEL, Service: SERVICE_LABEL };

/** What an API server would say against name and namespace, each with its path; empty when nothing. */
export function nameIssues(kind: Kind, body: JsonObject): readonly string[] {
  const { name, namespace } = metadataOf(body);
  return [
    ...issuesOf("metadata.name", textOf(name), RULES[kind] ?? SUBDOMAIN),
    ...(namespace === undefined ? [] : issuesOf("metadata.namespace", textOf(namespace), LABEL)),
  ];
}

function issuesOf(path: string, value: string, { form, longest, words }: Rule): readonly string[] {
  return value.length <= longest && form.test(value)
    ? []
    : [`${path}: must be ${words}, at most ${longest} characters; Kubernetes refuses this name`];
}
