/** Puts what came from outside into the worker's wire shapes, and takes the answer out of them. */
import type { Invocation } from "./functions-runtime.ts";
import type { WireData } from "./worker-protocol.ts";

export type HttpCall = {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A repeated query parameter arrives as one value, joined by commas, as in the host. */
export function httpData(call: HttpCall): WireData {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(call.url).searchParams) {
    const earlier = query[name];
    query[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return {
    http: {
      method: call.method,
      url: call.url,
      headers: call.headers,
      query,
      params: call.params,
      ...(call.body.length === 0 ? {} : { body: { bytes: call.body } }),
    },
  };
}

/** A handler that threw gives 500 with an empty body and one without a result 204, as in the host. */
export function httpAnswer(invocation: Invocation): HttpAnswer {
  if (invocation.kind === "failed") {
    return { status: 500, headers: {}, body: "" };
  }
  const http = invocation.returned?.http;
  if (http === null || http === undefined) {
    return { status: 204, headers: {}, body: "" };
  }
  return { status: Number(http.statusCode ?? "200"), headers: http.headers ?? {}, body: bodyText(http.body) };
}

function bodyText(body: WireData | null | undefined): string {
  if (body?.bytes !== null && body?.bytes !== undefined) {
    return Buffer.from(body.bytes).toString("utf8");
  }
  return body?.string ?? body?.json ?? "";
}

/**
 * The host's timer object: PascalCase on the wire, camelCase in the handler. `ScheduleStatus` is null for schedules under a
 * minute, whatever the library's types say, because the host keeps none for those.
 */
export function timerData(timer: { readonly pastDue: boolean }): WireData {
  return {
    json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: timer.pastDue }),
  };
}

/** One event per invocation, whatever the size of the delivery. */
export function eventData(event: unknown): WireData {
  return { json: JSON.stringify(event) };
}
