/**
 * From a zod schema to the structural schema of a CRD: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 * What a structural schema cannot say stops the generation with its path; nothing is dropped that a rule depends on.
 * `.refine()` has no word in JSON schema and is lost by design: it is for those who parse (shared/contracts/admission.ts).
 */
import * as z from "zod";

export type Structural = { readonly [key: string]: unknown };

/** Everything that may stay in a schema node. `x-kubernetes-*` is passed through as well. */
const KEPT = new Set([
  "type",
  "description",
  "properties",
  "required",
  "items",
  "additionalProperties",
  "enum",
  "default",
  "format",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "nullable",
]);

/** Formats that the API server checks; all others would be silently ignored there. */
const FORMATS = new Set(["date-time", "int32", "int64", "double"]);

const INT32_MAX = 2_147_483_647;

/** RE2, which the API server uses, has neither look-around nor back-references. */
const NOT_RE2 = /\(\?<?[=!]|\\[1-9]|\\k</;

function fault(path: string, problem: string): Error {
  return new Error(`${path}: ${problem}; a structural schema cannot say that`);
}

function isNode(value: unknown): value is Structural {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Structural {
  return isNode(value) ? value : {};
}

/** zod bounds every integer by what a double can hold exactly; that is no rule of ours. */
function limit(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function integer(node: Structural): Structural {
  const { minimum, maximum, ...rest } = node;
  const low = limit(minimum);
  const high = limit(maximum);
  return {
    ...rest,
    format: high !== undefined && high <= INT32_MAX ? "int32" : "int64",
    ...(low === undefined ? {} : { minimum: low }),
    ...(high === undefined ? {} : { maximum: high }),
  };
}

/** The API server checks date-time itself; zod's expression for it would be a second, different rule. */
function withoutFormatPattern(node: Structural): Structural {
  if (node.format !== "date-time") return node;
  const { pattern: _pattern, ...rest } = node;
  return rest;
}

function children(node: Structural, path: string): Structural {
  const out: Record<string, unknown> = { ...node };
  if (isNode(node.properties)) {
    out.properties = Object.fromEntries(
      Object.entries(node.properties).map(([key, value]) => [key, structural(value, `${path}.${key}`)]),
    );
  }
  if (node.items !== undefined) out.items = structural(node.items, `${path}[]`);
  if (isNode(node.additionalProperties)) {
    out.additionalProperties = structural(node.additionalProperties, `${path}[*]`);
  }
  return out;
}

function structural(raw: unknown, path: string): Structural {
  if (!isNode(raw)) throw fault(path, "is not a schema object");
  // Unknown fields are pruned by the API server (and refused under strict field validation), never listed.
  const { additionalProperties, ...rest } = raw;
  const open = isNode(additionalProperties) ? { additionalProperties } : {};
  const node = withoutFormatPattern(rest.type === "integer" ? integer({ ...rest, ...open }) : { ...rest, ...open });
  for (const key of Object.keys(node)) {
    if (!KEPT.has(key) && !key.startsWith("x-kubernetes-")) throw fault(path, `has ${key}`);
  }
  if (typeof node.type !== "string") throw fault(path, "has no single type");
  if (typeof node.format === "string" && !FORMATS.has(node.format)) throw fault(path, `has the format ${node.format}`);
  if (typeof node.pattern === "string" && NOT_RE2.test(node.pattern)) throw fault(path, "has a pattern that RE2 lacks");
  const named = Object.keys(fields(node.properties));
  if (Array.isArray(node.required) && node.required.some((key) => !named.includes(key))) {
    throw fault(path, "requires a field that it does not describe");
  }
  if (isNode(additionalProperties) && Object.keys(additionalProperties).length === 0) {
    throw fault(path, "takes any field (looseObject)");
  }
  return children(node, path);
}

/**
 * What is lost on the way to JSON schema without a word: flags of an expression (`/x/i` would become another rule) and
 * rules for the keys of a record.
 */
function refuseLost(schema: z.core.$ZodType): void {
  const { _zod: internals } = schema;
  for (const { _zod: check } of internals.def.checks ?? []) {
    const { pattern } = fields(check.def);
    if (pattern instanceof RegExp && pattern.flags.replace(/[uv]/g, "") !== "") {
      throw fault(String(pattern), "has flags");
    }
  }
  if (
    schema instanceof z.ZodRecord &&
    schema.keyType instanceof z.ZodString &&
    (schema.keyType.def.checks ?? []).length > 0
  ) {
    throw fault("a record", "has rules for its keys");
  }
}

/**
 * @param name of the schema, for faults.
 * @throws Error naming the first place that no structural schema can say.
 */
export function structuralSchema(schema: z.ZodType, name: string): Structural {
  const json = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    override: ({ zodSchema }) => refuseLost(zodSchema),
  });
  return structural({ ...json }, name);
}
