/** What every HTTP function does around its own work: logs to its invocation, keeps its deadline, answers failures. */
import type { HttpHandler, HttpRequest, HttpResponseInit } from "@azure/functions";
import { HTTP_LIMIT, within, type Limit } from "./deadlines.ts";
import { failureAnswer, failureOf, logFailure } from "./failures.ts";
import { inInvocation } from "./invocation-log.ts";

/** @param work answers or throws; both become an answer with a body. */
export function answering(
  work: (request: HttpRequest) => Promise<HttpResponseInit>,
  limit: Limit = HTTP_LIMIT,
): HttpHandler {
  return (request, context) =>
    inInvocation(context, async () => {
      try {
        return withInvocation((await within(limit, () => work(request))).value, context.invocationId);
      } catch (caught) {
        const failure = failureOf(caught);
        logFailure(caught, failure);
        return failureAnswer(failure, context.invocationId);
      }
    });
}

/** Every error says in which invocation it was given: whoever asks about it later is found in the logs by that. */
function withInvocation(given: HttpResponseInit, invocation: string): HttpResponseInit {
  const body: unknown = given.jsonBody;
  if (typeof body !== "object" || body === null || !("error" in body)) {
    return given;
  }
  return { ...given, jsonBody: { ...body, invocation } };
}
