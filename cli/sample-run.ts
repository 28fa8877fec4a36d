/**
 * `npm start`: the main job on the sample fleet, in one screen. Plans, applies once, and says what came of it, what is wrong
 * in the sample on purpose, and where to look. Nothing but manifests and files is involved; the second run changes nothing.
 */
import { fileURLToPath } from "node:url";
import { relative } from "node:path";
import { composeFleetApp } from "../shared/compose.ts";
import type { FleetApp } from "../shared/compose.ts";
import { asError } from "../shared/errors.ts";
import type { PassReport } from "../shared/model/report.ts";
import { renderText } from "../shared/presentation/render-text.ts";
import { applyExitCode, EXIT } from "./exit-codes.ts";
import { sampleSummary } from "./sample-summary.ts";
import { styledPaint } from "./styled-paint.ts";

process.exitCode = await run().catch((caught: unknown) => {
  process.stderr.write(`The sample fleet could not be reconciled: ${asError(caught).message}\n`);
  return 1;
});

async function run(): Promise<number> {
  const configurationPath = relative(process.cwd(), fileURLToPath(import.meta.resolve("../samples/fleet/fleet.yaml")));
  const app = await composeFleetApp({ configurationPath, holder: "sample" });
  try {
    const planned = await app.preview();
    const applied = await passNow(app);
    const after = await app.preview();
    const outputs = app.configuration.clusters.flatMap(({ source }) =>
      source.kind === "manifests" ? `${relative(process.cwd(), source.directory)}.out` : [],
    );
    const document = sampleSummary({ planned, applied, after, configurationPath, outputs });
    const width = process.stdout.isTTY ? { width: process.stdout.columns } : {};
    process.stdout.write(renderText(document, { paint: styledPaint(process.stdout), ...width }));
    // What is held is no failure of the sample: whoever edits it may well want to see that.
    return applyExitCode(applied) === EXIT.error ? EXIT.error : EXIT.ok;
  } finally {
    await app.close();
  }
}

async function passNow(app: FleetApp): Promise<PassReport> {
  const outcome = await app.reconcile({ by: "sample", waitForLeaseMs: 70_000, allStatuses: true });
  if (outcome.kind !== "ran")
    throw new Error("another pass runs on the sample fleet; run npm start again when it has ended");
  return outcome.report;
}
