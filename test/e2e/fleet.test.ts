/**
 * Two regions, three clusters, six ExternalDNS of two versions: what teams write becomes answers in every zone, a name changes
 * its publisher without a failed question, and what goes wrong with a record is named by the next pass.
 * The tests build on each other, as the days of a fleet do.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PassReport } from "../../shared/model/report.ts";
import { BUILD_TIMEOUT_MS, buildExternalDns } from "../support/components/external-dns.ts";
import { remove } from "../support/components/test-cluster.ts";
import { dnsEndpoint, messageIn, ours, statusIn } from "../support/fleet/cluster-picture.ts";
import {
  type DnsFleet,
  isSettled,
  ownerOf,
  readingsOf,
  startDnsFleet,
  troublesIn,
} from "../support/fleet/dns-fleet.ts";
import { applyAll, hostOf, policy, route } from "../support/fleet/fleet-objects.ts";
import { failuresOf } from "../support/fleet/pass-outcomes.ts";

let dns: DnsFleet;

beforeAll(buildExternalDns, BUILD_TIMEOUT_MS);
beforeAll(async () => {
  dns = await startDnsFleet({
    clusters: [
      { name: "w1", region: "weu", cluster: "aks01", address: "10.1.0.10", version: "0.20" },
      { name: "w2", region: "weu", cluster: "aks02", address: "10.2.0.10", version: "0.22" },
      { name: "n1", region: "neu", cluster: "aks01", address: "10.3.0.10", version: "0.22" },
    ],
  });
});
afterAll(() => dns?.close());

const [cart, web, archive] = [hostOf("shop", "cart"), hostOf("shop", "web"), hostOf("reports", "archive")];
const gateways = ["aks01-weu", "aks02-weu", "aks01-neu"].map((name) => `${name}-external.example.com`);
/** In the zone, relative to it. */
const webRecord = { name: "web-ns-p-prod-shop", type: "CNAME" } as const;
const webOwnership = { name: "_xdns-cname.web-ns-p-prod-shop", type: "TXT" } as const;

const conditionsOf = async (cluster: string, key: string): Promise<Readonly<Record<string, string>>> =>
  (await statusIn(dns.server(cluster), "ServiceRoute", key)).conditions;

const answersIn = async (region: string, ...names: readonly string[]): Promise<readonly string[]> =>
  await Promise.all(names.map((name) => dns.answer(region, name)));

/** One pass, which has to name exactly this. */
async function passThatNames(...troubles: readonly string[]): Promise<PassReport> {
  const report = await dns.apply();
  expect(troublesIn(report)).toEqual(troubles);
  expect(troublesIn(await dns.status())).toEqual(troubles);
  expect(failuresOf(report)).toEqual([]);
  return report;
}

describe("a new fleet", () => {
  it("answers every name right in every zone, and says so in every status", async () => {
    await applyAll(dns.server("w1"), policy("shop"), route("shop", "cart"), route("shop", "web"));
    await applyAll(dns.server("w2"), policy("shop"), route("shop", "cart"));
    await applyAll(dns.server("n1"), policy("shop"), route("shop", "cart"));
    const bound = policy("reports", { mode: "RegionBound", sourceRegion: "neu" });
    await applyAll(dns.server("n1"), bound, route("reports", "archive"));

    const report = await dns.until("every name is verified", isSettled);
    expect(readingsOf(report)).toEqual({ neu: "5 verified", weu: "6 verified" });
    expect(await answersIn("weu", cart, web, archive)).toEqual(["10.1.0.10", "10.1.0.10", "10.3.0.10"]);
    expect(await answersIn("neu", cart, web, archive)).toEqual(["10.3.0.10", "ENOTFOUND", "10.3.0.10"]);
    for (const region of ["weu", "neu"]) {
      expect(await answersIn(region, ...gateways)).toEqual(["10.1.0.10", "10.2.0.10", "10.3.0.10"]);
    }
    expect(await conditionsOf("w1", "shop/cart")).toMatchObject({
      Published: "True ReconciliationSucceeded",
      DNSVerified: "True Verified",
    });
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({ DNSVerified: "True Verified" });
    expect(await conditionsOf("n1", "reports/archive")).toMatchObject({ DNSVerified: "True Verified" });
    expect(await conditionsOf("w2", "shop/cart")).toMatchObject({
      Ready: "True ReconciliationSucceeded",
      Published: "False Standby",
    });
    const { conditions } = await statusIn(dns.server("w2"), "Gateway", "istio-system/public");
    expect(conditions).toMatchObject({ DNSVerified: "True Verified" });
  });

  it("is left alone once it is right: nobody writes to a zone or a cluster any more", async () => {
    await dns.externalDns("w1", "weu").passed();
    const index = dns.azure.log().length;
    const report = await dns.apply();
    await Promise.all(["w1", "w2", "n1"].map((name) => dns.externalDns(name, "weu").passed()));
    expect(report.results).toEqual([]);
    expect(report.statuses).toEqual([]);
    expect(
      dns.azure
        .log()
        .slice(index)
        .filter(({ change }) => change !== undefined),
    ).toEqual([]);
  });
});

describe("a publisher that goes", () => {
  it("leaves its name to the standby of its region without one failed question or wrong answer", async () => {
    const watches = await Promise.all(["weu", "neu"].map((region) => dns.watch(region, cart)));
    await remove(dns.server("w1"), ours("ServiceRoute", "shop/cart"));
    await dns.until(
      "w2 serves the name",
      async (report) => isSettled(report) && (await dns.answer("weu", cart)) === "10.2.0.10",
    );
    const [inWeu, inNeu] = watches;
    expect(inWeu?.flips()).toEqual(["10.1.0.10", "10.2.0.10"]);
    expect(inNeu?.flips()).toEqual(["10.3.0.10"]);
    expect(watches.flatMap((watch) => watch.failures())).toEqual([]);
    expect(await conditionsOf("w2", "shop/cart")).toMatchObject({
      Published: "True ReconciliationSucceeded",
      DNSVerified: "True Verified",
    });
  });

  it("gets it back in the same way when it returns", async () => {
    const watch = await dns.watch("weu", cart);
    await applyAll(dns.server("w1"), route("shop", "cart"));
    await dns.until(
      "w1 serves the name",
      async (report) => isSettled(report) && (await dns.answer("weu", cart)) === "10.1.0.10",
    );
    expect(watch.flips()).toEqual(["10.2.0.10", "10.1.0.10"]);
    expect(watch.failures()).toEqual([]);
  });
});

describe("the next pass", () => {
  const verifiedAgain = async (): Promise<void> => {
    await dns.until("everything is verified again", isSettled);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({
      Published: "True ReconciliationSucceeded",
      DNSVerified: "True Verified",
    });
    expect(await dns.answer("weu", web)).toBe("10.1.0.10");
  };

  it("names a record that somebody changed by hand while ExternalDNS hangs, and sees it mended when that wakes", async () => {
    dns.externalDns("w1", "weu").freeze();
    dns.zone("weu").putDirect({ ...webRecord, values: ["aks01-neu-external.example.com"] });
    await passThatNames(`weu ${web} CNAME wrong-target refused`);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({ DNSVerified: "False WrongTarget" });
    expect(await messageIn(dns.server("w1"), "ServiceRoute", "shop/web", "DNSVerified")).toContain(
      "aks01-neu-external.example.com",
    );
    dns.externalDns("w1", "weu").thaw();
    await verifiedAgain();
  });

  it("names a record of another type, which ExternalDNS can never replace", async () => {
    const { values } = dns.zone("weu").get(webRecord) ?? { values: [] };
    dns.zone("weu").deleteDirect(webRecord);
    dns.zone("weu").putDirect({ name: webRecord.name, type: "A", values: ["10.9.9.9"] });
    await passThatNames(`weu ${web} CNAME wrong-target refused`);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({ DNSVerified: "False WrongTarget" });
    await dns.externalDns("w1", "weu").passed(2);
    expect(await dns.answer("weu", web)).toBe("10.9.9.9");
    dns.zone("weu").deleteDirect({ name: webRecord.name, type: "A" });
    dns.zone("weu").putDirect({ ...webRecord, values });
    await verifiedAgain();
  });

  it("names a record that disappeared while ExternalDNS hangs", async () => {
    dns.externalDns("w1", "weu").freeze();
    dns.zone("weu").deleteDirect(webRecord);
    await passThatNames(`weu ${web} CNAME missing refused`);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({ DNSVerified: "False RecordMissing" });
    dns.externalDns("w1", "weu").thaw();
    await verifiedAgain();
  });

  it("names a foreign owner, whose record ExternalDNS leaves alone for ever", async () => {
    const [value = ""] = dns.zone("weu").get(webOwnership)?.values ?? [];
    dns.zone("weu").putDirect({ ...webOwnership, values: [value.replace(ownerOf("weu"), "somebody-else")] });
    await passThatNames(`weu ${web} CNAME foreign-owner`);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({
      Published: "False ForeignOwner",
      DNSVerified: "False ForeignOwner",
    });
    expect(await messageIn(dns.server("w1"), "ServiceRoute", "shop/web", "DNSVerified")).toContain("somebody-else");
    await dns.externalDns("w1", "weu").passed(2);
    await passThatNames(`weu ${web} CNAME foreign-owner`);
    dns.zone("weu").putDirect({ ...webOwnership, values: [value] });
    await verifiedAgain();
  });

  it("names an orphan, which ExternalDNS never touches again", async () => {
    const values = dns.zone("weu").get(webOwnership)?.values ?? [];
    dns.zone("weu").deleteDirect(webOwnership);
    await passThatNames(`weu ${web} CNAME orphan`);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({ DNSVerified: "False Orphan" });
    await dns.externalDns("w1", "weu").passed(2);
    await passThatNames(`weu ${web} CNAME orphan`);
    dns.zone("weu").putDirect({ ...webOwnership, values });
    await verifiedAgain();
  });

  it("names both writers of a name that flaps, while both ExternalDNS write it in turn", async () => {
    const watch = await dns.watch("weu", web);
    const endpoints = [
      { dnsName: web, recordType: "CNAME", targets: ["aks02-weu-external.example.com"], recordTTL: 300 },
    ];
    const rival = dnsEndpoint("rival/web");
    await applyAll(dns.server("w2"), {
      apiVersion: rival.apiVersion,
      kind: rival.kind,
      metadata: { namespace: "rival", name: "web", labels: { "router.io/region": "weu" } },
      spec: { endpoints },
    });
    await passThatNames(`weu ${web} CNAME flapping overwritten`);
    expect(await conditionsOf("w1", "shop/web")).toMatchObject({
      Published: "False Contended",
      DNSVerified: "False Flapping",
    });
    const message = await messageIn(dns.server("w1"), "ServiceRoute", "shop/web", "DNSVerified");
    expect(message).toMatch(/shop\/web-external-dns-weu of cluster w1.*rival\/web of cluster w2/);
    await expect.poll(() => watch.flips().length, { timeout: 30_000 }).toBeGreaterThan(3);
    expect(watch.failures()).toEqual([]);
    await remove(dns.server("w2"), rival);
    await verifiedAgain();
  });
});
