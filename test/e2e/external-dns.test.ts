/**
 * What the product relies on of ExternalDNS, shown with the real programs on a real API server, an Azure Private DNS zone in
 * Azure's shapes, and DNS over the wire: names of ownership texts, who deletes, and what keeps ExternalDNS off a record.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApiServer, startEtcd, type ApiServer, type Etcd } from "../support/components/api-server.ts";
import { EXTERNAL_DNS_CRDS, installCrds } from "../support/components/crds.ts";
import {
  allowExternalDns,
  BUILD_TIMEOUT_MS,
  buildExternalDns,
  startExternalDns,
  type ExternalDns,
  type ExternalDnsOptions,
} from "../support/components/external-dns.ts";
import { applyObject, createNamespace, remove } from "../support/components/test-cluster.ts";
import { watchName, type NameWatch } from "../support/private-dns/name-watch.ts";
import {
  startPrivateDnsServer,
  type PrivateDnsServer,
  type TestZone,
} from "../support/private-dns/private-dns-server.ts";
import { resolverOf, startZoneDns, type ZoneDns } from "../support/private-dns/zone-dns.ts";

const USER = "external-dns";
const DNS_ENDPOINT = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" };
const LABELS = { "router.io/region": "weu" };
const DOMAIN = "example.com";
const MORE_THAN_A_PASS_MS = 2_000;
const SOON = { interval: 50, timeout: 30_000 };

type Endpoint = { readonly dnsName: string; readonly recordType: string; readonly targets: readonly string[] };

let etcd: Etcd;
let cluster: ApiServer;
let server: PrivateDnsServer;

beforeAll(buildExternalDns, BUILD_TIMEOUT_MS);

beforeAll(async () => {
  etcd = await startEtcd();
  cluster = await startApiServer({ etcd, name: "weu", users: [USER] });
  await installCrds(cluster, EXTERNAL_DNS_CRDS);
  await allowExternalDns(cluster, USER);
  server = await startPrivateDnsServer();
});

afterAll(async () => {
  await cluster?.stop();
  await etcd?.stop();
  await server?.close();
});

/** The tests of one version build on each other, as a zone does. */
describe.each(["0.20", "0.22"] as const)("ExternalDNS %s", (version) => {
  let namespace: string;
  let zone: TestZone;
  let dns: ZoneDns;
  const started: ExternalDns[] = [];
  const watches: NameWatch[] = [];

  beforeAll(async () => {
    namespace = await createNamespace(cluster);
    zone = server.addZone({ resourceGroup: `rg-weu-${version}`, zone: DOMAIN });
    dns = await startZoneDns(zone);
  });

  afterAll(async () => {
    await Promise.all([...watches, ...started].map((one) => one.stop()));
    await dns?.close();
  });

  const start = async (options: Partial<ExternalDnsOptions> & { readonly caller: string }): Promise<ExternalDns> => {
    const instance = await startExternalDns({
      version,
      apiServer: cluster,
      user: USER,
      zoneServer: server,
      zone,
      ownerId: "external-dns-weu",
      labelFilter: `router.io/region=weu,namespace=${namespace}`,
      ...options,
    });
    started.push(instance);
    return instance;
  };

  const publish = async (name: string, endpoint: Endpoint): Promise<void> => {
    const labels = { ...LABELS, namespace };
    const spec = { endpoints: [{ recordTTL: 30, ...endpoint }] };
    await applyObject(cluster, { ...DNS_ENDPOINT, metadata: { namespace, name, labels }, spec });
  };
  const withdraw = async (name: string): Promise<boolean> =>
    await remove(cluster, { ...DNS_ENDPOINT, namespace, name });

  const inZone = (): Readonly<Record<string, readonly string[]>> =>
    Object.fromEntries(zone.recordSets().map(({ name, type, values }) => [`${name} ${type}`, values]));
  const ownership = (object: string, owner = "external-dns-weu"): string =>
    `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=crd/${namespace}/${object}"`;
  const writesSince = (index: number): readonly string[] =>
    server
      .log()
      .slice(index)
      .flatMap(({ method, change }) => (change === undefined ? [] : [`${method} ${change.name} ${change.type}`]));

  it("writes a record and its ownership text under the region's prefix, and the name resolves", async () => {
    const instance = await start({ caller: `upsert-${version}` });
    await publish("gateway", { dnsName: `gw-a.${DOMAIN}`, recordType: "A", targets: ["10.0.0.1"] });
    await publish("api", { dnsName: `api.${DOMAIN}`, recordType: "CNAME", targets: [`gw-a.${DOMAIN}`] });
    await expect.poll(inZone, SOON).toEqual({
      "gw-a A": ["10.0.0.1"],
      "_xdns-a.gw-a TXT": [ownership("gateway")],
      "api CNAME": [`gw-a.${DOMAIN}`],
      "_xdns-cname.api TXT": [ownership("api")],
    });
    expect(zone.recordSets().map(({ type, ttlSeconds }) => [type, ttlSeconds])).toEqual([
      ["TXT", 300],
      ["TXT", 300],
      ["CNAME", 30],
      ["A", 30],
    ]);
    expect(await resolverOf(dns).resolve4(`api.${DOMAIN}`)).toEqual(["10.0.0.1"]);
    expect(await instance.metric("external_dns_source_endpoints_total")).toBe(2);
    expect(server.log().at(-1)?.caller).toBe(instance.caller);
  });

  it("follows a changed address without a moment in which the name does not resolve", async () => {
    const watch = await watchName({ dns, name: `api.${DOMAIN}` });
    watches.push(watch);
    await publish("gateway", { dnsName: `gw-a.${DOMAIN}`, recordType: "A", targets: ["10.0.0.2"] });
    await expect.poll(watch.flips, SOON).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(watch.failures()).toEqual([]);
  });

  it("says success while Azure refuses its writes, and writes when it may again", async () => {
    const [instance] = started;
    const allow = server.deny({ at: zone, verbs: ["write"] });
    await publish("gateway", { dnsName: `gw-a.${DOMAIN}`, recordType: "A", targets: ["10.0.0.3"] });
    await expect.poll(() => server.log().some(({ status }) => status === 403), SOON).toBe(true);
    await instance?.passed();
    expect(instance?.log()).toContain("AuthorizationFailed");
    expect(await instance?.metric("external_dns_controller_consecutive_soft_errors")).toBe(0);
    expect((await fetch(`${instance?.metricsUrl}/healthz`)).status).toBe(200);
    expect(inZone()["gw-a A"]).toEqual(["10.0.0.2"]);
    allow();
    await expect.poll(() => inZone()["gw-a A"], SOON).toEqual(["10.0.0.3"]);
  });

  it("leaves a record alone whose ownership text names a third owner, whatever it wants", async () => {
    const [instance] = started;
    zone.putDirect({ name: "_xdns-a.gw-a", type: "TXT", values: [ownership("gateway", "service-router")] });
    await instance?.passed();
    zone.putDirect({ name: "gw-a", type: "A", values: ["10.0.9.9"], ttlSeconds: 30 });
    const index = server.log().length;
    await publish("gateway", { dnsName: `gw-a.${DOMAIN}`, recordType: "A", targets: ["10.0.0.4"] });
    await instance?.passed(2);
    expect(writesSince(index)).toEqual([]);
    expect(await resolverOf(dns).resolve4(`api.${DOMAIN}`)).toEqual(["10.0.9.9"]);
  });

  it("writes nothing while it hangs, goes on when it wakes, and comes back from a crash with nothing to write", async () => {
    const [instance] = started;
    instance?.freeze();
    await publish("web", { dnsName: `web.${DOMAIN}`, recordType: "CNAME", targets: [`gw-a.${DOMAIN}`] });
    await delay(MORE_THAN_A_PASS_MS);
    expect(inZone()["web CNAME"]).toBeUndefined();
    instance?.thaw();
    await expect.poll(() => inZone()["_xdns-cname.web TXT"], SOON).toEqual([ownership("web")]);
    await instance?.kill();
    const index = server.log().length;
    await instance?.restart();
    expect(writesSince(index)).toEqual([]);
    expect(instance?.ending()).toBeUndefined();
  });

  it("keeps what was withdrawn under upsert-only, and deletes it with its text under sync, but not what a third owner has", async () => {
    const [upsertOnly] = started;
    const index = server.log().length;
    await withdraw("api");
    await withdraw("gateway");
    await withdraw("web");
    await upsertOnly?.passed(2);
    expect(writesSince(index)).toEqual([]);
    await upsertOnly?.kill();
    await start({ caller: `sync-${version}`, policy: "sync" });
    await expect.poll(() => Object.keys(inZone()), SOON).toEqual(["_xdns-a.gw-a TXT", "gw-a A"]);
  });

  it("writes its texts beside the names where no prefix is set, and takes none for its own that has another name", async () => {
    await Promise.all(started.map((instance) => instance.kill()));
    await publish("api", { dnsName: `api.${DOMAIN}`, recordType: "CNAME", targets: [`gw-a.${DOMAIN}`] });
    const prefixed = await start({ caller: `prefixed-${version}` });
    await expect.poll(() => inZone()["_xdns-cname.api TXT"], SOON).toEqual([ownership("api")]);
    await prefixed.kill();
    await publish("api", { dnsName: `api.${DOMAIN}`, recordType: "CNAME", targets: [`gw-b.${DOMAIN}`] });
    await publish("web", { dnsName: `web.${DOMAIN}`, recordType: "CNAME", targets: [`gw-b.${DOMAIN}`] });
    const plain = await start({ caller: `plain-${version}`, policy: "sync", args: ["--txt-prefix="] });
    await expect.poll(() => inZone()["cname-web TXT"], SOON).toEqual([ownership("web")]);
    await plain.passed();
    expect(inZone()).toMatchObject({ "api CNAME": [`gw-a.${DOMAIN}`], "_xdns-cname.api TXT": [ownership("api")] });
  });
});
