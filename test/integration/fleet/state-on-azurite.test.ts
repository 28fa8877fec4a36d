/** The same passes with the state in a blob container, as in production; Azurite stands for the storage account. */
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../support/components/azurite.ts";
import { applyObject, remove } from "../../support/components/test-cluster.ts";
import { ours, recordsIn } from "../../support/fleet/cluster-picture.ts";
import { applyAll, policy, route, setUpPlatform } from "../../support/fleet/fleet-objects.ts";
import { failuresOf, outcomesOf, standingsOf } from "../../support/fleet/pass-outcomes.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

const SETTING = "SERVICE_ROUTER_TEST_STORE";

let azurite: Azurite;
let fleet: RealFleet;
let container: ContainerClient;
let number = 0;

beforeAll(async () => {
  [azurite, fleet] = await Promise.all([startAzurite(), startRealFleet({ name: "w1" }, { name: "w2" })]);
  process.env[SETTING] = azurite.connectionString;
});
afterAll(async () => {
  delete process.env[SETTING];
  await fleet.close();
  await azurite.stop();
});

const server = (name: string) => fleet.cluster(name).server;

beforeEach(async () => {
  await fleet.reset();
  number += 1;
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(`state${number}`);
  await container.create();
  fleet.configure({ store: { blobConnection: { setting: SETTING, container: container.containerName } } });
  const regions = ["weu"];
  await setUpPlatform(server("w1"), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions });
  await setUpPlatform(server("w2"), { region: "weu", cluster: "aks02", address: "10.2.0.10", regions });
  await applyAll(server("w1"), policy("shop"), route("shop", "cart"));
  await applyAll(server("w2"), policy("shop"), route("shop", "cart"));
});

async function blobs(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  return names.sort();
}

async function jsonOf(name: string): Promise<unknown> {
  return JSON.parse((await container.getBlobClient(name).downloadToBuffer()).toString("utf8")) as unknown;
}

describe("a fleet with its state in blob storage", () => {
  it("converges, leaves its memory there, and then writes nothing to clusters", async () => {
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await recordsIn(server("w1"))).toHaveLength(2);
    expect(await blobs()).toEqual([
      "last-good/w1.json.gz",
      "last-good/w2.json.gz",
      "leases/reconcile",
      "marks.json",
      "order.json",
    ]);
    await fleet.pass();
    for (const name of ["w1", "w2"]) fleet.cluster(name).writes();
    const unchanged = await fleet.pass();
    expect(unchanged.plan.changes).toEqual([]);
    expect(unchanged.statusesDue).toBe(0);
    expect(fleet.cluster("w1").writes()).toEqual([]);
  });

  it("remembers a handover from one process to the next", async () => {
    await fleet.pass();
    await remove(server("w1"), ours("ServiceRoute", "shop/cart"));
    await fleet.pass();
    await fleet.restart();
    const waiting = await fleet.pass();
    expect(waiting.plan.waiting).toMatchObject([{ code: "Handover", change: { place: { name: "w2" } } }]);
    const since = (await jsonOf("since.json")) as {
      readonly document: { readonly handovers: Readonly<Record<string, { readonly goneAtMs?: number }>> };
    };
    const name = "weu/cart-ns-p-prod-shop.example.com";
    expect(since.document.handovers).toMatchObject({ [name]: { from: "w1" } });
    const older = structuredClone(since) as { document: { handovers: Record<string, { goneAtMs?: number }> } };
    const handover = older.document.handovers[name];
    if (handover?.goneAtMs !== undefined) handover.goneAtMs -= 11_000;
    const text = JSON.stringify(older);
    await container.getBlockBlobClient("since.json").upload(text, Buffer.byteLength(text));
    expect(outcomesOf(await fleet.pass())).toEqual(["w2 create DNSEndpoint shop/cart-external-dns-weu: done"]);
  });

  it("knows what a cluster published that cannot be read, and keeps its names from others", async () => {
    await fleet.pass();
    await fleet.restart();
    fleet.connect({ tokens: { w1: "expired" } });
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({ w1: "frozen NotRead", w2: "complete allowed" });
    expect(report.plan).toMatchObject({ changes: [], waiting: [], held: [] });
  });

  it("has one pass at a time, also between two processes: the second is told who runs", async () => {
    const [first, second] = [await fleet.open("first"), await fleet.open("second")];
    const outcomes = await Promise.all([first.reconcile({ by: "timer" }), second.reconcile({ by: "http" })]);
    const busy = outcomes.find(({ kind }) => kind === "busy");
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["busy", "ran"]);
    expect(busy).toMatchObject({ holder: expect.stringMatching(/^(first|second|another holder)/) });
    expect(await jsonOf("marks.json")).toMatchObject({ document: { requests: [{ by: expect.any(String) }] } });
    await applyObject(server("w1"), route("shop", "web"));
    const waited = await second.reconcile({ by: "http", waitForLeaseMs: 10_000 });
    expect(waited.kind).toBe("ran");
    expect(await recordsIn(server("w1"))).toHaveLength(3);
  });

  it("says which setting is missing, before it looks at any cluster", async () => {
    fleet.configure({ store: { blobConnection: { setting: "NOT_SET_ANYWHERE", container: "state" } } });
    const shown = await fleet.command("plan");
    expect(shown.code).toBe(1);
    expect(shown.stderr).toContain(
      "store.blobConnection.setting: names the setting NOT_SET_ANYWHERE, which is not set",
    );
  });

  it("is read and written by the command line, too", async () => {
    const applied = await fleet.command("apply");
    expect(applied).toMatchObject({ code: 0 });
    expect(await recordsIn(server("w1"))).toHaveLength(2);
    expect((await fleet.pass()).plan.changes).toEqual([]);
  });
});
