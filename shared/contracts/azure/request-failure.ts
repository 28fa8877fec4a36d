/**
 * How Azure Resource Manager says no, and what its SDKs throw, as far as it may be told. The SDKs' errors carry the request
 * with its token, and whole responses: status, code and Azure's own sentence are passed on, in the cause as well.
 */
import { boundedDetail } from "../../error-detail.ts";

export type AzureRefusal = { readonly code: string; readonly sentence: string };

/** Resource Manager wraps code and message in `error`; the services behind it do not. Empty where the body is neither. */
export function refusalOf(body: unknown): AzureRefusal {
  const { error, ...bare } = fieldsOf(body);
  const { code, message } = error === undefined ? bare : fieldsOf(error);
  return {
    code: typeof code === "string" ? boundedDetail(code) : "",
    sentence: typeof message === "string" ? boundedDetail(message) : "",
  };
}

/** HTTP status of a failed call of an SDK; undefined when there was no answer. */
export function statusOf(caught: unknown): number | undefined {
  if (!(caught instanceof Error) || !("statusCode" in caught)) return undefined;
  return typeof caught.statusCode === "number" ? caught.statusCode : undefined;
}

/** A cause that may be logged. */
export function withoutRequest(caught: unknown): Error {
  const name = caught instanceof Error ? caught.name : "Error";
  return new Error(`${name}: ${describe(caught)}`);
}

/** `403 AuthorizationFailed`, `ECONNREFUSED`, or the name of the error. */
export function describe(caught: unknown): string {
  if (!(caught instanceof Error)) return "unknown error";
  const status = statusOf(caught);
  const code = "code" in caught && typeof caught.code === "string" ? caught.code : "";
  const parts = [status === undefined ? "" : String(status), code].filter((part) => part !== "");
  return parts.length === 0 ? caught.name : parts.join(" ");
}

/** @param header `Retry-After`: seconds, or a date. @returns 0 for anything else. */
export function retryAfterMs(header: string, nowMs: number): number {
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
