import { describe, expect, it } from "vitest";
import { presentMigration } from "../../../shared/presentation/migration.ts";
import { migration, migrationTask } from "../../support/migrations.ts";

const names = Array.from({ length: 30 }, (_none, index) => `CNAME host-${String(index).padStart(2, "0")}.example.com`);

const underWay = migration({
  clusters: [
    { cluster: "n1", region: "neu", operator: "running", notAdopted: { dnsEndpoints: 3 }, takenOver: false },
    { cluster: "w1", region: "weu", operator: "stopped", notAdopted: {}, takenOver: true },
  ],
  steps: {
    ownership: {
      state: "next",
      tasks: [
        migrationTask({ what: "same" }),
        migrationTask({ cluster: "w2", what: "same" }),
        {
          region: "weu",
          state: "next",
          what: "30 records owned under another prefix alone",
          details: ["Nothing is deleted."],
          groups: [{ what: "records", names }],
          todo: [{ say: "copy their ownership TXTs", commands: ["service-router dns copy-ownership --region weu"] }],
        },
        migrationTask({ cluster: "w3", state: "look", what: "worth it" }),
      ],
    },
    differences: {
      state: "next",
      tasks: [
        migrationTask({
          state: "next",
          what: "2 differences",
          groups: [
            { what: "objects deleted", isIntended: false, names: ["DNSEndpoint a/b"] },
            { what: "records with a TTL", isIntended: true, names },
          ],
        }),
      ],
    },
    finish: { state: "waits", tasks: [migrationTask({ state: "waits", what: "there", waitsFor: "step 5: n1" })] },
  },
  notes: ["the store is empty"],
});

const text = (given = underWay, options = {}): string => presentMigration(given, { format: "text", ...options });

describe("presentMigration as text", () => {
  it("says that all is done", () => {
    const shown = text(migration());
    expect(shown.split("\n").slice(0, 2)).toEqual([
      "Migration: all steps are done",
      "1 of 1 cluster written to by service-router, no operator seen; read at 2026-11-21T14:00:00Z in 1.2 s; nothing was written",
    ]);
    expect(shown).not.toContain("Next\n");
  });

  it("says how far it is, and what is next", () => {
    expect(text().split("\n").slice(0, 2)).toEqual([
      "Migration: 3 of 6 steps done; next: step 3, One owner id and one TXT prefix per region",
      "1 of 2 clusters written to by service-router, operator running in 1, stopped in 1; read at 2026-11-21T14:00:00Z in 1.2 s; nothing was written",
    ]);
  });

  it("marks what is done, next, waits, and is worth a look; equal tasks stand together", () => {
    const shown = text();
    expect(shown).toContain(
      "→ 3 One owner id and one TXT prefix per region\n  ✓ w1, w2  same\n  · w3  worth it\n  → weu (region)  30 records",
    );
    expect(shown).toContain("  … w1  there\n    waits for step 5: n1\n");
  });

  it("shows what to type on a line of its own", () => {
    expect(text()).toContain("    → copy their ownership TXTs\n    service-router dns copy-ownership --region weu\n");
  });

  it("lets what is to be judged stand out, and only counts what is intended", () => {
    expect(text()).toContain(
      "    to be judged: objects deleted (1)\n      - DNSEndpoint a/b\n    intended: records with a TTL (30)\n",
    );
    expect(text()).toContain("      and 28 more (--output json shows all)\n");
  });

  it("fits 80 columns but for commands", () => {
    const long = text(underWay, { width: 80 })
      .split("\n")
      .filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });
});

describe("presentMigration as JSON", () => {
  it("has every step, task, name and command", () => {
    const document: unknown = JSON.parse(presentMigration(underWay, { format: "json" }));
    expect(document).toMatchObject({
      apiVersion: "service-router/v1",
      kind: "Migration",
      summary: { steps: 6, done: 3, next: "ownership" },
      clusters: [{ cluster: "n1" }, { cluster: "w1" }],
      notes: ["the store is empty"],
    });
    expect(document).toHaveProperty("steps[2].tasks[2].groups[0]", { what: "records", names, count: 30 });
    expect(document).toHaveProperty(
      "steps[2].tasks[2].todo[0].commands[0]",
      "service-router dns copy-ownership --region weu",
    );
  });

  it("has no next where nothing can be done now", () => {
    expect(JSON.parse(presentMigration(migration(), { format: "json" }))).toMatchObject({
      summary: { done: 6, next: null },
    });
  });
});

describe("presentMigration as Markdown", () => {
  it("has a heading per step, and commands to copy", () => {
    const shown = presentMigration(underWay, { format: "markdown" });
    expect(shown).toContain("#### → 3 One owner id and one TXT prefix per region");
    expect(shown).toContain("```sh\nservice-router dns copy-ownership --region weu\n```");
    expect(shown).toContain("- ✓ **w1, w2**");
  });
});
