/**
 * What a person lets the product do to a zone, with two real ExternalDNS working there at the same time: garbage goes and does not
 * come back, orphans are mended, a prefix is changed. Never a moment in which a name that somebody wants fails.
 * The tests build on each other, as the days of a fleet do.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BUILD_TIMEOUT_MS, buildExternalDns } from "../support/components/external-dns.ts";
import { remove } from "../support/components/test-cluster.ts";
import { dnsEndpoint, ours, statusIn } from "../support/fleet/cluster-picture.ts";
import { APP_CALLER, type DnsFleet, isSettled, startDnsFleet, troublesIn } from "../support/fleet/dns-fleet.ts";
import { applyAll, hostOf, policy, route, setAddresses } from "../support/fleet/fleet-objects.ts";
import type { NameWatch } from "../support/private-dns/name-watch.ts";

const MORE_THAN_A_MINUTE_MS = 61_000;
const MORE_THAN_AN_HOUR_MS = 61 * 60_000;

let dns: DnsFleet;
let watches: readonly NameWatch[];

beforeAll(buildExternalDns, BUILD_TIMEOUT_MS);
beforeAll(async () => {
  dns = await startDnsFleet({
    regions: ["weu"],
    clusters: [
      { name: "w1", region: "weu", cluster: "aks01", address: "10.1.0.10", version: "0.20" },
      { name: "w2", region: "weu", cluster: "aks02", address: "10.2.0.10", version: "0.22" },
    ],
  });
  await applyAll(dns.server("w1"), policy("shop"), route("shop", "cart"), route("shop", "web"));
  await applyAll(dns.server("w2"), policy("shop"), route("shop", "cart"));
  await dns.until("every name is verified", isSettled);
  watches = await Promise.all([cart, web].map((name) => dns.watch("weu", name)));
});
afterAll(() => dns?.close());
afterEach(() => expect(watches.flatMap((watch) => watch.failures())).toEqual([]));

const [cart, web] = [hostOf("shop", "cart"), hostOf("shop", "web")];

type ZoneList = {
  readonly code: number;
  readonly digest: string;
  readonly changes: readonly { readonly id: string }[];
  readonly waiting: readonly { readonly id: string }[];
  readonly held: readonly { readonly code: string; readonly digest: string; readonly changes: readonly object[] }[];
};
type ZoneResults = {
  readonly code: number;
  readonly outcomes: readonly string[];
};

/** `service-router <command> --output json` as a list. */
async function listed(...command: readonly string[]): Promise<ZoneList> {
  const { code, stdout, stderr } = await dns.fleet.ask(...command, "--output", "json");
  if (stdout === "") throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Omit<ZoneList, "code">), code };
}

/** The command as its user runs it: a process of its own. */
async function approved(digest: string, ...command: readonly string[]): Promise<ZoneResults> {
  const { code, stdout, stderr } = await dns.fleet.command(...command, "--approve", digest, "--output", "json");
  if (stdout === "") throw new Error(stderr);
  const { results } = JSON.parse(stdout) as {
    readonly results: readonly {
      readonly change: { readonly id: string };
      readonly outcome: { readonly kind: string; readonly code?: string };
    }[];
  };
  const outcomes = results.map(({ change, outcome }) =>
    [`${change.id}: ${outcome.kind}`, ...(outcome.code === undefined ? [] : [outcome.code])].join(" "),
  );
  return { code, outcomes };
}

const idsOf = (changes: readonly { readonly id: string }[]): readonly string[] => changes.map(({ id }) => id);

/** Record sets at a name or about it: `old-ns-p-prod-shop CNAME`. */
const inZone = (name: string): readonly string[] =>
  dns
    .zone("weu")
    .recordSets()
    .filter((set) => set.name === name || set.name.endsWith(`.${name}`))
    .map((set) => `${set.name} ${set.type}`);

const changesSince = (index: number): readonly string[] =>
  dns.azure
    .log()
    .slice(index)
    .flatMap(({ caller, method, change }) => (change === undefined ? [] : [`${caller} ${method} ${change.name}`]));

/** A route that was there, is gone, and has been for more than an hour. */
async function leftBehind(name: string): Promise<string> {
  await applyAll(dns.server("w1"), route("shop", name));
  await dns.until("it is verified", isSettled);
  await remove(dns.server("w1"), ours("ServiceRoute", `shop/${name}`));
  await dns.until("it is withdrawn", isSettled);
  dns.fleet.letTimePass(MORE_THAN_AN_HOUR_MS);
  return `${name}-ns-p-prod-shop`;
}

describe("garbage", () => {
  it("is listed, waits an hour, goes with its ownership text once its digest is approved, and does not come back", async () => {
    await applyAll(dns.server("w1"), route("shop", "old"));
    await dns.until("it is verified", isSettled);
    await remove(dns.server("w1"), ours("ServiceRoute", "shop/old"));
    await dns.until("it is withdrawn", isSettled);
    const id = `weu|delete-record|CNAME ${hostOf("shop", "old")}`;
    const early = await listed("garbage");
    expect([early.code, idsOf(early.changes), idsOf(early.waiting)]).toEqual([0, [], [id]]);
    expect(await dns.answer("weu", hostOf("shop", "old"))).toBe("10.1.0.10");

    dns.fleet.letTimePass(MORE_THAN_AN_HOUR_MS);
    const { code, digest, changes } = await listed("garbage");
    expect([code, idsOf(changes)]).toEqual([2, [id]]);
    const index = dns.azure.log().length;
    const refused = await dns.fleet.ask("garbage", "--approve", "000000000000");
    expect(refused.code).toBe(1);
    expect(changesSince(index)).toEqual([]);

    expect(await approved(digest, "garbage", "--reason", "INC-4711")).toEqual({ code: 0, outcomes: [`${id}: done`] });
    expect(changesSince(index)).toEqual([
      `${APP_CALLER} DELETE old-ns-p-prod-shop`,
      `${APP_CALLER} DELETE _xdns-cname.old-ns-p-prod-shop`,
    ]);
    await Promise.all(["w1", "w2"].map((name) => dns.externalDns(name, "weu").passed(2)));
    expect(inZone("old-ns-p-prod-shop")).toEqual([]);
    expect(changesSince(index)).toHaveLength(2);
    expect(await dns.answer("weu", hostOf("shop", "old"))).toBe("ENOTFOUND");
    expect(await listed("garbage")).toMatchObject({ code: 0, changes: [], waiting: [] });
    expect(troublesIn(await dns.apply())).toEqual([]);
  });

  it("that somebody writes just before it is deleted stays, and goes when it is approved as it is now", async () => {
    const name = await leftBehind("rewritten");
    const rewrite = (): void => void dns.zone("weu").putDirect({ name, type: "CNAME", values: ["other.example.com"] });
    const fault = { kinds: ["delete"], recordName: name, times: 1 } as const;
    dns.azure.fault({ ...fault, effect: { kind: "meanwhile", run: rewrite } });
    const first = await listed("garbage");
    const stale = await approved(first.digest, "garbage");
    expect(stale.outcomes).toEqual([expect.stringMatching(/: stale STALE_OBJECT$/)]);
    expect(inZone(name)).toEqual([`_xdns-cname.${name} TXT`, `${name} CNAME`]);

    // And now Azure throttles the second half of it.
    const throttled = { kind: "status", status: 429, retryAfterSeconds: 1 } as const;
    dns.azure.fault({ kinds: ["delete"], recordType: "TXT", times: 2, effect: throttled });
    const second = await listed("garbage");
    expect(second.digest).not.toBe(first.digest);
    expect((await approved(second.digest, "garbage")).code).toBe(0);
    expect(inZone(name)).toEqual([]);
  });

  it("for which a DNSEndpoint comes back while it is deleted keeps its owner: ExternalDNS goes on with it", async () => {
    const name = await leftBehind("again");
    const host = hostOf("shop", "again");
    const late = dnsEndpoint("late/again");
    const publish = async (target: string): Promise<void> =>
      await applyAll(dns.server("w1"), {
        apiVersion: late.apiVersion,
        kind: late.kind,
        metadata: { namespace: "late", name: "again", labels: { "router.io/region": "weu" } },
        spec: { endpoints: [{ dnsName: host, recordType: "CNAME", targets: [target], recordTTL: 300 }] },
      });
    const isThere = (): boolean => dns.zone("weu").get({ name, type: "CNAME" }) !== undefined;
    const run = async (): Promise<void> => {
      await publish("aks01-weu-external.example.com");
      for (let waits = 0; waits < 400 && !isThere(); waits += 1) await delay(20);
    };
    dns.azure.fault({ kinds: ["delete"], recordType: "TXT", times: 1, effect: { kind: "meanwhile", run } });
    const { digest } = await listed("garbage");
    const { outcomes } = await approved(digest, "garbage");
    expect(outcomes).toEqual([expect.stringMatching(/: stale RECORD_RETURNED$/)]);
    await dns.externalDns("w1", "weu").passed();
    expect(inZone(name)).toEqual([`_xdns-cname.${name} TXT`, `${name} CNAME`]);
    await publish("aks02-weu-external.example.com");
    await expect.poll(() => dns.answer("weu", host), { timeout: 20_000 }).toBe("10.2.0.10");
    await remove(dns.server("w1"), late);
  });
});

describe("dns repair", () => {
  it("gives an orphan its ownership text back, and ExternalDNS follows its DNSEndpoint again", async () => {
    dns.zone("weu").deleteDirect({ name: "_xdns-cname.web-ns-p-prod-shop", type: "TXT" });
    expect(troublesIn(await dns.apply())).toEqual([`weu ${web} CNAME orphan`]);
    dns.fleet.letTimePass(MORE_THAN_A_MINUTE_MS);
    const { code, digest, changes } = await listed("dns", "repair");
    const id = `weu|write-ownership|TXT _xdns-cname.${web}`;
    expect([code, idsOf(changes)]).toEqual([2, [id]]);
    expect(await approved(digest, "dns", "repair")).toEqual({ code: 0, outcomes: [`${id}: done`] });
    await dns.until("every name is verified again", isSettled);
    await applyAll(dns.server("w1"), route("shop", "web", { ttlSeconds: 60 }));
    await dns.until("ExternalDNS writes the new TTL", () => {
      return dns.zone("weu").get({ name: "web-ns-p-prod-shop", type: "CNAME" })?.ttlSeconds === 60;
    });
    expect((await statusIn(dns.server("w1"), "ServiceRoute", "shop/web")).conditions).toMatchObject({
      DNSVerified: "True Verified",
    });
  });
});

describe("another prefix", () => {
  const txtPrefix = "_new-%{record_type}.";

  it("takes no name from its owner where the ownership texts are copied before ExternalDNS gets it", async () => {
    await dns.configure({ externalDns: { txtPrefix } });
    expect(troublesIn(await dns.apply())).toHaveLength(4);
    const { code, digest, changes } = await listed("dns", "copy-ownership");
    // And the one that nobody wants any more, of the test before.
    expect([code, changes.length]).toEqual([2, 5]);
    expect((await approved(digest, "dns", "copy-ownership")).code).toBe(0);
    await Promise.all(["w1", "w2"].map((name) => dns.externalDns(name, "weu").restart([`--txt-prefix=${txtPrefix}`])));
    await dns.until("every name is verified", isSettled);
    await setAddresses(dns.server("w1"), ["10.1.0.99"]);
    await dns.until("ExternalDNS writes the new address", async () => (await dns.answer("weu", web)) === "10.1.0.99");
  });

  it("leaves the old texts as a list of its own, and without them everything goes on", async () => {
    await dns.until("every name is verified", isSettled);
    dns.fleet.letTimePass(MORE_THAN_AN_HOUR_MS);
    const { held } = await listed("garbage");
    expect(held.map(({ code, changes }) => [code, changes.length])).toEqual([["OldOwnership", 5]]);
    expect((await approved(held[0]?.digest ?? "", "garbage")).code).toBe(0);
    expect(dns.zone("weu").exists("_xdns-cname.web-ns-p-prod-shop")).toBe(false);
    await setAddresses(dns.server("w1"), ["10.1.0.10"]);
    await dns.until("ExternalDNS writes the address", async () => (await dns.answer("weu", web)) === "10.1.0.10");
    expect(troublesIn(await dns.apply())).toEqual([]);
  });
});
