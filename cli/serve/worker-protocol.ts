/**
 * The part of `@azure/functions-core` that a Functions app needs: what the Azure worker offers to the library and what the
 * library gives back. That module exists nowhere but inside the worker, so its shapes are written down here.
 * Source: azure-functions-nodejs-worker and azure-functions-nodejs-library 4.16; shapes checked against the real worker.
 */

export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** One value on the wire. Timers come as `json`, events as `json`, requests and responses as `http`. */
export type WireData = {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly http?: WireHttp | null;
};

/** A request or a response; the response has `statusCode` (a string), the request the rest. */
export type WireHttp = {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly statusCode?: string;
  readonly body?: WireData | null;
};

export type Binding = {
  readonly type: string;
  readonly direction: "in" | "out" | "inout";
  readonly name?: string;
  /** Timer triggers: NCRONTAB, six fields. */
  readonly schedule?: string;
  /** HTTP triggers. */
  readonly methods?: readonly string[];
  readonly authLevel?: string;
  readonly route?: string;
};

export type FunctionMetadata = {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
};

export type Handler = (...inputs: unknown[]) => unknown;

export type InvocationRequest = {
  readonly inputData: readonly { readonly name: string; readonly data: WireData }[];
  readonly triggerMetadata: Readonly<Record<string, WireData>>;
  readonly traceContext: { readonly traceParent: string; readonly traceState: string };
};

/** What the worker hands the library for one invocation. `state` changes while it goes on. */
export type CoreInvocationContext = {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: "preInvocationHooks" | "invocation" | "postInvocationHooks";
  log(level: LogLevel, category: "user" | "system" | "customMetric", message: string): void;
};

export type InvocationModel = {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Handler): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ readonly returnValue?: WireData | null }>;
};

export type ProgrammingModel = {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
};

export type HookName = "preInvocation" | "postInvocation" | "appStart" | "appTerminate" | "log";
export type HookCallback = (context: Record<string, unknown>) => unknown;

/** What `require("@azure/functions-core")` answers inside the worker. */
export type CoreApi = {
  readonly version: string;
  readonly hostVersion: string;
  registerFunction(metadata: FunctionMetadata, handler: Handler): Disposable;
  registerHook(name: HookName, callback: HookCallback): Disposable;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel;
  log(level: LogLevel, category: string, message: string): void;
  readonly Disposable: new (dispose: () => void) => Disposable;
};

export type Disposable = { dispose(): void };
