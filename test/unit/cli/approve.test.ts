import { describe, expect, it } from "vitest";
import { PASS_AT_MS } from "../../support/reports.ts";
import { run } from "./fake-host.ts";

const argv = ["approve", "1a2b3c4d5e6f", "--reason", "w1 is rebuilt"];

describe("approve", () => {
  it("approves as the person who is logged in, unverified, and says what comes next", async () => {
    const seen: unknown[] = [];
    const result = await run(argv, {
      approve: (options) => {
        seen.push(options);
        return { kind: "approved", scope: "cluster/w1", changes: 3 };
      },
    });
    expect(seen).toEqual([
      { digest: "1a2b3c4d5e6f", person: { name: "robin", verified: false }, reason: "w1 is rebuilt" },
    ]);
    expect(result).toMatchObject({ exitCode: 0, closed: 1 });
    expect(result.stdout).toBe(
      "Approved 3 changes of cluster/w1 as robin.\nThe next pass carries it out if nothing differs by then: service-router apply\n",
    );
  });

  it("repeats --config in the command that comes next", async () => {
    const { stdout } = await run([...argv, "--config", "eu.yaml"]);
    expect(stdout).toContain(": service-router apply --config eu.yaml\n");
  });

  it("approves in somebody's name with --as", async () => {
    const result = await run([...argv, "--as", "kim"]);
    expect(result.stdout).toContain("as kim");
  });

  it("changes nothing the second time and exits 0", async () => {
    const result = await run(argv, { approve: () => ({ kind: "already", by: "kim", atMs: PASS_AT_MS }) });
    expect(result).toMatchObject({
      exitCode: 0,
      stdout: "Already approved by kim at 2026-11-21T14:00:00Z; nothing was changed.\n",
    });
  });

  it("takes an approval back with --revoke, which needs no reason", async () => {
    const seen: unknown[] = [];
    const result = await run(["approve", "--revoke", "1a2b3c4d5e6f"], {
      approve: (options) => {
        seen.push(options);
        return { kind: "revoked", scope: "cluster/w1", by: "kim", atMs: PASS_AT_MS };
      },
    });
    expect(seen).toMatchObject([{ digest: "1a2b3c4d5e6f", revoke: true }]);
    expect(result.stdout).toContain("Revoked the approval of cluster/w1 that kim gave at 2026-11-21T14:00:00Z.");
    expect(result.exitCode).toBe(0);
  });

  it.each([
    [[{ digest: "ffff00001111", by: "kim" }], "approved now: ffff00001111 (kim)"],
    [[], "nothing is approved now"],
  ])("exits 1 when there is no such approval to revoke, and lists %j", async (approved, next) => {
    const result = await run(["approve", "--revoke", "1a2b3c4d5e6f"], {
      approve: () => ({ kind: "not-approved", approved }),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(next);
  });

  it.each([
    [[{ digest: "ffff00001111", scope: "zone/weu" }], "held now: ffff00001111 (zone/weu)"],
    [[], "nothing is held now"],
  ])("exits 1 for a digest that nothing held has, and lists %j", async (held, next) => {
    const result = await run(argv, { approve: () => ({ kind: "unknown-digest", held }) });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(next);
  });
});
