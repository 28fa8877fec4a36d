import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../shared/errors.ts";
import { migration, migrationTask } from "../../support/migrations.ts";
import { run, type FakeFleet } from "./fake-host.ts";

const open = migration({ steps: { finish: { state: "next", tasks: [migrationTask({ state: "next" })] } } });
const waiting = migration({ steps: { finish: { state: "waits", tasks: [migrationTask({ state: "waits" })] } } });

describe("migrate", () => {
  it.each<[string, FakeFleet, number]>([
    ["all steps are done", { planMigration: () => migration() }, 0],
    ["a step can be done", { planMigration: () => open }, 2],
    ["steps only wait", { planMigration: () => waiting }, 2],
  ])("ends by what is left: %s", async (_what, fleet, exitCode) => {
    const result = await run(["migrate"], fleet);
    expect(result).toMatchObject({ exitCode, stderr: "", closed: 1 });
    expect(result.stdout).toMatch(/^Migration: /);
  });

  it("ends with 1 when it could not look, and says what to do", async () => {
    const cannotOpen = new ConfigurationError("fleet.yaml", [{ path: "clusters", message: "is missing" }]);
    const result = await run(["migrate"], { cannotOpen });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain("service-router config check");
  });

  it("hands over Helm values in the order in which they are given", async () => {
    const seen: unknown[] = [];
    const planMigration: FakeFleet["planMigration"] = ({ values }) => {
      seen.push(values);
      return migration();
    };
    const files = { "a.yaml": "x: 1", "b.yaml": "y: 2" };
    await run(["migrate", "--values", "b.yaml", "--values", "a.yaml"], { planMigration }, { files });
    await run(["migrate"], { planMigration });
    expect(seen).toEqual([
      [
        { path: "b.yaml", text: "y: 2" },
        { path: "a.yaml", text: "x: 1" },
      ],
      [],
    ]);
  });

  it("says that a file of values cannot be read, and opens nothing", async () => {
    const result = await run(["migrate", "--values", "none.yaml"]);
    expect(result).toMatchObject({ exitCode: 1, opened: [] });
    expect(result.stderr).toContain(
      "--values none.yaml cannot be read\n→ give the values that the operator was installed with",
    );
  });

  it.each([
    ["json", /"kind": "Migration"/],
    ["markdown", /^### Migration/],
  ])("writes %s", async (format, start) => {
    expect((await run(["migrate", "--output", format])).stdout).toMatch(start);
  });

  it("explains itself, with examples and exit codes", async () => {
    const { stdout, exitCode } = await run(["migrate", "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("service-router migrate --values operator-values.yaml");
    expect(stdout).toContain("2  steps are left");
  });

  it("takes no empty name of a file", async () => {
    expect(await run(["migrate", "--values", ""])).toMatchObject({ exitCode: 1 });
  });
});
