/** "Look again": a mark in the store. Never a payload to trust, and cheap enough for any number of events. */
import type { Marks } from "../model/state.ts";
import { digest } from "../core/naming/digest.ts";
import { amend } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";

/** More marks than this say nothing new. */
const marksKept = 50;

/** @returns the mark's id. */
export async function requestPass(ports: FleetPorts, by: string): Promise<string> {
  const atMs = ports.clock.nowMs();
  let id = "";
  await amend(ports.store, "marks", (marks) => {
    const requests = marks?.requests ?? [];
    id = digest({ atMs, by, number: requests.length });
    return { ...emptyMarks, ...marks, requests: [...requests, { id, atMs, by }].slice(-marksKept) };
  });
  return id;
}

export const emptyMarks: Marks = { requests: [] };
