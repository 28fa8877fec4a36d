/**
 * A process of its own for Application Insights: its SDK patches modules and registers itself globally, and trusts the
 * certificate of a test server only by NODE_EXTRA_CA_CERTS. Usage: node telemetry-process.ts [connection string]
 * Prints the modules of the SDK that are loaded before it is opened, as JSON, then sends one of everything.
 */
import { createRequire } from "node:module";
import { openAppInsightsTelemetry } from "../../shared/adapters/telemetry/app-insights-telemetry.ts";

const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) =>
  /node_modules\/(applicationinsights|@opentelemetry)\//.test(file),
);
process.stdout.write(`${JSON.stringify(loaded)}\n`);

const [connectionString] = process.argv.slice(2);
if (connectionString !== undefined) {
  const telemetry = await openAppInsightsTelemetry({ connectionString });
  telemetry.info("pass ended", { cluster: "w1", changes: 3, complete: true });
  telemetry.warn("cluster frozen", { cluster: "n1" });
  telemetry.error("lease lost");
  telemetry.metric("pass.duration", 120, { trigger: "timer" });
  telemetry.metric("pass.duration", 80, { trigger: "timer" });
  await telemetry.flush();
  await telemetry.close();
}
