/**
 * What a caller is told when something went wrong: a code, one sentence, the next step. Never a stack, never an empty body
 * (which is all that the platform sends for a handler that throws), never the message of an error we do not know: SDK
 * errors carry bodies and headers in theirs.
 */
import type { HttpResponseInit } from "@azure/functions";
import { ConfigurationError, FleetError, InvariantError } from "../shared/errors.ts";
import { hasNextStep, nextStep } from "../shared/presentation/next-steps.ts";
import { DeadlineError } from "./deadlines.ts";
import { invocationTelemetry } from "./invocation-log.ts";

export type Fault = { readonly path: string; readonly message: string };

export type Failure = {
  readonly status: 500 | 503;
  readonly code: string;
  readonly message: string;
  readonly next: string;
  readonly faults?: readonly Fault[];
};

/** Too many different previews are waiting in this process. */
export class BusyError extends FleetError {
  override readonly name = "BusyError";
  readonly code = "BUSY";
  readonly retryable = true;
}

export function failureOf(caught: unknown): Failure {
  if (caught instanceof ConfigurationError) {
    return {
      status: 500,
      code: caught.code,
      message: `${caught.source} cannot be used; nothing was read or changed`,
      next: "correct the faults named here and call again; `service-router config check` names the same ones",
      faults: caught.faults.map(({ path, message }) => ({ path, message })),
    };
  }
  if (caught instanceof DeadlineError) {
    return { ...known(caught), next: "call again, or narrow the scope with cluster and namespace" };
  }
  if (caught instanceof FleetError) {
    return known(caught);
  }
  const code = caught instanceof InvariantError ? caught.code : "INTERNAL";
  const message = "this is a fault of the service, not of the request";
  return { status: 500, code, message, next: "look up the invocation in the logs and report it" };
}

function known(error: FleetError): Failure {
  const { code, message, retryable } = error;
  const otherwise = retryable ? "call again in a moment" : "change what the message names, then call again";
  return { status: retryable ? 503 : 500, code, message, next: hasNextStep(code) ? nextStep(code) : otherwise };
}

/** The log gets what the caller does not: the class and the places in our code, without any message of others. */
export function logFailure(caught: unknown, failure: Failure): void {
  const frames = caught instanceof Error ? (caught.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const fields = {
    code: failure.code,
    reason: failure.message,
    error: caught instanceof Error ? caught.name : typeof caught,
    at: frames
      .slice(0, 8)
      .map((line) => line.trim())
      .join(" | "),
    ...(failure.faults === undefined ? {} : { faults: JSON.stringify(failure.faults) }),
  };
  if (failure.status === 503) {
    invocationTelemetry.warn("invocation failed for now", fields);
  } else {
    invocationTelemetry.error("invocation failed", fields);
  }
}

export function failureAnswer(failure: Failure, invocationId: string): HttpResponseInit {
  const { status, code, message, next, faults } = failure;
  const body = { error: code, message, next, ...(faults === undefined ? {} : { faults }), invocation: invocationId };
  return answer(status, body);
}

/** 400: every fault of the request by the path of its field. */
export function badRequest(faults: readonly Fault[]): HttpResponseInit {
  const next = "correct the fields that faults names and call again";
  return answer(400, { error: "BAD_REQUEST", message: "the request cannot be used; nothing was done", next, faults });
}

/** 404: the address names something that the fleet does not have. */
export function notFound(faults: readonly Fault[]): HttpResponseInit {
  const next = "use one of the names in faults; GET /api/fleet shows the whole fleet";
  return answer(404, { error: "NOT_FOUND", message: "the fleet has nothing of this name", next, faults });
}

/** Answers are about this moment: nobody keeps them. 503 asks to come back after the next tick. */
export function answer(status: number, body: Readonly<Record<string, unknown>>): HttpResponseInit {
  const retry = status === 503 ? { "retry-after": "15" } : {};
  return { status, jsonBody: body, headers: { "cache-control": "no-store", ...retry } };
}
