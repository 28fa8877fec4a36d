/** Reading a whole zone through the zone port, against fetch and JSON.parse of the same pages and nothing else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Agent, request } from "undici";
import { API_VERSION, openAzureZone } from "../../shared/adapters/azure-dns/azure-zone.ts";
import { DnsClients } from "../../shared/adapters/azure-dns/dns-clients.ts";
import { systemClock } from "../../shared/adapters/system/clock.ts";
import { readRecordSet } from "../../shared/contracts/azure/record-set.ts";
import type { ZonePort } from "../../shared/ports.ts";
import { credentialOf, TEST_SUBSCRIPTION } from "../support/private-dns/private-dns-server.ts";
import { alternate, median, timed, type Benchmark, type BenchOptions, type Outcome } from "./figures.ts";
import type { ZoneServerPlace } from "./zones-process.ts";

const WARM_UPS = 1;
const ROUNDS = 5;
const address = { subscription: TEST_SUBSCRIPTION, resourceGroup: "rg-weu", zone: "example.com" };

export const zones: Benchmark = {
  name: "zones",
  title: "reading a whole zone from a server with Azure's pages of 100 record sets",
  run: measureZones,
};

async function measureZones({ quick, say }: BenchOptions): Promise<Outcome> {
  const small = quick ? 500 : 5_000;
  const large = small * 10;
  say(`starting zones of ${small} and ${large} record sets`);
  const [few, many] = [await startZone(small), await startZone(large)];
  try {
    say("warming up");
    await alternate(WARM_UPS, many.ours, many.floor);
    say("measuring");
    const times = await alternate(ROUNDS, many.ours, many.floor);
    const smallTimes = await alternate(ROUNDS, few.ours, few.floor);
    const texts = await many.pages();
    const parse = (): unknown[] => texts.map((text): unknown => JSON.parse(text));
    const mapping = await alternate(
      ROUNDS,
      () => timed(async () => mapAll(parse())),
      () => timed(async () => parse()),
    );
    return {
      figures: [
        {
          what: `${large} record sets through the port`,
          value: median(times.ours),
          unit: "ms",
          floor: { what: "fetch and JSON.parse of the same pages", value: median(times.floor), runs: times.floor },
          runs: times.ours,
        },
        {
          what: "CPU of this process for it, which other work on the machine disturbs less",
          value: median(times.oursCpu),
          unit: "ms",
          floor: { what: "the same pages", value: median(times.floorCpu), runs: times.floorCpu },
          runs: times.oursCpu,
        },
        {
          what: "JSON.parse of those pages and making record sets of them, without network: CPU",
          value: median(mapping.oursCpu),
          unit: "ms",
          floor: { what: "JSON.parse alone", value: median(mapping.floorCpu), runs: mapping.floorCpu },
          runs: mapping.oursCpu,
        },
        {
          what: `CPU per record set of ${large}`,
          value: (median(times.oursCpu) * 1_000) / large,
          unit: "µs",
          floor: { what: `of ${small}`, value: (median(smallTimes.oursCpu) * 1_000) / small },
        },
        {
          what: "calls per 1,000 record sets",
          value: (texts.length * 1_000) / large,
          unit: "",
          target: { of: "value", atMost: 11 },
        },
      ],
      notes: [`${texts.length} pages one after another, in both; the server runs in a process of its own`],
    };
  } finally {
    await few.close();
    await many.close();
  }
}

function mapAll(pages: readonly unknown[]): number {
  let read = 0;
  for (const page of pages as readonly { readonly value: readonly unknown[] }[]) {
    for (const entry of page.value) if (readRecordSet(address.zone, entry).is === "record-set") read += 1;
  }
  return read;
}

type BenchZone = {
  readonly ours: () => ReturnType<typeof timed>;
  readonly floor: () => ReturnType<typeof timed>;
  /** Bodies of every page. */
  readonly pages: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

async function startZone(recordSets: number): Promise<BenchZone> {
  const server = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "zones-process.ts"), String(recordSets)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const [line] = (await once(createInterface(server.stdout), "line")) as [string];
  const place = JSON.parse(line) as ZoneServerPlace;
  const { endpoint, caPem, token, id } = place;
  const clients = new DnsClients(credentialOf("bench"), { endpoint, caPem });
  const port: ZonePort = openAzureZone({ address, clients, clock: systemClock });
  const dispatcher = new Agent({ connections: 1, connect: { ca: caPem }, allowH2: false });
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const pages = async (): Promise<readonly string[]> => {
    const texts: string[] = [];
    let next: string | undefined = `${endpoint}${id}/ALL?api-version=${API_VERSION}`;
    while (next !== undefined) {
      const { body } = await request(next, { dispatcher, headers });
      const text: string = await body.text();
      texts.push(text);
      next = (JSON.parse(text) as { readonly nextLink?: string }).nextLink;
    }
    return texts;
  };
  const ours = async (): Promise<void> => {
    const found = await port.list(AbortSignal.timeout(120_000));
    if (found.length !== recordSets) throw new Error(`read ${found.length} of ${recordSets} record sets`);
  };
  return {
    ours: () => timed(ours),
    floor: () => timed(pages),
    pages,
    close: async () => {
      const ended = once(server, "exit");
      server.stdin.end();
      await Promise.all([ended, dispatcher.close()]);
    },
  };
}
