/** Everything that is registered; the entry of the bundle. Importing it registers and does nothing else. */
import { app } from "@azure/functions";
import { closeFleetApp } from "./fleet-app.ts";

export * from "./fleet.http.ts";
export * from "./plan.http.ts";
export * from "./reconcile.eventgrid.ts";
export * from "./reconcile.http.ts";
export * from "./reconcile.timer.ts";

app.hook.appTerminate(closeFleetApp);
