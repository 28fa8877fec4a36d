import { describe, expect, it } from "vitest";
import type { ZoneRun } from "../../../shared/model/zone-change.ts";
import { fleetConfiguration } from "../../support/reports.ts";
import { garbageChange, GONE_HOST, ownershipChange, zonePlan, zoneRun } from "../../support/zone-plans.ts";
import { run, type FakeFleet } from "./fake-host.ts";

const regions = ["weu", "neu"].map((name) => ({
  name,
  zones: name === "weu" ? [{ kind: "file", file: "weu.yaml", zone: "example.com" } as const] : [],
  zoneWrites: "apply" as const,
  externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
}));
const configuration = { ...fleetConfiguration(), regions };
const due = zonePlan({ changes: [garbageChange()] });

function zones(argv: readonly string[], fleet: FakeFleet = {}) {
  return run(argv, { configuration, ...fleet });
}

describe("garbage", () => {
  it("lists what nobody wants with reason, times and the command that deletes it, and exits 2", async () => {
    const { exitCode, stdout } = await zones(["garbage"], { planZones: () => due });
    expect(exitCode).toBe(2);
    expect(stdout).toContain("Garbage: 1 change in 1 zone\n");
    expect(stdout).toContain(`- delete CNAME ${GONE_HOST} → w1-weu-internal.example.com`);
    expect(stdout).toContain("seen since 2026-11-21T12:30:00Z, due since 2026-11-21T13:30:00Z");
    expect(stdout).toContain("\nservice-router garbage --approve 0a1b2c3d4e5f\n");
  });

  it("exits 0 where there is nothing to approve, and 1 where something could not be judged", async () => {
    expect((await zones(["garbage"])).exitCode).toBe(0);
    const blind = zonePlan({ notJudged: [{ reason: "not every cluster was read completely (w1)" }] });
    const { exitCode, stdout } = await zones(["garbage"], { planZones: () => blind });
    expect([exitCode, stdout.includes("NOT JUDGED"), stdout.includes("w1")]).toEqual([1, true, true]);
  });

  it("carries out the approved list as the person who is logged in", async () => {
    const seen: unknown[] = [];
    const { exitCode, stdout } = await zones(
      ["garbage", "--region", "weu", "--approve", "0a1b2c3d4e5f", "--reason", "INC-1"],
      {
        carryOutZones: ({ signal: _signal, ...request }) => {
          seen.push(request);
          return zoneRun({ results: [{ change: garbageChange(), outcome: { kind: "done" } }] });
        },
      },
    );
    expect(seen).toEqual([
      {
        task: "garbage",
        region: "weu",
        digest: "0a1b2c3d4e5f",
        person: { name: "robin", verified: false },
        reason: "INC-1",
        waitForLeaseMs: 70_000,
      },
    ]);
    expect([exitCode, stdout.split("\n")[0]]).toEqual([0, "Garbage: 1 change done in 4.2 s"]);
  });

  it("exits 1 with the next step where an approved change was not made", async () => {
    const outcome = {
      kind: "stale",
      code: "RECORD_RETURNED",
      reason: "it was written again",
      took: "name",
      left: "its TXT",
    } as const;
    const { exitCode, stdout } = await zones(["garbage", "--approve", "0a1b2c3d4e5f"], {
      carryOutZones: () => zoneRun({ results: [{ change: garbageChange(), outcome }] }),
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("RECORD_RETURNED: it was written again");
    expect(stdout).toContain("left: its TXT");
    expect(stdout).toContain("→ nothing: ExternalDNS keeps the record");
  });

  it.each([
    [
      "what became due since",
      { newlyDue: [garbageChange()] },
      `1 change became due since ffff00001111 was shown: ${GONE_HOST}`,
    ],
    ["only that nothing has it", {}, "nothing listed now has the digest ffff00001111: it is of another list, or the"],
  ])("shows the present list for another digest, says %s, and exits 1", async (_what, more, message) => {
    const answer: ZoneRun = { kind: "unknown-digest", digest: "ffff00001111", plan: due, ...more };
    const { exitCode, stdout, stderr } = await zones(["garbage", "--approve", "ffff00001111"], {
      carryOutZones: () => answer,
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("service-router garbage --approve 0a1b2c3d4e5f");
    expect(stderr).toContain(message);
  });

  it("does not ask to approve what is there now where nothing is", async () => {
    const answer: ZoneRun = { kind: "unknown-digest", digest: "ffff00001111", plan: zonePlan() };
    const { exitCode, stderr } = await zones(["garbage", "--approve", "ffff00001111"], { carryOutZones: () => answer });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("→ nothing is there to approve now\n");
    expect(stderr).not.toContain("approve what is there");
  });

  it("stops between two changes on Ctrl-C and still says what was done", async () => {
    const stopped = zoneRun({
      results: [
        {
          change: garbageChange(),
          outcome: { kind: "not-started", code: "INTERRUPTED", reason: "stopped", took: "nothing" },
        },
      ],
      ended: { kind: "stopped", code: "INTERRUPTED", reason: "the run was interrupted" },
    });
    let press = (): void => {};
    const { exitCode, stdout } = await run(
      ["garbage", "--approve", "0a1b2c3d4e5f"],
      {
        configuration,
        carryOutZones: () => {
          press();
          return stopped;
        },
      },
      { onListening: (given) => void (press = given) },
    );
    expect([exitCode, stdout.includes("STOPPED INTERRUPTED")]).toEqual([130, true]);
  });

  it.each([
    [["--region", "frc"], "--region frc: the fleet has no such region"],
    [["--region", "neu"], "region neu has no DNS zone"],
    [["--reason", "because"], "--reason and --as say something about an approval"],
    [["--approve", " "], "It is empty"],
    [["--approve", "123"], "--approve 123 is no digest (12 hex characters"],
    [["--approve", "zzzzzzzzzzzz"], "is no digest"],
    [["--approve", "a", "--approve", "b"], "Give it once"],
  ])("refuses %j before anything is read", async (flags, message) => {
    const { exitCode, stderr } = await zones(["garbage", ...flags]);
    expect([exitCode, stderr.includes(message)]).toEqual([1, true]);
  });

  it("says where zones are named when there is none", async () => {
    const { exitCode, stderr } = await zones(["garbage"], { configuration: fleetConfiguration({ regions: [] }) });
    expect([exitCode, stderr.includes("no region has a DNS zone"), stderr.includes("regions[].zones")]).toEqual([
      1,
      true,
      true,
    ]);
  });
});

describe("dns", () => {
  it("repairs by the same two steps", async () => {
    const plan = zonePlan({ task: "repair", changes: [ownershipChange()] });
    const { exitCode, stdout } = await zones(["dns", "repair"], { planZones: () => plan });
    expect(exitCode).toBe(2);
    expect(stdout).toContain("+ write TXT _xdns-cname.cart-ns-p-prod-shop.example.com");
    expect(stdout).toContain("external-dns/resource=crd/shop/cart");
    expect(stdout).toContain("\nservice-router dns repair --approve 0a1b2c3d4e5f\n");
  });

  it("copies ownership of the owners that are named, and repeats them in the command", async () => {
    const seen: unknown[] = [];
    const argv = ["dns", "copy-ownership", "--from-owner", "two", "--from-owner", "one"];
    const { stdout } = await zones(argv, {
      planZones: ({ fromOwners }) => {
        seen.push(fromOwners);
        return zonePlan({ task: "copy-ownership", changes: [ownershipChange()] });
      },
    });
    expect(seen).toEqual([["one", "two"]]);
    expect(stdout).toContain(
      "service-router dns copy-ownership --from-owner one --from-owner two --approve 0a1b2c3d4e5f",
    );
  });
});
