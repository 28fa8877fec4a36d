/**
 * What every ClusterPort must do, whatever stands behind it: the real API server and a directory of manifests pass the same.
 * Tests use a namespace of their own and look only there, so that one cluster serves them all.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Condition } from "../../../shared/model/object-meta.ts";
import type { ClusterPort, ResourceEvent } from "../../../shared/ports.ts";
import { type ClusterUnderTest, signal, TestNamespace } from "./cluster-under-test.ts";

const OTHER_UID = "00000000-0000-4000-8000-000000000000";
const AT_MS = Date.parse("2026-01-02T03:04:05Z");

const ready: Condition = {
  type: "Ready",
  status: "True",
  reason: "ReconciliationSucceeded",
  message: "all is well",
  observedGeneration: 1,
  lastTransitionTime: "2026-01-02T03:04:05Z",
};

const event = (key: string, overrides: Partial<ResourceEvent> = {}): ResourceEvent => ({
  kind: "ServiceRoute",
  key,
  uid: OTHER_UID,
  type: "Normal",
  reason: "Created",
  message: "DNSEndpoint a-weu was created",
  atMs: AT_MS,
  ...overrides,
});

const service = (namespace: string, name: string): JsonObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

const externalDns = (namespace: string, name: string): JsonObject => {
  const labels = { app: name };
  const container = { name: "external-dns", image: "external-dns:v0.20.0", args: ["--policy=sync"] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
};

export function describeClusterPort(adapter: string, makeCluster: () => Promise<ClusterUnderTest>): void {
  describe(`ClusterPort: ${adapter}`, () => {
    let cluster: ClusterUnderTest;
    let port: ClusterPort;
    let namespace: TestNamespace;

    beforeAll(async () => {
      cluster = await makeCluster();
      ({ port } = cluster);
    });
    afterAll(() => cluster.close());
    beforeEach(async () => {
      namespace = new TestNamespace(port);
      await cluster.createNamespace(namespace.name);
    });

    async function writeStatus(uid: string, fields: JsonObject, conditions: readonly Condition[]): Promise<void> {
      const update = { kind: "ServiceRoute", key: namespace.key("a"), uid, fields, conditions } as const;
      await port.writeStatus(update, signal());
    }

    describe("list", () => {
      it("gives every object of a kind, parsed and sorted by key, and nothing of another kind", async () => {
        for (const one of ["b", "a", "a-b"]) await cluster.put(namespace.route(one, { ttlSeconds: 60 }));
        await cluster.put(namespace.dnsEndpoint("a", "t.example.com"));
        const routes = await namespace.list("ServiceRoute");
        expect(routes.map(({ meta }) => meta.name)).toEqual(["a", "a-b", "b"]);
        expect(routes[0]).toMatchObject({
          meta: { namespace: namespace.name, name: "a", labels: { team: "shop" }, deleting: false, owners: [] },
          spec: { serviceName: "a", gatewayName: "public", environment: "prod", application: "shop", ttlSeconds: 60 },
        });
        expect(routes[0]?.meta.uid).not.toBe("");
        expect(routes[0]?.meta.resourceVersion).not.toBe("");
      });

      it("answers an empty list for a kind without objects", async () => {
        await expect(namespace.list("DNSPolicy")).resolves.toEqual([]);
      });

      it("gives an object another resourceVersion after it changed, and the same while it did not", async () => {
        await cluster.put(namespace.route("a"));
        const before = await namespace.meta("ServiceRoute", "a");
        await expect(namespace.meta("ServiceRoute", "a")).resolves.toMatchObject({
          resourceVersion: before.resourceVersion,
        });
        await cluster.put(namespace.route("a", { ttlSeconds: 30 }));
        const after = await namespace.meta("ServiceRoute", "a");
        expect(after.resourceVersion).not.toBe(before.resourceVersion);
        expect(after.uid).toBe(before.uid);
      });

      it("rejects with the signal's reason when the caller stopped", async () => {
        const stop = new AbortController();
        const reason = new Error("the lease is lost");
        stop.abort(reason);
        await expect(port.list("ServiceRoute", stop.signal)).rejects.toBe(reason);
      });
    });

    describe("istioVersion", () => {
      it("prefers v1", async () => {
        await expect(port.istioVersion(signal())).resolves.toBe("v1");
      });
    });

    describe("deniedRights", () => {
      it("answers with nothing for somebody who may do all that is asked about", async () => {
        const rights = [
          { verb: "list", kind: "ServiceRoute" },
          { verb: "list", kind: "OperatorLease" },
          { verb: "patch", kind: "ServiceRoute", status: true },
          { verb: "create", kind: "Event" },
        ] as const;
        await expect(port.deniedRights(rights, signal())).resolves.toEqual([]);
      });
    });

    describe("serverTimeMs", () => {
      it("is a time in whole seconds, or nothing where there is no clock", async () => {
        const timeMs = await port.serverTimeMs(signal());
        expect((timeMs ?? 0) % 1_000).toBe(0);
      });

      it("rejects with the signal's reason when the caller stopped", async () => {
        const reason = new Error("the lease is lost");
        await expect(port.serverTimeMs(AbortSignal.abort(reason))).rejects.toBe(reason);
        await expect(
          port.deniedRights([{ verb: "list", kind: "ServiceRoute" }], AbortSignal.abort(reason)),
        ).rejects.toBe(reason);
      });
    });

    describe("views", () => {
      it("are lists of the same objects, read for something else", async () => {
        await cluster.put(service(namespace.name, "shop"));
        await cluster.put(externalDns(namespace.name, "external-dns-weu"));
        await expect(namespace.list("DestinationService")).resolves.toMatchObject([
          { meta: { name: "shop" }, type: "ClusterIP" },
        ]);
        await expect(namespace.list("Service")).resolves.toEqual([]);
        await expect(namespace.list("ExternalDnsDeployment")).resolves.toMatchObject([
          { replicas: 0, containers: [{ image: "external-dns:v0.20.0", args: ["--policy=sync"] }] },
        ]);
        await expect(namespace.list("OperatorDeployment")).resolves.toMatchObject([
          { images: ["external-dns:v0.20.0"], readyReplicas: 0 },
        ]);
      });
    });

    describe("apply", () => {
      it("creates an object that was not there, as its own", async () => {
        const meta = await namespace.create("a", "t.example.com");
        expect(meta).toMatchObject({ labels: { "router.io/region": "weu" }, managers: ["service-router"] });
        await expect(namespace.targets()).resolves.toEqual({ a: ["t.example.com"] });
      });

      it("creates nothing over an object that somebody made meanwhile, equal or not, forced or not", async () => {
        for (const [name, target] of [
          ["equal", "t.example.com"],
          ["other", "foreign.example.com"],
        ] as const) {
          await cluster.put(namespace.dnsEndpoint(name, target, {}));
          for (const force of [false, true]) {
            const attempt = port.apply({ ...namespace.creation(name, "t.example.com"), force }, signal());
            await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/STALE_OBJECT|FIELD_CONFLICT/) });
          }
          await expect(namespace.meta("DNSEndpoint", name)).resolves.toMatchObject({ labels: {} });
        }
        await expect(namespace.targets()).resolves.toEqual({
          equal: ["t.example.com"],
          other: ["foreign.example.com"],
        });
      });

      it("replaces what it wrote before, and drops what it writes no more", async () => {
        const meta = await namespace.create("a", "old.example.com");
        await port.apply(
          namespace.update("a", namespace.dnsEndpoint("a", "new.example.com", { "router.io/controller": "c" }), meta),
          signal(),
        );
        await expect(namespace.targets()).resolves.toEqual({ a: ["new.example.com"] });
        await expect(namespace.meta("DNSEndpoint", "a")).resolves.toMatchObject({
          uid: meta.uid,
          labels: { "router.io/controller": "c" },
        });
      });

      it("ends the same when it is done twice", async () => {
        const meta = await namespace.create("a", "t.example.com");
        for (let time = 0; time < 2; time += 1) {
          await port.apply(namespace.update("a", namespace.dnsEndpoint("a", "new.example.com"), meta), signal());
        }
        await expect(namespace.targets()).resolves.toEqual({ a: ["new.example.com"] });
      });

      it("does not bring back an object that was deleted since it was read", async () => {
        const meta = await namespace.create("a", "t.example.com");
        await cluster.remove("DNSEndpoint", namespace.key("a"));
        const attempt = port.apply(
          namespace.update("a", namespace.dnsEndpoint("a", "new.example.com"), meta),
          signal(),
        );
        await expect(attempt).rejects.toMatchObject({ code: "STALE_OBJECT" });
        await expect(namespace.targets()).resolves.toEqual({});
      });

      it("does not touch an object that was made again since it was read", async () => {
        const meta = await namespace.create("a", "t.example.com");
        const attempt = port.apply(
          namespace.update("a", namespace.dnsEndpoint("a", "new.example.com"), { ...meta, uid: OTHER_UID }),
          signal(),
        );
        await expect(attempt).rejects.toMatchObject({ code: "STALE_OBJECT" });
        await expect(namespace.targets()).resolves.toEqual({ a: ["t.example.com"] });
      });

      it("adopts an object by force once, and needs none for the changes after", async () => {
        await cluster.put(namespace.dnsEndpoint("a", "t.example.com"));
        const found = await namespace.meta("DNSEndpoint", "a");
        await port.apply(
          { ...namespace.update("a", namespace.dnsEndpoint("a", "t.example.com"), found), force: true },
          signal(),
        );
        const adopted = await namespace.meta("DNSEndpoint", "a");
        expect(adopted.uid).toBe(found.uid);
        expect(adopted.managers).toContain("service-router");
        await port.apply(namespace.update("a", namespace.dnsEndpoint("a", "new.example.com"), adopted), signal());
        await expect(namespace.targets()).resolves.toEqual({ a: ["new.example.com"] });
      });

      it("writes nothing once the caller stopped", async () => {
        await expect(port.apply(namespace.creation("a", "t.example.com"), AbortSignal.abort())).rejects.toMatchObject({
          name: "AbortError",
        });
        await expect(namespace.targets()).resolves.toEqual({});
      });
    });

    describe("remove", () => {
      it("deletes the object that was read, and an object that is gone already", async () => {
        const precondition = await namespace.create("a", "t.example.com");
        const target = { kind: "DNSEndpoint", key: namespace.key("a"), precondition } as const;
        await port.remove(target, signal());
        await expect(namespace.targets()).resolves.toEqual({});
        await expect(port.remove(target, signal())).resolves.toBeUndefined();
      });

      it("leaves an object alone that changed since it was read", async () => {
        const meta = await namespace.create("a", "t.example.com");
        await port.apply(namespace.update("a", namespace.dnsEndpoint("a", "new.example.com"), meta), signal());
        const attempt = port.remove({ kind: "DNSEndpoint", key: namespace.key("a"), precondition: meta }, signal());
        await expect(attempt).rejects.toMatchObject({ code: "STALE_OBJECT" });
        await expect(namespace.targets()).resolves.toEqual({ a: ["new.example.com"] });
      });

      it("leaves an object alone that was made again since it was read", async () => {
        const meta = await namespace.create("a", "t.example.com");
        const precondition = { ...meta, uid: OTHER_UID };
        const attempt = port.remove({ kind: "DNSEndpoint", key: namespace.key("a"), precondition }, signal());
        await expect(attempt).rejects.toMatchObject({ code: "STALE_OBJECT" });
        await expect(namespace.targets()).resolves.toEqual({ a: ["t.example.com"] });
      });
    });

    describe("writeStatus", () => {
      it("makes the status exactly what was asked for, and leaves everything else", async () => {
        await cluster.put(namespace.route("a"));
        const before = await namespace.meta("ServiceRoute", "a");
        const more: Condition = { ...ready, type: "Published", status: "False", reason: "Standby" };
        await writeStatus(before.uid, { phase: "Active", dnsEndpoint: "a-weu", dnsNames: ["a.example.com"] }, [
          ready,
          more,
        ]);
        const pending: Condition = { ...ready, status: "False", reason: "GatewayNotFound" };
        await writeStatus(before.uid, { phase: "Pending" }, [pending]);
        const [after] = await namespace.list("ServiceRoute");
        expect(after?.status).toEqual({ phase: "Pending", conditions: [pending] });
        expect(after?.spec).toMatchObject({ serviceName: "a" });
        expect(after?.meta).toMatchObject({ uid: before.uid, generation: before.generation, labels: { team: "shop" } });
      });

      it("writes a status without conditions or fields", async () => {
        await cluster.put(namespace.route("a"));
        const { uid } = await namespace.meta("ServiceRoute", "a");
        await writeStatus(uid, {}, []);
        const [after] = await namespace.list("ServiceRoute");
        expect(after?.status).toEqual({ conditions: [] });
      });

      it("does not paint an object that was made again, or one that is gone", async () => {
        await cluster.put(namespace.route("a"));
        const { uid } = await namespace.meta("ServiceRoute", "a");
        await expect(writeStatus(OTHER_UID, { phase: "Active" }, [ready])).rejects.toMatchObject({
          code: "STALE_OBJECT",
        });
        const [after] = await namespace.list("ServiceRoute");
        expect(after?.status).toEqual({});
        await cluster.remove("ServiceRoute", namespace.key("a"));
        await expect(writeStatus(uid, { phase: "Active" }, [ready])).rejects.toMatchObject({ code: "STALE_OBJECT" });
        await expect(namespace.list("ServiceRoute")).resolves.toEqual([]);
      });
    });

    describe("recordEvent", () => {
      it("counts what happens again, and keeps apart what differs", async () => {
        const key = namespace.key("a");
        await port.recordEvent(event(key), signal());
        await port.recordEvent(event(key, { atMs: AT_MS + 60_000 }), signal());
        await port.recordEvent(event(key, { type: "Warning", reason: "FailedCreate", message: "refused" }), signal());
        const events = [...(await cluster.events(namespace.name))].sort((a, b) => (a.reason < b.reason ? -1 : 1));
        const involved = { kind: "ServiceRoute", name: "a", uid: OTHER_UID };
        expect(events).toEqual([
          { reason: "Created", message: "DNSEndpoint a-weu was created", type: "Normal", count: 2, involved },
          { reason: "FailedCreate", message: "refused", type: "Warning", count: 1, involved },
        ]);
      });
    });
  });
}
