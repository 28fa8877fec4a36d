/** The zone that a test of the contract works on, and hands on it that are not the port's. */
import type { FiledRecordSet } from "../../../shared/contracts/zone-file.ts";
import type { ZoneAction } from "../../../shared/model/access.ts";
import type { RecordSetId } from "../../../shared/model/zone-records.ts";
import type { ZonePort } from "../../../shared/ports.ts";

export type ZoneUnderTest = {
  readonly port: ZonePort;
  /** Writes record sets as somebody else would (ExternalDNS, an editor), whatever is there. */
  readonly put: (recordSets: readonly FiledRecordSet[]) => Promise<void>;
  /** Deletes a record set as somebody else would. */
  readonly remove: (id: RecordSetId) => Promise<void>;
  /** Takes actions from the identity, on this zone alone. @returns those that it lacks now: none where nobody can. */
  readonly deny: (actions: readonly ZoneAction[]) => readonly ZoneAction[];
};

/** Made once for a suite: opens zones without record sets of ours, each new; SOA and the like may be there. */
export type ZonesUnderTest = {
  /** @param zone DNS name; every test has its own. */
  readonly open: (zone: string) => Promise<ZoneUnderTest>;
  readonly close: () => Promise<void>;
};
