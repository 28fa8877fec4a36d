import { describe, expect, it } from "vitest";
import { answerWebhook, type WebhookCall } from "../../../../cli/serve/event-grid-webhook.ts";
import type { Invocation } from "../../../../cli/serve/functions-runtime.ts";

const SUCCEEDED: Invocation = { kind: "succeeded", invocationId: "1", returned: undefined };
const FAILED: Invocation = { kind: "failed", invocationId: "1", error: new Error("broken") };

function post(payload: unknown, headers: Readonly<Record<string, string>> = {}): WebhookCall {
  return { method: "POST", headers, functionName: "look", body: JSON.stringify(payload) };
}

async function deliver(call: WebhookCall, result: (event: unknown) => Invocation = () => SUCCEEDED) {
  const events: unknown[] = [];
  const answer = await answerWebhook(call, ["look"], (_name, event) => {
    events.push(event);
    return Promise.resolve(result(event));
  });
  return { ...answer, events };
}

describe("answerWebhook", () => {
  it("gives the validation code back (Event Grid schema)", async () => {
    const events = [{ eventType: "Microsoft.EventGrid.SubscriptionValidationEvent", data: { validationCode: "c0de" } }];
    const answer = await deliver(post(events, { "aeg-event-type": "SubscriptionValidation" }));
    expect(answer).toMatchObject({ status: 200, body: `{"validationResponse":"c0de"}`, events: [] });
  });

  it("allows the origin that asks (CloudEvents)", async () => {
    const call = {
      ...post(undefined, { "webhook-request-origin": "eventgrid.azure.net" }),
      method: "OPTIONS",
      body: "",
    };
    expect(await deliver(call)).toMatchObject({
      status: 200,
      headers: { "webhook-allowed-origin": "eventgrid.azure.net" },
    });
  });

  it.each([
    ["a list", [{ id: "1" }, { id: "2" }], 2],
    ["one CloudEvent", { specversion: "1.0", id: "1" }, 1],
  ])("invokes the function once per event of %s", async (_form, payload, count) => {
    const answer = await deliver(post(payload, { "aeg-event-type": "Notification" }));
    expect({ status: answer.status, count: answer.events.length }).toEqual({ status: 202, count });
  });

  it("fails the whole delivery when one event fails", async () => {
    const answer = await deliver(post([1, 2]), (event) => (event === 2 ? FAILED : SUCCEEDED));
    expect(answer.status).toBe(500);
  });

  it.each([
    ["a function nobody registered", { ...post([]), functionName: "Look" }, 404],
    ["no function name", { ...post([]), functionName: null }, 404],
    ["another method", { ...post([]), method: "GET" }, 405],
    ["a body that is no JSON", { ...post([]), body: "{" }, 400],
    ["a validation without a code", post([{}], { "aeg-event-type": "SubscriptionValidation" }), 400],
    ["a handshake without an origin", { ...post([]), method: "OPTIONS" }, 400],
  ])("refuses %s", async (_what, call, status) => {
    expect((await deliver(call)).status).toBe(status);
  });
});
