/** The blob store against the contract on a real Azurite, and what only a blob service can show. */
import { randomUUID } from "node:crypto";
import { createServer, request, type Server } from "node:http";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openBlobStateStore } from "../../../shared/adapters/storage/open-state-store.ts";
import { systemClock } from "../../../shared/adapters/system/clock.ts";
import { LeaseHeldError, LeaseLostError, StoreUnavailableError } from "../../../shared/errors.ts";
import type { StateStore } from "../../../shared/ports.ts";
import { startAzurite, type Azurite } from "../../support/components/azurite.ts";
import { lastGood, marks, order } from "../state-store/documents.ts";
import { valueOf } from "../state-store/found.ts";
import { describeStateStoreContract, type StoreBench } from "../state-store/state-store-contract.ts";

/** The shortest lease that the service grants. */
const SHORT_TTL_MS = 15_000;
const SHORT_TTL_OVER_MS = 16_000;

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

describeStateStoreContract("blob", () => Promise.resolve(openBench()));

function openBench(): StoreBench & { readonly container: ContainerClient; readonly containerName: string } {
  const containerName = `state-${randomUUID()}`;
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(containerName);
  return {
    container,
    containerName,
    open: () => openStore(azurite.connectionString, containerName),
    readRaw: async (path) => {
      const blob = container.getBlobClient(path);
      return (await blob.exists()) ? await blob.downloadToBuffer() : undefined;
    },
    writeRaw: async (path, bytes) => {
      await container.createIfNotExists();
      await container.getBlockBlobClient(path).upload(bytes, bytes.length);
    },
    close: async () => {
      await container.deleteIfExists();
    },
  };
}

function openStore(connectionString: string, container: string): StateStore {
  return openBlobStateStore({
    account: { kind: "connection-string", connectionString },
    container,
    clock: systemClock,
  });
}

describe("blob leases", () => {
  it("free themselves when their time is over, stay while renewed, and never come back to who lost them", async () => {
    const bench = openBench();
    const lost = await bench.open().acquireLease("reconcile", "a", SHORT_TTL_MS);
    const renewed = await bench.open().acquireLease("placement", "b", SHORT_TTL_MS);
    await systemClock.sleep(SHORT_TTL_MS / 2);
    const before = renewed.expiresAtMonotonicMs;
    await renewed.renew();
    expect(renewed.expiresAtMonotonicMs).toBeGreaterThan(before);
    await systemClock.sleep(SHORT_TTL_OVER_MS - SHORT_TTL_MS / 2);

    expect(systemClock.monotonicMs()).toBeGreaterThan(lost.expiresAtMonotonicMs);
    const taken = await bench.open().acquireLease("reconcile", "c", SHORT_TTL_MS);
    expect(taken.fencingToken).toBeGreaterThan(lost.fencingToken);
    await expect(lost.renew()).rejects.toThrow(LeaseLostError);
    await lost.release();
    await expect(bench.open().acquireLease("reconcile", "d", SHORT_TTL_MS)).rejects.toMatchObject({ holder: "c" });
    await expect(bench.open().acquireLease("placement", "d", SHORT_TTL_MS)).rejects.toMatchObject({ holder: "b" });
    await expect(taken.renew()).resolves.toBeUndefined();
    await bench.close();
  });

  it("are lost at the next renewal when somebody broke them", async () => {
    const bench = openBench();
    const lease = await bench.open().acquireLease("reconcile", "a", 60_000);
    await bench.container.getBlobClient("leases/reconcile").getBlobLeaseClient().breakLease(0);
    await bench.open().acquireLease("reconcile", "b", 60_000);
    await expect(lease.renew()).rejects.toThrow(LeaseLostError);
    await bench.close();
  });

  it("refuse to count on where the fencing token was damaged, and leave the lease free", async () => {
    const bench = openBench();
    await (await bench.open().acquireLease("reconcile", "a", 60_000)).release();
    const blob = bench.container.getBlobClient("leases/reconcile");
    await blob.setMetadata({ holder: "a", fencingtoken: "many" });
    await expect(bench.open().acquireLease("reconcile", "b", 60_000)).rejects.toThrow(/fencingtoken/);
    await blob.setMetadata({ holder: "a", fencingtoken: "7" });
    await expect(bench.open().acquireLease("reconcile", "b", 60_000)).resolves.toMatchObject({ fencingToken: 8 });
    await bench.close();
  });

  it.each([1_000, 14_999, 61_000])("of %d ms are refused, because the service has none", async (ttlMs) => {
    const bench = openBench();
    await expect(bench.open().acquireLease("reconcile", "a", ttlMs)).rejects.toThrow(/15 to 60 s/);
    await bench.close();
  });
});

describe("a container that is not there", () => {
  it("is empty to readers and is made by the first of many writers at once", async () => {
    const bench = openBench();
    expect(await bench.open().read("order")).toEqual({ found: "absent" });
    expect(await bench.open().ids("last-good")).toEqual([]);
    expect(await bench.container.exists()).toBe(false);
    await Promise.all([
      bench.open().write("order", order("w1"), "absent"),
      bench.open().write("last-good", lastGood("w1", 5), "absent", "w1"),
      bench.open().acquireLease("reconcile", "a", 60_000),
      bench.open().acquireLease("placement", "b", 60_000),
    ]);
    expect(valueOf(await bench.open().read("order"))).toEqual(order("w1"));
    await bench.close();
  });

  it("that vanished takes a known version with it", async () => {
    const bench = openBench();
    const store = bench.open();
    const version = await store.write("order", order("w1"), "absent");
    await bench.container.delete();
    await expect(store.write("order", order("w2"), version)).rejects.toMatchObject({ code: "STORE_CONFLICT" });
    expect(await store.read("order")).toEqual({ found: "absent" });
  });
});

describe("answers that get lost on the way", () => {
  let proxy: Proxy | undefined;
  afterEach(async () => {
    await proxy?.close();
  });

  it.each([
    ["create", "absent"],
    ["replace", "read"],
  ])("do not turn our own write into a conflict (%s)", async (_what, expected) => {
    const bench = openBench();
    const first = await bench.open().write("order", order("w0"), "absent");
    proxy = await startProxy(azurite);
    const store = openStore(proxy.connectionString, bench.containerName);
    const name = expected === "absent" ? "marks" : "order";
    proxy.dropAnswers("PUT", 1);
    const version =
      name === "marks"
        ? await store.write("marks", marks("a"), "absent")
        : await store.write("order", order("w1"), first);
    expect(proxy.dropped()).toBe(1);
    expect(await bench.open().read(name)).toMatchObject({ found: "value", version });
    await bench.close();
  });

  it("do not lose a lease that was granted", async () => {
    const bench = openBench();
    await (await bench.open().acquireLease("reconcile", "before", 60_000)).release();
    proxy = await startProxy(azurite);
    proxy.dropAnswers("PUT", 1);
    const lease = await openStore(proxy.connectionString, bench.containerName).acquireLease("reconcile", "a", 60_000);
    expect(proxy.dropped()).toBe(1);
    await expect(lease.renew()).resolves.toBeUndefined();
    await expect(bench.open().acquireLease("reconcile", "b", 60_000)).rejects.toThrow(LeaseHeldError);
    await lease.release();
    await bench.close();
  });

  it("end in one error that names the account when the service is gone", async () => {
    proxy = await startProxy(azurite);
    const store = openStore(proxy.connectionString, "state-gone");
    await proxy.close();
    const failed = await store.read("order").catch((caught: unknown) => caught);
    expect(failed).toBeInstanceOf(StoreUnavailableError);
    expect(String(failed)).toMatch(/account devstoreaccount1, container state-gone: cannot read order\.json/);
  });
});

describe("reading an unchanged document", () => {
  it("transfers it once", async () => {
    const bench = openBench();
    await bench.open().write("last-good", lastGood("w1", 2_000), "absent", "w1");
    const proxy = await startProxy(azurite);
    const store = openStore(proxy.connectionString, bench.containerName);
    const first = await store.read("last-good", "w1");
    const transferred = proxy.bytesSent();
    for (let round = 0; round < 5; round += 1) {
      expect(valueOf(await store.read("last-good", "w1"))).toBe(valueOf(first));
    }
    expect(proxy.bytesSent()).toBe(transferred);
    await proxy.close();
    await bench.close();
  });
});

type Proxy = {
  readonly connectionString: string;
  /** The next `count` requests of this method are carried out, and their connection is cut before the answer. */
  dropAnswers(method: string, count: number): void;
  dropped(): number;
  /** Bytes of all answers' bodies. */
  bytesSent(): number;
  close(): Promise<void>;
};

/** Between the store and Azurite. The Host header stays that of Azurite, because signatures cover the URL as sent there. */
async function startProxy(target: Azurite): Promise<Proxy> {
  const upstream = new URL(target.blobEndpoint);
  let drop = { method: "", count: 0 };
  let dropped = 0;
  let bytesSent = 0;
  const server: Server = createServer((incoming, outgoing) => {
    const onward = request(
      {
        host: upstream.hostname,
        port: upstream.port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host: upstream.host },
      },
      (answer) => {
        if (incoming.method === drop.method && drop.count > 0) {
          drop = { ...drop, count: drop.count - 1 };
          dropped += 1;
          answer.resume();
          answer.on("end", () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.on("data", (chunk: Buffer) => (bytesSent += chunk.length));
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    connectionString: target.connectionString.replace(upstream.host, `127.0.0.1:${port}`),
    dropAnswers: (method, count) => {
      drop = { method, count };
    },
    dropped: () => dropped,
    bytesSent: () => bytesSent,
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
