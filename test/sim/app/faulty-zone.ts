/**
 * The ZonePort that the product gets: the simulated zone behind Azure Resource Manager, which is slow, forgets permissions,
 * throttles, loses pages and answers of yesterday. Records what each run was given, and what it wanted to write.
 */
import { ForbiddenError, ThrottledError, ZoneNotFoundError, ZoneUnreachableError } from "../../../shared/errors.ts";
import type { FleetError } from "../../../shared/errors.ts";
import type { RecordSet } from "../../../shared/model/zone-records.ts";
import type { ZonePort } from "../../../shared/ports.ts";
import type { Zone } from "../world/zone.ts";
import type { AppProcess } from "./app-process.ts";
import { secretCause } from "./faulty-cluster.ts";
import type { Run } from "./run-context.ts";

type Call = { readonly process: AppProcess; readonly run: Run; readonly zone: Zone };

export function faultyZone(call: Call): ZonePort {
  const { process, run, zone } = call;
  const { port } = zone.memory;
  const write = async <T>(what: string, send: () => Promise<T>): Promise<T> => {
    await process.send(process.random.int(10, 80));
    run.zoneWrites.push(`${what} in ${zone.dnsName} of ${zone.region}`);
    const written = await send();
    await process.wait(1);
    return written;
  };
  return {
    zone: port.zone,
    list: (signal) => readList(call, signal),
    get: async (id, signal) => {
      await process.wait(process.random.int(5, 60));
      return port.get(id, signal);
    },
    put: (record, signal) => write(`put ${record.type} ${record.name}`, () => port.put(record, signal)),
    remove: (target, signal) => write(`delete ${target.type} ${target.name}`, () => port.remove(target, signal)),
    deniedActions: (actions, signal) => port.deniedActions(actions, signal),
  };
}

async function readList(call: Call, signal: AbortSignal): Promise<readonly RecordSet[]> {
  const { process, run, zone } = call;
  await process.wait(process.random.int(5, 60));
  signal.throwIfAborted();
  const reading = { region: zone.region, zone: zone.dnsName, atMs: process.site.nowMs() };
  const fault = await faultOf(call);
  if (fault === undefined) {
    const recordSets = zone.list();
    run.zoneReadings.push({ ...reading, recordSets });
    return recordSets;
  }
  run.zoneReadings.push(reading);
  run.faults += 1;
  throw fault;
}

async function faultOf({ process, run, zone }: Call): Promise<FleetError | undefined> {
  const { region, dnsName } = zone;
  const label = `rg-${region}/${dnsName}`;
  const struck = process.site.faulty && process.random.chance(zone.flakiness);
  switch (struck ? "cut" : zone.answer) {
    case "whole":
    case "stale":
      return undefined;
    case "forbidden":
      return new ForbiddenError(`zone ${label}`, "read record sets", secretCause(), 'the role "Reader"');
    case "missing":
      return new ZoneNotFoundError(label, secretCause());
    case "throttled":
      return new ThrottledError(`zone ${label}`, 30_000, secretCause());
    case "away":
      return new ZoneUnreachableError(label, "connect ETIMEDOUT", secretCause());
    case "cut":
      return new ZoneUnreachableError(label, "500 on page 2", secretCause(), "gives no usable answer");
    case "hanging": {
      const longestMs = run.configuration.readSeconds * 1000;
      await process.wait(longestMs);
      return new ZoneUnreachableError(label, `no answer within ${longestMs} ms`, secretCause());
    }
  }
}
