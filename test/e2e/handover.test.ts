/**
 * Names that change their publisher, seen from where clients are: in the zone, over several passes, with real ExternalDNS of both
 * versions on either side. Two of three regions have clusters, the third is adopted.
 * The tests build on each other, as the days of a fleet do.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PassReport } from "../../shared/model/report.ts";
import { BUILD_TIMEOUT_MS, buildExternalDns } from "../support/components/external-dns.ts";
import { applyObject, remove } from "../support/components/test-cluster.ts";
import { ours, recordsIn, statusIn } from "../support/fleet/cluster-picture.ts";
import { type DnsFleet, garbageIn, isSettled, readingsOf, startDnsFleet } from "../support/fleet/dns-fleet.ts";
import { applyAll, hostOf, identity, policy, route } from "../support/fleet/fleet-objects.ts";
import { standingsOf } from "../support/fleet/pass-outcomes.ts";

let dns: DnsFleet;

beforeAll(buildExternalDns, BUILD_TIMEOUT_MS);
beforeAll(async () => {
  dns = await startDnsFleet({
    regions: ["weu", "neu", "frc"],
    clusters: [
      { name: "w1", region: "weu", cluster: "aks01", address: "10.1.0.10", version: "0.20", regions: ["weu"] },
      { name: "w2", region: "weu", cluster: "aks02", address: "10.2.0.10", version: "0.22", regions: ["weu", "frc"] },
      { name: "n1", region: "neu", cluster: "aks01", address: "10.3.0.10", version: "0.20", regions: ["neu", "frc"] },
    ],
  });
  const both = [policy("shop"), route("shop", "cart"), route("shop", "web")];
  await applyAll(dns.server("w1"), ...both, route("shop", "only-w1"));
  await applyAll(dns.server("w2"), ...both);
  await applyAll(dns.server("n1"), ...both);
  await dns.until("every name is verified", isSettled);
});
afterAll(() => dns?.close());

const [cart, web] = [hostOf("shop", "cart"), hostOf("shop", "web")];

const publishedByW2 = `weu ${web} CNAME aks02-weu-external.example.com 300 (shop/web-external-dns-weu)`;

const conditionsOf = async (cluster: string, key: string): Promise<Readonly<Record<string, string>>> =>
  (await statusIn(dns.server(cluster), "ServiceRoute", key)).conditions;

const isServed =
  (region: string, name: string, address: string) =>
  async (report: PassReport): Promise<boolean> =>
    isSettled(report) && (await dns.answer(region, name)) === address;

describe("a region without clusters", () => {
  it("is served by the cluster that adopts it, names and gateway alike", async () => {
    expect(await dns.answer("frc", cart)).toBe("ENOTFOUND");
    await applyObject(dns.server("n1"), identity("neu", "aks01", { adoptsRegions: ["frc"] }));
    const report = await dns.until("frc is served by n1", isServed("frc", cart, "10.3.0.10"));
    expect(readingsOf(report)).toEqual({ frc: "4 verified", neu: "3 verified", weu: "5 verified" });
    expect(await dns.answer("frc", web)).toBe("10.3.0.10");
  });

  it("stays with its adopter while another one asks, and moves without a gap when the first stops asking", async () => {
    await applyObject(dns.server("w2"), identity("weu", "aks02", { adoptsRegions: ["frc"] }));
    await dns.apply();
    const asked = await statusIn(dns.server("w2"), "ClusterIdentity", "cluster-identity");
    expect(asked.conditions).toMatchObject({ AdoptedRegionsValid: "False Standby" });
    const watches = await Promise.all([cart, web].map((name) => dns.watch("frc", name)));
    await applyObject(dns.server("n1"), identity("neu", "aks01"));
    await dns.until("frc is served by w2", isServed("frc", web, "10.2.0.10"));
    expect(watches.map((watch) => watch.flips())).toEqual([
      ["10.3.0.10", "10.2.0.10"],
      ["10.3.0.10", "10.2.0.10"],
    ]);
    expect(watches.flatMap((watch) => watch.failures())).toEqual([]);
    expect(await dns.answer("neu", cart)).toBe("10.3.0.10");
  });
});

describe("a publisher that goes while Resource Manager is away", () => {
  it("hands over in the clusters; the zone follows when it can, and nobody claims before that it has", async () => {
    const watch = await dns.watch("weu", web);
    await dns.azure.startOutage();
    await remove(dns.server("w1"), ours("ServiceRoute", "shop/web"));
    await dns.until("w2 publishes", async () => (await recordsIn(dns.server("w2"))).includes(publishedByW2));
    expect(await conditionsOf("w2", "shop/web")).toMatchObject({
      Published: "True ReconciliationSucceeded",
      DNSVerified: "Unknown ZoneNotRead",
    });
    expect(await dns.answer("weu", web)).toBe("10.1.0.10");
    await dns.azure.endOutage();
    await dns.until("w2 serves the name", isServed("weu", web, "10.2.0.10"));
    expect(await conditionsOf("w2", "shop/web")).toMatchObject({ DNSVerified: "True Verified" });
    expect(watch.flips()).toEqual(["10.1.0.10", "10.2.0.10"]);
    expect(watch.failures()).toEqual([]);
  });
});

describe("a cluster that retires", () => {
  it("leaves what others have to them without a gap, and what nobody has as it was, named as garbage", async () => {
    const onlyThere = hostOf("shop", "only-w1");
    const watches = await Promise.all([cart, onlyThere].map((name) => dns.watch("weu", name)));
    await dns.configure({ clusters: { w1: { writes: "retiring" } } });
    const report = await dns.until("w2 serves the name", isServed("weu", cart, "10.2.0.10"));
    expect(await recordsIn(dns.server("w1"))).toEqual([]);
    expect(watches.map((watch) => watch.flips())).toEqual([["10.1.0.10", "10.2.0.10"], ["10.1.0.10"]]);
    expect(watches.flatMap((watch) => watch.failures())).toEqual([]);
    expect(garbageIn(report)).toEqual({ frc: "0 found, 0 due", neu: "0 found, 0 due", weu: "2 found, 0 due" });
  });

  it("may be switched off then: nothing is missing but itself", async () => {
    const names = [cart, web, hostOf("shop", "only-w1")];
    const before = await Promise.all(names.map((name) => dns.answer("weu", name)));
    const zone = dns.zone("weu").recordSets();
    await Promise.all([dns.externalDns("w1", "weu").stop(), dns.server("w1").kill()]);
    const report = await dns.apply();
    expect(standingsOf(report)).toEqual({ n1: "complete allowed", w1: "frozen NotRead", w2: "complete allowed" });
    expect([report.results, report.plan.changes, report.plan.held]).toEqual([[], [], []]);
    expect(readingsOf(report)).toEqual({ frc: "4 verified", neu: "3 verified", weu: "3 verified" });
    expect(dns.zone("weu").recordSets()).toEqual(zone);
    expect(before).toEqual(["10.2.0.10", "10.2.0.10", "10.1.0.10"]);
    expect(await Promise.all(names.map((name) => dns.answer("weu", name)))).toEqual(before);
  });
});
