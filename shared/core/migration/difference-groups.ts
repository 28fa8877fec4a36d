/**
 * What would change in a cluster that is only observed, by kind of difference: those that this product makes on purpose, and
 * those that a person must judge, because a name goes, a host goes, or something is not published as its author wrote it.
 */
import type { Change } from "../../model/change.ts";
import type { PublishedName, Refusal } from "../../model/desired.ts";
import type { MigrationGroup } from "../../model/migration.ts";
import type { PassReport } from "../../model/report.ts";
import { isGatewayRecord } from "../naming/own-objects.ts";
import { isDnsZone } from "../naming/published-names.ts";
import { destinationOf } from "../naming/record-content.ts";
import { group } from "./tasks.ts";

const gatewayRecords = "address records of gateways in every region, so that a CNAME resolves from every zone";

/** Refusals that the operator makes as well: such a route is Pending under both. */
const refusedByBoth: ReadonlySet<string> = new Set(["GatewayNotFound", "DNSPolicyNotFound", "AdoptedRegionNotFound"]);

/** @param cluster whose differences these are. Groups to be judged come first. */
export function differenceGroups({ plan, routes }: PassReport, cluster: string): readonly MigrationGroup[] {
  const changes = plan.observed.filter(({ place }) => place.kind === "cluster" && place.name === cluster);
  const refusals = plan.refusals.filter(({ place }) => place.kind === "cluster" && place.name === cluster);
  const standby = standbyRoutes(routes, cluster);
  const kinds = changes.map((change) => ({ change, ...kindOf(change, standby) }));
  const withdrawn = kinds.filter(({ what }) => what === "deleted" || what === "standby");
  const of = (what: Kind["what"]): readonly string[] =>
    kinds.filter((one) => one.what === what).map(({ change }) => objectText(change));
  const moved = movedHosts(changes);
  return [
    ...group("objects deleted, because nothing wants them", of("deleted"), false),
    ...group(
      "names that lead elsewhere",
      elsewhere(
        changes,
        withdrawn.map(({ change }) => change),
      ),
      false,
    ),
    ...group("hosts that leave an Istio Gateway", leavingHosts(changes, moved), false),
    ...refusalGroups(
      refusals.filter(({ code }) => !refusedByBoth.has(code)),
      false,
    ),
    ...group("objects taken over as they are, with labels and owner of this product", of("adopted"), true),
    ...group("records with a TTL: 300 s for routes, 30 s for gateways", ttlOnly(changes), true),
    ...group(gatewayRecords, of("gateway-record"), true),
    ...group("objects that are new: the operator did not make them", of("created"), true),
    ...group("objects updated", of("updated"), true),
    ...group("objects withdrawn, because another cluster of the region publishes the name", of("standby"), true),
    ...group("hosts that join an Istio Gateway", joiningHosts(changes, moved), true),
    ...group("hosts that move to another Istio Gateway of their controller", [...moved], true),
    ...refusalGroups(
      refusals.filter(({ code }) => refusedByBoth.has(code)),
      true,
    ),
  ];
}

type Kind = { readonly what: "adopted" | "created" | "gateway-record" | "updated" | "deleted" | "standby" };

function kindOf(change: Change, standby: ReadonlySet<string>): Kind {
  switch (change.operation) {
    case "adopt":
      return { what: "adopted" };
    case "update":
      return { what: "updated" };
    case "create":
      return { what: isGatewayRecord({ labels: labelsOf(change) }) ? "gateway-record" : "created" };
    case "delete": {
      const { kind, namespace = "", name } = change.because;
      return { what: kind === "ServiceRoute" && standby.has(`${namespace}/${name}`) ? "standby" : "deleted" };
    }
  }
}

function labelsOf({ after }: Change): Readonly<Record<string, string>> {
  const metadata = after?.["metadata"];
  const labels = isMap(metadata) ? metadata["labels"] : undefined;
  return isMap(labels) ? (labels as Readonly<Record<string, string>>) : {};
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Routes whose host another cluster of the region publishes. */
function standbyRoutes(routes: PassReport["routes"], cluster: string): ReadonlySet<string> {
  const standing = routes.filter(
    (route) =>
      route.cluster === cluster &&
      route.conditions.some(({ type, reason }) => type === "Published" && reason === "Standby"),
  );
  return new Set(standing.map(({ key }) => key));
}

function objectText({ kind, key }: Change): string {
  return `${kind} ${key}`;
}

/** Of objects that stay: `host: CNAME a → CNAME b`. A name that only gets a TTL does not leave. */
function elsewhere(changes: readonly Change[], gone: readonly Change[]): readonly string[] {
  return changes
    .filter((change) => !gone.includes(change))
    .flatMap(({ leaves, joins }) =>
      leaves.filter(isRecord).map(({ zone, name, content }) => {
        const now = joins.find((one) => one.zone === zone && one.name === name);
        const after = now === undefined ? "nowhere" : destinationOf(now.content);
        return `${name} in ${zone}: ${destinationOf(content)} → ${after}`;
      }),
    );
}

function ttlOnly(changes: readonly Change[]): readonly string[] {
  return changes
    .filter(({ operation }) => operation === "adopt" || operation === "update")
    .flatMap(({ joins, leaves }) =>
      joins
        .filter(isRecord)
        .filter(({ zone, name }) => !leaves.some((one) => one.zone === zone && one.name === name))
        .map(({ zone, name }) => `${name} in ${zone}`),
    );
}

function isRecord({ zone }: PublishedName): boolean {
  return isDnsZone(zone);
}

/** Hosts that leave one Istio Gateway of a controller and join another one. */
function movedHosts(changes: readonly Change[]): ReadonlySet<string> {
  const joining = new Set(changes.flatMap(({ joins }) => joins.filter(isHost).map(hostId)));
  const leaving = changes.flatMap(({ leaves }) => leaves.filter(isHost));
  return new Set(leaving.filter((host) => joining.has(hostId(host))).map(({ name }) => name));
}

function leavingHosts(changes: readonly Change[], moved: ReadonlySet<string>): readonly string[] {
  return changes.flatMap(({ leaves, key }) =>
    leaves.filter((host) => isHost(host) && !moved.has(host.name)).map(({ name }) => `${name} (${key})`),
  );
}

function joiningHosts(changes: readonly Change[], moved: ReadonlySet<string>): readonly string[] {
  return changes.flatMap(({ joins }) =>
    joins.filter((host) => isHost(host) && !moved.has(host.name)).map(({ name }) => name),
  );
}

function isHost({ zone }: PublishedName): boolean {
  return !isDnsZone(zone);
}

function hostId({ zone, name }: PublishedName): string {
  return `${zone} ${name}`;
}

function refusalGroups(refusals: readonly Refusal[], isIntended: boolean): readonly MigrationGroup[] {
  const byCode = [...Map.groupBy(refusals, ({ code }) => code)].sort(([left], [right]) => (left < right ? -1 : 1));
  const suffix = isIntended ? ", as under the operator" : "";
  return byCode.flatMap(([code, members]) =>
    group(
      `refused: ${code}${suffix}`,
      members.map(({ kind, key, reason }) => `${kind} ${key}: ${reason}`),
      isIntended,
    ),
  );
}
