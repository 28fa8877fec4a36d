import { describe, expect, it } from "vitest";
import { approveInTurn, previewInTurn } from "../../../functions/previews.ts";
import type { Scope } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import { fakeFleetApp, passReport } from "../../support/functions-host/fake-fleet-app.ts";

/** Previews that start when the test lets them, each with a start time of its own. */
function gatedApp() {
  const started: Scope[] = [];
  const gates: ((report: PassReport) => void)[] = [];
  const app = fakeFleetApp({
    preview: (options) =>
      new Promise((resolve) => {
        started.push(options?.scope ?? {});
        gates.push(resolve);
      }),
  });
  /** Ends the preview that was started last, then lets the next one start. */
  const finish = async () => {
    gates.at(-1)?.(passReport({ startedAtMs: started.length }));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { app, started, finish };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("previewInTurn", () => {
  it("runs one at a time", async () => {
    const { app, started, finish } = gatedApp();
    const both = Promise.all([previewInTurn(app, {}), previewInTurn(app, { cluster: "w1" })]);
    await settled();
    expect(started).toEqual([{}]);
    await finish();
    expect(started).toEqual([{}, { cluster: "w1" }]);
    await finish();
    await both;
  });

  it("gives callers of one scope who wait the same preview, but never one that began before they asked", async () => {
    const { app, started, finish } = gatedApp();
    const first = previewInTurn(app, {});
    await settled();
    const [second, third] = [previewInTurn(app, {}), previewInTurn(app, {})];
    await finish();
    await finish();
    expect((await first).startedAtMs).toBe(1);
    expect((await second).startedAtMs).toBe(2);
    expect(await third).toBe(await second);
    expect(started).toHaveLength(2);
  });

  it("lets an approval wait for its turn too, since it looks at a preview, and what comes later wait for it", async () => {
    const order: string[] = [];
    const { app, started, finish } = gatedApp();
    const approving = Promise.withResolvers<void>();
    const approval = { digest: "0123456789ab", reason: "seen", person: { name: "Anna", verified: false } };
    const asked: unknown[] = [];
    const both = {
      ...app,
      approve: async (request: Parameters<typeof app.approve>[0]) => {
        asked.push(request.digest, request.signal?.aborted);
        await approving.promise;
        order.push("approved");
        return { kind: "approved", scope: "cluster/w1", changes: 3 } as const;
      },
    };
    const all = [previewInTurn(both, {}), approveInTurn(both, approval), previewInTurn(both, { cluster: "w1" })];
    await settled();
    expect([started, asked]).toEqual([[{}], []]);
    await finish();
    expect([started, asked]).toEqual([[{}], ["0123456789ab", false]]);
    approving.resolve();
    await settled();
    expect([started, order]).toEqual([[{}, { cluster: "w1" }], ["approved"]]);
    await finish();
    await Promise.all(all);
  });

  it("goes on after one that failed", async () => {
    const failing = fakeFleetApp({ preview: () => Promise.reject(new Error("unreadable")) });
    await expect(previewInTurn(failing, {})).rejects.toThrow("unreadable");
    await expect(previewInTurn(fakeFleetApp(), {})).resolves.toBeDefined();
  });

  it("refuses with BUSY what would wait behind 16 other scopes", async () => {
    const { app, finish } = gatedApp();
    const running = previewInTurn(app, {});
    await settled();
    const waiting = Array.from({ length: 16 }, (_, index) => previewInTurn(app, { namespace: `n${index}` }));
    await expect(previewInTurn(app, { namespace: "one-too-many" })).rejects.toMatchObject({
      code: "BUSY",
      retryable: true,
    });
    for (let index = 0; index < 17; index += 1) {
      await finish();
    }
    await Promise.all([running, ...waiting]);
  });
});
