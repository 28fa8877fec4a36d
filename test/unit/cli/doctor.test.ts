import { describe, expect, it } from "vitest";
import type { DoctorOptions } from "../../../shared/compose-doctor.ts";
import { ConfigurationError } from "../../../shared/errors.ts";
import { finding, type Severity } from "../../../shared/model/finding.ts";
import { diagnosis } from "../../support/diagnoses.ts";
import { run } from "./fake-host.ts";

const found = (...severities: readonly Severity[]) =>
  diagnosis({ findings: severities.map((severity) => finding("SyncPolicy", { severity, what: "policy sync" })) });

async function optionsOf(...argv: readonly string[]): Promise<Omit<DoctorOptions, "progress" | "signal">> {
  const seen: DoctorOptions[] = [];
  const result = await run(["doctor", ...argv], {
    diagnose: (options) => {
      seen.push(options);
      return diagnosis();
    },
  });
  expect(result).toMatchObject({ exitCode: 0, stderr: "", opened: [] });
  const [{ progress: _progress, signal: _signal, ...options }] = seen as [DoctorOptions];
  return options;
}

describe("doctor", () => {
  it.each<[string, readonly Severity[], number]>([
    ["nothing is found", [], 0],
    ["only what is worth knowing is found", ["info", "info"], 0],
    ["something is a warning", ["info", "warning"], 2],
    ["something is critical", ["critical", "warning", "info"], 1],
  ])("when %s: exit code", async (_when, severities, exitCode) => {
    const result = await run(["doctor"], { diagnose: () => found(...severities) });
    expect(result).toMatchObject({ exitCode, stderr: "" });
    expect(result.stdout).toMatch(/^Doctor: 1 cluster, 1 instance of ExternalDNS; /);
  });

  it.each<[readonly string[], object]>([
    [[], {}],
    [["--context", "a", "--context", "b"], { contexts: ["a", "b"] }],
    [["--all-contexts", "--kubeconfig", "k.yaml"], { allContexts: true, kubeconfigPath: "k.yaml" }],
    [["--config", "f.yaml"], { configurationPath: "f.yaml" }],
  ])("passes %j on", async (argv, options) => expect(await optionsOf(...argv)).toEqual(options));

  it.each([
    ["contexts and all contexts", ["--context", "a", "--all-contexts"], "--context and --all-contexts contradict"],
    ["a fleet and contexts", ["--config", "f.yaml", "--context", "a"], "--config and --context contradict"],
    ["a fleet and all contexts", ["--config", "f.yaml", "--all-contexts"], "--config and --all-contexts contradict"],
    ["a fleet and a kubeconfig", ["--config", "f.yaml", "--kubeconfig", "k"], "--config and --kubeconfig contradict"],
    ["an empty context", ["--context", ""], "give the name of a context"],
    ["a kubeconfig given twice", ["--kubeconfig", "a", "--kubeconfig", "b"], "Give it once"],
  ])("refuses %s, and looks at nothing", async (_what, argv, said) => {
    const result = await run(["doctor", ...argv], { diagnose: () => Promise.reject(new Error("looked")) });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain(said);
    expect(result.stderr).toContain("→");
  });

  it("writes one JSON document and nothing else to stdout", async () => {
    const result = await run(["doctor", "--output", "json"], { diagnose: () => found("critical") });
    expect(JSON.parse(result.stdout)).toMatchObject({
      kind: "Diagnosis",
      summary: { critical: 1, warning: 0, info: 0 },
    });
    expect(result.exitCode).toBe(1);
  });

  it("writes the headline only with --quiet", async () => {
    const result = await run(["doctor", "--quiet"], { diagnose: () => found("critical") });
    expect(result.stdout).toBe("Doctor: 1 cluster, 1 instance of ExternalDNS; 1 critical finding\n");
  });

  it("says what a kubeconfig is lacking, and exits 1", async () => {
    const fault = new ConfigurationError("kubeconfig k", [
      { path: "current-context", message: "names no current context" },
    ]);
    const result = await run(["doctor"], { diagnose: () => Promise.reject(fault) });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain("names no current context");
  });

  it("ends with 130 when it was interrupted", async () => {
    let press = (): void => {};
    const result = await run(
      ["doctor"],
      {
        diagnose: ({ signal }) => {
          press();
          return Promise.reject(signal?.reason instanceof Error ? signal.reason : new Error("not asked to stop"));
        },
      },
      { onListening: (listener) => (press = listener) },
    );
    expect(result.exitCode).toBe(130);
    expect(result.stderr).not.toContain("error:");
  });

  it("shows what it is at, to whoever waits", async () => {
    const result = await run(
      ["doctor"],
      {
        diagnose: ({ progress }) => {
          progress.stage("inspect");
          return diagnosis();
        },
      },
      { stderrIsTTY: true, columns: 80 },
    );
    expect(result.stderr).toContain("asking for rights and time");
  });
});
