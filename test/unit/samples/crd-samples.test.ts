/** The samples beside the CRDs, taken together as one cluster: what a person copies first must publish. */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { composeFleetApp } from "../../../shared/compose.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-system, labels: { istio: aks-istio-ingressgateway-internal } }
spec: { type: LoadBalancer }
status: { loadBalancer: { ingress: [{ ip: 10.0.0.4 }] } }
`;
const FLEET = `clusters: [{ name: w1, source: { manifests: w1 }, writes: apply }]
regions: [{ name: weu }, { name: neu }, { name: frc }]
`;

describe("crds/samples", () => {
  it("work together: their route is published in its region and in the one that its cluster adopts", async () => {
    const folder = await mkdtemp(join(tmpdir(), "crd-samples-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await cp(join(import.meta.dirname, "../../../crds/samples"), join(folder, "w1"), { recursive: true });
    await writeFile(join(folder, "w1", "ingress.yaml"), SERVICE);
    await writeFile(join(folder, "fleet.yaml"), FLEET);
    const app = await composeFleetApp({ configurationPath: join(folder, "fleet.yaml"), holder: "test" });
    onTestFinished(() => app.close());
    const { routes, clusters, plan } = await app.preview();
    expect(clusters.flatMap(({ rejected, standing }) => [standing.kind, ...rejected])).toEqual(["complete"]);
    expect(plan.refusals).toEqual([]);
    expect(routes.map(({ key, zones }) => [key, zones])).toEqual([["shop/orders", ["frc", "weu"]]]);
  });
});
