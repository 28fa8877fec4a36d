/** The machine that figures belong to. Figures of two machines are never compared without saying so. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
};

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

export function machineLine(machine: Machine): string {
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}`;
}

/** Processes that wanted a core during the last minute: more than there are cores means that others were measured as well. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
