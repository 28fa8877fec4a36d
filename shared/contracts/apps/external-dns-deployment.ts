/**
 * A Deployment as far as it sets up ExternalDNS: image, arguments and variables of its containers. Containers of other
 * programs are left out before anybody sees them: their arguments and variables may hold anything.
 */
import * as z from "zod";
import type { ExternalDnsContainer, ExternalDnsDeployment } from "../../model/external-dns.ts";
import { objectParser } from "../parsed.ts";

const Variable = z.object({ name: z.string(), value: z.string().nullish(), valueFrom: z.unknown().optional() });

const Container = z.object({
  name: z.string().default(""),
  image: z.string().default(""),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
  env: z.array(Variable).nullish(),
  envFrom: z.array(z.unknown()).nullish(),
});

export const ExternalDnsDeploymentSchema = z.object({
  spec: z.object({
    replicas: z.number().nullish(),
    template: z.object({ spec: z.object({ containers: z.array(Container) }) }),
  }),
  status: z.object({ observedGeneration: z.number().nullish(), readyReplicas: z.number().nullish() }).nullish(),
});

type WireContainer = z.output<typeof Container>;

/** Every setting of ExternalDNS can be given as a variable of this form. */
const VARIABLE_PREFIX = "EXTERNAL_DNS_";
const NAMED_LIKE_IT = /(?:^|\/)external-?dns(?:[/:@]|$)/i;
const ITS_FLAGS = /^--(?:txt-owner-id|txt-prefix|registry|managed-record-types|crd-source-kind)(?:=|$)/;

function belongs({ image, command, args, env }: WireContainer): boolean {
  if (NAMED_LIKE_IT.test(image)) return true;
  const words = [...(command ?? []), ...(args ?? [])];
  if (words.some((word) => ITS_FLAGS.test(word) || /(?:^|\/)external-dns(?:\s|$)/.test(word))) return true;
  return (env ?? []).some(({ name }) => name.startsWith(VARIABLE_PREFIX));
}

/** `$(NAME)` of arguments; `$$(NAME)` is Kubernetes' way to write the text itself. */
function referredIn(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.flatMap((word) => [...word.matchAll(/(?<!\$)\$\(([^)]+)\)/g)].map(([, name = ""]) => name)));
}

const NAMES_A_SECRET = /^--[\w-]*(?:key|secret|password|token)[\w-]*$/i;

/** Words with the values of keys, passwords and the like taken out, in both forms of a flag. */
function withoutSecrets(words: readonly string[]): readonly string[] {
  return words.map((word, at) => {
    if (NAMES_A_SECRET.test(words[at - 1] ?? "") && !word.startsWith("--")) return NOT_KEPT;
    const [flag = "", ...value] = word.split("=");
    return value.length > 0 && NAMES_A_SECRET.test(flag) ? `${flag}=${NOT_KEPT}` : word;
  });
}

const NOT_KEPT = "(not kept)";

function containerOf({ name, image, env, envFrom, ...wire }: WireContainer): ExternalDnsContainer {
  const command = withoutSecrets(wire.command ?? []);
  const args = withoutSecrets(wire.args ?? []);
  const referred = referredIn([...command, ...args]);
  return {
    name,
    image,
    command,
    args,
    env: (env ?? [])
      .filter((variable) => variable.name.startsWith(VARIABLE_PREFIX) || referred.has(variable.name))
      .map((variable) => {
        const isElsewhere = variable.valueFrom !== undefined && variable.valueFrom !== null;
        if (isElsewhere) return { name: variable.name };
        const isSecret = NAMES_A_SECRET.test(`--${variable.name.replaceAll("_", "-")}`);
        return { name: variable.name, value: isSecret ? NOT_KEPT : (variable.value ?? "") };
      }),
    envFrom: (envFrom ?? []).length > 0,
  };
}

export const parseExternalDnsDeployment = objectParser({
  schema: ExternalDnsDeploymentSchema,
  namespaced: true,
  project: ({ wire, meta }): ExternalDnsDeployment => ({
    meta,
    replicas: wire.spec.replicas ?? 1,
    // Without replicas in it, a status that a controller wrote means none.
    ...((wire.status?.observedGeneration ?? 0) > 0 ? { readyReplicas: wire.status?.readyReplicas ?? 0 } : {}),
    containers: wire.spec.template.spec.containers.filter(belongs).map(containerOf),
  }),
});
