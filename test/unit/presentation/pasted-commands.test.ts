import { describe, expect, it } from "vitest";
import { pastedCommand, withConfiguration } from "../../../shared/presentation/pasted-commands.ts";
import { presentMigration } from "../../../shared/presentation/migration.ts";
import { presentZonePlan } from "../../../shared/presentation/zone-plan.ts";
import { migration, migrationTask } from "../../support/migrations.ts";
import { garbageChange, zonePlan } from "../../support/zone-plans.ts";

const config = "fleets/eu.yaml";

describe("pastedCommand", () => {
  it.each([
    ["service-router plan", undefined, "service-router plan"],
    ["service-router plan", config, "service-router plan --config fleets/eu.yaml"],
    ["service-router plan", "my fleet's.yaml", String.raw`service-router plan --config 'my fleet'\''s.yaml'`],
    ["kubectl get pods", config, "kubectl get pods"],
  ])("%s with --config %s is %s", (command, given, pasted) => {
    expect(pastedCommand(command, given)).toBe(pasted);
  });
});

describe("withConfiguration", () => {
  it("changes commands however deep they stand, and no sentence that only names one", () => {
    const sentence = { kind: "text", text: ["service-router plan names each"] } as const;
    const detail = [["name", "service-router approve 1"]] as const;
    const document = (inner: string, named: string) =>
      ({
        headline: ["x"],
        blocks: [
          {
            kind: "section",
            title: ["t"],
            folded: false,
            blocks: [
              sentence,
              { kind: "command", text: inner },
              { kind: "entries", entries: [{ head: [], details: [[["name", named]]] }], more: 0 },
            ],
          },
        ],
      }) as const;
    expect(withConfiguration(document("service-router plan", detail[0][1]), config)).toEqual(
      document(`service-router plan --config ${config}`, `service-router approve 1 --config ${config}`),
    );
  });
});

describe("present", () => {
  const due = zonePlan({
    changes: [garbageChange()],
    held: [
      { scope: "zone/weu", code: "OldOwnership", reason: "r", digest: "aaaa00000001", changes: [garbageChange()] },
    ],
  });
  const next = migration({
    steps: {
      ownership: {
        state: "next",
        tasks: [
          migrationTask({
            state: "next",
            todo: [{ say: "do", commands: ["service-router dns copy-ownership --region weu", "kubectl get pods"] }],
          }),
        ],
      },
    },
  });

  it.each(["text", "markdown"] as const)("repeats --config on each command in %s", (format) => {
    const shown =
      presentZonePlan(due, { task: "garbage" }, { format, config }) + presentMigration(next, { format, config });
    const commands = shown.split("\n").filter((line) => /^\s*service-router /.test(line));
    expect(commands).toHaveLength(4);
    for (const command of commands) expect(command).toMatch(/ --config fleets\/eu\.yaml$/);
    expect(shown).toContain("kubectl get pods\n");
  });

  it("repeats it in JSON, where a document holds commands", () => {
    const plan: unknown = JSON.parse(presentZonePlan(due, { task: "garbage" }, { format: "json", config }));
    expect(plan).toMatchObject({
      approve: `service-router garbage --approve ${due.digest} --config ${config}`,
      held: [{ approve: `service-router garbage --approve aaaa00000001 --config ${config}` }],
    });
    const json = presentMigration(next, { format: "json", config });
    expect(json).toContain(`"service-router dns copy-ownership --region weu --config ${config}"`);
    expect(json).toContain('"kubectl get pods"');
  });
});
