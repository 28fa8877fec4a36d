/** The Private DNS server of the tests, asked by Azure's own client, so that what is built against it holds in Azure. */
import { PrivateDnsManagementClient, type RecordSet } from "@azure/arm-privatedns";
import { ManagedIdentityCredential } from "@azure/identity";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApiClient, type ApiAnswer } from "../support/components/api-client.ts";
import {
  credentialOf,
  startPrivateDnsServer,
  TEST_SUBSCRIPTION,
  type PrivateDnsServer,
  type RecordSetInput,
  type TestZone,
} from "../support/private-dns/private-dns-server.ts";

const GROUP = "rg-weu";
const ZONE = "example.com";
const START_MS = Date.UTC(2026, 0, 3, 10);

let server: PrivateDnsServer;
let zone: TestZone;
let nowMs = START_MS;

beforeAll(async () => {
  server = await startPrivateDnsServer({ nowMs: () => nowMs });
});

afterAll(() => server.close());

beforeEach(() => {
  server.reset();
  nowMs = START_MS;
  zone = server.addZone({ resourceGroup: GROUP, zone: ZONE });
});

/** Without the client's own retries: a refusal shows at once. */
function clientOf(caller = "weu", maxRetries = 0): PrivateDnsManagementClient {
  return new PrivateDnsManagementClient(credentialOf(caller), TEST_SUBSCRIPTION, {
    endpoint: server.endpoint,
    tlsOptions: { ca: server.caPem },
    retryOptions: { maxRetries },
  });
}

async function listNames(client = clientOf(), top?: number): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const set of client.recordSets.list(GROUP, ZONE, top === undefined ? {} : { top })) {
    names.push(`${set.name} ${set.type?.split("/").at(-1)}`);
  }
  return names;
}

const addressSet = (address: string): RecordSet => ({ ttl: 30, aRecords: [{ ipv4Address: address }] });

/** What a failed call says: status and code. */
const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "no failure",
    (error: { statusCode?: number; code?: string }) => `${error.statusCode} ${error.code}`,
  );

/** A request as it goes over the wire. */
async function raw(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  const client = createApiClient(server.endpoint, server.caPem);
  try {
    return await client.call(server.tokenOf("weu"), { method, path, body, contentType: "application/json" });
  } finally {
    client.close();
  }
}

const zonePath = (name = ZONE): string =>
  `/subscriptions/${TEST_SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Network/privateDnsZones/${name}`;
const VERSION = "api-version=2024-06-01";

describe("record sets", () => {
  it("are created, read, replaced and deleted", async () => {
    const { recordSets } = clientOf();
    const created = await recordSets.createOrUpdate(GROUP, ZONE, "A", "gw-a", addressSet("10.0.0.1"));
    expect(created).toMatchObject({
      name: "gw-a",
      type: "Microsoft.Network/privateDnsZones/A",
      fqdn: "gw-a.example.com.",
      ttl: 30,
      aRecords: [{ ipv4Address: "10.0.0.1" }],
      isAutoRegistered: false,
    });
    const metadata = { decision: "7" };
    const replaced = await recordSets.createOrUpdate(GROUP, ZONE, "A", "gw-a", { ...addressSet("10.0.0.2"), metadata });
    expect(replaced.etag).not.toBe(created.etag);
    expect(await recordSets.get(GROUP, ZONE, "A", "gw-a")).toEqual(replaced);
    expect(zone.recordSets()).toMatchObject([{ name: "gw-a", type: "A", values: ["10.0.0.2"], metadata }]);
    await recordSets.delete(GROUP, ZONE, "A", "gw-a");
    expect(zone.recordSets()).toEqual([]);
  });

  it("lose their metadata to a PUT without any", async () => {
    zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.0.1"], metadata: { decision: "7" } });
    await clientOf().recordSets.createOrUpdate(GROUP, ZONE, "A", "gw-a", addressSet("10.0.0.1"));
    expect(zone.get({ name: "gw-a", type: "A" })?.metadata).toEqual({});
  });

  it("keep what a PATCH does not mention", async () => {
    zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.0.1"], ttlSeconds: 30 });
    await clientOf().recordSets.update(GROUP, ZONE, "A", "gw-a", { metadata: { decision: "7" } });
    expect(zone.get({ name: "gw-a", type: "A" })).toMatchObject({
      ttlSeconds: 30,
      values: ["10.0.0.1"],
      metadata: { decision: "7" },
    });
  });

  it("are the same in any case of their name", async () => {
    zone.putDirect({ name: "Api", type: "CNAME", values: ["gw-a.example.com"] });
    expect((await clientOf().recordSets.get(GROUP, ZONE, "CNAME", "aPI")).name).toBe("Api");
  });

  it("of virtual machines are marked, until somebody writes them", async () => {
    zone.putDirect({ name: "vm-1", type: "A", values: ["10.0.0.1"], isAutoRegistered: true });
    const { recordSets } = clientOf();
    expect((await recordSets.get(GROUP, ZONE, "A", "vm-1")).isAutoRegistered).toBe(true);
    const written = await recordSets.createOrUpdate(GROUP, ZONE, "A", "vm-1", addressSet("10.0.0.2"));
    expect(written.isAutoRegistered).toBe(false);
  });

  it("may be empty, and then say so with an empty list", async () => {
    const answer = await raw("PUT", `${zonePath()}/a/empty?${VERSION}`, { properties: { ttl: 3600 } });
    expect(answer).toMatchObject({ status: 201, body: { properties: { ttl: 3600, aRecords: [] } } });
  });

  it("lose the trailing dot of a CNAME target", async () => {
    const cnameRecord = { cname: "gw-a.example.com." };
    await clientOf().recordSets.createOrUpdate(GROUP, ZONE, "CNAME", "api", { ttl: 300, cnameRecord });
    expect(zone.get({ name: "api", type: "CNAME" })?.values).toEqual(["gw-a.example.com"]);
  });

  it.each([
    ["201 when created", "PUT", "new", 201],
    ["200 when replaced", "PUT", "old", 200],
    ["200 when deleted", "DELETE", "old", 200],
    ["204 when there was nothing to delete", "DELETE", "new", 204],
    ["404 when there is none to read", "GET", "new", 404],
    ["404 when there is none to patch", "PATCH", "new", 404],
  ])("answer %s", async (_when, method, name, status) => {
    zone.putDirect({ name: "old", type: "A", values: ["10.0.0.1"] });
    const body = { properties: { ttl: 30, aRecords: [] } };
    const answer = await raw(method, `${zonePath()}/A/${name}?${VERSION}`, method === "GET" ? undefined : body);
    expect(answer.status).toBe(status);
  });
});

describe("requests that no client should send", () => {
  it.each([
    ["no api-version", "GET", "/ALL", undefined, 400, { error: { code: "MissingApiVersionParameter" } }],
    ["a skip token of nobody", "GET", `/ALL?${VERSION}&$skiptoken=x`, undefined, 400, { code: "BadRequest" }],
    ["a path that is not encoded", "GET", `/A/%zz?${VERSION}`, undefined, 400, { error: { code: "BadRequest" } }],
    ["a type that private zones do not have", "GET", `/NS/x?${VERSION}`, undefined, 404, { error: {} }],
    ["a method without meaning", "POST", `/A/x?${VERSION}`, {}, 405, { error: { code: "MethodNotAllowed" } }],
    ["a body that is no JSON", "PUT", `/A/x?${VERSION}`, "{", 400, { error: { code: "InvalidRequestContent" } }],
    ["a body of another shape", "PUT", `/A/x?${VERSION}`, { properties: { ttl: 1, aRecords: {} } }, 400, { error: {} }],
  ])("are refused: %s", async (_what, method, below, sent, status, body) => {
    expect(await raw(method, `${zonePath()}${below}`, sent)).toMatchObject({ status, body });
  });
});

describe("conditions", () => {
  const stale = "11111111-1111-1111-1111-111111111111";

  it.each([
    ["If-Match with the etag as read", "old", (etag: string) => ({ ifMatch: etag }), "no failure"],
    ["If-Match with another etag", "old", () => ({ ifMatch: stale }), "412 PreconditionFailed"],
    ["If-Match * on what exists", "old", () => ({ ifMatch: "*" }), "no failure"],
    ["If-Match * on what does not", "new", () => ({ ifMatch: "*" }), "412 PreconditionFailed"],
    ["If-Match with an etag of what is gone", "new", () => ({ ifMatch: stale }), "412 PreconditionFailed"],
    ["If-None-Match * on what does not exist", "new", () => ({ ifNoneMatch: "*" }), "no failure"],
    ["If-None-Match * on what exists", "old", () => ({ ifNoneMatch: "*" }), "412 PreconditionFailed"],
  ])("decide a PUT: %s", async (_given, name, conditions, outcome) => {
    const { etag } = zone.putDirect({ name: "old", type: "A", values: ["10.0.0.1"] });
    const call = clientOf().recordSets.createOrUpdate(GROUP, ZONE, "A", name, addressSet("10.0.0.9"), conditions(etag));
    expect(await failureOf(call)).toBe(outcome);
    expect(zone.recordSets().some((set) => set.values.includes("10.0.0.9"))).toBe(outcome === "no failure");
  });

  it("keep a record set that was written since it was read", async () => {
    const { etag } = zone.putDirect({ name: "old", type: "A", values: ["10.0.0.1"] });
    zone.putDirect({ name: "old", type: "A", values: ["10.0.0.2"] });
    const call = clientOf().recordSets.delete(GROUP, ZONE, "A", "old", { ifMatch: etag });
    expect(await failureOf(call)).toBe("412 PreconditionFailed");
    expect(zone.get({ name: "old", type: "A" })?.values).toEqual(["10.0.0.2"]);
  });
});

describe("listings", () => {
  beforeEach(() => {
    for (let index = 0; index < 125; index += 1) {
      zone.putDirect({ name: `svc-${index}`, type: "CNAME", values: ["gw-a.example.com"] });
      zone.putDirect({ name: `_xdns-cname.svc-${index}`, type: "TXT", values: ['"heritage=external-dns"'] });
    }
  });

  it("come in pages of 100 with every record set once, the SOA included", async () => {
    const names = await listNames();
    expect(new Set(names).size).toBe(251);
    expect(names).toContain("@ SOA");
    expect(server.log().map(({ kind, page }) => `${kind} ${page}`)).toEqual(["list 1", "list 2", "list 3"]);
  });

  it("are not sorted", async () => {
    const names = await listNames();
    expect(names).not.toEqual(names.toSorted());
    expect(await listNames()).toEqual(names);
  });

  it.each([
    ["smaller with $top", 50, 6],
    ["no larger with $top", 1_000, 3],
  ])("have pages that get %s", async (_how, top, pages) => {
    expect((await listNames(clientOf(), top)).length).toBe(251);
    expect(server.log().length).toBe(pages);
  });

  it("can be of one type", async () => {
    const names: (string | undefined)[] = [];
    for await (const set of clientOf().recordSets.listByType(GROUP, ZONE, "TXT")) names.push(set.name);
    expect(names.length).toBe(125);
  });

  it("go on behind a record set that went between two pages", async () => {
    const pages = clientOf().recordSets.list(GROUP, ZONE).byPage();
    const first = await pages.next();
    const last: RecordSet | undefined = first.value.at(-1);
    zone.deleteDirect({ name: last?.name ?? "", type: last?.type?.endsWith("TXT") ? "TXT" : "CNAME" });
    const rest: RecordSet[] = [];
    for await (const page of pages) rest.push(...page);
    expect(rest.length).toBe(151);
  });
});

describe("zones", () => {
  it("are listed by resource group with their counters", async () => {
    zone.putDirect({ name: "api", type: "CNAME", values: ["gw-a.example.com"] });
    server.addZone({ resourceGroup: "rg-neu", zone: ZONE });
    const found: object[] = [];
    for await (const one of clientOf().privateZones.listByResourceGroup(GROUP)) found.push(one);
    expect(found).toMatchObject([{ name: ZONE, id: zonePath(), numberOfRecordSets: 2, maxNumberOfRecordSets: 25_000 }]);
    expect(await clientOf().privateZones.get(GROUP, ZONE)).toMatchObject({ name: ZONE, location: "global" });
  });

  it.each([
    ["", "ResourceNotFound"],
    ["/ALL", "ParentResourceNotFound"],
    ["/A/api", "ParentResourceNotFound"],
  ])("that do not exist are 404 of Resource Manager: %s", async (below, code) => {
    const answer = await raw("GET", `${zonePath("absent.com")}${below}?${VERSION}`);
    expect(answer).toMatchObject({ status: 404, body: { error: { code } } });
  });
});

describe("validation", () => {
  const cname = (target: string): RecordSet => ({ ttl: 300, cnameRecord: { cname: target } });
  const txt = (...strings: readonly string[]): RecordSet => ({ ttl: 300, txtRecords: [{ value: [...strings] }] });
  const addresses = (count: number): RecordSet => ({
    ttl: 30,
    aRecords: Array.from({ length: count }, (_, index) => ({ ipv4Address: `10.0.0.${index}` })),
  });

  it.each([
    ["a wildcard as first label", "A", "*.apps", addressSet("10.0.0.1"), "no failure"],
    ["a wildcard inside a name", "TXT", "cname-*.apps", txt("x"), "400 BadRequest"],
    ["a wildcard behind the prefix", "TXT", "_xdns-cname.*", txt("x"), "400 BadRequest"],
    ["a label of 63 characters", "A", "a".repeat(63), addressSet("10.0.0.1"), "no failure"],
    ["a label of 64 characters", "A", "a".repeat(64), addressSet("10.0.0.1"), "400 BadRequest"],
    ["a name that is too long", "A", Array(5).fill("a".repeat(60)).join("."), addressSet("10.0.0.1"), "400 BadRequest"],
    ["an address that is none", "A", "api", addressSet("10.0.0.256"), "400 BadRequest"],
    [
      "the same address twice",
      "A",
      "api",
      { ttl: 1, aRecords: [...(addressSet("10.0.0.1").aRecords ?? []), ...(addressSet("10.0.0.1").aRecords ?? [])] },
      "400 BadRequest",
    ],
    ["20 addresses", "A", "api", addresses(20), "no failure"],
    ["21 addresses", "A", "api", addresses(21), "409 Conflict"],
    ["no TTL", "A", "api", { aRecords: [] }, "400 BadRequest"],
    ["a TTL of 0", "A", "api", { ttl: 0, aRecords: [] }, "400 BadRequest"],
    ["a CNAME at the apex", "CNAME", "@", cname("gw-a.example.com"), "400 BadRequest"],
    ["a quoted CNAME target", "CNAME", "api", cname('"gw-a.example.com"'), "400 BadRequest"],
    ["a CNAME beside an A", "CNAME", "taken-a", cname("gw-a.example.com"), "409 Conflict"],
    ["an A beside a CNAME", "A", "taken-cname", addressSet("10.0.0.1"), "409 Conflict"],
    ["a TXT beside an A", "TXT", "taken-a", txt("x"), "no failure"],
    ["a TXT string of 255 characters", "TXT", "api", txt("x".repeat(255), "y"), "no failure"],
    ["a TXT string of 256 characters", "TXT", "api", txt("x".repeat(256)), "400 BadRequest"],
    [
      "more than 4096 characters of TXT",
      "TXT",
      "api",
      txt(...Array<string>(17).fill("x".repeat(250))),
      "400 BadRequest",
    ],
    ["records of another type", "TXT", "api", addressSet("10.0.0.1"), "400 BadRequest"],
  ] as const)("of %s", async (_what, type, name, set, outcome) => {
    zone.putDirect({ name: "taken-a", type: "A", values: ["10.0.0.1"] });
    zone.putDirect({ name: "taken-cname", type: "CNAME", values: ["gw-a.example.com"] });
    const call = clientOf().recordSets.createOrUpdate(GROUP, ZONE, type, name, set as RecordSet);
    expect(await failureOf(call)).toBe(outcome);
  });

  it("answers in the DNS service's shape, not in Resource Manager's", async () => {
    const path = `${zonePath()}/TXT/a-*.x?${VERSION}`;
    const answer = await raw("PUT", path, { properties: { ttl: 1, txtRecords: [] } });
    expect(answer.body).toEqual({
      code: "BadRequest",
      message:
        "The domain name 'a-*.x.example.com' is invalid. The provided record set relative name 'a-*.x' is invalid.",
    });
  });
});

describe("permissions", () => {
  it("are refused per caller, zone and verb, in Resource Manager's shape", async () => {
    const allow = server.deny({ caller: "weu", at: zone, verbs: ["write", "delete"] });
    const { recordSets } = clientOf();
    expect(await failureOf(recordSets.createOrUpdate(GROUP, ZONE, "A", "api", addressSet("10.0.0.1")))).toBe(
      "403 AuthorizationFailed",
    );
    expect(await failureOf(recordSets.delete(GROUP, ZONE, "A", "api"))).toBe("403 AuthorizationFailed");
    expect(await listNames()).toEqual(["@ SOA"]);
    await clientOf("neu").recordSets.createOrUpdate(GROUP, ZONE, "A", "api", addressSet("10.0.0.1"));
    allow();
    await recordSets.delete(GROUP, ZONE, "A", "api");
    expect(zone.recordSets()).toEqual([]);
  });

  it("are told as Azure tells them: what nobody took away, or what the roles say, in any case of the path", async () => {
    const deny = server.deny({ caller: "weu", at: zone, verbs: ["write"] });
    const path = `${zone.id}/providers/microsoft.authorization/Permissions?api-version=2022-04-01`;
    const none = { dataActions: [], notDataActions: [] };
    expect(await raw("GET", path)).toMatchObject({
      status: 200,
      body: { value: [{ actions: ["*"], notActions: [expect.any(String), expect.any(String)], ...none }] },
    });
    deny();
    server.assign({ caller: "weu", permissions: [{ actions: ["*/read"] }, { actions: ["a/b"], notActions: ["a/*"] }] });
    expect((await raw("GET", path)).body).toEqual({
      value: [
        { actions: ["*/read"], notActions: [], ...none },
        { actions: ["a/b"], notActions: ["a/*"], ...none },
      ],
    });
  });

  it("refuse the question where there is no role, or one that leaves it out", async () => {
    const path = `${zone.id}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
    const statusOf = async (): Promise<number> => (await raw("GET", path)).status;
    const allow = server.deny({ caller: "weu" });
    expect(await statusOf()).toBe(403);
    allow();
    const role = server.assign({ caller: "weu", permissions: [{ actions: ["Microsoft.Network/privateDnsZones/*"] }] });
    expect(await statusOf()).toBe(403);
    role();
    expect(await statusOf()).toBe(200);
  });

  it("are those of the roles alone, once a caller has one there", async () => {
    server.assign({ at: zone, permissions: [{ actions: ["Microsoft.Network/privateDnsZones/*/read"] }] });
    const { recordSets } = clientOf();
    expect(await listNames()).toEqual(["@ SOA"]);
    expect(await failureOf(recordSets.delete(GROUP, ZONE, "A", "api"))).toBe("403 AuthorizationFailed");
    const other = server.addZone({ resourceGroup: "rg-neu", zone: ZONE });
    await recordSets.createOrUpdate(other.resourceGroup, ZONE, "A", "api", addressSet("10.0.0.1"));
  });

  it("come from the token that the identity endpoint gave to the caller of its header", async () => {
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = server.environmentOf("neu");
    process.env["IDENTITY_ENDPOINT"] = IDENTITY_ENDPOINT;
    process.env["IDENTITY_HEADER"] = IDENTITY_HEADER;
    try {
      const client = new PrivateDnsManagementClient(new ManagedIdentityCredential(), TEST_SUBSCRIPTION, {
        endpoint: server.endpoint,
        tlsOptions: { ca: server.caPem },
      });
      expect(await listNames(client)).toEqual(["@ SOA"]);
      expect(server.log().map(({ kind, caller }) => `${kind} ${caller}`)).toEqual(["token neu", "list neu"]);
    } finally {
      delete process.env["IDENTITY_ENDPOINT"];
      delete process.env["IDENTITY_HEADER"];
    }
  });

  it("are unknown for a foreign token", async () => {
    const client = createApiClient(server.endpoint, server.caPem);
    const answer = await client.call("foreign", { method: "GET", path: `${zonePath()}?${VERSION}` });
    client.close();
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "InvalidAuthenticationToken" } } });
  });
});

describe("limits", () => {
  it("let 60 creates, 60 updates and 60 deletes a minute through, each counted by itself and by zone", async () => {
    const { recordSets } = clientOf();
    const other = server.addZone({ resourceGroup: "rg-neu", zone: ZONE });
    const write = (name: string, group = GROUP): Promise<unknown> =>
      failureOf(recordSets.createOrUpdate(group, ZONE, "A", name, addressSet("10.0.0.1")));
    for (let index = 0; index < 60; index += 1) expect(await write(`svc-${index}`)).toBe("no failure");
    expect(await write("one-more")).toBe("429 TooManyRequests");
    expect(await write("svc-1")).toBe("no failure");
    expect(await write("one-more", other.resourceGroup)).toBe("no failure");
    nowMs += 59_999;
    expect(await write("one-more")).toBe("429 TooManyRequests");
    nowMs += 1;
    expect(await write("one-more")).toBe("no failure");
  });

  it("say after how many seconds to come back", async () => {
    server.setLimits({ list: 1, retryAfterSeconds: 1 });
    await listNames();
    const startedAtMs = performance.now();
    const listing = listNames(clientOf("weu", 1));
    setTimeout(() => {
      nowMs += 60_000;
    }, 200);
    expect(await listing).toEqual(["@ SOA"]);
    expect(server.log().map(({ status }) => status)).toEqual([200, 429, 200]);
    expect(performance.now() - startedAtMs).toBeGreaterThan(900);
  });
});

describe("faults", () => {
  const SET: RecordSetInput = { name: "api", type: "A", values: ["10.0.0.1"] };
  const write = (): Promise<unknown> =>
    failureOf(clientOf().recordSets.createOrUpdate(GROUP, ZONE, "A", "api", addressSet("10.0.0.9")));

  it("answer what they say, as often as they say, and nothing is carried out", async () => {
    const fault = server.fault({
      kinds: ["put"],
      times: 2,
      effect: { kind: "status", status: 500, code: "InternalServerError" },
    });
    expect([await write(), await write()]).toEqual(["500 InternalServerError", "500 InternalServerError"]);
    expect(zone.recordSets()).toEqual([]);
    expect(await write()).toBe("no failure");
    expect(fault.met()).toBe(2);
  });

  it("refuse one page of one zone for one caller", async () => {
    for (let index = 0; index < 150; index += 1) zone.putDirect({ ...SET, name: `svc-${index}` });
    const effect = { kind: "status", status: 429, code: "TooManyRequests", retryAfterSeconds: 60 } as const;
    const fault = server.fault({ kinds: ["list"], at: zone, caller: "weu", page: 2, effect });
    expect(await failureOf(listNames())).toBe("429 TooManyRequests");
    expect(server.log().map(({ page, status }) => `${page} ${status}`)).toEqual(["1 200", "2 429"]);
    expect((await listNames(clientOf("neu"))).length).toBe(151);
    fault.off();
    expect((await listNames()).length).toBe(151);
  });

  it.each([
    ["before a write is carried out", "before", undefined],
    ["after it was", "after", "10.0.0.9"],
    ["amid its answer", "amid", "10.0.0.9"],
  ] as const)("cut a connection %s", async (_moment, when, value) => {
    server.fault({ kinds: ["put"], effect: { kind: "cut", when } });
    expect(await write()).not.toBe("no failure");
    expect(zone.get({ name: "api", type: "A" })?.values[0]).toBe(value);
    expect(server.log().map(({ status }) => status)).toEqual([0]);
  });

  it("leave requests without an answer", async () => {
    const fault = server.fault({ kinds: ["get"], effect: { kind: "hang" } });
    const abortSignal = AbortSignal.timeout(200);
    const call = clientOf().recordSets.get(GROUP, ZONE, "A", "api", { abortSignal });
    await expect(call).rejects.toThrow(/abort/i);
    fault.off();
  });

  it("answer late", async () => {
    server.fault({ kinds: ["list"], effect: { kind: "slow", delayMs: 150 } });
    const startedAtMs = performance.now();
    await listNames();
    expect(performance.now() - startedAtMs).toBeGreaterThan(140);
  });

  it("refuse tokens", async () => {
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = server.environmentOf("weu");
    server.fault({ kinds: ["token"], caller: "weu", times: 1, effect: { kind: "status", status: 503 } });
    const ask = async (): Promise<number> => {
      const url = `${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://management.azure.com/`;
      return (await fetch(url, { headers: { "x-identity-header": IDENTITY_HEADER } })).status;
    };
    expect([await ask(), await ask()]).toEqual([503, 200]);
  });

  it("let somebody else be faster", async () => {
    const { etag } = zone.putDirect(SET);
    const run = (): void => void zone.putDirect({ ...SET, values: ["10.0.0.2"] });
    server.fault({ kinds: ["delete"], effect: { kind: "meanwhile", run } });
    const call = clientOf().recordSets.delete(GROUP, ZONE, "A", "api", { ifMatch: etag });
    expect(await failureOf(call)).toBe("412 PreconditionFailed");
  });

  it("take all of Resource Manager away and bring it back under its address", async () => {
    zone.putDirect(SET);
    await server.startOutage();
    await expect(listNames()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.endOutage();
    expect(await listNames()).toContain("api A");
  });
});

describe("log", () => {
  it("names caller, request, answer and what it changed", async () => {
    nowMs += 5_000;
    await clientOf().recordSets.createOrUpdate(GROUP, ZONE, "A", "api", addressSet("10.0.0.1"));
    await clientOf("neu").recordSets.delete(GROUP, ZONE, "A", "api");
    const at = { subscription: TEST_SUBSCRIPTION, resourceGroup: GROUP, zone: ZONE };
    const set = expect.objectContaining({ name: "api", type: "A", ttlSeconds: 30, values: ["10.0.0.1"] });
    const common = { atMs: START_MS + 5_000, path: `${zonePath()}/A/api`, page: 0 };
    expect(server.log()).toEqual([
      {
        ...common,
        caller: "weu",
        method: "PUT",
        kind: "put",
        status: 201,
        change: { at, name: "api", type: "A", after: set },
      },
      {
        ...common,
        caller: "neu",
        method: "DELETE",
        kind: "delete",
        status: 200,
        change: { at, name: "api", type: "A", before: set },
      },
    ]);
  });
});
