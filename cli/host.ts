/** What the command line needs of the process that it runs in: tests give their own. */
import type { ComposeOptions, FleetApp } from "../shared/compose.ts";
import type { DoctorOptions } from "../shared/compose-doctor.ts";
import type { Diagnosis } from "../shared/model/diagnosis.ts";
import type { Paint } from "../shared/presentation/document.ts";
import type { ServeOptions } from "./serve/serve.ts";

export type Output = {
  write(text: string): void;
  /** A terminal in which a line can be taken back and written anew. */
  readonly rewritesLines: boolean;
  /** Columns of the terminal; undefined for files and pipes. */
  readonly columns: number | undefined;
  /** Colours as this stream and the user's settings (NO_COLOR, FORCE_COLOR) allow. */
  readonly paint: Paint;
};

export type CliHost = {
  /** Results only: what a script reads. */
  readonly stdout: Output;
  /** Progress, errors, and what was asked for with --verbose. */
  readonly stderr: Output;
  compose(options: ComposeOptions): Promise<FleetApp>;
  diagnose(options: DoctorOptions): Promise<Diagnosis>;
  serve(options: ServeOptions): Promise<void>;
  /** Text of a file. */
  readText(path: string): Promise<string>;
  /** Calls the listener at every Ctrl-C (130) or request to terminate (143), until the returned function is called. */
  onInterrupt(listener: (exitCode: number) => void): () => void;
  /** Ends the process at once. */
  exit(exitCode: number): void;
  nowMs(): number;
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Who is logged in on this machine: somebody's word, not a verified identity. */
  readonly userName: string;
};
