/** What doctor lists besides what every pass lists: nothing of it is required, and nothing of it decides a write. */
import type { KindUse } from "../../model/kinds.ts";

export const doctorReads: readonly KindUse[] = [
  { kind: "ExternalDnsDeployment", required: false },
  { kind: "VirtualService", required: false },
  { kind: "DestinationService", required: false },
  { kind: "EndpointSlice", required: false },
];
