import type { Invocation, LogEntry, RegisteredFunction } from "../../../cli/serve/functions-runtime.ts";
import type { WireData } from "../../../cli/serve/worker-protocol.ts";

export type ToWorker =
  | { readonly kind: "invoke"; readonly id: number; readonly name: string; readonly data: WireData }
  | { readonly kind: "stop" };

export type FromWorker =
  | { readonly kind: "loaded"; readonly functions: readonly RegisteredFunction[]; readonly loadMs: number }
  | {
      readonly kind: "invoked";
      readonly id: number;
      readonly invocation: Invocation;
      readonly logs: readonly LogEntry[];
    };
