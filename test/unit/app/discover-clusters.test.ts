import { describe, expect, it } from "vitest";
import { discoverClusters } from "../../../shared/app/discover-clusters.ts";
import { AzureUnavailableError } from "../../../shared/errors.ts";
import type { DiscoveryConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import { configuredCluster, errorOf, givenFleet } from "./given-fleet.ts";

function discovery(value: string): DiscoveryConfiguration {
  return { subscription: "s", tag: "fleet", value, writes: "observe", gatewayNamespace: "istio-system" };
}

function portsWith(
  values: readonly string[],
  discover: FleetPorts["clusters"]["discover"],
  regions: Readonly<Record<string, string>> = { w1: "weu" },
): FleetPorts {
  const { ports } = givenFleet({ regions, configuration: { discovery: values.map((value) => discovery(value)) } });
  return { ...ports, clusters: { ...ports.clusters, discover } };
}

describe("discoverClusters", () => {
  it("answers the clusters that join, sorted by name, each once", async () => {
    const ports = portsWith(["a", "b"], (one) =>
      Promise.resolve(
        one.value === "a" ? [configuredCluster("n2"), configuredCluster("f1")] : [configuredCluster("n2")],
      ),
    );
    const { clusters, ...rest } = await discoverClusters(ports, undefined);
    expect([clusters.map(({ name }) => name), rest]).toEqual([["f1", "n2"], { notes: [] }]);
  });

  it("leaves a configured cluster as a person configured it", async () => {
    const ports = portsWith(["a"], () => Promise.resolve([configuredCluster("w1", { writes: "observe" })]));
    expect((await discoverClusters(ports, undefined)).clusters).toEqual([]);
  });

  it("goes on with the others when one fails, and names that one", async () => {
    const ports = portsWith(["a", "b"], (one) =>
      one.value === "a" ? Promise.reject(new AzureUnavailableError("503")) : Promise.resolve([configuredCluster("n2")]),
    );
    const { clusters, notes, unknownClusters } = await discoverClusters(ports, undefined);
    expect(clusters.map(({ name }) => name)).toEqual(["n2"]);
    const failure =
      "discovery by tag fleet=a failed (Azure gave no usable answer: 503); its clusters count as unreachable";
    expect([notes, unknownClusters]).toEqual([[failure], failure]);
  });

  it("asks all at once, so that one that hangs holds up no other", async () => {
    const order: string[] = [];
    const ports = portsWith(["a", "b"], async (one) => {
      order.push(`ask ${one.value}`);
      await Promise.resolve();
      order.push(`answer ${one.value}`);
      return [];
    });
    await discoverClusters(ports, undefined);
    expect(order).toEqual(["ask a", "ask b", "answer a", "answer b"]);
  });

  it("ends with the caller's reason when it is interrupted", async () => {
    const reason = new Error("the person pressed ctrl-c");
    const ports = portsWith(["a"], (_one, signal) => Promise.reject(signal.reason as Error));
    expect(await errorOf(discoverClusters(ports, AbortSignal.abort(reason)))).toBe(reason);
  });
});
