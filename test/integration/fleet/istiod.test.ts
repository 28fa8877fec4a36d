/**
 * What a real istiod makes of the Istio Gateways that the product writes: every host is served, none is lost or doubled, also
 * while a host moves between two Gateways. Istio drops the whole later server, silently, when one host stands twice.
 * Optional: where istiod is not there, one test says so in its title. Envoy's own part is not shown.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Istiod, resolveIstiod, startIstiod } from "../../support/components/istiod.ts";
import { applyObject, type KubeObject } from "../../support/components/test-cluster.ts";
import { istioHostsIn } from "../../support/fleet/cluster-picture.ts";
import {
  applyAll,
  gateway,
  hostOf,
  ingressService,
  policy,
  route,
  setAddresses,
  setUpPlatform,
} from "../../support/fleet/fleet-objects.ts";
import { type GatewayListeners, watchGatewayListeners } from "../../support/fleet/gateway-listeners.ts";
import { failuresOf } from "../../support/fleet/pass-outcomes.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

const binary = await resolveIstiod();

if (binary === undefined) {
  describe("istiod", () => {
    it("is not here, so nothing of this file was checked: set SERVICE_ROUTER_BUILD_ISTIOD=1 or SERVICE_ROUTER_ISTIOD", () => {
      expect(binary).toBe(undefined);
    });
  });
} else {
  describe("what istiod serves of the rendered Istio Gateways", describeWithIstiod);
}

const EXTERNAL = "ingress-external";
const INTERNAL = "ingress-internal";
/** Longer than istiod waits for further changes before it pushes, so that it pushes each step by itself. */
const STEP_MS = 400;

function describeWithIstiod(): void {
  let fleet: RealFleet;
  let istiod: Istiod;
  const watching: GatewayListeners[] = [];

  beforeAll(async () => {
    fleet = await startRealFleet({ name: "w1", proxied: true });
    const started = await startIstiod({ server: fleet.cluster("w1").server });
    if (started === undefined) throw new Error("istiod was there a moment ago and is gone");
    istiod = started;
  });
  afterAll(async () => {
    for (const stream of watching) stream.close();
    await istiod.stop();
    await fleet.close();
  });

  const server = () => fleet.cluster("w1").server;

  async function converge(): Promise<void> {
    await fleet.reset();
    await setUpPlatform(server(), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions: ["weu"] });
    const internal = {
      controller: INTERNAL,
      targetPostfix: "internal",
      httpsRedirect: true,
      minProtocolVersion: "TLSV1_3",
    };
    await applyAll(
      server(),
      gateway("another", { targetPostfix: "another" }),
      gateway("internal", internal),
      gateway("single", { targetPostfix: "single" }),
      gateway("empty", { targetPostfix: "empty" }),
      ingressService(INTERNAL),
      policy("shop"),
      ...["a", "b", "c"].map((name) => route("shop", name)),
      ...["x", "y"].map((name) => route("shop", name, { gatewayName: "another" })),
      route("shop", "s", { gatewayName: "single" }),
      ...["a", "z"].map((name) => route("internal", name, { gatewayName: "internal" })),
    );
    await setAddresses(server(), ["10.1.0.20"], INTERNAL);
    expect(failuresOf(await fleet.pass())).toEqual([]);
  }

  async function watch(controller: string, first: readonly string[]): Promise<GatewayListeners> {
    const stream = watchGatewayListeners(istiod.discoveryAddress, controller);
    watching.push(stream);
    await settles(stream, first);
    return stream;
  }

  async function settles(stream: GatewayListeners, names: readonly string[]): Promise<void> {
    await expect
      .poll(() => stream.failure() ?? stream.states().at(-1), { timeout: 20_000, interval: 25 })
      .toEqual([...names].sort());
  }

  const hosts = (namespace: string, ...names: readonly string[]): readonly string[] =>
    names.map((name) => hostOf(namespace, name));

  const all = hosts("shop", "a", "b", "c", "s", "x", "y");

  it("is every host once, on the gateway that its route names", async () => {
    await converge();
    const rendered = await istioHostsIn(server());
    expect(rendered).toEqual({
      "istio-system/public": hosts("shop", "a", "b", "c"),
      "istio-system/another": hosts("shop", "x", "y"),
      "istio-system/single": hosts("shop", "s"),
      // Two servers: HTTPS, and the redirect to it on port 80.
      "istio-system/internal": [...hosts("internal", "a", "z"), ...hosts("internal", "a", "z")],
    });
    await watch(EXTERNAL, all);
    await watch(INTERNAL, hosts("internal", "a", "z"));
  });

  it("is judged by an istiod that drops a whole server when one of its hosts stands on an older Gateway", async () => {
    await converge();
    const stream = await watch(EXTERNAL, all);
    const handmade = (...names: readonly string[]): KubeObject => ({
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: { namespace: "shop", name: "zzz-handmade" },
      spec: {
        selector: { istio: EXTERNAL },
        servers: [
          {
            port: { number: 443, name: "https", protocol: "HTTPS" },
            hosts: names,
            tls: { mode: "SIMPLE", credentialName: "x" },
          },
        ],
      },
    });
    await applyObject(server(), handmade("only-there.example.com"));
    await settles(stream, [...all, "only-there.example.com"]);
    await applyObject(server(), handmade("only-there.example.com", ...hosts("shop", "a")));
    await settles(stream, all);
  });

  it.each([
    ["to a younger one", "b", "another", ["update another", "update public"]],
    ["to an older one", "x", "public", ["update another", "update public"]],
    ["away from one that has no other", "s", "public", ["delete single", "update public"]],
    ["to one that has none yet", "c", "empty", ["create empty", "update public"]],
  ])("never lacks a host that stays, or has one twice, while a host moves %s", async (_title, moving, to, writes) => {
    await converge();
    const stream = await watch(EXTERNAL, all);
    const before = stream.states().length;
    fleet.cluster("w1").proxy.inject({
      when: ({ method, path }) => method !== "GET" && path.includes("/networking.istio.io/"),
      effect: { kind: "delay", ms: STEP_MS },
    });
    await applyObject(server(), route("shop", moving, { gatewayName: to }));
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([]);
    const istioWrites = report.plan.changes.filter(({ kind }) => kind === "IstioGateway");
    expect(istioWrites.map(({ operation, key }) => `${operation} ${key.replace("istio-system/", "")}`).sort()).toEqual(
      writes,
    );
    await settles(stream, all);
    const steps = stream.states().slice(before);
    const staying = all.filter((host) => host !== hostOf("shop", moving));
    for (const names of steps) {
      expect(names.filter((name) => name !== hostOf("shop", moving))).toEqual(staying);
      expect(names).toEqual([...new Set(names)]);
    }
    // The step between was really seen: the host had left one Gateway and not joined the other.
    expect(steps).toContainEqual(staying);
  });
}
