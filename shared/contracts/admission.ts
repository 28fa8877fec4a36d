/**
 * Words that a schema of ours can carry for the API server. They stand in the zod metadata and reach the CRD verbatim
 * (tools/generate.ts); parsing ignores them. `.refine()` alone never reaches a CRD: a rule for both sides is `rule`.
 *
 * How wide admission is: for every field that the predecessor's CRDs had, exactly as wide as theirs, plus upper bounds
 * (below) that no working object passes. A tighter pattern would refuse `kubectl apply` of an *existing* object even
 * when another field of it is edited, because not every supported API server ratchets. What such a field holds is
 * judged by the core, which answers with a condition (ValidationFailed, InvalidSpec). Fields that are new are strict.
 *
 * Specs are strict objects: a field that this version does not know may be a restriction (as allowedNamespaces once was
 * new), so the object is rejected, which keeps what it published, rather than read without it.
 */
import type * as z from "zod";

/** Longest DNS name: nothing longer can be a name, a namespace or a part of a host. Bounds also keep CEL affordable. */
export const NAME_MAX = 253;

/** Regions one cluster may adopt, and regions one DNSConfiguration may name. Azure has about 60 regions. */
export const REGIONS_MAX = 64;

type Validation = { readonly rule: string; readonly message: string; readonly fieldPath?: string };

const VALIDATIONS = "x-kubernetes-validations";

/** A CEL rule for the API server only; whoever parses judges the same thing elsewhere, or cannot. */
export function admissionRule<S extends z.ZodType>(schema: S, validation: Validation): S {
  const earlier = schema.meta()?.[VALIDATIONS];
  return schema.meta({ ...schema.meta(), [VALIDATIONS]: [...(Array.isArray(earlier) ? earlier : []), validation] });
}

/** One rule, said twice: as CEL for the API server and as a check for objects that no API server validated. */
export function rule<S extends z.ZodType>(
  schema: S,
  validation: Validation,
  holds: (value: z.output<S>) => boolean,
): S {
  const path = validation.fieldPath === undefined ? [] : validation.fieldPath.split(".").filter((key) => key !== "");
  return admissionRule(schema.refine(holds, { message: validation.message, path }), validation);
}

/** Items may be owned one by one by different field managers; the API server refuses a value twice. */
export function listSet<S extends z.ZodType>(schema: S): S {
  return schema.meta({ ...schema.meta(), "x-kubernetes-list-type": "set" });
}

/** Items may be owned one by one, found by `key`; the API server refuses two items of one key. */
export function listMap<S extends z.ZodType>(schema: S, key: string): S {
  return schema.meta({ ...schema.meta(), "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key] });
}
