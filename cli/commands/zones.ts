/** `service-router garbage`, `dns repair`, `dns copy-ownership`: look at a list of changes, then approve exactly that list. */
import type { ZoneRequest, ZoneRun, ZoneTask } from "../../shared/model/zone-change.ts";
import { presentZonePlan } from "../../shared/presentation/zone-plan.ts";
import { presentZoneRun } from "../../shared/presentation/zone-run.ts";
import { counted } from "../../shared/presentation/wording.ts";
import { presentationOf, withFleet } from "../command-context.ts";
import type { CommandContext, CommonOptions, OpenFleet } from "../command-context.ts";
import { zonePlanExitCode, zoneRunExitCode } from "../exit-codes.ts";
import { LEASE_WAIT_MS } from "../run-passes.ts";
import { checkDigest, unknownName, UsageError } from "../usage-error.ts";

export type ZoneOptions = CommonOptions & {
  readonly region?: string;
  readonly approve?: string;
  readonly reason?: string;
  readonly as?: string;
  readonly fromOwner?: readonly string[];
};

export function zones(context: CommandContext<ZoneOptions>, task: ZoneTask): Promise<number> {
  const { host, options } = context;
  const request = requestOf(options, task);
  return withFleet(context, async (fleet) => {
    checkRegion(fleet, request);
    const { app, progress, signal } = fleet;
    const as = presentationOf(context);
    if (options.approve === undefined) {
      const plan = await app.planZones({ ...request, signal });
      progress.end();
      host.stdout.write(presentZonePlan(plan, request, as));
      return zonePlanExitCode(plan);
    }
    const run = await app.carryOutZones({
      ...request,
      digest: options.approve,
      person: { name: options.as ?? host.userName, verified: false },
      reason: options.reason ?? "not said",
      waitForLeaseMs: LEASE_WAIT_MS,
      signal,
    });
    progress.end();
    if (run.kind === "unknown-digest") {
      host.stdout.write(presentZonePlan(run.plan, request, as));
      throw unknownDigest(run);
    }
    host.stdout.write(presentZoneRun(run, as));
    return zoneRunExitCode(run);
  });
}

function requestOf({ region, fromOwner = [], approve, reason, as }: ZoneOptions, task: ZoneTask): ZoneRequest {
  if (approve === undefined && (reason !== undefined || as !== undefined)) {
    throw new UsageError("--reason and --as say something about an approval", "give --approve <digest> as well");
  }
  if (approve !== undefined) checkDigest("--approve", approve);
  return {
    task,
    ...(region === undefined ? {} : { region }),
    ...(fromOwner.length === 0 ? {} : { fromOwners: fromOwner }),
  };
}

/** Before anything is read. @throws UsageError when there is no zone to look at. */
function checkRegion({ app }: OpenFleet, { region }: ZoneRequest): void {
  const { regions } = app.configuration;
  const known = regions.map(({ name }) => name);
  if (region !== undefined && !known.includes(region)) throw unknownName("--region", region, known);
  if (regions.some(({ name, zones: own }) => own.length > 0 && (region === undefined || region === name))) return;
  throw new UsageError(
    region === undefined ? "no region has a DNS zone" : `region ${region} has no DNS zone`,
    "name its zones in regions[].zones of the fleet configuration",
  );
}

type UnknownDigest = Extract<ZoneRun, { readonly kind: "unknown-digest" }>;

function unknownDigest({ digest, plan, newlyDue = [] }: UnknownDigest): UsageError {
  const isEmpty = plan.changes.length === 0 && plan.held.length === 0;
  const next = isEmpty ? "nothing is there to approve now" : "look at the list above, and approve what is there now";
  if (newlyDue.length === 0) {
    return new UsageError(
      `nothing listed now has the digest ${digest}: it is of another list, or the fleet changed since; nothing was written`,
      next,
    );
  }
  const hosts = newlyDue.slice(0, NAMED).map(({ writes }) => writes[0]?.name ?? "");
  const more = newlyDue.length > NAMED ? ` and ${newlyDue.length - NAMED} more` : "";
  return new UsageError(
    `${counted(newlyDue.length, "change")} became due since ${digest} was shown: ${hosts.join(", ")}${more}; nothing was written`,
    next,
  );
}

const NAMED = 5;
