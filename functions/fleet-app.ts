/**
 * The one FleetApp of this process: composed at the first invocation that needs it, then used by all of them.
 * Nothing happens at import. Composition is imported only when it is first needed, because SDKs hang on it and registering
 * functions must not wait for those (every cold start would).
 */
import type { ComposeOptions, FleetApp } from "../shared/compose.ts";
import { invocationTelemetry } from "./invocation-log.ts";

export type OpenFleetApp = () => Promise<FleetApp>;

let open: OpenFleetApp = () => compose({});
let opened: Promise<FleetApp> | undefined;

async function compose(options: Pick<ComposeOptions, "configurationPath">): Promise<FleetApp> {
  const { composeFleetApp } = await import("../shared/compose.ts");
  return await composeFleetApp({ ...options, telemetry: invocationTelemetry, holder: "functions" });
}

/**
 * A failed composition is not kept: the next invocation tries again, so a corrected setting needs no restart.
 * @throws ConfigurationError with every fault, or what the store or a source threw.
 */
export async function fleetApp(): Promise<FleetApp> {
  const pending = (opened ??= open());
  try {
    return await pending;
  } catch (caught) {
    if (opened === pending) {
      opened = undefined;
    }
    throw caught;
  }
}

/** Local host: take this fleet.yaml instead of the settings of the environment. Call before the first invocation. */
export function useFleetConfiguration(configurationPath: string | undefined): void {
  useFleetApp(() => compose(configurationPath === undefined ? {} : { configurationPath }));
}

/** Another way to open the app; one that is already open is forgotten, its owner closes it. */
export function useFleetApp(how: OpenFleetApp): void {
  open = how;
  opened = undefined;
}

/** When the process ends gracefully. Never throws: there is nobody left to tell. */
export async function closeFleetApp(): Promise<void> {
  const pending = opened;
  opened = undefined;
  try {
    await (await pending)?.close();
  } catch {
    // It could not be opened, or not be closed; either way nothing of it is left to close.
  }
}
