import { describe, expect, it } from "vitest";
import { closeFleetApp, fleetApp, useFleetApp } from "../../../functions/fleet-app.ts";
import { fakeFleetApp } from "../../support/functions-host/fake-fleet-app.ts";

describe("fleetApp", () => {
  it("is composed once and used by all invocations", async () => {
    useFleetApp(() => Promise.resolve(fakeFleetApp()));
    const [first, second] = await Promise.all([fleetApp(), fleetApp()]);
    expect(second).toBe(first);
    expect(await fleetApp()).toBe(first);
  });

  it("tries again after a composition that failed: a corrected setting needs no restart", async () => {
    const attempts = [() => Promise.reject(new Error("no settings")), () => Promise.resolve(fakeFleetApp())];
    useFleetApp(() => attempts.shift()?.() ?? Promise.reject(new Error("composed a third time")));
    await expect(fleetApp()).rejects.toThrow("no settings");
    await expect(fleetApp()).resolves.toBeDefined();
    await expect(fleetApp()).resolves.toBeDefined();
  });

  it("is closed once, when the process ends", async () => {
    const closed: string[] = [];
    useFleetApp(() => Promise.resolve(fakeFleetApp({ close: async () => void closed.push("closed") })));
    await fleetApp();
    await closeFleetApp();
    await closeFleetApp();
    expect(closed).toEqual(["closed"]);
  });

  it.each([
    ["it could not be opened", () => Promise.reject(new Error("no settings"))],
    ["closing fails", () => Promise.resolve(fakeFleetApp({ close: () => Promise.reject(new Error("stuck")) }))],
  ])("ends quietly when %s", async (_when, open) => {
    useFleetApp(open);
    await fleetApp().catch(() => undefined);
    await expect(closeFleetApp()).resolves.toBeUndefined();
  });
});
