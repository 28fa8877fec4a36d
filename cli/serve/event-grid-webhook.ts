/**
 * The Event Grid endpoint of the host, `/runtime/webhooks/eventgrid?functionName=…`: handshakes of both schemas, and one
 * invocation per event. As in Azure, one failed event makes the whole delivery fail, so that all its events come again.
 */
import type { Invocation } from "./functions-runtime.ts";
import type { HttpAnswer } from "./wire.ts";

export const EVENT_GRID_PATH = "/runtime/webhooks/eventgrid";

export type WebhookCall = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `functionName` of the URL; case-sensitive. */
  readonly functionName: string | null;
  readonly body: string;
};

/**
 * @param known names of functions with an Event Grid trigger.
 * @param invoke runs one of them on one event.
 */
export async function answerWebhook(
  call: WebhookCall,
  known: readonly string[],
  invoke: (functionName: string, event: unknown) => Promise<Invocation>,
): Promise<HttpAnswer> {
  const name = call.functionName;
  if (name === null || !known.includes(name)) {
    return plain(
      404,
      `no Event Grid function ${JSON.stringify(name ?? "")}; functionName is one of ${known.join(", ")}`,
    );
  }
  if (call.method === "OPTIONS") {
    return cloudEventsHandshake(call);
  }
  if (call.method !== "POST") {
    return plain(405, "events are sent with POST");
  }
  const payload = parsed(call.body);
  if (payload === undefined) {
    return plain(400, "the body is not JSON");
  }
  switch ((call.headers["aeg-event-type"] ?? "").toLowerCase()) {
    case "subscriptionvalidation":
      return eventGridHandshake(payload);
    case "subscriptiondeletion":
    case "unsubscribe":
      return plain(200, "");
    default:
      return await deliver(payload, (event) => invoke(name, event));
  }
}

/** Event Grid schema: the code of the one event goes back. */
function eventGridHandshake(payload: unknown): HttpAnswer {
  const event: unknown = Array.isArray(payload) ? payload[0] : undefined;
  const code = field(field(event, "data"), "validationCode");
  if (typeof code !== "string") {
    return plain(400, "[0].data.validationCode: expected the code of a SubscriptionValidationEvent");
  }
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ validationResponse: code }),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** CloudEvents webhook: the sender asks whether it may send, and we name it. */
function cloudEventsHandshake(call: WebhookCall): HttpAnswer {
  const origin = call.headers["webhook-request-origin"];
  if (origin === undefined) {
    return plain(400, "WebHook-Request-Origin: the header that names the sender is missing");
  }
  return { status: 200, headers: { "webhook-allowed-origin": origin, "webhook-allowed-rate": "*" }, body: "" };
}

async function deliver(payload: unknown, invoke: (event: unknown) => Promise<Invocation>): Promise<HttpAnswer> {
  const events: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
  let failed = 0;
  for (const event of events) {
    failed += (await invoke(event)).kind === "failed" ? 1 : 0;
  }
  return failed === 0 ? plain(202, "") : plain(500, `${failed} of ${events.length} events failed`);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function plain(status: number, text: string): HttpAnswer {
  return { status, headers: text === "" ? {} : { "content-type": "text/plain; charset=utf-8" }, body: text };
}
