import { describe, expect, it } from "vitest";
import { parseManagedClusterId } from "../../../../shared/adapters/azure-aks/resource-id.ts";

const id = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/w1";
const parts = { subscription: "s-1", resourceGroup: "rg", name: "w1" };

describe("parseManagedClusterId", () => {
  it.each([
    ["as the portal writes it", id, parts],
    ["with a slash at the end", `${id}/`, parts],
    [
      "in Azure's other spellings",
      id.replace("resourceGroups", "resourcegroups").replace("managedClusters", "ManagedClusters"),
      parts,
    ],
    ["a name", "w1", undefined],
    ["something below a cluster", `${id}/agentPools/a`, undefined],
    ["another type", id.replace("managedClusters", "fleets"), undefined],
    ["an empty part", id.replace("s-1", ""), undefined],
  ])("reads an id %s", (_given, text, expected) => expect(parseManagedClusterId(text)).toEqual(expected));
});
