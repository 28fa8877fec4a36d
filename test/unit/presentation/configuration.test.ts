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
});
