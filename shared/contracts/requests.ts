/**
 * What callers of the functions may say. Requests are answered with 400 and every fault named by its field; they are
 * scopes and yes/no, never a payload to trust.
 */
import * as z from "zod";
import { type Fault, faultsOf, wording } from "./issues.ts";

export type ParsedRequest<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Query parameters of the Functions host itself (the function key among them); never ours, never repeated. */
const HOST_PARAMETERS = ["code", "clientId"] as const;

const Label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be a name of lower-case letters, digits and inner hyphens");

/** A boolean in a body, its word in a query. */
const Flag = z.union([z.boolean(), z.stringbool({ truthy: ["true", "1"], falsy: ["false", "0"] })], {
  error: "must be true or false",
});

const ReconcileRequestSchema = z.strictObject({
  cluster: Label.exactOptional().describe("Only changes of this cluster (its name in the fleet configuration)."),
  namespace: Label.exactOptional().describe("Only changes of objects in this namespace."),
  wait: Flag.default(true).describe("Answer when the pass is done; false leaves a mark and answers 202 at once."),
  dryRun: Flag.default(false).describe("Answer with the plan, apply nothing."),
});

/** What to reconcile. The whole fleet is always read; the scope limits what is applied. */
const PlanRequestSchema = z.strictObject({
  output: z.enum(["text", "json", "markdown"]).default("text").describe("Form of the answer."),
  cluster: Label.exactOptional().describe("Only changes of this cluster."),
  namespace: Label.exactOptional().describe("Only changes of objects in this namespace."),
});

const StatusRequestSchema = z
  .strictObject({
    output: z.enum(["text", "json", "markdown"]).default("text").describe("Form of the answer."),
    cluster: Label.exactOptional().describe("Only this cluster."),
    namespace: Label.exactOptional().describe("Only this namespace."),
    region: Label.exactOptional().describe("One region: its zone, who publishes in it, what is not as wanted."),
    route: z
      .string()
      .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, "must be namespace/name of a ServiceRoute")
      .exactOptional()
      .describe("One route, in every cluster that has it."),
  })
  .refine((request) => request.region === undefined || request.route === undefined, {
    path: ["route"],
    message: "ask for a region or for a route, not for both",
  });

/** What is published where, and why not. */
export type StatusRequest = z.output<typeof StatusRequestSchema>;

const ApprovalRequestSchema = z.strictObject({
  digest: z
    .string()
    .regex(/^[0-9a-f]{12}$/, "must be the 12 hexadecimal characters that the plan shows beside held changes")
    .describe("Digest of the held changes."),
  by: z.string().trim().min(1).max(200).exactOptional().describe("Who approves, where no signed-in principal says so."),
  reason: z.string().trim().min(1).max(1000).describe("Why; it is kept with the approval."),
  revoke: z.boolean().exactOptional().describe("Takes the approval of this digest back instead."),
});

/** A person's yes to exactly the held changes of one digest. */
export type ApprovalRequest = z.output<typeof ApprovalRequestSchema>;

function withoutHostParameters(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return raw;
  const own = Object.entries(raw).filter(([key]) => !HOST_PARAMETERS.some((host) => host === key));
  return Object.fromEntries(own);
}

function requestParser<T>(schema: z.ZodType<T>): (raw: unknown) => ParsedRequest<T> {
  return (raw) => {
    const read = schema.safeParse(withoutHostParameters(raw ?? {}), { error: wording });
    return read.success ? { ok: true, value: read.data } : { ok: false, faults: faultsOf(read.error, schema) };
  };
}

/** @param raw query parameters, or a JSON body, or both merged into one object; nothing at all asks for a whole pass. */
export const parseReconcileRequest = requestParser(ReconcileRequestSchema);

/** @param raw query parameters. */
export const parsePlanRequest = requestParser(PlanRequestSchema);

/** @param raw query parameters, and the cluster of the path. */
export const parseStatusRequest = requestParser(StatusRequestSchema);

/** @param raw the JSON body. */
export const parseApprovalRequest = requestParser(ApprovalRequestSchema);

/** An event, whichever envelope it came in. */
export type GridEvent = {
  readonly id: string;
  /** `Microsoft.Resources.ResourceWriteSuccess` … */
  readonly type: string;
  /** Resource id, as sent: compare without regard to case. */
  readonly subject: string;
  /** Of Azure Resource Manager events: `Microsoft.Network/privateDnsZones/A/write`. */
  readonly operationName?: string;
  /** Application and object ids of who caused it, lower case, sorted; empty where the event does not say. */
  readonly callerIds: readonly string[];
};

const Text = z.string().min(1);

/** Claims are those of the caller's token; `oid` appears under its long name in older tokens. */
const CALLER_CLAIMS = ["appid", "azp", "oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"] as const;

const DataSchema = z.looseObject({
  operationName: z.string().optional().catch(undefined),
  claims: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const EventGridSchema = z.looseObject({
  id: Text,
  eventType: Text,
  subject: Text,
  data: DataSchema.optional().catch(undefined),
});

const CloudEventSchema = z.looseObject({
  specversion: z.literal("1.0"),
  id: Text,
  type: Text,
  source: Text,
  subject: Text.exactOptional(),
  data: DataSchema.optional().catch(undefined),
});

function gridEvent(
  named: { readonly id: string; readonly type: string; readonly subject: string },
  data: z.output<typeof DataSchema> | undefined,
): GridEvent {
  const claims = data?.claims ?? {};
  const ids = CALLER_CLAIMS.map((claim) => claims[claim]).filter((id) => typeof id === "string" && id !== "");
  return {
    ...named,
    ...(data?.operationName === undefined ? {} : { operationName: data.operationName }),
    callerIds: [...new Set(ids.map((id) => String(id).toLowerCase()))].sort(),
  };
}

/**
 * One event of Event Grid, in its own schema or as CloudEvents 1.0 (told apart by `specversion`).
 * `data` never makes an event unreadable: it only helps to ignore events that we or ExternalDNS caused.
 */
export function parseGridEvent(raw: unknown): ParsedRequest<GridEvent> {
  if (typeof raw === "object" && raw !== null && "specversion" in raw) {
    const read = CloudEventSchema.safeParse(raw, { error: wording });
    if (!read.success) return { ok: false, faults: faultsOf(read.error, CloudEventSchema) };
    const { id, type, source, subject, data } = read.data;
    return { ok: true, value: gridEvent({ id, type, subject: subject ?? source }, data) };
  }
  const read = EventGridSchema.safeParse(raw, { error: wording });
  if (!read.success) return { ok: false, faults: faultsOf(read.error, EventGridSchema) };
  const { id, eventType, subject, data } = read.data;
  return { ok: true, value: gridEvent({ id, type: eventType, subject }, data) };
}
