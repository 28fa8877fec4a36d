/**
 * Event Grid: something changed in Azure, so look again. An event is never trusted with more than that: it leaves a mark,
 * and the pass reads everything itself. Events that our own or ExternalDNS's identities caused are ignored.
 * Never throws: one failed event makes the whole delivery fail and Event Grid send all of it again, while the next pass comes
 * within a minute without any event. So what cannot be read or written is logged and dropped.
 */
import { app, type EventGridHandler } from "@azure/functions";
import { parseGridEvent } from "../shared/contracts/requests.ts";
import { EVENT_LIMIT, within } from "./deadlines.ts";
import { failureOf, logFailure } from "./failures.ts";
import { fleetApp } from "./fleet-app.ts";
import { inInvocation, invocationTelemetry } from "./invocation-log.ts";

export const lookAgain: EventGridHandler<unknown> = (event, context) =>
  inInvocation(context, async () => {
    try {
      await within(EVENT_LIMIT, () => leaveMark(event));
    } catch (caught) {
      logFailure(caught, failureOf(caught));
    }
  });

async function leaveMark(raw: unknown): Promise<void> {
  const event = parseGridEvent(raw);
  if (!event.ok) {
    const reason = event.faults.map(({ path, message }) => `${path}: ${message}`).join("; ");
    invocationTelemetry.warn("event dropped: neither an Event Grid event nor a CloudEvent", { reason });
    return;
  }
  const { id, type, subject, callerIds } = event.value;
  const fleet = await fleetApp();
  const ignored = new Set((fleet.hosting?.ignoredIdentities ?? []).map((identity) => identity.toLowerCase()));
  if (callerIds.some((caller) => ignored.has(caller))) {
    return;
  }
  const mark = await fleet.requestPass("eventgrid");
  invocationTelemetry.info("pass requested", { by: "eventgrid", mark, event: id, type, subject });
}

app.eventGrid<unknown>("reconcile_eventgrid", { handler: lookAgain });
