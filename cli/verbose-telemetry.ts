/** With --verbose: what the pass says about itself, one line each on stderr. Fields never hold secrets (see ports.ts). */
import type { ComposeOptions } from "../shared/compose.ts";
import type { CliHost } from "./host.ts";

type Telemetry = NonNullable<ComposeOptions["telemetry"]>;
type Fields = Readonly<Record<string, string | number | boolean>>;

export function verboseTelemetry(host: CliHost): Telemetry {
  const write = (level: string, message: string, fields: Fields = {}) => {
    const said = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`);
    host.stderr.write(`${host.stderr.paint("dim", `${level} ${message}${said.join("")}`)}\n`);
  };
  return {
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    metric: (name, value, attributes) => write("metric", `${name} ${value}`, attributes),
  };
}

/** Without --verbose: what matters is in the report, which is shown. */
export const silentTelemetry: Telemetry = { info: () => {}, warn: () => {}, error: () => {}, metric: () => {} };
