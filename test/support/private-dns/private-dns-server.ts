/**
 * Azure's side of Private DNS on loopback, in Azure's shapes: Resource Manager over TLS with zones and record sets (etags,
 * conditional writes, pages, validation, limits, permissions), and the identity endpoint of App Service, where the identity
 * header is the name of the caller. Faults, direct edits and a log of every request are for the tests.
 * `@azure/arm-privatedns` 4 and ExternalDNS 0.20 and 0.22 work against it (test/e2e/external-dns.test.ts).
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { RESOURCE_MANAGER_HOST } from "../azure/azure-detour.ts";
import { closeAtOnce, listen } from "../azure/loopback-server.ts";
import { createAuthority } from "../certificates.ts";
import { removeAtExit, removeNow } from "../components/child-process.ts";
import { freePort } from "../components/ports.ts";
import { zoneKey } from "./arm-answers.ts";
import { createFaults, type Fault, type SwitchedFault } from "./faults.ts";
import { AZURE_WRITE_LIMITS, type Limits } from "./limits.ts";
import { viewOf, type RecordSetInput, type RecordSetView } from "./record-sets.ts";
import type { Denial, RoleAssignment } from "./roles.ts";
import { answerArmRequest, answerIdentityRequest, type LoggedRequest, type ServerState } from "./serve-requests.ts";
import { tokenFor } from "./tokens.ts";
import {
  createZone,
  deleteDirect,
  keyOf,
  nameOfKey,
  putDirect,
  typesAt,
  type RecordSetKey,
  type Zone,
  type ZoneAddress,
} from "./zone.ts";

export type { Fault, FaultEffect, FaultRule, SwitchedFault } from "./faults.ts";
export type { Limits } from "./limits.ts";
export type { RecordSetInput, RecordSetView, RecordType } from "./record-sets.ts";
export type { Denial, RoleAssignment, RolePermission } from "./roles.ts";
export type { LoggedRequest } from "./serve-requests.ts";
export { credentialOf, type TestCredential } from "./tokens.ts";
export type { RecordSetKey, ZoneAddress } from "./zone.ts";

export const TEST_SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";

/** A handle also serves as `at` of faults and denials. */
export type TestZone = ZoneAddress & {
  /** Resource id. */
  readonly id: string;
  /** Without the SOA, sorted by name and type. */
  readonly recordSets: () => readonly RecordSetView[];
  readonly get: (key: RecordSetKey) => RecordSetView | undefined;
  /** Whether a record set is at this relative name (lower case) or below it. */
  readonly exists: (name: string) => boolean;
  /** Past every rule and limit, and not in the log. @returns it as stored. */
  readonly putDirect: (input: RecordSetInput) => RecordSetView;
  /** @returns false when there was nothing. */
  readonly deleteDirect: (key: RecordSetKey) => boolean;
};

export type PrivateDnsServerOptions = {
  /** Clock of limits and log, epoch ms; the system's without it. Slow answers always use real time. */
  readonly nowMs?: () => number;
  /** Default: Azure's write limits, reads unlimited. */
  readonly limits?: Partial<Limits>;
  /** Record sets on a page, at most; default 100. */
  readonly pageSize?: number;
};

export type PrivateDnsServer = {
  /** `https://127.0.0.1:<port>`; stays the same over outages. */
  readonly endpoint: string;
  readonly caPem: string;
  /** For programs that take a file (`SSL_CERT_FILE`); goes with the server. */
  readonly caFile: string;
  /** What the platform sets for the managed identity of `caller`. */
  readonly environmentOf: (caller: string) => { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** A bearer token of `caller` for this server, for raw requests. */
  readonly tokenOf: (caller: string) => string;
  /** Without a subscription: `TEST_SUBSCRIPTION`. An existing zone of that address is replaced by an empty one. */
  readonly addZone: (address: Omit<ZoneAddress, "subscription"> & Partial<ZoneAddress>) => TestZone;
  readonly removeZone: (address: ZoneAddress) => void;
  /** Azure answers 403 to what fits. @returns takes it back. */
  readonly deny: (denial: Denial) => () => void;
  /** The caller may do there only what its roles permit. @returns takes the role away. */
  readonly assign: (assignment: RoleAssignment) => () => void;
  readonly fault: (fault: Fault) => SwitchedFault;
  readonly setLimits: (limits: Partial<Limits>) => void;
  /** All of Resource Manager is gone: connections break and the port refuses. The identity endpoint goes on. */
  readonly startOutage: () => Promise<void>;
  readonly endOutage: () => Promise<void>;
  /** Requests in the order in which they were answered, token requests included. */
  readonly log: () => readonly LoggedRequest[];
  /** Forgets zones, denials, roles, faults, limits set later, and the log. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
};

const DEFAULT_PAGE_SIZE = 100;

export async function startPrivateDnsServer(options: PrivateDnsServerOptions = {}): Promise<PrivateDnsServer> {
  const authority = createAuthority("Private DNS Test Authority");
  const limits = { ...AZURE_WRITE_LIMITS, ...options.limits };
  const port = await freePort();
  const state: ServerState = {
    zones: new Map(),
    roles: { denials: new Set(), assignments: new Set() },
    faults: createFaults(),
    log: [],
    limits,
    nowMs: options.nowMs ?? Date.now,
    pageSize: options.pageSize ?? DEFAULT_PAGE_SIZE,
    endpoint: `https://127.0.0.1:${port}`,
  };
  const identity = createHttpServer((request, response) => {
    answerIdentityRequest(state, request, response).catch(() => response.destroy());
  });
  const keyPair = authority.issue({
    commonName: "management",
    hosts: ["127.0.0.1", "localhost", RESOURCE_MANAGER_HOST],
  });
  const arm = createHttpsServer(keyPair, (request, response) => {
    answerArmRequest(state, request, response).catch(() => response.destroy());
  });
  const closeIdentity = closeAtOnce(identity);
  const closeArm = closeAtOnce(arm);
  const [identityPort] = await Promise.all([listen(identity), listen(arm, port)]);
  const folder = mkdtempSync(path.join(tmpdir(), "service-router-private-dns-"));
  removeAtExit(folder);
  const caFile = path.join(folder, "ca.pem");
  writeFileSync(caFile, authority.caPem);
  return {
    endpoint: state.endpoint,
    caPem: authority.caPem,
    caFile,
    environmentOf: (caller) => ({
      IDENTITY_ENDPOINT: `http://127.0.0.1:${identityPort}/msi/token`,
      IDENTITY_HEADER: caller,
    }),
    tokenOf: (caller) => tokenFor(caller, state.endpoint),
    ...editsOf(state, limits),
    startOutage: closeArm,
    endOutage: async () => {
      await listen(arm, port);
    },
    close: async () => {
      state.faults.clear();
      await Promise.all([closeIdentity(), closeArm()]);
      removeNow(folder);
    },
  };
}

type Edits = Pick<
  PrivateDnsServer,
  "addZone" | "removeZone" | "deny" | "assign" | "fault" | "setLimits" | "log" | "reset"
>;

function editsOf(state: ServerState, limits: Limits): Edits {
  return {
    addZone: (given) => {
      const address = { subscription: TEST_SUBSCRIPTION, ...given };
      const zone = createZone(address);
      state.zones.set(zoneKey(address), zone);
      return handleOf(zone);
    },
    removeZone: (address) => void state.zones.delete(zoneKey(address)),
    deny: (denial) => {
      const own = { ...denial };
      state.roles.denials.add(own);
      return () => void state.roles.denials.delete(own);
    },
    assign: (assignment) => {
      const own = { ...assignment };
      state.roles.assignments.add(own);
      return () => void state.roles.assignments.delete(own);
    },
    fault: (fault) => state.faults.add(fault),
    setLimits: (changed) => {
      state.limits = { ...state.limits, ...changed };
    },
    log: () => state.log,
    reset: () => {
      state.zones.clear();
      state.roles.denials.clear();
      state.roles.assignments.clear();
      state.faults.clear();
      state.log.length = 0;
      state.limits = limits;
    },
  };
}

function handleOf(zone: Zone): TestZone {
  return {
    ...zone.address,
    id: zone.id,
    recordSets: () =>
      [...zone.sets.entries()]
        .filter(([, set]) => set.type !== "SOA")
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, set]) => viewOf(set)),
    get: (key) => {
      const found = zone.sets.get(keyOf(key));
      return found === undefined ? undefined : viewOf(found);
    },
    exists: (name) =>
      typesAt(zone, name).length > 0 || [...zone.sets.keys()].some((key) => nameOfKey(key).endsWith(`.${name}`)),
    putDirect: (input) => viewOf(putDirect(zone, input)),
    deleteDirect: (key) => deleteDirect(zone, key) !== undefined,
  };
}
