import { describe, expect, it } from "vitest";
import { cluster, fleet, ingress, remove } from "../../support/builders/fleet.ts";
import { policy, route } from "../../support/builders/objects.ts";
import { play } from "../../support/builders/pass.ts";
import { previewOf } from "../../support/builders/report.ts";

const shop = (ip: string, ...names: readonly string[]) => [
  ...ingress(ip),
  policy("shop"),
  ...names.map((name) => route(`shop/${name}`)),
];

describe("zoneReports", () => {
  it("counts names that stay published although their cluster lost its identity, as the routes say", () => {
    const given = fleet([
      cluster("n1", { region: "neu", controllers: ["neu", "frc"], adopts: ["frc"], objects: shop("10.0.1.1", "cart") }),
      cluster("w1", { objects: shop("10.0.0.1", "pay", "card") }),
    ]);
    const converged = play(play(given).after).after;
    const namesIn = (report: ReturnType<typeof previewOf>) =>
      report.zones.map(({ zone, publishers }) => [zone, publishers]);
    const before = previewOf(converged);
    const after = previewOf(remove(converged, "w1", "ClusterIdentity", "identity"));
    expect(after.routes.map(({ zones }) => zones)).toEqual(before.routes.map(({ zones }) => zones));
    expect(namesIn(after)).toEqual(namesIn(before));
  });
});
