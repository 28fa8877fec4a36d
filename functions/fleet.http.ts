/**
 * GET /api/fleet, /api/fleet/{cluster}: what is published where, and why not; `?region=`, `?route=namespace/name` and
 * `?namespace=` narrow it. Read anew at each call (a preview): there is no stored status that could be out of date.
 * What the path names and the fleet does not have is not found (404); a parameter with such a name is a fault of the
 * request (400), as with the other functions.
 */
import { app, type HttpHandler } from "@azure/functions";
import { parseStatusRequest, type StatusRequest } from "../shared/contracts/requests.ts";
import type { PassReport } from "../shared/model/report.ts";
import { presentFleetStatus } from "../shared/presentation/status-fleet.ts";
import { presentRegionStatus } from "../shared/presentation/status-region.ts";
import { presentRouteStatus } from "../shared/presentation/status-route.ts";
import { answering } from "./answering.ts";
import { badRequest, notFound } from "./failures.ts";
import { fleetApp } from "./fleet-app.ts";
import { unknownNames, unknownNamespace } from "./fleet-names.ts";
import { presented } from "./presented.ts";
import { previewInTurn } from "./previews.ts";
import { readQueryAndPath } from "./request-body.ts";

export const showFleet: HttpHandler = answering(async (request) => {
  const input = readQueryAndPath(request);
  const asked = input.ok ? parseStatusRequest(input.value) : input;
  if (!asked.ok) {
    return badRequest(asked.faults);
  }
  const report = await previewInTurn(await fleetApp(), {});
  const unknown = [
    ...unknownNames(report, asked.value),
    ...(await unknownNamespace(report, asked.value.namespace, () => Promise.resolve(report))),
  ];
  if (unknown.some(({ path }) => request.params[path] !== undefined)) {
    return notFound(unknown);
  }
  return unknown.length > 0
    ? badRequest(unknown)
    : presented(asked.value.output, (as) => status(report, asked.value, as));
});

function status(report: PassReport, asked: StatusRequest, as: { readonly format: StatusRequest["output"] }): string {
  const { cluster, namespace, region, route } = asked;
  const scope = { ...(cluster === undefined ? {} : { cluster }), ...(namespace === undefined ? {} : { namespace }) };
  if (route !== undefined) {
    return presentRouteStatus(report, route, scope, as);
  }
  return region === undefined ? presentFleetStatus(report, scope, as) : presentRegionStatus(report, region, scope, as);
}

app.http("fleet_http", { methods: ["GET"], authLevel: "function", route: "fleet/{cluster?}", handler: showFleet });
