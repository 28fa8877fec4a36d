import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FleetApp } from "../../../shared/compose.ts";
import { ConfigurationError, StoreUnavailableError } from "../../../shared/errors.ts";
import { fakeFleetApp, passReport, untilAborted } from "../../support/functions-host/fake-fleet-app.ts";
import { callEvent, callTimer, type Outcome } from "../../support/functions-host/in-process.ts";

function messages({ logs }: Outcome): readonly string[] {
  return logs.map(({ level, message }) => `${level} ${(JSON.parse(message) as { message: string }).message}`);
}

const OURS = "5B5D3A10-0000-4000-8000-0000000000AA";
const hosting = { ignoredIdentities: [OURS], principalsTrusted: false };

function gridEvent(claims: unknown): unknown {
  return {
    id: "1",
    topic: "/subscriptions/s",
    subject: "/subscriptions/s/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/example.com/A/cart",
    eventType: "Microsoft.Resources.ResourceWriteSuccess",
    eventTime: "2026-01-01T00:00:00Z",
    dataVersion: "2",
    data: { operationName: "Microsoft.Network/privateDnsZones/A/write", claims },
  };
}

function cloudEvent(claims: unknown): unknown {
  return {
    specversion: "1.0",
    id: "1",
    type: "Microsoft.Resources.ResourceWriteSuccess",
    source: "/subscriptions/s",
    subject: "/subscriptions/s/resourceGroups/dns",
    time: "2026-01-01T00:00:00Z",
    data: { operationName: "Microsoft.Network/privateDnsZones/A/write", claims },
  };
}

describe("reconcile_timer", () => {
  it.each<readonly [string, Partial<FleetApp>, readonly string[]]>([
    ["nothing is due", {}, []],
    [
      "another holder runs a pass",
      { tick: () => Promise.resolve({ kind: "busy", holder: "functions/b", mark: "m" }) },
      ["information another holder runs a pass"],
    ],
    ["a pass ran", { tick: () => Promise.resolve({ kind: "ran", report: passReport({ mode: "apply" }) }) }, []],
  ])("when %s, succeeds and says no more than that", async (_when, overrides, said) => {
    const outcome = await callTimer(() => Promise.resolve(fakeFleetApp(overrides)), "reconcile_timer");
    expect(outcome.outcome).toBe("succeeded");
    expect(messages(outcome)).toEqual(said);
  });

  it.each<readonly [string, () => Promise<FleetApp>, string]>([
    ["the configuration is broken", () => Promise.reject(new ConfigurationError("x", [])), "CONFIGURATION"],
    [
      "the store is away",
      () => Promise.resolve(fakeFleetApp({ tick: () => Promise.reject(new StoreUnavailableError("timeout")) })),
      "STORE_UNAVAILABLE",
    ],
    ["an SDK fails", () => Promise.reject(new Error("Bearer eyJ0")), "INTERNAL"],
  ])("when %s, counts as failed with a code and nothing else", async (_when, open, code) => {
    const outcome = await callTimer(open, "reconcile_timer");
    expect(outcome.outcome).toBe(`the tick failed with ${code}; the next one comes in 15 s`);
    expect(JSON.stringify(outcome.logs)).not.toContain("eyJ0");
  });
});

describe("reconcile_timer, when a pass hangs", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("ends before functionTimeout kills the process with everything in it", async () => {
    const app = fakeFleetApp({ tick: ({ signal }) => untilAborted(signal) });
    const ticking = callTimer(() => Promise.resolve(app), "reconcile_timer");
    await vi.advanceTimersByTimeAsync(400_000);
    expect((await ticking).outcome).toContain("DEADLINE");
  });
});

describe("reconcile_eventgrid", () => {
  it.each([
    ["an Event Grid event of a person", gridEvent({ appid: "1111" })],
    ["a CloudEvent of a person", cloudEvent({ appid: "1111" })],
    ["an event that does not say who caused it", gridEvent(undefined)],
  ])("asks for a pass after %s", async (_which, event) => {
    const app = fakeFleetApp({ hosting });
    expect((await callEvent(() => Promise.resolve(app), "reconcile_eventgrid", event)).outcome).toBe("succeeded");
    expect(app.marks).toEqual(["eventgrid"]);
  });

  it.each([
    ["application id, Event Grid schema", gridEvent({ appid: OURS.toLowerCase() })],
    ["application id, CloudEvents", cloudEvent({ appid: OURS })],
    ["object id", gridEvent({ oid: OURS })],
    [
      "object id under its long name",
      gridEvent({ "http://schemas.microsoft.com/identity/claims/objectidentifier": OURS.toLowerCase() }),
    ],
  ])("ignores what an ignored identity caused: by %s", async (_by, event) => {
    const app = fakeFleetApp({ hosting });
    await callEvent(() => Promise.resolve(app), "reconcile_eventgrid", event);
    expect(app.marks).toEqual([]);
  });

  it.each([
    ["a text", "hello"],
    ["null", null],
    ["a list", [gridEvent({})]],
    ["an object of another shape", { hello: "world" }],
    ["a CloudEvent without a type", { specversion: "1.0", id: "1", source: "s" }],
  ])("drops %s with a warning and does not fail: the delivery would come again whole", async (_what, event) => {
    const app = fakeFleetApp({ hosting });
    const outcome = await callEvent(() => Promise.resolve(app), "reconcile_eventgrid", event);
    expect(outcome.outcome).toBe("succeeded");
    expect(messages(outcome)).toEqual(["warning event dropped: neither an Event Grid event nor a CloudEvent"]);
    expect(app.marks).toEqual([]);
  });

  it("does not fail when the mark cannot be left: a pass comes within a minute anyway", async () => {
    const app = fakeFleetApp({ requestPass: () => Promise.reject(new StoreUnavailableError("timeout")) });
    const outcome = await callEvent(() => Promise.resolve(app), "reconcile_eventgrid", gridEvent({}));
    expect(outcome.outcome).toBe("succeeded");
    expect(messages(outcome)).toEqual(["warning invocation failed for now"]);
  });
});
