/**
 * What every ZonePort must do, whatever stands behind it: Azure Private DNS, a zone file and the zone in memory pass the
 * same. Every test has a zone of its own.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ForbiddenError } from "../../../shared/errors.ts";
import type { ZoneAction } from "../../../shared/model/access.ts";
import type { RecordSet, RecordSetWrite } from "../../../shared/model/zone-records.ts";
import type { ZonePort } from "../../../shared/ports.ts";
import { filed, type RecordSetParts } from "../../support/zone-port.ts";
import type { ZonesUnderTest, ZoneUnderTest } from "./zone-under-test.ts";

/** More than two pages of Azure. */
const MANY = 250;
const OWNERSHIP = '"heritage=external-dns,external-dns/owner=external-dns-weu,external-dns/resource=crd/shop/cart-weu"';

export function describeZonePort(adapter: string, makeZones: () => Promise<ZonesUnderTest>): void {
  describe(`ZonePort: ${adapter}`, () => {
    let zones: ZonesUnderTest;
    let under: ZoneUnderTest;
    let port: ZonePort;
    let zone: string;
    let made = 0;

    beforeAll(async () => {
      zones = await makeZones();
    });
    afterAll(() => zones.close());
    beforeEach(async () => {
      made += 1;
      zone = `z${made}.example.com`;
      under = await zones.open(zone);
      ({ port } = under);
    });

    const signal = (): AbortSignal => AbortSignal.timeout(20_000);
    const list = (): Promise<readonly RecordSet[]> => port.list(signal());
    const name = (relative: string): string => `${relative}.${zone}`;
    const foreign = (...parts: readonly RecordSetParts[]): Promise<void> => under.put(parts.map(filed));
    const address = (relative: string, ...values: string[]): RecordSetParts => ({
      name: name(relative),
      type: "A",
      values,
    });
    const write = (parts: Partial<RecordSetWrite> = {}): RecordSetWrite => ({
      name: name("gw"),
      type: "A",
      ttlSeconds: 30,
      values: ["10.0.0.1"],
      metadata: {},
      expected: "absent",
      ...parts,
    });
    const contents = async (): Promise<readonly string[]> =>
      (await list()).map(
        ({ name: one, type, values }) => `${type} ${one.slice(0, -zone.length - 1)} ${values.join(",")}`,
      );

    describe("list", () => {
      it("gives every record set, sorted by name and type, with whole names in lower case", async () => {
        await foreign({ name: name("shop"), type: "CNAME", ttlSeconds: 300, values: [`GW.${zone}.`] });
        await foreign({ name: name("GW"), type: "AAAA", ttlSeconds: 30, values: ["fd00::1"] });
        await foreign({ name: name("gw"), type: "A", ttlSeconds: 30, values: ["10.0.0.2", "10.0.0.1"] });
        await foreign({ name: name("_xdns-cname.shop"), type: "TXT", values: [OWNERSHIP], metadata: { by: "us" } });
        await foreign({ name: name("*.wild"), type: "A", values: ["10.0.0.3"] });
        await foreign({ name: zone, type: "TXT", values: ["v=1", "a"] });
        const etag: unknown = expect.stringMatching(/./);
        expect(await list()).toEqual([
          { name: name("*.wild"), type: "A", ttlSeconds: 300, values: ["10.0.0.3"], etag, metadata: {} },
          {
            name: name("_xdns-cname.shop"),
            type: "TXT",
            ttlSeconds: 300,
            values: [OWNERSHIP],
            etag,
            metadata: { by: "us" },
          },
          { name: name("gw"), type: "A", ttlSeconds: 30, values: ["10.0.0.1", "10.0.0.2"], etag, metadata: {} },
          { name: name("gw"), type: "AAAA", ttlSeconds: 30, values: ["fd00::1"], etag, metadata: {} },
          { name: name("shop"), type: "CNAME", ttlSeconds: 300, values: [name("gw")], etag, metadata: {} },
          { name: zone, type: "TXT", ttlSeconds: 300, values: ["a", "v=1"], etag, metadata: {} },
        ]);
      });

      it("gives nothing of a zone without record sets of these types", async () => {
        expect(await list()).toEqual([]);
      });

      it(`reads to the end: ${MANY} record sets, each once`, async () => {
        const names = Array.from({ length: MANY }, (_, index) => name(`h${String(index).padStart(4, "0")}`));
        await foreign(...names.map((one) => ({ name: one, type: "A" as const, values: ["10.0.0.1"] })));
        expect((await list()).map((one) => one.name)).toEqual(names);
      });

      it("rejects with the signal's reason when the caller stopped", async () => {
        const stop = new AbortController();
        const reason = new Error("the lease is lost");
        stop.abort(reason);
        await expect(port.list(stop.signal)).rejects.toBe(reason);
      });
    });

    describe("get", () => {
      it("gives a record set as the list has it", async () => {
        await foreign(address("gw", "10.0.0.1"));
        await foreign({ name: zone, type: "A", values: ["10.0.0.9"] });
        for (const found of await list()) expect(await port.get(found, signal())).toEqual(found);
      });

      it("gives nothing where there is none of that name and type", async () => {
        await foreign(address("gw", "10.0.0.1"));
        expect(await port.get({ name: name("gw"), type: "AAAA" }, signal())).toBeUndefined();
        expect(await port.get({ name: name("other"), type: "A" }, signal())).toBeUndefined();
      });
    });

    describe("put", () => {
      it("creates a record set that is absent, and answers it as the list has it from now on", async () => {
        const metadata = { revision: "7" };
        const created = await port.put(write({ values: ["10.0.0.2", "10.0.0.1"], metadata }), signal());
        expect(created).toMatchObject({ ttlSeconds: 30, values: ["10.0.0.1", "10.0.0.2"], metadata });
        expect(await list()).toEqual([created]);
      });

      it.each([
        ["an equal one", "10.0.0.1"],
        ["another", "10.9.9.9"],
      ])("creates nothing over %s that somebody made meanwhile", async (_what, value) => {
        await foreign(address("gw", value));
        const before = await list();
        await expect(port.put(write(), signal())).rejects.toMatchObject({ code: "STALE_OBJECT" });
        expect(await list()).toEqual(before);
      });

      it("replaces a record set as a whole that is as it was read, and gives it another etag", async () => {
        await foreign({ ...address("gw", "10.0.0.1"), metadata: { by: "somebody" } });
        const [before] = await list();
        const expected = { etag: before?.etag ?? "" };
        const after = await port.put(write({ values: ["10.0.0.2"], ttlSeconds: 60, expected }), signal());
        expect(after).toMatchObject({ ttlSeconds: 60, values: ["10.0.0.2"], metadata: {} });
        expect(after.etag).not.toBe(before?.etag);
        expect(await list()).toEqual([after]);
      });

      it("goes on from what it wrote itself", async () => {
        const first = await port.put(write(), signal());
        const second = await port.put(write({ values: ["10.0.0.2"], expected: first }), signal());
        await port.put(write({ values: ["10.0.0.3"], expected: second }), signal());
        expect(await contents()).toEqual(["A gw 10.0.0.3"]);
      });

      it("leaves a record set alone that was written since", async () => {
        const first = await port.put(write(), signal());
        await foreign(address("gw", "10.9.9.9"));
        const attempt = port.put(write({ values: ["10.0.0.2"], expected: first }), signal());
        await expect(attempt).rejects.toMatchObject({ code: "STALE_OBJECT" });
        expect(await contents()).toEqual(["A gw 10.9.9.9"]);
      });

      it("does not bring back a record set that was deleted since", async () => {
        const first = await port.put(write(), signal());
        await under.remove(first);
        const attempt = port.put(write({ values: ["10.0.0.2"], expected: first }), signal());
        await expect(attempt).rejects.toMatchObject({ code: "STALE_OBJECT" });
        expect(await list()).toEqual([]);
      });

      it("lets one of two writers win who read the same", async () => {
        const read = await port.put(write(), signal());
        const attempts = await Promise.allSettled(
          ["10.0.0.2", "10.0.0.3"].map((value) => port.put(write({ values: [value], expected: read }), signal())),
        );
        const won = attempts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
        expect(won).toHaveLength(1);
        expect(await list()).toEqual(won);
      });

      it("keeps the record sets of one name and other types apart", async () => {
        await port.put(write(), signal());
        await port.put(write({ type: "AAAA", values: ["fd00::1"] }), signal());
        await port.put(write({ type: "TXT", values: [OWNERSHIP], name: zone }), signal());
        expect(await contents()).toEqual(["A gw 10.0.0.1", "AAAA gw fd00::1", `TXT  ${OWNERSHIP}`]);
      });

      it("gives back a TXT value as it was, longer than the 255 bytes of one string or not", async () => {
        const values = ["x".repeat(700), `ümläut ${"é".repeat(200)}`, OWNERSHIP].toSorted();
        const written = await port.put(write({ type: "TXT", values }), signal());
        expect(written.values).toEqual(values);
        expect((await list())[0]?.values).toEqual(values);
      });

      it.each([
        ["an address that is none", { values: ["10.0.0.999"] }],
        ["an IPv4 address as IPv6", { type: "AAAA", values: ["10.0.0.1"] }],
        ["a TTL of nothing", { ttlSeconds: 0 }],
        ["a name of another zone", { name: "gw.elsewhere.org" }],
      ] as const)("refuses %s", async (_what, parts) => {
        await expect(port.put(write(parts), signal())).rejects.toMatchObject({ code: "OBJECT_REFUSED" });
        expect(await list()).toEqual([]);
      });

      it("refuses a record set beside a CNAME of its name", async () => {
        await foreign({ name: name("gw"), type: "CNAME", values: [name("other")] });
        await expect(port.put(write(), signal())).rejects.toMatchObject({ code: "OBJECT_REFUSED" });
        expect(await contents()).toEqual([`CNAME gw ${name("other")}`]);
      });

      it("writes nothing once the caller stopped", async () => {
        const stop = new AbortController();
        const reason = new Error("the lease is lost");
        stop.abort(reason);
        await expect(port.put(write(), stop.signal)).rejects.toBe(reason);
        expect(await list()).toEqual([]);
      });
    });

    describe("remove", () => {
      it("deletes the record set that was read, of its type alone", async () => {
        await foreign({ name: name("gw"), type: "AAAA", values: ["fd00::1"] });
        const written = await port.put(write(), signal());
        await port.remove(written, signal());
        expect(await contents()).toEqual(["AAAA gw fd00::1"]);
      });

      it("deletes a CNAME", async () => {
        await foreign({ name: name("shop"), type: "CNAME", values: [name("gw")] });
        for (const found of await list()) await port.remove(found, signal());
        expect(await list()).toEqual([]);
      });

      it("is content with a record set that is gone already", async () => {
        const written = await port.put(write(), signal());
        await port.remove(written, signal());
        await expect(port.remove(written, signal())).resolves.toBeUndefined();
      });

      it("leaves a record set alone that was written since", async () => {
        const written = await port.put(write(), signal());
        await foreign(address("gw", "10.9.9.9"));
        await expect(port.remove(written, signal())).rejects.toMatchObject({ code: "STALE_OBJECT" });
        expect(await contents()).toEqual(["A gw 10.9.9.9"]);
      });

      it("lets a record set be made again", async () => {
        await port.remove(await port.put(write(), signal()), signal());
        await port.put(write({ values: ["10.0.0.2"] }), signal());
        expect(await contents()).toEqual(["A gw 10.0.0.2"]);
      });

      it("deletes nothing once the caller stopped", async () => {
        const written = await port.put(write(), signal());
        const stop = new AbortController();
        stop.abort(new Error("the lease is lost"));
        await expect(port.remove(written, stop.signal)).rejects.toThrow("the lease is lost");
        expect(await list()).toEqual([written]);
      });
    });

    describe("deniedActions", () => {
      const action = (of: "A/write" | "A/delete" | "TXT/read" | "TXT/write" | "ALL/read"): ZoneAction =>
        `Microsoft.Network/privateDnsZones/${of}`;
      const asked = [action("TXT/write"), action("ALL/read"), action("A/write"), action("TXT/read")];

      it("gives none where the identity may do everything", async () => {
        expect(await port.deniedActions(asked, signal())).toEqual([]);
      });

      it("gives those that the identity lacks, in the order of the question, and nothing that was not asked", async () => {
        const denied = under.deny([action("A/write"), action("A/delete"), action("TXT/write")]);
        const expected = asked.filter((one) => denied.includes(one));
        expect(await port.deniedActions(asked, signal())).toEqual(expected);
      });

      it("says nothing of what is denied on another zone", async () => {
        (await zones.open(`other.${zone}`)).deny(asked);
        expect(await port.deniedActions(asked, signal())).toEqual([]);
      });

      it("names what is refused then, and leaves out what is done", async () => {
        under.deny([action("A/write")]);
        const foretold = await port.deniedActions([action("A/write"), action("TXT/write")], signal());
        const refused = await Promise.all(
          (["A", "TXT"] as const).map(async (type) => {
            const values = type === "A" ? ["10.0.0.1"] : [OWNERSHIP];
            const written = port.put(write({ type, values }), signal());
            return await written.then(
              () => [],
              (error: unknown) => (error instanceof ForbiddenError ? [action(`${type}/write`)] : [error]),
            );
          }),
        );
        expect(refused.flat()).toEqual(foretold);
      });

      it("writes nothing", async () => {
        await foreign(address("gw", "10.0.0.1"));
        const before = await list();
        await port.deniedActions(asked, signal());
        expect(await list()).toEqual(before);
      });

      it("rejects with the signal's reason when the caller stopped", async () => {
        const stop = new AbortController();
        const reason = new Error("Ctrl-C");
        stop.abort(reason);
        await expect(port.deniedActions(asked, stop.signal)).rejects.toBe(reason);
      });
    });
  });
}
