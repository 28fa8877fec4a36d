/**
 * Loads a Functions app and calls its functions exactly as the Azure worker does: same module (`@azure/functions-core`)
 * put under `require`, same programming model, hooks and wire shapes. What works here works there; nothing of the app
 * knows the difference. Used by `service-router serve` and by the host tests.
 * A file is evaluated once per process, so its registrations exist once per process too: loading the same entry again
 * answers the functions of the first time.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { Module } from "node:module";
import { InvariantError, asError } from "../../shared/errors.ts";
import type {
  Binding,
  CoreApi,
  CoreInvocationContext,
  Disposable,
  FunctionMetadata,
  Handler,
  HookCallback,
  HookName,
  InvocationRequest,
  LogLevel,
  ProgrammingModel,
  WireData,
} from "./worker-protocol.ts";

export type LogEntry = {
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  /** Absent for what the library says outside an invocation. */
  readonly functionName?: string;
  readonly invocationId?: string;
};

export type RegisteredFunction = {
  readonly name: string;
  readonly trigger: Binding;
  /** Name of the trigger's binding: the input goes under it. */
  readonly triggerName: string;
  readonly retryOptions?: unknown;
};

/** `failed`: the handler threw; the host answers an HTTP call with 500 and an empty body. */
export type Invocation =
  | { readonly kind: "succeeded"; readonly invocationId: string; readonly returned: WireData | undefined }
  | { readonly kind: "failed"; readonly invocationId: string; readonly error: Error };

export type FunctionsRuntime = {
  /** Sorted by name: the host tries routes in this order, not by how specific they are. */
  readonly functions: readonly RegisteredFunction[];
  /** @throws InvariantError when there is no such function. A handler that throws is `failed`. */
  invoke(call: {
    readonly name: string;
    readonly data: WireData;
    readonly triggerMetadata?: Readonly<Record<string, WireData>>;
    readonly log: (entry: LogEntry) => void;
  }): Promise<Invocation>;
  /** Runs the app's `appTerminate` hooks. */
  terminate(): Promise<void>;
};

const CORE_MODULE = "@azure/functions-core";

class HookRegistration implements Disposable {
  readonly #dispose: () => void;
  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }
  dispose(): void {
    this.#dispose();
  }
}

type App = {
  readonly functions: Map<string, { readonly metadata: FunctionMetadata; readonly handler: Handler }>;
  readonly hooks: Map<HookName, Set<HookCallback>>;
  /** Shared by all hooks of the app, as in the worker. */
  readonly appHookData: Record<string, unknown>;
  model: ProgrammingModel | undefined;
};

/** Registrations go to the app that is being loaded; one at a time, see `load`. */
let loading: App | undefined;
let patched = false;
const loaded = new Map<string, Promise<FunctionsRuntime>>();

/**
 * @param entry a name for what is loaded; the same entry again answers the same runtime.
 * @param load imports the app's files, which register their functions while they are evaluated.
 */
export function loadFunctions(entry: string, load: () => Promise<unknown>): Promise<FunctionsRuntime> {
  const known = loaded.get(entry);
  if (known !== undefined) {
    return known;
  }
  const runtime = loadOnce(load);
  loaded.set(entry, runtime);
  return runtime;
}

async function loadOnce(load: () => Promise<unknown>): Promise<FunctionsRuntime> {
  if (loading !== undefined) {
    throw new InvariantError("two Functions apps are loaded at the same time; load one after the other");
  }
  const app: App = { functions: new Map(), hooks: new Map(), appHookData: {}, model: undefined };
  loading = app;
  try {
    offerCoreModule();
    await load();
    await app.model?.getCapabilities({});
    await runHooks(app, "appStart", { hookData: {}, appHookData: app.appHookData });
  } finally {
    loading = undefined;
  }
  return runtimeOf(app);
}

/** Puts our core module where the worker puts its own: in front of every `require` of this process. */
function offerCoreModule(): void {
  if (patched) {
    return;
  }
  patched = true;
  const api = coreApi();
  const original: unknown = Reflect.get(Module.prototype, "require");
  if (typeof original !== "function") {
    throw new InvariantError("this Node has no Module.prototype.require to stand in front of");
  }
  const offering = new Proxy(original, {
    apply: (target, thisArgument, [id, ...rest]: [unknown, ...unknown[]]): unknown =>
      id === CORE_MODULE ? api : Reflect.apply(target, thisArgument, [id, ...rest]),
  });
  Reflect.set(Module.prototype, "require", offering);
}

/** The app that registers now. */
function current(): App {
  if (loading === undefined) {
    throw new InvariantError("functions and hooks are registered while the app is loaded, not later");
  }
  return loading;
}

function coreApi(): CoreApi {
  return {
    version: "3.9.1",
    hostVersion: "4.1040.0",
    Disposable: HookRegistration,
    registerFunction: (metadata, handler) => {
      const app = current();
      app.functions.set(metadata.name, { metadata, handler });
      return new HookRegistration(() => app.functions.delete(metadata.name));
    },
    registerHook: (name, callback) => {
      const callbacks = current().hooks.get(name) ?? new Set();
      current().hooks.set(name, callbacks.add(callback));
      return new HookRegistration(() => callbacks.delete(callback));
    },
    setProgrammingModel: (model) => {
      current().model = model;
    },
    getProgrammingModel: () => modelOf(current()),
    log: () => {},
  };
}

function modelOf(app: App): ProgrammingModel {
  if (app.model === undefined) {
    throw new InvariantError("no function was registered: the app set no programming model");
  }
  return app.model;
}

async function runHooks(app: App, name: HookName, context: Record<string, unknown>): Promise<void> {
  for (const callback of app.hooks.get(name) ?? []) {
    await callback(context);
  }
}

function runtimeOf(app: App): FunctionsRuntime {
  const functions = [...app.functions.values()]
    .map(({ metadata }) => registered(metadata))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return {
    functions,
    invoke: async ({ name, data, triggerMetadata, log }) => {
      const known = app.functions.get(name);
      if (known === undefined) {
        throw new InvariantError(`no function ${name}; there are ${functions.map((one) => one.name).join(", ")}`);
      }
      const request: InvocationRequest = {
        inputData: [{ name: registered(known.metadata).triggerName, data }],
        triggerMetadata: triggerMetadata ?? {},
        traceContext: {
          traceParent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
          traceState: "",
        },
      };
      return await invokeOnce({ app, metadata: known.metadata, handler: known.handler, request, log });
    },
    terminate: () => runHooks(app, "appTerminate", { hookData: {}, appHookData: app.appHookData }),
  };
}

function registered(metadata: FunctionMetadata): RegisteredFunction {
  for (const [triggerName, trigger] of Object.entries(metadata.bindings)) {
    if (trigger.type.toLowerCase().endsWith("trigger")) {
      return {
        name: metadata.name,
        trigger,
        triggerName,
        ...(metadata.retryOptions === undefined ? {} : { retryOptions: metadata.retryOptions }),
      };
    }
  }
  throw new InvariantError(`function ${metadata.name} has no trigger`);
}

/** The worker's order: arguments, pre hooks (may replace inputs and handler), handler, post hooks, response. */
async function invokeOnce(call: {
  readonly app: App;
  readonly metadata: FunctionMetadata;
  readonly handler: Handler;
  readonly request: InvocationRequest;
  readonly log: (entry: LogEntry) => void;
}): Promise<Invocation> {
  const { app, metadata, handler, request, log } = call;
  const invocationId = randomUUID();
  const core: CoreInvocationContext = {
    invocationId,
    request,
    metadata,
    log: (level, category, message) => log({ level, category, message, functionName: metadata.name, invocationId }),
  };
  try {
    const model = modelOf(app).getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    const common = { hookData: {}, appHookData: app.appHookData, invocationContext: context };
    const before = { ...common, functionCallback: handler, inputs };
    core.state = "preInvocationHooks";
    await runHooks(app, "preInvocation", before);
    core.state = "invocation";
    const after: Record<string, unknown> = { ...common, inputs: before.inputs, result: null, error: null };
    try {
      after["result"] = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (caught) {
      after["error"] = asError(caught);
    }
    core.state = "postInvocationHooks";
    await runHooks(app, "postInvocation", after);
    if (after["error"] !== null && after["error"] !== undefined) {
      return { kind: "failed", invocationId, error: asError(after["error"]) };
    }
    const response = await model.getResponse(context, after["result"]);
    return { kind: "succeeded", invocationId, returned: response.returnValue ?? undefined };
  } catch (caught) {
    return { kind: "failed", invocationId, error: asError(caught) };
  }
}
