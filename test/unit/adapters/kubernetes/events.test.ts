import { describe, expect, it } from "vitest";
import { eventName } from "../../../../shared/adapters/kubernetes/events.ts";
import type { ResourceEvent } from "../../../../shared/ports.ts";

const event: ResourceEvent = {
  kind: "ServiceRoute",
  key: "shop/orders",
  uid: "u-1",
  type: "Normal",
  reason: "Created",
  message: "DNSEndpoint orders-weu was created",
  atMs: 1,
};

describe("eventName", () => {
  it("is the resource's name and a hash", () => expect(eventName(event)).toMatch(/^orders\.[0-9a-f]{16}$/));

  it("does not depend on when it happened", () => expect(eventName({ ...event, atMs: 2 })).toBe(eventName(event)));

  it.each<[string, Partial<ResourceEvent>]>([
    ["uid", { uid: "u-2" }],
    ["type", { type: "Warning" }],
    ["reason", { reason: "Updated" }],
    ["message", { message: "another" }],
  ])("differs for another %s", (_field, other) => expect(eventName({ ...event, ...other })).not.toBe(eventName(event)));

  it("stays a valid name for the longest resource name", () => {
    const name = eventName({ ...event, key: `shop/${"a".repeat(235)}.${"b".repeat(17)}` });
    expect(name.length).toBeLessThanOrEqual(253);
    expect(name).toMatch(/^a+\.[0-9a-f]{16}$/);
  });
});
