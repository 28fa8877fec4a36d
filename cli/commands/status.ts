/** `service-router status`: the fleet, one region, one route, or the gateways, as they are and as they should be. */
import type { Scope } from "../../shared/model/pass.ts";
import type { PassReport } from "../../shared/model/report.ts";
import { pastedCommand } from "../../shared/presentation/pasted-commands.ts";
import { presentFleetStatus } from "../../shared/presentation/status-fleet.ts";
import { presentGatewaysStatus } from "../../shared/presentation/status-gateways.ts";
import { presentRegionStatus } from "../../shared/presentation/status-region.ts";
import { presentRouteStatus } from "../../shared/presentation/status-route.ts";
import { clustersWithRoute, regionInstead, regionNames, routeKeys } from "../../shared/presentation/status-scope.ts";
import { presentationOf, scopeOf, withFleet } from "../command-context.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-codes.ts";
import { checkScope } from "../known-names.ts";
import { unknownName, UsageError } from "../usage-error.ts";

export const STATUS_VIEWS = ["fleet", "region", "route", "gateways"] as const;
export type StatusView = (typeof STATUS_VIEWS)[number];

/** @param name of the region, or `namespace/name` of the route; nothing for the other views. */
export async function status(context: CommandContext, view: StatusView, name: string | undefined): Promise<number> {
  checkName(view, name);
  checkNamespace(view, name, context.options.namespace);
  return withFleet(context, async ({ app, progress, signal }) => {
    const scope = scopeOf(context.options);
    // Read whole: what a region or a route shows depends on what other clusters publish.
    const report = await app.preview({ signal });
    await checkScope(report, scope, () => Promise.resolve(report));
    progress.end();
    context.host.stdout.write(viewOf(context, report, { view, name: name ?? "" }));
    return report.ended.kind === "complete" ? EXIT.ok : EXIT.error;
  });
}

/** @throws UsageError when a name is missing, or was given to a view that takes none. */
function checkName(view: StatusView, name: string | undefined): void {
  const takesName = view === "region" || view === "route";
  if (takesName && name === undefined) {
    const example = view === "region" ? "region weu" : "route shop/cart";
    throw new UsageError(`status ${view}: the name is missing`, `for example: service-router status ${example}`);
  }
  if (!takesName && name !== undefined) {
    throw new UsageError(
      `status ${view} takes no name, but ${name} was given`,
      "did you mean status region <name> or status route <namespace/name>?",
    );
  }
  if (view === "route" && name?.split("/").length !== 2) {
    throw new UsageError(
      `status route: ${name ?? ""} is not namespace/name`,
      "for example: service-router status route shop/cart",
    );
  }
}

/** A route names its namespace itself. @throws UsageError when both are given and differ. */
function checkNamespace(view: StatusView, name: string | undefined, namespace: string | undefined): void {
  if (view !== "route" || namespace === undefined || name?.startsWith(`${namespace}/`) === true) return;
  throw new UsageError(
    `status route ${name ?? ""}: --namespace ${namespace} is another one`,
    "leave --namespace out: the route names its own",
  );
}

function viewOf(
  context: CommandContext,
  report: PassReport,
  asked: { readonly view: StatusView; readonly name: string },
): string {
  const as = presentationOf(context);
  const scope = scopeOf(context.options);
  const { view, name } = asked;
  switch (view) {
    case "fleet":
      return presentFleetStatus(report, scope, as);
    case "gateways":
      return presentGatewaysStatus(report, scope, as);
    case "region": {
      const regions = regionNames(report);
      if (!regions.includes(name)) throw unknownName("region", name, regions);
      checkRegion(report, name, scope, context.options.config);
      return presentRegionStatus(report, name, scope, as);
    }
    case "route": {
      const routes = routeKeys(report);
      if (!routes.includes(name)) throw unknownName("route", name, nearest(name, routes));
      const clusters = clustersWithRoute(report, name);
      if (scope.cluster !== undefined && !clusters.includes(scope.cluster)) {
        throw new UsageError(
          `route ${name}: cluster ${scope.cluster} has no such route`,
          `it is in ${clusters.join(", ")}; leave --cluster out to see all of them`,
        );
      }
      return presentRouteStatus(report, name, scope, as);
    }
  }
}

/** @throws UsageError when the cluster has nothing to do with the region. */
function checkRegion(report: PassReport, region: string, { cluster }: Scope, config?: string): void {
  const own = cluster === undefined ? undefined : regionInstead(report, region, cluster);
  if (cluster === undefined || own === undefined) return;
  throw new UsageError(
    `region ${region}: cluster ${cluster} is in region ${own} and publishes nothing in ${region}`,
    `${pastedCommand(`service-router status region ${own} --cluster ${cluster}`, config)}, or leave --cluster out`,
  );
}

/** Routes of the same namespace or of the same name first: what was meant is most likely among them. */
function nearest(key: string, all: readonly string[]): readonly string[] {
  const [namespace = "", name = ""] = key.split("/");
  const related = all.filter((other) => other.startsWith(`${namespace}/`) || other.endsWith(`/${name}`));
  return related.length > 0 ? related : all;
}
