import { describe, expect, it } from "vitest";
import { carryOutZoneChanges } from "../../../shared/app/carry-out-zone-changes.ts";
import { planMigration } from "../../../shared/app/plan-migration.ts";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { ClusterUnreachableError } from "../../../shared/errors.ts";
import { profile, seedProfile } from "../../support/builders/external-dns.ts";
import { hostOf, putRoute } from "./given-fleet.ts";
import {
  applyUntilSettled,
  clusterNames,
  commandsOf,
  editCluster,
  editRegion,
  externalDnsPass,
  givenOperator,
  look,
  operatorPass,
  runOperator,
  setFlags,
  statesOf,
  taskAbout,
  tasksOf,
  uninstallOperator,
  type GivenOperator,
} from "./given-operator.ts";

const regions = ["weu", "neu"] as const;

/** Every instance, with other flags. */
function everywhere(given: GivenOperator, policy: string, prefixOf?: (cluster: string) => string): void {
  for (const cluster of clusterNames) {
    for (const region of regions) {
      const prefix = prefixOf?.(cluster) ?? profile(region)["txt-prefix"];
      setFlags(given, cluster, region, { ...profile(region), policy, "txt-prefix": prefix ?? "" });
    }
  }
}

async function copyOwnership(given: GivenOperator, region: string): Promise<void> {
  const request = { task: "copy-ownership", region } as const;
  const { digest } = await planZoneChanges(given.ports, request);
  const person = { name: "robin", verified: false };
  const run = await carryOutZoneChanges(given.ports, {
    ...request,
    digest,
    person,
    reason: "migration",
    waitForLeaseMs: 0,
  });
  expect(run).toMatchObject({ kind: "ran", ended: { kind: "complete" } });
}

const perCluster = (cluster: string): string => `${cluster}-p-aks-`;

describe("planMigration", () => {
  it("walks a fleet from the operator to the end: each step done shows the next", async () => {
    const given = givenOperator();
    runOperator(given, "w1", 1, ["--default-router-gateway-namespace=gateways"]);
    const leftover = "shop/gone-external-dns-weu";
    const labels = { "app.kubernetes.io/managed-by": "service-router-operator", "router.io/region": "weu" };
    const spec = {
      endpoints: [{ dnsName: "gone-ns-p-w1-shop.example.com", recordType: "CNAME", targets: ["x.example.com"] }],
    };
    const metadata = { namespace: "shop", name: "gone-external-dns-weu", labels };
    const object = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint", metadata, spec };
    given.server("w1").put("DNSEndpoint", object, "manager");

    let seen = await look(given);
    expect(statesOf(seen)).toBe("1 next, 2 next, 3 waits, 4 waits, 5 waits, 6 waits");
    expect(tasksOf(seen, "external-dns").map(({ cluster, what }) => `${cluster} ${what}`)).toEqual(
      clusterNames.flatMap((cluster) =>
        [...regions]
          .sort()
          .map((region) =>
            expect.stringMatching(new RegExp(`^${cluster} Deployment external-dns/external-dns-${region}: Sync`)),
          ),
      ),
    );
    expect(commandsOf(seen)).toContain("kubectl --context w1 -n external-dns edit deployment external-dns-weu");
    expect(taskAbout(seen, "observe", "w1")).toMatchObject({
      state: "next",
      todo: [{ say: "in fleet.yaml, cluster w1: gatewayNamespace: gateways" }],
    });
    expect(taskAbout(seen, "ownership", "weu")?.waitsFor).toMatch(/^step 1 in w1, n1/);

    // 1 and 2: upsert-only, and the operator's own namespace after all.
    everywhere(given, "upsert-only", perCluster);
    runOperator(given, "w1", 1);
    seen = await look(given);
    expect(statesOf(seen)).toBe("1 done, 2 done, 3 next, 4 next, 5 waits, 6 waits");

    // 4: one object that nothing wants; everything else is intended.
    const differences = taskAbout(seen, "differences", "w1");
    expect(differences?.groups.filter(({ isIntended }) => isIntended === false)).toEqual([
      { what: "objects deleted, because nothing wants them", isIntended: false, names: [`DNSEndpoint ${leftover}`] },
    ]);
    expect(commandsOf(seen)).toContain(
      "kubectl --context w1 -n shop delete dnsendpoints.externaldns.k8s.io gone-external-dns-weu",
    );
    given.server("w1").delete("DNSEndpoint", leftover, { writer: { manager: "kubectl" } });
    seen = await look(given);
    expect(statesOf(seen)).toBe("1 done, 2 done, 3 next, 4 done, 5 waits, 6 waits");

    // 3: copy, re-flag, and copy what was made in between.
    expect(taskAbout(seen, "ownership", "weu")?.groups[0]?.names).toContain(`CNAME ${hostOf("w1", "cart")}`);
    expect(commandsOf(seen)).toContain("service-router dns copy-ownership --region weu");
    for (const region of regions) {
      editRegion(given, region, { zoneWrites: "apply" });
      await copyOwnership(given, region);
    }
    seen = await look(given);
    expect(taskAbout(seen, "ownership", "weu")).toMatchObject({
      state: "next",
      what: "2 instances with another owner or prefix than fleet.yaml",
    });
    expect(taskAbout(seen, "ownership", "weu")?.todo[0]?.say).toContain("'--txt-prefix=_xdns-%{record_type}.'");
    putRoute(given.server("w1"), "created-meanwhile");
    operatorPass(given, "w1");
    externalDnsPass(given);
    everywhere(given, "upsert-only");
    seen = await look(given);
    expect(taskAbout(seen, "ownership", "weu")).toMatchObject({
      what: "1 record owned under another prefix alone",
      groups: [{ names: [`CNAME ${hostOf("w1", "created-meanwhile")}`] }],
    });
    await copyOwnership(given, "weu");
    seen = await look(given);
    expect(statesOf(seen)).toBe("1 done, 2 done, 3 done, 4 done, 5 next, 6 waits");

    // 5: one cluster after the other.
    for (const cluster of clusterNames) {
      expect(taskAbout(seen, "take-over", cluster)?.todo[0]?.say).toContain("Helm release router");
      expect(commandsOf(seen)).toContain(
        `kubectl --context ${cluster} -n service-router-system scale deployment service-router-operator-controller-manager --replicas=0`,
      );
      if (cluster === "w1") expect(taskAbout(seen, "take-over", "n1")?.waitsFor).toContain("w1");
      runOperator(given, cluster, 0);
      seen = await look(given);
      expect(commandsOf(seen)).toContain(`service-router apply --cluster ${cluster} --wait`);
      editCluster(given, cluster, { writes: "apply" });
      seen = await look(given);
      expect(taskAbout(seen, "take-over", cluster)?.what).toMatch(/^written to; \d+ changes due$/);
      await applyUntilSettled(given, cluster);
      seen = await look(given);
      expect(taskAbout(seen, "take-over", cluster)?.state).toBe("done");
    }
    expect(statesOf(seen)).toBe("1 done, 2 done, 3 done, 4 done, 5 done, 6 next");
    expect(seen.clusters).toMatchObject([
      { cluster: "n1", operator: "stopped", takenOver: true, notAdopted: { dnsEndpoints: 0, istioGateways: 0 } },
      { cluster: "w1", operator: "stopped", takenOver: true, notAdopted: { dnsEndpoints: 0, istioGateways: 0 } },
    ]);

    // 6: what is left of the operator.
    expect(taskAbout(seen, "finish", "weu")).toMatchObject({
      state: "done",
      what: expect.stringContaining("all verified"),
    });
    expect(commandsOf(seen)).toContain("helm --kube-context n1 uninstall router -n service-router-system");
    for (const cluster of clusterNames) uninstallOperator(given, cluster);
    seen = await look(given);
    expect(statesOf(seen)).toBe("1 done, 2 done, 3 done, 4 done, 5 done, 6 done");
    expect(commandsOf(seen)).toEqual([]);
  });

  it("writes nothing anywhere, and lists every kind of a cluster once", async () => {
    const given = givenOperator();
    const lists: string[] = [];
    given.faults.list = (cluster, kind) => void lists.push(`${cluster} ${kind}`);
    let zoneLists = 0;
    given.zone("weu").faults.list = () => void (zoneLists += 1);
    const before = clusterNames.map((name) => given.server(name).stored("DNSEndpoint"));
    const records = given.zone("weu").recordSets();
    await look(given);
    expect(given.journal).toEqual([]);
    expect(clusterNames.map((name) => given.server(name).stored("DNSEndpoint"))).toEqual(before);
    expect(given.zone("weu").recordSets()).toEqual(records);
    expect([...lists].sort()).toEqual([...new Set(lists)].sort());
    expect(zoneLists).toBe(1);
  });

  it("says the same twice", async () => {
    const given = givenOperator();
    const { steps, clusters } = await look(given);
    expect(await look(given)).toMatchObject({ steps, clusters });
  });

  it("joins no prefix while two clusters lead a name to different gateways: the take-over comes first", async () => {
    const given = givenOperator();
    everywhere(given, "upsert-only", perCluster);
    // The same host in both, and n1 publishes into weu, too.
    const host = { environment: "prod" };
    for (const cluster of clusterNames) putRoute(given.server(cluster), "shared", host);
    const labels = { "app.kubernetes.io/managed-by": "service-router-operator", "router.io/region": "weu" };
    for (const cluster of clusterNames) {
      const record = {
        dnsName: "shared-ns-p-prod-shop.example.com",
        recordType: "CNAME",
        targets: [`${cluster}.example.com`],
      };
      const metadata = { namespace: "shop", name: "shared-external-dns-weu", labels };
      const body = {
        apiVersion: "externaldns.k8s.io/v1alpha1",
        kind: "DNSEndpoint",
        metadata,
        spec: { endpoints: [record] },
      };
      given.server(cluster).put("DNSEndpoint", body, "manager");
    }
    externalDnsPass(given);
    const seen = await look(given);
    expect(taskAbout(seen, "ownership", "weu")).toMatchObject({
      state: "waits",
      waitsFor: expect.stringMatching(/^step 5 in w1, n1: 1 name \(shared-ns-p-prod-shop\.example\.com\)/),
    });
    expect(taskAbout(seen, "ownership", "neu")?.state).toBe("next");
    // Step 5 waits for the other region, never for this one.
    expect(taskAbout(seen, "take-over", "w1")?.waitsFor).toBe("step 3: neu");
  });

  it("names a cluster that cannot be read, and lets everything wait that needs it", async () => {
    const given = givenOperator();
    everywhere(given, "upsert-only", perCluster);
    given.faults.list = (cluster) => {
      if (cluster === "n1") throw new ClusterUnreachableError("n1", "connect ETIMEDOUT");
    };
    const seen = await look(given);
    expect(statesOf(seen)).toBe("1 waits, 2 next, 3 waits, 4 waits, 5 waits, 6 waits");
    expect(taskAbout(seen, "observe", "n1")).toMatchObject({
      state: "next",
      what: expect.stringContaining("ETIMEDOUT"),
    });
    expect(taskAbout(seen, "ownership", "weu")?.waitsFor).toContain("n1 read completely");
    expect(taskAbout(seen, "differences", "n1")).toMatchObject({ state: "waits", waitsFor: "step 2: n1" });
  });

  it("compares the Helm values with the Deployment and with fleet.yaml", async () => {
    const given = givenOperator();
    const values = { files: ["values.yaml"], gatewayNamespace: "gateways", replicasKey: "replicaCount" } as const;
    const look1 = tasksOf(await look(given, values), "observe").filter(({ state }) => state === "look");
    expect(look1.map(({ what }) => what)).toEqual([
      "values.yaml: the values say gateways for Gateways of routes that name no namespace, the Deployment says istio-system",
      "values.yaml: the values say gateways for Gateways of routes that name no namespace, the Deployment says istio-system",
    ]);
    for (const cluster of clusterNames) uninstallOperator(given, cluster);
    const seen = await look(given, values);
    expect(taskAbout(seen, "observe", "w1")?.todo[0]?.say).toBe(
      "in fleet.yaml, cluster w1: gatewayNamespace: gateways",
    );
  });

  it("names gateways that records lead to and no cluster of fleet.yaml has", async () => {
    const given = givenOperator();
    const host = "cart-ns-p-w9-shop.example.com";
    given
      .zone("weu")
      .put({ name: host, type: "CNAME", ttlSeconds: 300, values: ["w9-weu-internal.example.com"], metadata: {} });
    const looks = tasksOf(await look(given), "observe").filter(({ state }) => state === "look");
    expect(looks).toMatchObject([{ region: "weu", groups: [{ names: ["w9-weu-internal.example.com (1 record)"] }] }]);
  });

  it("finds a standby without replicas that still runs sync", async () => {
    const given = givenOperator();
    everywhere(given, "upsert-only", perCluster);
    setFlags(given, "n1", "weu", seedProfile("weu", "n1-p-aks-"), 0);
    const seen = await look(given);
    expect(tasksOf(seen, "external-dns").filter(({ state }) => state === "next")).toMatchObject([
      { cluster: "n1", what: expect.stringContaining("external-dns/external-dns-weu") },
    ]);
    expect(taskAbout(seen, "ownership", "weu")?.waitsFor).toContain("step 1 in n1");
  });

  it("ends with the reason of its signal", async () => {
    const given = givenOperator();
    const stop = new AbortController();
    const reason = new Error("Ctrl-C");
    given.faults.list = () => stop.abort(reason);
    await expect(planMigration(given.ports, { signal: stop.signal })).rejects.toBe(reason);
  });
});
