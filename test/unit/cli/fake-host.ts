/** The command line in-process: a fleet app with given answers, and a process whose output is kept. */
import type { ComposeOptions, FleetApp } from "../../../shared/compose.ts";
import type { DoctorOptions } from "../../../shared/compose-doctor.ts";
import type { Diagnosis } from "../../../shared/model/diagnosis.ts";
import type { ApprovalOutcome, PassOutcome } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { ZonePlan, ZoneRun } from "../../../shared/model/zone-change.ts";
import { plainPaint } from "../../../shared/presentation/document.ts";
import type { CliHost, Output } from "../../../cli/host.ts";
import { runCli } from "../../../cli/run-cli.ts";
import type { ServeOptions } from "../../../cli/serve/serve.ts";
import { diagnosis } from "../../support/diagnoses.ts";
import { fleetConfiguration, PASS_AT_MS, passReport } from "../../support/reports.ts";
import { zonePlan, zoneRun } from "../../support/zone-plans.ts";

type Reconcile = Parameters<FleetApp["reconcile"]>[0];

export type FakeFleet = {
  readonly configuration?: FleetApp["configuration"];
  readonly preview?: (options: Parameters<FleetApp["preview"]>[0]) => PassReport | Promise<PassReport>;
  /** Called once per pass with its number, from 0. */
  readonly reconcile?: (pass: number, options: Reconcile) => PassOutcome | Promise<PassOutcome>;
  readonly approve?: (options: Parameters<FleetApp["approve"]>[0]) => ApprovalOutcome;
  readonly planZones?: (request: Parameters<FleetApp["planZones"]>[0]) => ZonePlan;
  readonly carryOutZones?: (request: Parameters<FleetApp["carryOutZones"]>[0]) => ZoneRun | Promise<ZoneRun>;
  readonly diagnose?: (options: DoctorOptions) => Diagnosis | Promise<Diagnosis>;
  /** Instead of an app: what opening it throws. */
  readonly cannotOpen?: Error;
};

export type FakeProcess = {
  readonly stderrIsTTY?: boolean;
  readonly columns?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly serve?: (options: ServeOptions) => Promise<void>;
  /** Called at the start of every sleep. */
  readonly onSleep?: () => void;
  /** Gets the way to press Ctrl-C, as soon as a command listens for it. */
  readonly onListening?: (press: () => void) => void;
};

export type CliRun = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Options the app was opened with. */
  readonly opened: readonly ComposeOptions[];
  readonly closed: number;
  /** Milliseconds slept in all. */
  readonly sleptMs: number;
  /** Exit codes with which the process was ended at once. */
  readonly exits: readonly number[];
};

/** Runs the command line; its clock stands still except while it sleeps. */
export async function run(argv: readonly string[], fleet: FakeFleet = {}, around: FakeProcess = {}): Promise<CliRun> {
  const written = { stdout: "", stderr: "" };
  const opened: ComposeOptions[] = [];
  const exits: number[] = [];
  let closed = 0;
  let sleptMs = 0;
  const output = (name: "stdout" | "stderr", rewrites: boolean): Output => ({
    write: (text) => void (written[name] += text),
    rewritesLines: rewrites,
    columns: around.columns,
    paint: plainPaint,
  });
  const host: CliHost = {
    stdout: output("stdout", false),
    stderr: output("stderr", around.stderrIsTTY === true),
    compose: (options) => {
      if (fleet.cannotOpen !== undefined) return Promise.reject(fleet.cannotOpen);
      opened.push(options);
      return Promise.resolve(fakeApp(fleet, () => void (closed += 1)));
    },
    diagnose: async (options) => (await fleet.diagnose?.(options)) ?? diagnosis(),
    serve: around.serve ?? (() => Promise.resolve()),
    readText: (path) => {
      const text = around.files?.[path];
      return text === undefined ? Promise.reject(new Error("ENOENT")) : Promise.resolve(text);
    },
    onInterrupt: (listener) => {
      around.onListening?.(() => listener(130));
      return () => {};
    },
    exit: (exitCode) => void exits.push(exitCode),
    nowMs: () => PASS_AT_MS + sleptMs,
    monotonicMs: () => sleptMs,
    sleep: async (ms, signal) => {
      around.onSleep?.();
      signal.throwIfAborted();
      sleptMs += ms;
    },
    userName: "robin",
  };
  const exitCode = await runCli(argv, host);
  return { exitCode, ...written, opened, closed, sleptMs, exits };
}

function fakeApp(fleet: FakeFleet, onClose: () => void): FleetApp {
  let pass = 0;
  return {
    configuration: fleet.configuration ?? fleetConfiguration(),
    preview: async (options) => (await fleet.preview?.(options)) ?? passReport(),
    reconcile: async (options) => {
      pass += 1;
      return (await fleet.reconcile?.(pass - 1, options)) ?? { kind: "ran", report: passReport({ mode: "apply" }) };
    },
    tick: () => Promise.resolve({ kind: "not-due", nextDueAtMs: 0 }),
    requestPass: () => Promise.resolve("mark"),
    approve: (options) =>
      Promise.resolve(fleet.approve?.(options) ?? { kind: "approved", scope: "cluster/w1", changes: 1 }),
    planZones: async (request) => fleet.planZones?.(request) ?? zonePlan({ task: request.task }),
    carryOutZones: async (request) => (await fleet.carryOutZones?.(request)) ?? zoneRun({ task: request.task }),
    close: () => {
      onClose();
      return Promise.resolve();
    },
  };
}
