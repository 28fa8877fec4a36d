/**
 * What Azure does when it is not well, with real ExternalDNS on the other side: throttled, half readable, forbidden, away. Nothing
 * is deleted, nothing is claimed, statuses keep their word, and everything comes back by itself.
 * The tests build on each other, as the days of a fleet do.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PassReport } from "../../shared/model/report.ts";
import { BUILD_TIMEOUT_MS, buildExternalDns } from "../support/components/external-dns.ts";
import { remove } from "../support/components/test-cluster.ts";
import { ours, statusIn, versionsIn } from "../support/fleet/cluster-picture.ts";
import {
  APP_CALLER,
  type DnsFleet,
  garbageIn,
  isSettled,
  readingsOf,
  startDnsFleet,
  troublesIn,
} from "../support/fleet/dns-fleet.ts";
import { applyAll, hostOf, policy, route } from "../support/fleet/fleet-objects.ts";
import { failuresOf, outcomesOf } from "../support/fleet/pass-outcomes.ts";
import type { NameWatch } from "../support/private-dns/name-watch.ts";
import type { Fault } from "../support/private-dns/private-dns-server.ts";

const MINUTE_MS = 60_000;

let dns: DnsFleet;
/** Of the zone server, whose limits count per minute: it stands still unless a test moves it. */
let clockMs = Date.now();
let watches: readonly NameWatch[];

beforeAll(buildExternalDns, BUILD_TIMEOUT_MS);
beforeAll(async () => {
  dns = await startDnsFleet({
    nowMs: () => clockMs,
    // More than one page, as a zone of more than 100 record sets.
    pageSize: 5,
    clusters: [
      { name: "w1", region: "weu", cluster: "aks01", address: "10.1.0.10", version: "0.20" },
      { name: "n1", region: "neu", cluster: "aks01", address: "10.3.0.10", version: "0.22" },
    ],
  });
  await applyAll(dns.server("w1"), policy("shop"), route("shop", "cart"), route("shop", "web"), route("shop", "old"));
  await applyAll(dns.server("n1"), policy("shop"), route("shop", "cart"), route("shop", "web"), route("shop", "old"));
  await dns.until("every name is verified", isSettled);
  watches = await Promise.all(["weu", "neu"].flatMap((region) => [cart, web].map((name) => dns.watch(region, name))));
});
afterAll(() => dns?.close());

const [cart, web, old] = [hostOf("shop", "cart"), hostOf("shop", "web"), hostOf("shop", "old")];

const verifiedOf = async (cluster: string, key: string): Promise<string | undefined> =>
  (await statusIn(dns.server(cluster), "ServiceRoute", key)).conditions["DNSVerified"];

/** Everything that this product could have written: objects of every kind, and record sets. */
const picture = async (): Promise<object> => ({
  w1: await versionsIn(dns.server("w1")),
  n1: await versionsIn(dns.server("n1")),
  weu: dns.zone("weu").recordSets(),
  neu: dns.zone("neu").recordSets(),
});

/** A pass for every minute of trouble. */
async function passesOver(minutes: number, check: (report: PassReport) => void): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    const report = await dns.apply();
    expect(report.ended).toEqual({ kind: "complete" });
    expect(failuresOf(report)).toEqual([]);
    check(report);
    dns.fleet.letTimePass(MINUTE_MS);
  }
}

function nobodyNoticed(): void {
  expect(watches.map((watch) => watch.flips())).toEqual([["10.1.0.10"], ["10.1.0.10"], ["10.3.0.10"], ["10.3.0.10"]]);
  expect(watches.flatMap((watch) => watch.failures())).toEqual([]);
}

describe("writes of ExternalDNS that Azure throttles", () => {
  const storm = ["storm-a", "storm-b", "storm-c"] as const;
  const isThere = (name: string): boolean => dns.zone("weu").exists(`${name}-ns-p-prod-shop`);
  let orphans: readonly string[] = [];

  it("leave names missing and orphans behind, and every one of them is named", async () => {
    // In this minute two creates are left, which are records: ExternalDNS writes the ownership texts after all of them.
    clockMs += MINUTE_MS;
    dns.azure.setLimits({ create: 2, retryAfterSeconds: 1 });
    await applyAll(dns.server("w1"), ...storm.map((name) => route("shop", name)));
    await dns.apply();
    const refused = (): number =>
      dns
        .externalDns("w1", "weu")
        .log()
        .match(/Failed to update TXT/g)?.length ?? 0;
    await expect.poll(refused, { timeout: 60_000 }).toBeGreaterThanOrEqual(storm.length);
    const report = await dns.apply();
    orphans = storm.filter(isThere);
    const [missing = ""] = storm.filter((name) => !isThere(name));
    const expected = storm.map(
      (name) => `weu ${hostOf("shop", name)} CNAME ${name === missing ? "missing refused" : "orphan"}`,
    );
    expect(troublesIn(report)).toEqual(expected);
    expect(troublesIn(await dns.status())).toEqual(expected);
    expect(await verifiedOf("w1", `shop/${orphans[0]}`)).toBe("False Orphan");
    expect(await verifiedOf("w1", `shop/${missing}`)).toBe("Unknown AwaitingPublication");
    dns.fleet.letTimePass(3 * MINUTE_MS);
    await dns.apply();
    expect(await verifiedOf("w1", `shop/${missing}`)).toBe("False RecordMissing");
  });

  it("are made up for by ExternalDNS afterwards; orphans stay named until a person approves their repair", async () => {
    clockMs += MINUTE_MS;
    dns.azure.setLimits({ create: 60 });
    const expected = orphans.map((name) => `weu ${hostOf("shop", name)} CNAME orphan`);
    await dns.until("what was missing is there", (report) => troublesIn(report).length === orphans.length);
    await dns.externalDns("w1", "weu").passed(2);
    expect(troublesIn(await dns.apply())).toEqual(expected);
    const { stdout } = await dns.fleet.ask("dns", "repair", "--output", "json");
    const { digest } = JSON.parse(stdout) as { readonly digest: string };
    expect(await dns.fleet.ask("dns", "repair", "--approve", digest)).toMatchObject({ code: 0 });
    await dns.until("every name is verified", isSettled);
    nobodyNoticed();
  });
});

describe("a zone that the product cannot read", () => {
  let before: object;
  beforeEach(async () => {
    await dns.until("every name is verified", isSettled);
    before = await picture();
  });

  /** While it lasts: nothing is written anywhere, by anybody. Afterwards: all is as before, by itself. */
  const isHarmless = async (readings: Readonly<Record<string, string>>): Promise<void> => {
    await passesOver(3, (report) => {
      expect(readingsOf(report)).toEqual(readings);
      expect(troublesIn(report)).toEqual([]);
      expect([report.results, report.statuses]).toEqual([[], []]);
    });
    expect(readingsOf(await dns.status())).toEqual(readings);
    expect(await picture()).toEqual(before);
  };
  const isWellAgain = async (): Promise<void> => {
    const report = await dns.apply();
    expect(readingsOf(report)).toEqual({ neu: "5 verified", weu: "8 verified" });
    expect([report.results, report.statuses]).toEqual([[], []]);
    nobodyNoticed();
  };

  it.each([
    [
      "because Azure throttles it",
      { kinds: ["list"], effect: { kind: "status", status: 429, retryAfterSeconds: 60 } },
      { neu: "not-read THROTTLED", weu: "not-read THROTTLED" },
    ],
    [
      "beyond its first page",
      { kinds: ["list"], page: 2, effect: { kind: "status", status: 500 } },
      { neu: "not-read ZONE_UNREACHABLE", weu: "not-read ZONE_UNREACHABLE" },
    ],
    [
      "because answers end in the middle",
      { kinds: ["list"], effect: { kind: "cut", when: "amid" } },
      { neu: "not-read ZONE_UNREACHABLE", weu: "not-read ZONE_UNREACHABLE" },
    ],
  ] as const satisfies readonly (readonly [string, Fault, Readonly<Record<string, string>>])[])(
    "%s, is not judged: statuses keep their word, and nothing is written",
    async (_why, fault, readings) => {
      const { off } = dns.azure.fault({ ...fault, caller: APP_CALLER });
      await isHarmless(readings);
      off();
      await isWellAgain();
    },
  );

  it("because it may not, is not judged, and the other one goes on", async () => {
    const allow = dns.azure.deny({ at: dns.zone("weu"), verbs: ["read"], caller: APP_CALLER });
    await isHarmless({ neu: "5 verified", weu: "not-read FORBIDDEN" });
    const record = { name: "old-ns-p-prod-shop", type: "CNAME" } as const;
    for (const region of ["weu", "neu"]) {
      dns.externalDns(region === "weu" ? "w1" : "n1", region).freeze();
      dns.zone(region).putDirect({ ...record, values: ["elsewhere.example.com"] });
    }
    expect(troublesIn(await dns.apply())).toEqual([`neu ${old} CNAME wrong-target refused`]);
    expect(await verifiedOf("w1", "shop/old")).toBe("True Verified");
    expect(await verifiedOf("n1", "shop/old")).toBe("False WrongTarget");
    allow();
    expect(troublesIn(await dns.apply())).toHaveLength(2);
    expect(await verifiedOf("w1", "shop/old")).toBe("False WrongTarget");
    for (const region of ["weu", "neu"]) dns.externalDns(region === "weu" ? "w1" : "n1", region).thaw();
    await dns.until("every name is verified again", isSettled);
  });
});

describe("Resource Manager that is away for ten minutes", () => {
  /** As the store remembers it: what nobody claims, by `region|name|type`. */
  const garbageMarks = (): readonly string[] => {
    const since = dns.fleet.document("since") as { readonly document: { readonly garbage: object } };
    return Object.keys(since.document.garbage);
  };
  const mark = `weu|${old}|CNAME`;
  const gone = { neu: "not-read ZONE_UNREACHABLE", weu: "not-read ZONE_UNREACHABLE" };

  it("is no reason to write, delete or claim anything: statuses and what was remembered stay", async () => {
    await remove(dns.server("w1"), ours("ServiceRoute", "shop/old"));
    await dns.until("its record is garbage", (report) => isSettled(report) && garbageMarks().length === 1);
    expect(garbageMarks()).toEqual([mark]);
    const before = await picture();
    await dns.azure.startOutage();
    for (let pass = 0; pass < 5; pass += 1) {
      const report = await dns.apply();
      expect(report.ended).toEqual({ kind: "complete" });
      expect(readingsOf(report)).toEqual(gone);
      expect([report.results, report.statuses, report.plan.waiting]).toEqual([[], [], []]);
      dns.fleet.letTimePass(2 * MINUTE_MS);
    }
    expect(await picture()).toEqual(before);
    expect(garbageMarks()).toEqual([mark]);
    expect(await dns.answer("weu", old)).toBe("10.1.0.10");
  });

  it("is no reason to stop: a new route gets its DNSEndpoint, and says that no zone was read", async () => {
    await applyAll(dns.server("w1"), route("shop", "new"));
    const report = await dns.apply();
    expect(outcomesOf(report)).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      "w1 create DNSEndpoint shop/new-external-dns-weu: done",
    ]);
    expect(await verifiedOf("w1", "shop/new")).toBe("Unknown ZoneNotRead");
    expect(await verifiedOf("w1", "shop/cart")).toBe("True Verified");
  });

  it("is over by itself, and what nobody claims is as old as it was", async () => {
    await dns.azure.endOutage();
    const report = await dns.until("every name is verified", isSettled);
    expect(await verifiedOf("w1", "shop/new")).toBe("True Verified");
    expect(await dns.answer("weu", hostOf("shop", "new"))).toBe("10.1.0.10");
    expect(garbageIn(report)).toEqual({ neu: "0 found, 0 due", weu: "1 found, 0 due" });
    dns.fleet.letTimePass(50 * MINUTE_MS);
    expect(garbageIn(await dns.apply())).toEqual({ neu: "0 found, 0 due", weu: "1 found, 1 due" });
    expect(await dns.answer("weu", old)).toBe("10.1.0.10");
    nobodyNoticed();
  });
});
