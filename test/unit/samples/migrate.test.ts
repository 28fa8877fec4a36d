/** The way from the operator in a fleet of manifests: directories instead of kubectl, and no file written. */
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { composeFleetApp } from "../../../shared/compose.ts";
import type { Migration } from "../../../shared/model/migration.ts";
import { copySampleFleet } from "./sample-fleet.ts";
import type { SampleFleet } from "./sample-fleet.ts";

let sample: SampleFleet;
let migration: Migration;
let before: readonly string[];

const files = async (): Promise<readonly string[]> =>
  (await readdir(dirname(sample.configurationPath), { recursive: true })).sort();

beforeAll(async () => {
  sample = await copySampleFleet();
  before = await files();
  const app = await composeFleetApp({ configurationPath: sample.configurationPath, holder: "test" });
  try {
    migration = await app.planMigration({ values: [] });
  } finally {
    await app.close();
  }
});
afterAll(() => sample.remove());

describe("migrate on the sample fleet", () => {
  it("names the directory where there is no kubectl, and has no command for it", () => {
    const task = migration.steps[0]?.tasks.find(({ cluster }) => cluster === "n2");
    expect(task).toMatchObject({ state: "next", todo: [{ commands: [] }] });
    expect(task?.todo[0]?.say).toMatch(/in Deployment external-dns\/external-dns-weu \(in .*clusters\/n2\)/);
  });

  it("writes no file", async () => {
    expect(await files()).toEqual(before);
  });
});
