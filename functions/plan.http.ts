/**
 * GET /api/plan: what the next pass would change, and what is held. POST /api/plan/approve: a person's yes to exactly the
 * held changes of one digest.
 */
import { app, type HttpHandler, type HttpResponseInit } from "@azure/functions";
import { parseApprovalRequest, parsePlanRequest } from "../shared/contracts/requests.ts";
import type { ApprovalOutcome, Person } from "../shared/model/pass.ts";
import { presentPlan } from "../shared/presentation/plan.ts";
import { answering } from "./answering.ts";
import { answer, badRequest } from "./failures.ts";
import { fleetApp } from "./fleet-app.ts";
import { unknownNames, unknownNamespace } from "./fleet-names.ts";
import { personOf } from "./person.ts";
import { presented } from "./presented.ts";
import { previewInTurn } from "./previews.ts";
import { queryOf, readBody } from "./request-body.ts";

export const showPlan: HttpHandler = answering(async (request) => {
  const asked = parsePlanRequest(queryOf(request));
  if (!asked.ok) {
    return badRequest(asked.faults);
  }
  const { output, ...scope } = asked.value;
  const fleet = await fleetApp();
  const report = await previewInTurn(fleet, scope);
  const unknown = [
    ...unknownNames(report, scope),
    ...(await unknownNamespace(report, scope.namespace, () => previewInTurn(fleet, {}))),
  ];
  return unknown.length > 0 ? badRequest(unknown) : presented(output, (as) => presentPlan(report, as));
});

export const approveHeld: HttpHandler = answering(async (request) => {
  const body = await readBody(request);
  const asked = body.ok ? parseApprovalRequest(body.value) : body;
  if (!asked.ok) {
    return badRequest(asked.faults);
  }
  const { digest, reason, by, revoke } = asked.value;
  const fleet = await fleetApp();
  const person = personOf(request, by, fleet.hosting?.principalsTrusted ?? false);
  const outcome = await fleet.approve({ digest, reason, person, ...(revoke === true ? { revoke } : {}) });
  return approvalAnswer(outcome, digest, person);
});

function approvalAnswer(outcome: ApprovalOutcome, digest: string, person: Person): HttpResponseInit {
  switch (outcome.kind) {
    case "approved": {
      const next = "the next pass carries it out if nothing differs by then; POST /api/reconcile runs one now";
      const { scope, changes } = outcome;
      return answer(200, {
        outcome: "approved",
        digest,
        scope,
        changes,
        by: person.name,
        verified: person.verified,
        next,
      });
    }
    case "already":
      return answer(200, { outcome: "already", digest, by: outcome.by, at: new Date(outcome.atMs).toISOString() });
    case "revoked": {
      const next = "what is not carried out yet is held again; a pass that runs now may still carry it out";
      const { scope, by, atMs } = outcome;
      return answer(200, { outcome: "revoked", digest, scope, by, at: new Date(atMs).toISOString(), next });
    }
    case "not-approved": {
      const message = "no approval in force has this digest; nothing was revoked";
      const faults = [{ path: "digest", message: "is not one of those in approved" }];
      const next = "GET /api/plan shows what is held now";
      return answer(409, { error: "UNKNOWN_DIGEST", message, next, faults, approved: outcome.approved });
    }
    case "unknown-digest": {
      const message = "no held change of the present plan has this digest; nothing was approved";
      const faults = [{ path: "digest", message: "is not one of those in held; the plan may have changed since" }];
      const next = "GET /api/plan shows what is held now";
      return answer(409, { error: "UNKNOWN_DIGEST", message, next, faults, held: outcome.held });
    }
  }
}

app.http("plan_approve_http", {
  methods: ["POST"],
  authLevel: "function",
  route: "plan/approve",
  handler: approveHeld,
});
app.http("plan_http", { methods: ["GET"], authLevel: "function", route: "plan", handler: showPlan });
