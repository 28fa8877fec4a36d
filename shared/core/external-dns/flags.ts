/**
 * Arguments and variables of an ExternalDNS container, flag by flag, as its own parser (kingpin) reads them: `--flag=value`,
 * `--flag value`, `--bool`, `--no-bool`, flags that may be repeated, and `EXTERNAL_DNS_FLAG` where the flag is not given.
 * Only flags that the audit looks at are kept. Pure; never throws: what cannot be understood is unknown.
 */
import type { ExternalDnsContainer } from "../../model/external-dns.ts";
import { shellWords } from "./shell-words.ts";

type FlagForm = "one" | "many" | "boolean";

const flagForms = {
  "annotation-filter": "one",
  "azure-resource-group": "one",
  "azure-subscription-id": "one",
  "domain-filter": "many",
  "dry-run": "boolean",
  events: "boolean",
  "exclude-domains": "many",
  "exclude-record-types": "many",
  interval: "one",
  "label-filter": "one",
  "managed-record-types": "many",
  "migrate-from-txt-owner": "one",
  namespace: "one",
  policy: "one",
  provider: "one",
  "provider-cache-time": "one",
  "regex-domain-exclusion": "one",
  "regex-domain-filter": "one",
  registry: "one",
  source: "many",
  "txt-cache-interval": "one",
  "txt-encrypt-enabled": "boolean",
  "txt-owner-id": "one",
  "txt-prefix": "one",
  "txt-suffix": "one",
  "txt-wildcard-replacement": "one",
  "zone-name-filter": "many",
} as const satisfies Readonly<Record<string, FlagForm>>;

export type Flag = keyof typeof flagForms;

/** Sorted. */
export const flagNames: readonly Flag[] = Object.keys(flagForms).filter(isFlag).sort();

function isFlag(name: string): name is Flag {
  return Object.hasOwn(flagForms, name);
}

export type GivenSettings = {
  /** Values in the order given; of a flag for one value the last counts. Absent: nothing sets it. */
  readonly values: ReadonlyMap<Flag, readonly string[]>;
  /** Set, but to what is not known. */
  readonly unknown: ReadonlySet<Flag>;
  /** Settings come from a file or a whole ConfigMap: any that is not given may be set there. */
  readonly mayBeElsewhere: boolean;
};

export function givenSettings(container: ExternalDnsContainer): GivenSettings {
  const values = new Map<Flag, string[]>();
  const unknown = new Set<Flag>();
  const words = flagWords(container);
  const set = (flag: Flag, written: string): void => {
    const value = expanded(written, container);
    if (value === undefined) unknown.add(flag);
    else if (flagForms[flag] === "many") values.set(flag, [...(values.get(flag) ?? []), value]);
    else values.set(flag, [value]);
  };
  for (let at = 0; at < words.length; at += 1) {
    const given = flagAt(words, at);
    if (given === undefined) continue;
    if (given.takesNext) at += 1;
    if (given.flag !== undefined) set(given.flag, given.value);
  }
  for (const flag of flagNames) {
    if (values.has(flag) || unknown.has(flag)) continue;
    const variable = container.env.find(({ name }) => name === variableOf(flag));
    if (variable === undefined || variable.value === "") continue;
    const value = variable.value === undefined ? undefined : expanded(variable.value, container);
    if (value === undefined) unknown.add(flag);
    else values.set(flag, flagForms[flag] === "many" ? value.replace(/\r?\n$/, "").split(/\r?\n/) : [value]);
  }
  return { values, unknown, mayBeElsewhere: container.envFrom || words.some((word) => word.startsWith("@")) };
}

type Given = { readonly flag: Flag | undefined; readonly value: string; readonly takesNext: boolean };

/** The flag that a word is; undefined where it is none. */
function flagAt(words: readonly string[], at: number): Given | undefined {
  const word = words[at] ?? "";
  if (!word.startsWith("--") || word === "--") return undefined;
  const equals = word.indexOf("=");
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
  if (equals !== -1) return { flag: knownFlag(name), value: word.slice(equals + 1), takesNext: false };
  const flag = knownFlag(name);
  if (flag !== undefined && flagForms[flag] === "boolean") return { flag, value: "true", takesNext: false };
  const inverted = name.startsWith("no-") ? knownFlag(name.slice(3)) : undefined;
  if (inverted !== undefined) return { flag: inverted, value: "false", takesNext: false };
  // A flag that we do not know may take a value or not: ExternalDNS has no other words, so a word that is no flag is one.
  const next = words[at + 1];
  const takesNext = next !== undefined && !next.startsWith("--");
  return { flag, value: takesNext ? next : "", takesNext };
}

function knownFlag(name: string): Flag | undefined {
  return isFlag(name) ? name : undefined;
}

function variableOf(flag: Flag): string {
  return `EXTERNAL_DNS_${flag.replaceAll("-", "_").toUpperCase()}`;
}

/** The words after the binary. A script of a shell is taken apart where it calls the binary. */
function flagWords({ command, args }: ExternalDnsContainer): readonly string[] {
  const script = scriptOf([...command, ...args]);
  return script === undefined ? [...command, ...args] : shellWords(script);
}

/** What follows `sh -c`. */
function scriptOf(words: readonly string[]): string | undefined {
  const [first = "", second = "", script] = words;
  return /(?:^|\/)(?:ba|da|a)?sh$/.test(first) && /^-[a-z]*c$/.test(second) ? script : undefined;
}

/**
 * The text with `$(NAME)` replaced as Kubernetes does it. @returns undefined when a variable is not known here, or when a
 * shell would still put something in.
 */
function expanded(written: string, container: ExternalDnsContainer): string | undefined {
  let isKnown = true;
  const text = written.replaceAll(/\$\$\(|\$\(([^)]+)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$(";
    const variable = container.env.find((one) => one.name === name);
    if (variable === undefined && !container.envFrom) return whole;
    if (variable?.value === undefined) isKnown = false;
    return variable?.value ?? "";
  });
  const isShell = scriptOf([...container.command, ...container.args]) !== undefined;
  return isKnown && !(isShell && /[$`]/.test(text.replaceAll("%{record_type}", ""))) ? text : undefined;
}

/** As Go reads a boolean; anything else is false. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|t|true)$/i.test(value);
}

const secondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
};

/** Seconds of a duration as Go writes it (`1m30s`); undefined when it is none. */
export function durationSeconds(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d|w))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/g)].reduce(
    (sum, [, count = "0", unit = "s"]) => sum + Number(count) * (secondsPerUnit[unit] ?? 0),
    0,
  );
}
