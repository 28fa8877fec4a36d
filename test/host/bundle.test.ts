/** What is deployed (dist/, made by `npm run build`), loaded as the Azure worker loads it. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXPECTED_FUNCTIONS, rowOf } from "../support/functions-host/expected-functions.ts";
import { entryFiles, startWorker } from "../support/functions-host/worker.ts";

const DIST = join(import.meta.dirname, "../../dist");

describe("dist/", () => {
  it("holds the bundle, host.json and a package.json, and no node_modules", async () => {
    expect((await readdir(DIST)).toSorted()).toEqual(["chunks", "functions.mjs", "host.json", "package.json"]);
    const chunks = await readdir(join(DIST, "chunks"));
    expect(chunks.filter((name) => !name.endsWith(".mjs"))).toEqual([]);
  });

  it("is found by a main glob that matches the entry and nothing else", async () => {
    expect(await entryFiles(DIST)).toEqual([join(DIST, "functions.mjs")]);
  });

  it("has the host.json of the checkout", async () => {
    const own = await readFile(join(DIST, "../host.json"), "utf8");
    expect(await readFile(join(DIST, "host.json"), "utf8")).toBe(own);
  });
});

describe("loading the bundle", () => {
  it("registers exactly these functions, without any setting", async () => {
    const worker = await startWorker({ directory: DIST });
    expect(worker.functions.map(rowOf)).toEqual(EXPECTED_FUNCTIONS);
    await worker.stop();
  });

  it("does no work: it prints nothing and leaves nothing open", async () => {
    const worker = await startWorker({ directory: DIST });
    expect(await worker.stop()).toBe(0);
    expect(worker.printed()).toBe("");
  });

  it("is quick; the time is printed, not asserted", async () => {
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const worker = await startWorker({ directory: DIST });
      times.push(worker.loadMs);
      await worker.stop();
    }
    const median = times.toSorted((left, right) => left - right)[2] ?? 0;
    console.log(`cold start to registered functions: median ${median.toFixed(0)} ms of 5 (aim: below 300 ms)`);
    expect(times).toHaveLength(5);
  });
});

describe("a function without settings", () => {
  it.each(["GET /api/plan", "GET /api/fleet", "POST /api/reconcile"])(
    "%s answers what is missing, and the process lives on",
    async (line) => {
      const worker = await startWorker({ directory: DIST });
      const answer = await worker.http(line);
      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.body)).toMatchObject({ error: "CONFIGURATION" });
      expect((await worker.http("GET /api/plan?output=yaml")).status).toBe(400);
      expect(await worker.stop()).toBe(0);
    },
  );
});
