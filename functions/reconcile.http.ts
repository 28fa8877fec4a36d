/**
 * POST /api/reconcile: a pass now. Waits for its end and answers with the report; `wait=false` only leaves a mark,
 * `dryRun=true` answers with the plan and applies nothing, `cluster` and `namespace` limit what is applied.
 * 202 with a mark whenever the pass is not over by the time of the answer: the timer's passes go on from there.
 */
import { app, type HttpHandler, type HttpResponseInit } from "@azure/functions";
import type { FleetApp } from "../shared/compose.ts";
import { parseReconcileRequest } from "../shared/contracts/requests.ts";
import type { PassOutcome, Scope } from "../shared/model/pass.ts";
import type { PassReport } from "../shared/model/report.ts";
import { passDocument } from "../shared/presentation/json-documents.ts";
import { presentPlan } from "../shared/presentation/plan.ts";
import { presentReport } from "../shared/presentation/report.ts";
import { answering } from "./answering.ts";
import { DeadlineError, FORCED_LIMIT, HTTP_LIMIT, within } from "./deadlines.ts";
import { answer, badRequest } from "./failures.ts";
import { fleetApp } from "./fleet-app.ts";
import { unknownName, unknownNames, unknownNamespace } from "./fleet-names.ts";
import { presented } from "./presented.ts";
import { previewInTurn } from "./previews.ts";
import { readQueryAndBody } from "./request-body.ts";

export const reconcileNow: HttpHandler = answering(async (request) => {
  const input = await readQueryAndBody(request);
  const asked = input.ok ? parseReconcileRequest(input.value) : input;
  if (!asked.ok) {
    return badRequest(asked.faults);
  }
  const { wait, dryRun, ...scope } = asked.value;
  const fleet = await fleetApp();
  const unknown = unknownBefore(fleet, scope);
  if (unknown.length > 0) {
    return badRequest(unknown);
  }
  if (dryRun) {
    const report = await previewInTurn(fleet, scope);
    return await reportAnswer(fleet, report, scope);
  }
  return wait ? await runPass(fleet, scope) : await requestLater(fleet, "requested");
}, FORCED_LIMIT);

/** Clusters that join by tag are only known after a read; without such, a wrong name costs no pass. */
function unknownBefore({ configuration }: FleetApp, scope: Scope): readonly { path: string; message: string }[] {
  const names = configuration.clusters.map((cluster) => cluster.name).sort();
  return configuration.discovery.length === 0 ? unknownName("cluster", scope.cluster, names) : [];
}

async function runPass(fleet: FleetApp, scope: Scope): Promise<HttpResponseInit> {
  const pass = await passUntilDeadline(fleet, scope);
  if (pass === "unfinished") {
    return await requestLater(fleet, "unfinished");
  }
  switch (pass.kind) {
    case "ran":
      return await reportAnswer(fleet, pass.report, scope);
    case "busy":
      return accepted("busy", pass.mark ?? (await fleet.requestPass("http")), { holder: pass.holder });
    case "not-due":
      return await requestLater(fleet, "requested");
  }
}

/** A pass that was told to stop is left to the timer, whether it said what it got done or not. */
async function passUntilDeadline(fleet: FleetApp, scope: Scope): Promise<PassOutcome | "unfinished"> {
  try {
    const pass = await within(HTTP_LIMIT, (signal) => fleet.reconcile({ by: "http", scope, signal }));
    const complete = pass.value.kind !== "ran" || pass.value.report.ended.kind === "complete";
    return pass.late && !complete ? "unfinished" : pass.value;
  } catch (caught) {
    if (caught instanceof DeadlineError) {
      return "unfinished";
    }
    throw caught;
  }
}

async function reportAnswer(fleet: FleetApp, report: PassReport, scope: Scope): Promise<HttpResponseInit> {
  if (report.ended.kind === "stopped") {
    const { code, reason } = report.ended;
    const next = "call again; what was done stays done and is not done twice";
    return answer(503, { error: code, message: reason, next, report: passDocument(report) });
  }
  const unknown = [
    ...unknownNames(report, scope.cluster === undefined ? {} : { cluster: scope.cluster }),
    ...(await unknownNamespace(report, scope.namespace, () => previewInTurn(fleet, {}))),
  ];
  if (unknown.length > 0) {
    return badRequest(unknown);
  }
  const present = report.mode === "preview" ? presentPlan : presentReport;
  return presented("json", (as) => present(report, as));
}

async function requestLater(fleet: FleetApp, state: "requested" | "unfinished"): Promise<HttpResponseInit> {
  return accepted(state, await fleet.requestPass("http"), {});
}

const ACCEPTED: Readonly<Record<"requested" | "unfinished" | "busy", string>> = {
  requested: "a pass was requested; the timer starts it within half a minute",
  unfinished: "the pass is not over yet; what is left is done by the next one, which was requested",
  busy: "another pass is running; the fleet is looked at again as soon as it ends",
};

function accepted(state: keyof typeof ACCEPTED, mark: string, more: { readonly holder?: string }): HttpResponseInit {
  const next = "GET /api/plan shows what is left to do, GET /api/fleet what is published";
  return answer(202, { state, mark, ...more, message: ACCEPTED[state], next });
}

app.http("reconcile_http", { methods: ["POST"], authLevel: "function", route: "reconcile", handler: reconcileNow });
