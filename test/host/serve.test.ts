/** `service-router serve`: the local functions host on a copy of the sample fleet, over real HTTP and with its real timers. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serve } from "../../cli/serve/serve.ts";
import { useFleetApp } from "../../functions/fleet-app.ts";
import type { FleetApp } from "../../shared/compose.ts";
import type { PassReport } from "../../shared/model/report.ts";
import { copySampleFleet } from "../support/functions-host/sample-copy.ts";
import { fakeFleetApp, passReport } from "../support/functions-host/fake-fleet-app.ts";

let directory: string;
let host: RunningHost | undefined;

/** `serve` under way, with all it wrote. */
class RunningHost {
  readonly lines: string[] = [];
  readonly ended: Promise<void>;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor(key: string | undefined) {
    this.ended = serve({
      configurationPath: join(directory, "fleet.yaml"),
      port: 0,
      ...(key === undefined ? {} : { key }),
      signal: this.#stopping.signal,
      write: (line) => {
        this.lines.push(line);
        this.#waiting.forEach((look) => look());
      },
    });
  }

  /** The first line with this text, written already or later. @throws what `serve` throws meanwhile. */
  async line(text: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = () => {
      const found = this.lines.find((line) => line.includes(text));
      if (found !== undefined) {
        resolve(found);
      }
    };
    this.#waiting.add(look);
    look();
    const ended = this.ended.then(() => `serve ended without writing ${text}`);
    return await Promise.race([promise, ended]).finally(() => this.#waiting.delete(look));
  }

  stop(): void {
    this.#stopping.abort();
  }
}

/** @returns the address. */
async function start(key?: string): Promise<string> {
  host = new RunningHost(key);
  return /http:\/\/[\d.:]+/.exec(await host.line("Functions host on"))?.[0] ?? "";
}

function lines(): readonly string[] {
  return host?.lines ?? [];
}

beforeEach(async () => {
  directory = await copySampleFleet();
});

afterEach(async () => {
  host?.stop();
  await host?.ended;
  host = undefined;
  await rm(directory, { recursive: true, force: true });
});

describe("serve", () => {
  it("says where everything is, when the timers come next, and that nobody is asked for a key", async () => {
    const base = await start();
    await host?.line("Stop with Ctrl-C");
    const text = lines().join("\n");
    expect(text).toContain("no key");
    expect(text).toMatch(/reconcile_timer: timer \*\/15 \* \* \* \* \*, next at \d{4}-/);
    expect(text).toContain(`POST ${base}/api/reconcile`);
    expect(text).toContain(`${base}/runtime/webhooks/eventgrid?functionName=reconcile_eventgrid`);
  });

  it("with a key, answers 401 without it and serves with it", async () => {
    const base = await start("s3cret");
    for (const path of ["/api/plan", "/api/fleet", "/runtime/webhooks/eventgrid?functionName=reconcile_eventgrid"]) {
      expect((await fetch(base + path)).status).toBe(401);
    }
    const plan = await fetch(`${base}/api/plan`, { headers: { "x-functions-key": "s3cret" } });
    expect(plan.status).toBe(200);
    expect(await plan.text()).toMatch(/^Plan: /);
    expect((await fetch(`${base}/api/plan?output=json&code=s3cret`)).status).toBe(200);
  });

  it("takes Event Grid's handshakes and events in both schemas", async () => {
    const hook = `${await start()}/runtime/webhooks/eventgrid?functionName=reconcile_eventgrid`;
    const post = (event: unknown, headers: Readonly<Record<string, string>>) =>
      fetch(hook, { method: "POST", headers, body: JSON.stringify(event) });
    const validation = [{ id: "1", eventType: "x", subject: "", data: { validationCode: "c0de" } }];
    const handshake = await post(validation, { "aeg-event-type": "SubscriptionValidation" });
    expect(await handshake.json()).toEqual({ validationResponse: "c0de" });
    const options = await fetch(hook, { method: "OPTIONS", headers: { "webhook-request-origin": "grid" } });
    expect(options.headers.get("webhook-allowed-origin")).toBe("grid");
    const event = { id: "1", eventType: "Microsoft.Resources.ResourceWriteSuccess", subject: "/s", data: {} };
    expect((await post([event], { "aeg-event-type": "Notification" })).status).toBe(202);
    const cloud = { specversion: "1.0", id: "2", type: "t", source: "s", data: {} };
    expect((await post(cloud, { "content-type": "application/cloudevents+json" })).status).toBe(202);
    expect(lines().filter((line) => line.includes("pass requested"))).toHaveLength(2);
  });

  it("ticks by itself and runs the first pass", async () => {
    await start();
    expect(await host?.line("pass ended")).toContain("ended complete");
  });

  it("finishes the running pass before it stops, and takes no new work", async () => {
    const base = await start();
    const begun = Promise.withResolvers<void>();
    const report = Promise.withResolvers<PassReport>();
    const reconcile: FleetApp["reconcile"] = async () => {
      begun.resolve();
      return { kind: "ran", report: await report.promise };
    };
    useFleetApp(() => Promise.resolve(fakeFleetApp({ reconcile })));
    const answer = fetch(`${base}/api/reconcile`, { method: "POST" });
    await begun.promise;
    host?.stop();
    await host?.line("waiting for reconcile_http");
    await expect(fetch(`${base}/api/plan`)).rejects.toThrow();
    report.resolve(passReport({ mode: "apply" }));
    expect((await answer).status).toBe(200);
    await host?.ended;
    expect(lines().at(-1)).toBe("Stopped.");
  });

  it("refuses to start on faults of fleet.yaml or a port in use, naming them", async () => {
    const base = await start();
    const common = { signal: new AbortController().signal, write: () => {} };
    const path = join(directory, "fleet.yaml");
    await expect(serve({ ...common, configurationPath: path, port: Number(new URL(base).port) })).rejects.toMatchObject(
      {
        code: "CONFIGURATION",
        faults: [{ path: "port" }],
      },
    );
    await expect(serve({ ...common, configurationPath: "/nowhere/fleet.yaml", port: 0 })).rejects.toMatchObject({
      code: "CONFIGURATION",
    });
  });
});
