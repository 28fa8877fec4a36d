/** Doctor and the roles of its identity: Azure's own answer, over TLS, beside what the zones then allow and refuse. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAzureZone } from "../../shared/adapters/azure-dns/azure-zone.ts";
import { DnsClients } from "../../shared/adapters/azure-dns/dns-clients.ts";
import { systemClock } from "../../shared/adapters/system/clock.ts";
import { diagnoseFleet } from "../../shared/app/diagnose-fleet.ts";
import { parseFleetConfiguration } from "../../shared/contracts/fleet-configuration.ts";
import type { Finding } from "../../shared/model/finding.ts";
import type { ZonePort } from "../../shared/ports.ts";
import {
  credentialOf,
  startPrivateDnsServer,
  TEST_SUBSCRIPTION,
  type PrivateDnsServer,
  type TestZone,
} from "../support/private-dns/private-dns-server.ts";

const ZONE = "example.com";
const ZONES = "Microsoft.Network/privateDnsZones";
const REGIONS = { weu: "apply", neu: "observe" } as const;

let server: PrivateDnsServer;
let clients: DnsClients;
let weu: TestZone;
let neu: TestZone;

beforeAll(async () => {
  // Permissions stand on one page as a rule; here two roles are two pages.
  server = await startPrivateDnsServer({ pageSize: 1 });
  clients = new DnsClients(credentialOf("app"), server);
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  weu = server.addZone({ resourceGroup: "rg-weu", zone: ZONE });
  neu = server.addZone({ resourceGroup: "rg-neu", zone: ZONE });
});

const portOf = (resourceGroup: string): ZonePort =>
  openAzureZone({
    address: { subscription: TEST_SUBSCRIPTION, resourceGroup, zone: ZONE },
    clients,
    clock: systemClock,
  });

/** Findings about zones: region, code, severity, and the actions without their provider. */
async function roles(): Promise<readonly string[]> {
  const regions = Object.entries(REGIONS).map(([name, zoneWrites]) => ({
    name,
    zoneWrites,
    zones: [{ subscription: TEST_SUBSCRIPTION, resourceGroup: `rg-${name}`, zone: ZONE }],
  }));
  const tagged = { subscription: TEST_SUBSCRIPTION, tag: "fleet", value: "none" };
  const { findings } = await diagnoseFleet(
    {
      configuration: parseFleetConfiguration({ clusters: [], discovery: [tagged], regions }, "test"),
      clusters: {
        open: () => Promise.reject(new Error("no cluster")),
        discover: async () => [],
        close: async () => {},
      },
      zones: {
        open: async (zone) => portOf(zone.kind === "azure" ? zone.resourceGroup : ""),
        close: async () => {},
      },
      clock: systemClock,
      progress: { stage: () => {}, step: () => {} },
    },
    { of: "fleet", notes: [] },
  );
  return findings.map(lineOf);
}

const lineOf = ({ region, code, severity, names }: Finding): string =>
  [region, code, severity, ...names.map((name) => name.slice(ZONES.length + 1))].join(" ");

const changes = "A/delete A/write AAAA/delete AAAA/write CNAME/delete TXT/delete TXT/write";

describe("doctor on roles of zones", () => {
  it("finds nothing where Reader observes and the contributor writes, and changes nothing", async () => {
    server.assign({ at: neu, permissions: [{ actions: ["*/read"] }] });
    const actions = ["Microsoft.Authorization/*/read", "microsoft.network/privatednszones/*"];
    server.assign({ at: weu, permissions: [{ actions }] });
    expect(await roles()).toEqual([]);
    expect(server.log().filter(({ method, change }) => method !== "GET" || change !== undefined)).toEqual([]);
  });

  it("foretells with the same role what the zone refuses afterwards", async () => {
    server.assign({ at: weu, permissions: [{ actions: ["*/read"] }, { actions: [`${ZONES}/TXT/*`] }] });
    expect(await roles()).toEqual([`weu ZoneRoleMissing critical ${changes.replace(" TXT/delete TXT/write", "")}`]);
    const write = { name: `gw.${ZONE}`, ttlSeconds: 30, metadata: {}, expected: "absent" } as const;
    const signal = AbortSignal.timeout(20_000);
    await expect(portOf("rg-weu").put({ ...write, type: "A", values: ["10.0.0.1"] }, signal)).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await portOf("rg-weu").put({ ...write, type: "TXT", values: ["x"] }, signal);
    expect(weu.recordSets().map(({ type }) => type)).toEqual(["TXT"]);
  });

  it("sees what was taken away again, for its own identity and zone alone", async () => {
    server.deny({ caller: "somebody", verbs: ["read", "write", "delete"] });
    const allow = server.deny({ caller: "app", at: weu, verbs: ["write", "delete"] });
    expect(await roles()).toEqual([`weu ZoneRoleMissing critical ${changes}`]);
    allow();
    expect(await roles()).toEqual([]);
  });

  it("names the reads that are missing where a zone refuses its listing", async () => {
    server.deny({ at: neu, verbs: ["read"] });
    const reads = "A/read AAAA/read ALL/read CNAME/read TXT/read read";
    expect(await roles()).toEqual([`neu ZoneRoleMissing warning ${reads}`]);
  });

  it("knows nothing of a role where it may not ask, and says of the others what it knows", async () => {
    server.fault({ kinds: ["permissions"], at: weu, effect: { kind: "status", status: 403, by: "gateway" } });
    server.assign({ at: neu, permissions: [{ actions: ["*"], notActions: [`${ZONES}/cname/READ`] }] });
    expect(await roles()).toEqual(["neu ZoneRoleMissing warning CNAME/read", "weu ZoneRoleUnknown info"]);
  });

  it("says both where there is no role at all", async () => {
    server.deny({ at: neu });
    expect(await roles()).toEqual(["neu ZoneRoleMissing warning", "neu ZoneRoleUnknown info"]);
  });
});
