/** What arrives at an ingestion endpoint of Application Insights, from a process that runs the real SDK. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { createAuthority } from "../../support/certificates.ts";

const SENDER = fileURLToPath(new URL("../../support/telemetry-process.ts", import.meta.url));
const run = promisify(execFile);

const Envelopes = z.array(
  z.looseObject({
    data: z.looseObject({ baseType: z.string(), baseData: z.looseObject({}) }),
  }),
);
type Item = { readonly type: string; readonly data: Record<string, unknown> };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "telemetry-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("openAppInsightsTelemetry", () => {
  it("loads nothing of the SDK before it is called", async () => {
    const { stdout } = await run(process.execPath, [SENDER]);
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it("sends messages with severity and fields, and numbers with their sum and count", async () => {
    const endpoint = await startIngestion(directory);
    const connectionString = `InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=${endpoint.url}`;
    await run(process.execPath, [SENDER, connectionString], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: endpoint.caFile, APPLICATION_INSIGHTS_NO_STATSBEAT: "true" },
      timeout: 60_000,
    });
    await endpoint.close();

    const messages = endpoint.items.filter((item) => item.type === "MessageData").map((item) => item.data);
    expect(messages).toHaveLength(3);
    expect(messages[0]).toMatchObject({
      message: "pass ended",
      severityLevel: "Information",
      properties: { cluster: "w1", changes: "3", complete: "true" },
    });
    expect(messages[1]).toMatchObject({ message: "cluster frozen", severityLevel: "Warning" });
    expect(messages[2]).toMatchObject({ message: "lease lost", severityLevel: "Error" });
    expect(endpoint.items.filter((item) => item.type === "MetricData").map((item) => item.data)).toEqual([
      expect.objectContaining({
        metrics: [expect.objectContaining({ name: "pass.duration", value: 200, count: 2, min: 80, max: 120 })],
        properties: expect.objectContaining({ trigger: "timer" }),
      }),
    ]);
  });

  it("names the setting when the connection string is none", async () => {
    await expect(run(process.execPath, [SENDER, "not one"])).rejects.toThrow(/APPLICATIONINSIGHTS_CONNECTION_STRING/);
  });
});

/** Takes everything that is sent to it. The exporter speaks TLS only, whatever the connection string says. */
async function startIngestion(folder: string): Promise<{
  readonly url: string;
  readonly caFile: string;
  readonly items: Item[];
  close(): Promise<void>;
}> {
  const authority = createAuthority();
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, authority.caPem);
  const items: Item[] = [];
  const server = createServer(
    authority.issue({ commonName: "ingestion", hosts: ["127.0.0.1"] }),
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
        const envelopes = Envelopes.parse(parseBody(text.toString("utf8")));
        items.push(...envelopes.map(({ data }) => ({ type: data.baseType, data: data.baseData })));
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ itemsReceived: envelopes.length, itemsAccepted: envelopes.length, errors: [] }));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}/`,
    caFile,
    items,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A JSON array, or one JSON object per line. */
function parseBody(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) return JSON.parse(trimmed);
  return trimmed.split("\n").map((line): unknown => JSON.parse(line));
}
