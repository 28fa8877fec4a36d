import { describe, expect, it } from "vitest";
import { presentConfiguration } from "../../../shared/presentation/configuration.ts";
import { fleetConfiguration } from "../../support/reports.ts";

describe("presentConfiguration", () => {
  it("shows clusters, regions and settings", () => {
    expect(presentConfiguration(fleetConfiguration(), { format: "text" })).toMatchInlineSnapshot(`
      "The fleet configuration is valid: 1 cluster, 1 region

      Clusters
        CLUSTER  IDENTITY    WRITES  GATEWAYS IN   SOURCE
        w1       aks in weu  apply   istio-system  manifests in clusters/w1

      Regions
        REGION  OWNER ID          INTERVAL  ZONES
        weu     external-dns-weu  300 s     dns-weu/example.com

      Settings
        state store: directory .service-router
        budget per hour: 30 % of the names of a scope (from 10 up), or 200 names
        vantage: laptop
      "
    `);
  });

  it.each(["text", "markdown", "json"] as const)("says in %s what an empty list of regions costs", (format) => {
    const written = presentConfiguration(fleetConfiguration({ regions: [] }), { format });
    expect(written.replaceAll("\\", "")).toContain("regions of the fleet configuration is empty: a mistyped region");
    expect(presentConfiguration(fleetConfiguration(), { format })).not.toContain("is empty");
  });

  it("warns when nothing can ever be written, and names what is retiring", () => {
    const [cluster] = fleetConfiguration().clusters;
    const clusters = cluster === undefined ? [] : [{ ...cluster, writes: "observe" as const }];
    expect(presentConfiguration(fleetConfiguration({ clusters }), { format: "text" })).toContain(
      "every cluster is only observed",
    );
    const retiring = clusters.map((each) => ({ ...each, writes: "retiring" as const }));
    expect(presentConfiguration(fleetConfiguration({ clusters: retiring }), { format: "text" })).toContain(
      "w1 is retiring",
    );
  });

  it("shows where each zone is, and whose the hosts of a zone in a zone are", () => {
    const [region] = fleetConfiguration().regions;
    const regions =
      region === undefined
        ? []
        : [
            {
              ...region,
              zones: [
                { kind: "azure" as const, subscription: "s", resourceGroup: "dns-weu", zone: "example.com" },
                { kind: "file" as const, file: "zones/shop.yaml", zone: "shop.example.com" },
              ],
            },
          ];
    const text = presentConfiguration(fleetConfiguration({ regions }), { format: "text", width: 200 });
    expect(text).toContain("dns-weu/example.com, shop.example.com (zones/shop.yaml)");
    expect(text).toContain("region weu: hosts in shop.example.com belong to that zone, not to example.com around it");
  });
});
