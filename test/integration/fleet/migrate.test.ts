/** Migration on a fleet as it is run, beside what the operator leaves: its Deployment, its objects, with the rights of crds/rbac. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { profile, seedProfile } from "../../support/builders/external-dns.ts";
import { applyObject, createNamespace } from "../../support/components/test-cluster.ts";
import { withoutRights } from "../../support/fleet/access-rights.ts";
import { DNS_NAMESPACE, externalDnsDeployment } from "../../support/fleet/external-dns-objects.ts";
import { applyAll, hostOf, policy, route, setUpPlatform } from "../../support/fleet/fleet-objects.ts";
import {
  leaveGatewayRecord,
  leaveIstioGateway,
  leaveRouteRecord,
  OPERATOR_NAMESPACE,
  operatorDeployment,
  setReadyReplicas,
} from "../../support/fleet/predecessor.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1" });
});
afterAll(() => fleet.close());

const server = () => fleet.cluster("w1").server;
const regions = ["weu"];

beforeEach(async () => {
  await fleet.reset();
  await setUpPlatform(server(), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions });
  await applyAll(server(), policy("shop"), route("shop", "cart"));
  const target = "aks01-weu-external.example.com";
  await leaveRouteRecord(server(), { namespace: "shop", route: "cart", region: "weu", target });
  await leaveGatewayRecord(server(), { region: "weu", host: "aks01-weu-external", address: "10.1.0.10" });
  await leaveIstioGateway(server(), [hostOf("shop", "cart")]);
  await createNamespace(server(), DNS_NAMESPACE);
  await createNamespace(server(), OPERATOR_NAMESPACE);
  await applyAll(server(), externalDnsDeployment("external-dns-weu", seedProfile("weu", "w1-p-aks-")));
  await applyObject(server(), operatorDeployment());
  await setReadyReplicas(server(), 1);
  fleet.configure({ regions, clusters: { w1: { writes: "observe", gatewayNamespace: "gateways" } } });
});

type Step = { readonly id: string; readonly state: string; readonly tasks: readonly Task[] };
type Task = {
  readonly state: string;
  readonly what: string;
  readonly waitsFor?: string;
  readonly groups: readonly { readonly what: string; readonly isIntended?: boolean; readonly count: number }[];
  readonly todo: readonly { readonly say: string; readonly commands: readonly string[] }[];
};

async function migrate(): Promise<{
  readonly code: number;
  readonly step: (id: string) => Step;
  readonly document: object;
}> {
  const { code, stdout } = await fleet.ask("migrate", "--output", "json");
  const document = JSON.parse(stdout) as { readonly steps: readonly Step[] };
  const step = (id: string): Step => {
    const found = document.steps.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no step ${id}`);
    return found;
  };
  return { code, step, document };
}

describe("migrate on a fleet", () => {
  it("says what is next by what it finds there, and writes nothing", async () => {
    const { code, step, document } = await migrate();
    expect(code).toBe(2);
    expect(document).toMatchObject({
      clusters: [
        { cluster: "w1", operator: "running", takenOver: false, notAdopted: { dnsEndpoints: 2, istioGateways: 1 } },
      ],
    });
    expect(step("external-dns").tasks).toMatchObject([
      {
        state: "next",
        what: "Deployment external-dns/external-dns-weu: SyncPolicy",
        todo: [
          {
            commands: [
              "kubectl --kubeconfig " + kubeconfig() + " --context w1 -n external-dns edit deployment external-dns-weu",
            ],
          },
        ],
      },
    ]);
    // The operator's own default; the Deployment sets no other.
    expect(step("observe").tasks.find(({ state }) => state === "next")?.todo[0]?.say).toBe(
      "in fleet.yaml, cluster w1: gatewayNamespace: istio-system",
    );
    expect(fleet.cluster("w1").writes()).toEqual([]);
  });

  it("shows intended differences alone, once both mean the same, and waits with the take-over for the zone", async () => {
    await applyAll(server(), externalDnsDeployment("external-dns-weu", profile("weu")));
    fleet.configure({ regions, clusters: { w1: { writes: "observe" } } });
    const { step } = await migrate();
    expect(step("external-dns").state).toBe("done");
    expect(step("differences").tasks).toMatchObject([{ state: "done", what: "only intended differences" }]);
    expect(step("differences").tasks[0]?.groups.map(({ what, count }) => `${what}: ${count}`)).toEqual([
      "objects taken over as they are, with labels and owner of this product: 3",
      "records with a TTL: 300 s for routes, 30 s for gateways: 2",
    ]);
    expect(step("take-over").tasks).toMatchObject([{ state: "waits", waitsFor: "step 2: weu" }]);
  });

  it("says what it may not read, and judges the rest", async () => {
    await withoutRights(server(), "read", "deployments.apps", "leases.coordination.k8s.io");
    const { code, step, document } = await migrate();
    expect(code).toBe(2);
    expect(document).toMatchObject({ clusters: [{ operator: "unknown" }] });
    expect(step("external-dns").tasks).toMatchObject([
      { state: "next", todo: [{ say: expect.stringContaining("service-router-read") }] },
    ]);
  });
});

function kubeconfig(): string {
  return `${fleet.directory}/kubeconfig.yaml`;
}
