/**
 * What went wrong with one request, before anybody knows what it was for; fleet-errors.ts gives it a meaning.
 * Carries what the API server said about itself and the object: never a header, a credential or a body of ours.
 */
import { boundedDetail } from "../../error-detail.ts";

const MAX_CAUSES = 50;
const MAX_CAUSE_DEPTH = 5;

/** `details.causes[]` of a Kubernetes Status. */
export type StatusCause = { readonly reason: string; readonly message: string; readonly field: string };

/** An answer other than 2xx. `reason` is empty where the answer was no Kubernetes Status. */
export class StatusFailure extends Error {
  override readonly name = "StatusFailure";
  readonly status: number;
  readonly reason: string;
  /** Bounded, one line. */
  readonly detail: string;
  /** `details.kind` of the Status: which kind of object is meant, `namespaces` for a missing namespace. */
  readonly detailKind: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs: number | undefined;
  constructor(answer: { readonly status: number; readonly body: string; readonly retryAfterMs: number | undefined }) {
    const parts = readStatusBody(answer.body);
    super(`answered ${answer.status}${parts.reason === "" ? "" : ` ${parts.reason}`}: ${parts.detail}`);
    this.status = answer.status;
    this.reason = parts.reason;
    this.detail = parts.detail;
    this.detailKind = parts.detailKind;
    this.causes = parts.causes;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** No whole answer: not connected, cut off, not trusted, or too late. `code` is Node's, OpenSSL's or undici's. */
export class NoAnswerFailure extends Error {
  override readonly name = "NoAnswerFailure";
  readonly code: string;
  constructor(code: string, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
  }

  /** The server's certificate is the reason: trying again will not help. */
  get certificate(): boolean {
    return isCertificateCode(this.code);
  }
}

const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export function isCertificateCode(code: string): boolean {
  return CERTIFICATE_CODES.has(code);
}

/** Turns what the transport threw into a failure; the code sits on the error or on one of its causes. */
export function asNoAnswer(caught: unknown): NoAnswerFailure {
  if (caught instanceof NoAnswerFailure) return caught;
  let current: unknown = caught;
  for (let depth = 0; depth < MAX_CAUSE_DEPTH && current instanceof Error; depth += 1) {
    const code = "code" in current ? current.code : undefined;
    if (typeof code === "string") {
      return new NoAnswerFailure(code, `${boundedDetail(current.message) || "no message"} (${code})`, caught);
    }
    current = current.cause;
  }
  const detail = caught instanceof Error ? caught.message : String(caught);
  return new NoAnswerFailure("", boundedDetail(detail), caught);
}

type StatusParts = Pick<StatusFailure, "reason" | "detail" | "detailKind" | "causes">;

function readStatusBody(body: string): StatusParts {
  const status = parseObject(body);
  if (status === undefined || status.kind !== "Status") {
    return { reason: "", detail: boundedDetail(body) || "no body", detailKind: "", causes: [] };
  }
  const details = fields(status.details);
  const causes = Array.isArray(details.causes) ? details.causes.slice(0, MAX_CAUSES).map(fields) : [];
  return {
    reason: text(status.reason),
    detail: boundedDetail(text(status.message)) || "no message",
    detailKind: text(details.kind),
    causes: causes.map((cause) => ({
      reason: text(cause.reason),
      message: boundedDetail(text(cause.message)),
      field: text(cause.field),
    })),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(body: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isFields(parsed) ? parsed : undefined;
  } catch {
    // Proxies and the API server's own 404 answer plain text.
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");
