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
        return (await within(limit, () => work(request))).value;
      } catch (caught) {
        const failure = failureOf(caught);
        logFailure(caught, failure);
        return failureAnswer(failure, context.invocationId);
      }
    });
}
