/** Reads a request, lets a fault have it or carries it out, writes the log, sends the answer. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { sendBadTokenRequest, sendToken, tokenRequestOf } from "../azure/identity-endpoint.ts";
import { send } from "../azure/loopback-server.ts";
import { answerOf, pageOf, refuse, type ArmAnswer, type ArmRequest } from "./arm-answers.ts";
import type { FaultEffect, Faults, RequestFacts, RequestKind } from "./faults.ts";
import type { Limits } from "./limits.ts";
import { operationOf, type Operation } from "./operations.ts";
import { viewOf, type RecordSetView, type RecordType, type StoredRecordSet } from "./record-sets.ts";
import { gateway, unauthenticated, type Refusal } from "./refusals.ts";
import type { Denial, RoleAssignment } from "./roles.ts";
import { ARM_RESOURCE, readToken, tokenFor } from "./tokens.ts";
import { isRefusal, type Change, type Zone, type ZoneAddress } from "./zone.ts";

export type ServerState = {
  readonly zones: Map<string, Zone>;
  readonly roles: { readonly denials: Set<Denial>; readonly assignments: Set<RoleAssignment> };
  readonly faults: Faults;
  readonly log: LoggedRequest[];
  limits: Limits;
  readonly nowMs: () => number;
  readonly pageSize: number;
  readonly endpoint: string;
};

export type LoggedRequest = {
  /** When it was carried out, on the clock of the server's options. */
  readonly atMs: number;
  readonly caller: string;
  readonly method: string;
  /** Path as it came, without query. */
  readonly path: string;
  readonly kind: RequestKind | "unknown";
  /** Of a listing, from 1; else 0. */
  readonly page: number;
  /** What was answered; 0 where a fault gave no answer. */
  readonly status: number;
  readonly change?: {
    readonly at: ZoneAddress;
    readonly name: string;
    readonly type: RecordType;
    readonly before?: RecordSetView;
    readonly after?: RecordSetView;
  };
};

export async function answerIdentityRequest(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const asked = tokenRequestOf(request);
  const caller = asked?.secret ?? "";
  const facts: RequestFacts = { ...NOWHERE, kind: "token", caller };
  const path = new URL(request.url ?? "/", state.endpoint).pathname;
  const entry = { caller, method: request.method ?? "GET", path, kind: "token" as const, page: 0 };
  const fault = state.faults.take(facts);
  const faulty = fault === undefined ? undefined : await meet(fault, request);
  if (faulty === "no answer") {
    state.log.push({ ...entry, atMs: state.nowMs(), status: 0 });
    return;
  }
  const status = faulty?.status ?? (asked === undefined ? 400 : 200);
  state.log.push({ ...entry, atMs: state.nowMs(), status });
  if (fault?.effect.kind === "slow") await delay(fault.effect.delayMs);
  if (faulty !== undefined) send(response, faulty.status, faulty.body, faulty.headers);
  else if (asked === undefined) sendBadTokenRequest(response);
  else sendToken(response, tokenFor(caller, asked.resource), asked.resource);
}

export async function answerArmRequest(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", state.endpoint);
  const method = request.method ?? "GET";
  const read = await readRequest(state, request, url);
  const caller = isRefusal(read) ? "" : read.caller;
  const kind: LoggedRequest["kind"] = isRefusal(read) ? "unknown" : read.operation.kind;
  const page = kind === "list" ? pageOf(url.searchParams) : 0;
  const entry = { caller, method, path: url.pathname, kind, page };
  const fault = isRefusal(read) ? undefined : state.faults.take(factsOf(read, page));
  const faulty = fault === undefined ? undefined : await meet(fault, request);
  if (faulty === "no answer") {
    state.log.push({ ...entry, atMs: state.nowMs(), status: 0 });
    return;
  }
  const answer = faulty ?? (isRefusal(read) ? refuse(read) : carryOut(state, read));
  const isLost = fault?.effect.kind === "cut";
  const change = answer.change === undefined ? {} : { change: loggedChange(answer.change) };
  state.log.push({ ...entry, atMs: state.nowMs(), status: isLost ? 0 : answer.status, ...change });
  await deliver(answer, fault?.effect, response);
}

function carryOut(state: ServerState, request: ArmRequest): ArmAnswer {
  return answerOf({ ...state, nowMs: state.nowMs() }, request);
}

async function deliver(answer: ArmAnswer, effect: FaultEffect | undefined, response: ServerResponse): Promise<void> {
  const headers = { ...answer.headers, "x-ms-request-id": randomUUID() };
  if (effect?.kind === "slow") await delay(effect.delayMs);
  if (effect?.kind !== "cut") {
    send(response, answer.status, answer.body, headers);
    return;
  }
  if (effect.when === "amid") {
    const text = JSON.stringify(answer.body ?? {});
    const type = "application/json; charset=utf-8";
    response.writeHead(answer.status, { ...headers, "content-type": type, "content-length": Buffer.byteLength(text) });
    await new Promise((resolve) => response.write(text.slice(0, text.length / 2), resolve));
  }
  response.destroy();
}

/**
 * What a fault does before the request is carried out.
 * @returns undefined when it is to be carried out.
 */
async function meet(
  fault: { readonly effect: FaultEffect; readonly released: () => Promise<void> },
  request: IncomingMessage,
): Promise<ArmAnswer | "no answer" | undefined> {
  const { effect } = fault;
  switch (effect.kind) {
    case "status": {
      const { status, code = `Status${status}`, by = "service", retryAfterSeconds } = effect;
      const message = `${code}: as a test asked`;
      const after = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      return refuse({ status, code, message, by, ...after });
    }
    case "hang": {
      await fault.released();
      request.socket.destroy();
      return "no answer";
    }
    case "cut": {
      if (effect.when !== "before") return undefined;
      request.socket.destroy();
      return "no answer";
    }
    case "meanwhile": {
      await effect.run();
      return undefined;
    }
    case "slow":
      return undefined;
  }
}

async function readRequest(state: ServerState, request: IncomingMessage, url: URL): Promise<ArmRequest | Refusal> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    return gateway(400, "InvalidRequestContent", "The request ended early.");
  }
  const token = readToken(request.headers.authorization);
  if (token === undefined || ![ARM_RESOURCE, state.endpoint].includes(token.resource)) return unauthenticated();
  const operation = operationOf(request.method ?? "GET", url.pathname);
  if (isRefusal(operation)) return operation;
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
  const text = Buffer.concat(chunks).toString("utf8");
  const conditions = { ifMatch, ifNoneMatch };
  const { caller } = token;
  try {
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    return { operation, caller, query: url.searchParams, conditions, body };
  } catch {
    return gateway(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.");
  }
}

const NOWHERE = { resourceGroup: "", zone: "", recordType: "", recordName: "", page: 0 };

function factsOf(request: ArmRequest, page: number): RequestFacts {
  const { kind, resourceGroup, zone, type, name }: Operation = request.operation;
  return {
    kind,
    caller: request.caller,
    resourceGroup: resourceGroup.toLowerCase(),
    zone,
    recordType: type,
    recordName: name.toLowerCase(),
    page,
  };
}

function loggedChange(change: Change): NonNullable<LoggedRequest["change"]> {
  const { address, name, type, before, after } = change;
  return { at: address, name, type, ...field("before", before), ...field("after", after) };
}

const field = (name: "before" | "after", set: StoredRecordSet | undefined): object =>
  set === undefined ? {} : { [name]: viewOf(set) };
