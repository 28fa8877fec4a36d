import { describe, expect, it } from "vitest";
import { holdLease } from "../../../shared/app/held-lease.ts";
import { takeSnapshot } from "../../../shared/app/take-snapshot.ts";
import { readsOf } from "../../../shared/core/compute-desired.ts";
import { ClusterUnreachableError, ForbiddenError } from "../../../shared/errors.ts";
import type { ClusterConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { Kind, Listing } from "../../../shared/model/kinds.ts";
import type { ClusterSnapshot } from "../../../shared/model/snapshot.ts";
import { gateway } from "../../sim/world/bodies.ts";
import { configuredCluster, errorOf, givenFleet, type Given } from "./given-fleet.ts";

const reads = readsOf({ serviceRouting: true });
const always = reads.filter(({ onlyWhen }) => onlyWhen === undefined).map(({ kind }) => kind);

async function read(given: Given, signal?: AbortSignal): Promise<readonly ClusterSnapshot[]> {
  const { clusters } = given.ports.configuration;
  const input = { clusters, reads, regions: [], clusterReadMs: 25_000, ...(signal === undefined ? {} : { signal }) };
  return (await takeSnapshot(given.ports, input)).clusters;
}

function codeOf(listing: Listing<unknown> | undefined): string {
  if (listing === undefined) return "not asked";
  return listing.read === "complete" ? `complete ${listing.objects.length}` : listing.code;
}

describe("takeSnapshot", () => {
  it("reads every kind of every cluster, in the order of the configuration", async () => {
    const [w1, n1] = await read(givenFleet({ routes: ["cart", "pay"] }));
    expect([w1?.cluster, n1?.cluster, w1?.istioVersion]).toEqual(["w1", "n1", "v1"]);
    expect(Object.keys(w1?.listings ?? {}).sort()).toEqual([...always].sort());
    expect([codeOf(w1?.listings.ServiceRoute), codeOf(w1?.listings.DNSEndpoint)]).toEqual(["complete 2", "complete 0"]);
  });

  it("says when it began to read, not when it ended", async () => {
    const given = givenFleet({ regions: { w1: "weu" } });
    const beganAtMs = given.clock.nowMs();
    given.faults.list = (_cluster, kind) => (kind === "Gateway" ? given.clock.advance(5_000) : undefined);
    expect((await read(given))[0]?.readAtMs).toBe(beganAtMs);
  });

  it.each([
    ["a FleetError by its code", new ForbiddenError("cluster/w1", "list ServiceRoute"), "FORBIDDEN"],
    ["anything else as unexpected", new TypeError("x is undefined"), "UNEXPECTED"],
  ])("marks a list that fails as not read, %s, and goes on with the rest", async (_what, error, code) => {
    const given = givenFleet();
    given.faults.list = (cluster, kind) => {
      if (cluster === "w1" && kind === "ServiceRoute") throw error;
    };
    const [w1, n1] = await read(given);
    expect(w1?.listings.ServiceRoute).toEqual({ read: "not-read", code, reason: error.message });
    expect([codeOf(w1?.listings.Gateway), codeOf(n1?.listings.ServiceRoute)]).toEqual(["complete 1", "complete 1"]);
  });

  it("marks every kind of a cluster that cannot be opened as not read, and reads the others", async () => {
    const given = givenFleet();
    given.faults.open = (cluster) => {
      if (cluster === "w1") throw new ClusterUnreachableError("w1", "no such context");
    };
    const [w1, n1] = await read(given);
    expect(always.map((kind) => codeOf(w1?.listings[kind]))).toEqual(always.map(() => "CLUSTER_UNREACHABLE"));
    expect(codeOf(n1?.listings.Gateway)).toBe("complete 1");
  });

  it("does not even try a cluster that is no longer configured", async () => {
    const given = givenFleet({
      configuration: { clusters: [configuredCluster("gone", { source: { kind: "missing" } })] },
    });
    const [gone] = await read(given);
    expect(new Set(always.map((kind) => codeOf(gone?.listings[kind])))).toEqual(new Set(["CLUSTER_NOT_CONFIGURED"]));
  });

  it("lists namespaces only where a Gateway selects by their labels", async () => {
    const given = givenFleet();
    const allowedNamespaces = { from: "Selector", matchLabels: { exposed: "yes" } };
    const spec = { controller: "ingress", targetPostfix: "internal", allowedNamespaces };
    given.server("w1").put("Gateway", gateway("istio-system", "internal", spec), "gitops");
    const [w1, n1] = await read(given);
    expect([codeOf(w1?.listings.Namespace), codeOf(n1?.listings.Namespace)]).toEqual(["complete 2", "not asked"]);
  });

  it("does without the Istio version when it is not known", async () => {
    const given = givenFleet();
    given.faults.istioVersion = (cluster) => {
      if (cluster === "w1") throw new ClusterUnreachableError("w1", "timeout");
    };
    const [w1, n1] = await read(given);
    expect([w1?.istioVersion, n1?.istioVersion, codeOf(w1?.listings.IstioGateway)]).toEqual([
      undefined,
      "v1",
      "complete 0",
    ]);
  });

  it("gives a cluster that hangs its deadline and no more", async () => {
    const given = givenFleet({ regions: { w1: "weu" } });
    const hanging = {
      ...given.ports.clusters,
      open: async (cluster: ClusterConfiguration) => ({
        ...(await given.ports.clusters.open(cluster)),
        list: (_kind: Kind, signal: AbortSignal) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(new ClusterUnreachableError("w1", "no answer in time")));
          }),
      }),
    };
    const ports = { ...given.ports, clusters: hanging };
    const input = { clusters: given.ports.configuration.clusters, reads, regions: [], clusterReadMs: 20 };
    const { clusters: read } = await takeSnapshot(ports, input);
    expect(new Set(always.map((kind) => codeOf(read[0]?.listings[kind])))).toEqual(new Set(["CLUSTER_UNREACHABLE"]));
  });

  it("keeps the lease while more clusters hang than are read at once", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const given = givenFleet({ regions: Object.fromEntries(names.map((name) => [name, "weu"])) });
    const lease = await holdLease(given.store, given.clock, { name: "reconcile", holder: "us", waitMs: 0 });
    let waited = 0;
    given.faults.list = async (_cluster, kind) => {
      // Twelve wait together: time passes once for all of them.
      if (kind === "Gateway" && (waited += 1) % 12 === 1) await given.clock.advance(25_000);
      throw new ClusterUnreachableError("c0", "no answer in time");
    };
    await takeSnapshot(given.ports, {
      clusters: given.ports.configuration.clusters,
      reads,
      regions: [],
      clusterReadMs: 25_000,
      lease,
    });
    expect(given.clock.monotonicMs()).toBeGreaterThan(60_000);
    await expect(lease.ensureRoom()).resolves.toBeUndefined();
  });

  it("ends with the caller's reason when it is interrupted: half a read is none", async () => {
    const given = givenFleet();
    const caller = new AbortController();
    const reason = new Error("ctrl-c");
    given.faults.list = () => caller.abort(reason);
    expect(await errorOf(read(given, caller.signal))).toBe(reason);
  });
});
