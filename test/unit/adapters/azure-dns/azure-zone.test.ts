/** The Azure adapter when things go wrong, over TLS to a server with Azure's shapes, faults and limits. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAzureZone, type AzureZoneOptions } from "../../../../shared/adapters/azure-dns/azure-zone.ts";
import { DnsClients } from "../../../../shared/adapters/azure-dns/dns-clients.ts";
import type { RecordSetWrite } from "../../../../shared/model/zone-records.ts";
import type { ZonePort } from "../../../../shared/ports.ts";
import { createTestClock, type TestClock } from "../../../support/clock.ts";
import {
  credentialOf,
  startPrivateDnsServer,
  TEST_SUBSCRIPTION,
  type FaultEffect,
  type PrivateDnsServer,
  type TestZone,
} from "../../../support/private-dns/private-dns-server.ts";

let clock: TestClock = createTestClock({ autoAdvance: true });
let server: PrivateDnsServer;
let clients: DnsClients;
let there: TestZone;
let port: ZonePort;

beforeAll(async () => {
  server = await startPrivateDnsServer({ nowMs: () => clock.nowMs() });
  const { endpoint, caPem } = server;
  clients = new DnsClients(credentialOf("service-router"), { endpoint, caPem });
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  clock = createTestClock({ autoAdvance: true });
  there = server.addZone({ resourceGroup: "rg-weu", zone: "example.com" });
  port = open();
});

function open(options: Partial<AzureZoneOptions> = {}): ZonePort {
  const address = { subscription: TEST_SUBSCRIPTION, resourceGroup: "rg-weu", zone: "example.com" };
  return openAzureZone({ address, clients, clock, random: () => 0.5, ...options });
}

const signal = (): AbortSignal => AbortSignal.timeout(15_000);
const gone = { name: "old.example.com", type: "A", etag: "none" } as const;
const write = (name = "gw", parts: Partial<RecordSetWrite> = {}): RecordSetWrite => ({
  name: `${name}.example.com`,
  type: "A",
  ttlSeconds: 30,
  values: ["10.0.0.1"],
  metadata: { revision: "7" },
  expected: "absent",
  ...parts,
});

function fill(count: number): void {
  for (let index = 0; index < count; index += 1) {
    there.putDirect({ name: `h${index}`, type: "CNAME", values: ["gw.example.com"] });
  }
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Lets real I/O go on until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !isSo(); turn += 1) await nextTurn();
  expect(isSo()).toBe(true);
}

describe("list", () => {
  it("needs at most 11 calls for 1,000 record sets", async () => {
    fill(1_000);
    expect(await port.list(signal())).toHaveLength(1_000);
    expect(server.log().length).toBeLessThanOrEqual(11);
  });

  it("goes on after a page that failed, was throttled or cut, and misses nothing", async () => {
    fill(450);
    const faults: readonly FaultEffect[] = [
      { kind: "status", status: 503 },
      { kind: "status", status: 429, retryAfterSeconds: 5 },
      { kind: "cut", when: "amid" },
      { kind: "cut", when: "before" },
    ];
    for (const [index, effect] of faults.entries()) {
      server.fault({ kinds: ["list"], page: index + 2, times: 1, effect });
    }
    const before = clock.monotonicMs();
    expect(await port.list(signal())).toHaveLength(450);
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(5_000);
  });

  it.each<[string, FaultEffect, string]>([
    ["fails", { kind: "status", status: 500, code: "InternalServerError" }, "ZONE_UNREACHABLE"],
    ["is cut", { kind: "cut", when: "amid" }, "ZONE_UNREACHABLE"],
    ["is forbidden", { kind: "status", status: 403, code: "AuthorizationFailed" }, "FORBIDDEN"],
    ["is throttled", { kind: "status", status: 429, retryAfterSeconds: 1 }, "THROTTLED"],
    ["is throttled for a minute", { kind: "status", status: 429, retryAfterSeconds: 60 }, "THROTTLED"],
    ["is refused", { kind: "status", status: 400, code: "InvalidSkipToken" }, "ZONE_UNREACHABLE"],
  ])("reads nothing of a zone whose third page %s", async (_what, effect, code) => {
    fill(450);
    server.fault({ kinds: ["list"], page: 3, effect });
    expect(await errorOf(port.list(signal()))).toMatchObject({ code });
  });

  it("waits for a page that hangs no longer than for one request, and asks again", async () => {
    fill(150);
    server.fault({ kinds: ["list"], page: 2, times: 1, effect: { kind: "hang" } });
    expect(await open({ policy: { requestMs: 300 } }).list(signal())).toHaveLength(150);
  });

  it("ends with the caller's deadline in the middle of a page", async () => {
    fill(150);
    const deadline = new AbortController();
    const run = (): Promise<void> => {
      deadline.abort(new DOMException("too late", "TimeoutError"));
      return new Promise(() => {});
    };
    server.fault({ kinds: ["list"], page: 2, effect: { kind: "meanwhile", run } });
    expect(await errorOf(port.list(deadline.signal))).toMatchObject({
      code: "ZONE_UNREACHABLE",
      message: "zone rg-weu/example.com cannot be reached: no answer within the deadline (read record sets)",
    });
  });

  it("ends with the caller's own reason where that is no deadline", async () => {
    const stop = new AbortController();
    const reason = new Error("the lease is lost");
    server.fault({ kinds: ["list"], effect: { kind: "meanwhile", run: () => stop.abort(reason) } });
    expect(await errorOf(port.list(stop.signal))).toBe(reason);
  });
});

describe("a write whose answer was lost", () => {
  it("is found to be done: created, changed, deleted", async () => {
    const lost = { kind: "cut", when: "after" } as const;
    server.fault({ kinds: ["put"], times: 1, effect: lost });
    const created = await port.put(write(), signal());
    expect(there.get({ name: "gw", type: "A" })).toMatchObject({ etag: created.etag, metadata: { revision: "7" } });
    server.fault({ kinds: ["put"], times: 1, effect: lost });
    const changed = await port.put(write("gw", { values: ["10.0.0.3", "10.0.0.2"], expected: created }), signal());
    expect(there.get({ name: "gw", type: "A" })?.etag).toBe(changed.etag);
    server.fault({ kinds: ["delete"], times: 1, effect: lost });
    await port.remove(changed, signal());
    expect(there.recordSets()).toEqual([]);
  });

  it("is stale when somebody else wrote over it before it was asked again", async () => {
    server.fault({ kinds: ["put"], times: 1, effect: { kind: "cut", when: "after" } });
    const run = (): void => void there.putDirect({ name: "gw", type: "A", values: ["10.9.9.9"] });
    server.fault({ kinds: ["put"], effect: { kind: "meanwhile", run } });
    expect(await errorOf(port.put(write(), signal()))).toMatchObject({ code: "STALE_OBJECT" });
    expect(there.get({ name: "gw", type: "A" })?.values).toEqual(["10.9.9.9"]);
  });

  it("is stale when only its metadata differ by now", async () => {
    server.fault({ kinds: ["put"], times: 1, effect: { kind: "cut", when: "after" } });
    const run = (): void => void there.putDirect({ name: "gw", type: "A", values: ["10.0.0.1"], ttlSeconds: 30 });
    server.fault({ kinds: ["put"], effect: { kind: "meanwhile", run } });
    expect(await errorOf(port.put(write(), signal()))).toMatchObject({ code: "STALE_OBJECT" });
  });

  it("is an error when nobody answers at all, whatever became of it", async () => {
    server.fault({ kinds: ["put"], effect: { kind: "cut", when: "before" } });
    expect(await errorOf(port.put(write(), signal()))).toMatchObject({ code: "ZONE_UNREACHABLE" });
    expect(there.recordSets()).toEqual([]);
  });
});

describe("many writes at once", () => {
  const names = Array.from({ length: 80 }, (_, index) => `n${index}`);
  const putAll = (to: ZonePort): Promise<readonly PromiseSettledResult<unknown>[]> =>
    Promise.allSettled(names.map((name) => to.put(write(name), AbortSignal.timeout(60_000))));
  const written = (): readonly string[] => there.recordSets().map(({ name }) => name);
  const codes = (results: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
    results.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code?: unknown }).code] : []));

  it("stay below Azure's 60 a minute: 50 go, the others are told when, and nothing is lost or throttled", async () => {
    clock = createTestClock();
    const first = await putAll(open());
    expect([written().length, codes(first)]).toEqual([50, Array(30).fill("THROTTLED")]);
    expect(first.find((one) => one.status === "rejected")?.reason).toMatchObject({ retryAfterMs: 60_000 });
    await clock.advance(60_000);
    const left = names.filter((name) => !written().includes(name));
    await Promise.all(left.map((name) => open().put(write(name), signal())));
    expect(written()).toHaveLength(80);
    expect(server.log().filter(({ status }) => status === 429)).toEqual([]);
  });

  it("all get through in their order for a caller who waits, over every port of the zone", async () => {
    clock = createTestClock();
    const policy = { longestWaitMs: 120_000 };
    const all = Promise.all(names.map((name) => open({ policy }).put(write(name), AbortSignal.timeout(60_000))));
    await until(() => written().length === 50);
    await clock.advance(59_999);
    expect(written()).toHaveLength(50);
    await clock.advance(1);
    await all;
    expect(written()).toHaveLength(80);
    expect(server.log().filter(({ status }) => status === 429)).toEqual([]);
  });

  it("survive a storm of 429, because others write too: what is reported is what is there", async () => {
    server.setLimits({ create: 20 });
    const results = await putAll(open({ policy: { longestWaitMs: 30_000 } }));
    const done = names.filter((_, index) => results[index]?.status === "fulfilled");
    expect(written().toSorted()).toEqual(done.toSorted());
    expect(new Set(codes(results))).toEqual(new Set(results.length === done.length ? [] : ["THROTTLED"]));
    expect(done.length).toBeGreaterThanOrEqual(20);
    expect(server.log().some(({ status }) => status === 429)).toBe(true);
  });
});

describe("what Azure refuses", () => {
  it.each<[string, FaultEffect, string, RegExp]>([
    ["401", { kind: "status", status: 401, code: "Expired" }, "ZONE_UNREACHABLE", /refused the token \(401 Expired\)/],
    ["405", { kind: "status", status: 405 }, "ZONE_UNREACHABLE", /gives no usable answer: 405/],
    [
      "500",
      { kind: "status", status: 500, code: "Oops" },
      "ZONE_UNREACHABLE",
      /500 Oops: Oops: as a test asked \(write A gw/,
    ],
    [
      "409",
      { kind: "status", status: 409, code: "Conflict" },
      "OBJECT_REFUSED",
      /refused A gw\.example\.com: 409 Conflict: Conflict/,
    ],
    [
      "400",
      { kind: "status", status: 400, code: "BadRequest", by: "gateway" },
      "OBJECT_REFUSED",
      /400 BadRequest: BadRequest/,
    ],
    ["429", { kind: "status", status: 429, retryAfterSeconds: 60 }, "THROTTLED", /asks for 60000 ms/],
  ])("is named: a write with %s", async (_what, effect, code, message) => {
    server.fault({ kinds: ["put"], effect });
    expect(await errorOf(port.put(write(), signal()))).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it("is not called throttled where an earlier try may have been carried out", async () => {
    server.fault({ kinds: ["put"], times: 1, effect: { kind: "cut", when: "amid" } });
    server.fault({ kinds: ["put"], effect: { kind: "status", status: 429, retryAfterSeconds: 60 } });
    expect(await errorOf(port.put(write(), signal()))).toMatchObject({
      code: "ZONE_UNREACHABLE",
      message: expect.stringContaining("it may have been carried out") as string,
    });
  });

  it("names the role to grant, and where, for reads and for writes", async () => {
    server.deny({ at: there });
    const scope = `/subscriptions/${TEST_SUBSCRIPTION}/resourceGroups/rg-weu/providers/Microsoft.Network/privateDnsZones/example.com`;
    const denied = (what: string, role: string): object => ({
      code: "FORBIDDEN",
      message: `zone rg-weu/example.com: not allowed to ${what}; grant it (the role "${role}" on ${scope})`,
    });
    expect(await errorOf(port.list(signal()))).toMatchObject(denied("read record sets", "Reader"));
    expect(await errorOf(port.get(gone, signal()))).toMatchObject(denied("read record sets", "Reader"));
    const writer = "Private DNS Zone Contributor";
    expect(await errorOf(port.put(write(), signal()))).toMatchObject(denied("write A gw.example.com", writer));
    expect(await errorOf(port.remove(gone, signal()))).toMatchObject(denied("delete A old.example.com", writer));
  });

  it("says that there is no such zone, for every call", async () => {
    server.removeZone(there);
    const calls = [
      () => port.list(signal()),
      () => port.get(gone, signal()),
      () => port.put(write(), signal()),
      () => port.put(write("gw", { expected: { etag: "e" } }), signal()),
      () => port.remove(gone, signal()),
    ];
    for (const call of calls) expect(await errorOf(call())).toMatchObject({ code: "ZONE_NOT_FOUND" });
  });
});

describe("an outage of Resource Manager", () => {
  it("ends every call, and is over for the same port as soon as it is over", async () => {
    // Connections of its own: those of other tests would all break first, and this clock leaves no time in between.
    const { endpoint, caPem } = server;
    port = open({ clients: new DnsClients(credentialOf("service-router"), { endpoint, caPem }) });
    const created = await port.put(write(), signal());
    await server.startOutage();
    const calls = [() => port.list(signal()), () => port.get(created, signal()), () => port.remove(created, signal())];
    for (const call of calls) expect(await errorOf(call())).toMatchObject({ code: "ZONE_UNREACHABLE" });
    await server.endOutage();
    expect(await port.list(signal())).toEqual([created]);
  });

  it("of Entra ID is told as such", async () => {
    const none = {
      getToken: () => Promise.reject(Object.assign(new Error("secret"), { name: "CredentialUnavailableError" })),
    };
    const { endpoint, caPem } = server;
    const tokenless = open({ clients: new DnsClients(none, { endpoint, caPem }) });
    const error = await errorOf(tokenless.list(signal()));
    expect(error).toMatchObject({
      code: "ZONE_UNREACHABLE",
      message: expect.stringMatching(/no Entra token/) as string,
    });
    expect(inspect(error, { depth: 20 })).not.toContain("secret");
  });
});

describe("errors", () => {
  const token = "private-dns-test";
  it.each<[string, FaultEffect]>([
    ["a refused token", { kind: "status", status: 401, code: `Bearer ${token}.x` }],
    ["a forbidden call", { kind: "status", status: 403, code: `Bearer ${token}.x` }],
    ["a failing service", { kind: "status", status: 500, code: `Bearer ${token}.x` }],
    ["a refused record set", { kind: "status", status: 400, code: `Bearer ${token}.x` }],
    ["a throttled call", { kind: "status", status: 429, retryAfterSeconds: 60 }],
    ["half an answer", { kind: "cut", when: "amid" }],
    ["no answer", { kind: "cut", when: "before" }],
  ])("hold no token and no header: %s", async (_what, effect) => {
    fill(3);
    server.fault({ effect });
    const calls = [() => port.list(signal()), () => port.put(write(), signal()), () => port.remove(gone, signal())];
    for (const call of calls) {
      const error = await errorOf(call());
      expect(error).toBeInstanceOf(Error);
      const text = inspect(error, { depth: 20, showHidden: true });
      expect(text).not.toContain(`${token}.`);
      expect(text).not.toMatch(/authorization['"]?:/i);
    }
  });
});
