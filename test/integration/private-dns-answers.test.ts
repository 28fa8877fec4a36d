/** DNS of the test zones, asked over the wire by Node's own resolver. */
import type { Resolver } from "node:dns/promises";
import { setTimeout as delay } from "node:timers/promises";
import { encode, streamDecode, streamEncode } from "dns-packet";
import { createConnection } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { watchName } from "../support/private-dns/name-watch.ts";
import {
  startPrivateDnsServer,
  type PrivateDnsServer,
  type TestZone,
} from "../support/private-dns/private-dns-server.ts";
import { resolverOf, startZoneDns, type ZoneDns } from "../support/private-dns/zone-dns.ts";

let server: PrivateDnsServer;
let zone: TestZone;
let dns: ZoneDns;
let resolver: Resolver;

beforeAll(async () => {
  server = await startPrivateDnsServer();
  zone = server.addZone({ resourceGroup: "rg-weu", zone: "example.com" });
  dns = await startZoneDns(zone);
  resolver = resolverOf(dns);
});

afterAll(async () => {
  await dns.close();
  await server.close();
});

beforeEach(() => {
  for (const set of zone.recordSets()) zone.deleteDirect(set);
  zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.0.1", "10.0.0.2"], ttlSeconds: 30 });
  zone.putDirect({ name: "gw-a", type: "AAAA", values: ["fd00::1"] });
  zone.putDirect({ name: "api", type: "CNAME", values: ["www.example.com"] });
  zone.putDirect({ name: "www", type: "CNAME", values: ["GW-A.example.com"] });
});

const codeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: { code?: string }) => error.code);

describe("startZoneDns", () => {
  it("answers addresses with their TTL", async () => {
    const answer = await resolver.resolve4("gw-a.example.com", { ttl: true });
    expect(answer).toEqual([
      { address: "10.0.0.1", ttl: 30 },
      { address: "10.0.0.2", ttl: 30 },
    ]);
    expect(await resolver.resolve6("gw-a.example.com")).toEqual(["fd00::1"]);
  });

  it("follows CNAMEs inside the zone, in any case", async () => {
    expect(await resolver.resolve4("API.example.com")).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(await resolver.resolveCname("api.example.com")).toEqual(["www.example.com"]);
  });

  it("answers with what the zone holds at that moment", async () => {
    zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.0.9"], ttlSeconds: 300 });
    expect(await resolver.resolve4("api.example.com")).toEqual(["10.0.0.9"]);
    zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.0.8"], ttlSeconds: 300 });
    expect(await resolver.resolve4("api.example.com")).toEqual(["10.0.0.8"]);
  });

  it.each([
    ["a name that is not there", "absent.example.com", "ENOTFOUND"],
    ["a CNAME whose target is not there", "dangling.example.com", "ENOTFOUND"],
    ["a name that has other types only", "text.example.com", "ENODATA"],
    ["a name that only has names below it", "below.example.com", "ENODATA"],
    ["a record set that is empty", "empty.example.com", "ENODATA"],
    ["a CNAME that leaves the zone", "outside.example.com", []],
    ["CNAMEs that go round", "round.example.com", []],
    ["a name of another zone", "example.org", "EREFUSED"],
  ])("says that there is no address: %s", async (_what, name, outcome) => {
    zone.putDirect({ name: "dangling", type: "CNAME", values: ["absent.example.com"] });
    zone.putDirect({ name: "text", type: "TXT", values: ["x"] });
    zone.putDirect({ name: "_xdns-a.below", type: "TXT", values: ["x"] });
    zone.putDirect({ name: "empty", type: "A", values: [] });
    zone.putDirect({ name: "outside", type: "CNAME", values: ["example.org"] });
    zone.putDirect({ name: "round", type: "CNAME", values: ["round.example.com"] });
    expect(await codeOf(resolver.resolve4(name))).toEqual(outcome);
  });

  it.each([
    ["one that is not there", "any.apps.example.com", ["10.0.0.7"]],
    ["one two labels below", "a.b.apps.example.com", ["10.0.0.7"]],
    ["not one that is there", "own.apps.example.com", ["10.0.0.5"]],
  ])("answers for a wildcard's names: %s", async (_what, name, addresses) => {
    zone.putDirect({ name: "*.apps", type: "A", values: ["10.0.0.7"] });
    zone.putDirect({ name: "own.apps", type: "A", values: ["10.0.0.5"] });
    expect(await resolver.resolve4(name)).toEqual(addresses);
  });

  it("answers ownership texts with their quotes", async () => {
    const value = '"heritage=external-dns,external-dns/owner=external-dns-weu"';
    zone.putDirect({ name: "_xdns-a.gw-a", type: "TXT", values: [value] });
    expect(await resolver.resolveTxt("_xdns-a.gw-a.example.com")).toEqual([[value]]);
  });

  it("sends what does not fit into a datagram over TCP", async () => {
    const values = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(400));
    zone.putDirect({ name: "long", type: "TXT", values });
    const texts = await resolver.resolveTxt("long.example.com");
    expect(texts.map((strings) => strings.join("")).toSorted()).toEqual(values);
  });

  it("answers a question that comes in pieces over TCP", async () => {
    const question = streamEncode({ type: "query", id: 7, questions: [{ type: "A", name: "gw-a.example.com" }] });
    const socket = createConnection({ host: "127.0.0.1", port: Number(dns.address.split(":")[1]) });
    const received: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    socket.write(question.subarray(0, 5));
    await delay(20);
    socket.write(question.subarray(5));
    await new Promise((done) => socket.on("close", done));
    expect(streamDecode(Buffer.concat(received))).toMatchObject({ id: 7, answers: [{ data: "10.0.0.1" }, {}] });
  });

  it("goes on after what is no question", async () => {
    const socket = (await import("node:dgram")).createSocket("udp4");
    const port = Number(dns.address.split(":")[1]);
    const noise = [Buffer.from("x"), encode({ type: "response", id: 1 }), encode({ type: "query", id: 2 })];
    for (const message of noise) await new Promise((done) => socket.send(message, port, "127.0.0.1", done));
    socket.close();
    expect(await resolver.resolve4("gw-a.example.com")).toHaveLength(2);
  });
});

describe("watchName", () => {
  it("keeps every answer, failures and changes included", async () => {
    const watch = await watchName({ dns, name: "api.example.com", everyMs: 5 });
    zone.deleteDirect({ name: "gw-a", type: "A" });
    await expect.poll(() => watch.failures().length, { interval: 5 }).toBeGreaterThan(0);
    zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.0.9"] });
    await expect.poll(() => watch.flips(), { interval: 5 }).toEqual(["10.0.0.1,10.0.0.2", "10.0.0.9"]);
    const answers = await watch.stop();
    expect(watch.failures()).toContainEqual({ kind: "failure", atMs: expect.any(Number), code: "NO_ADDRESS" });
    expect(answers.map((answer) => answer.atMs)).toEqual(
      answers.map((answer) => answer.atMs).toSorted((a, b) => a - b),
    );
  });

  it("keeps a server that does not answer as a failure", async () => {
    const gone = await startZoneDns(zone);
    await gone.close();
    const watch = await watchName({ dns: gone, name: "api.example.com" });
    await watch.stop();
    expect(watch.failures().length).toBeGreaterThan(0);
  });
});
