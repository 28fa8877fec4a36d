/** Gateway (ours): one entrance for routes; an Istio Gateway and its address records are made from it. */
import * as z from "zod";
import type { AllowedNamespaces, Gateway } from "../../model/resources.ts";
import { NAME_MAX, rule } from "../admission.ts";
import { ConditionsSchema, PhaseSchema } from "../conditions.ts";
import { objectParser } from "../parsed.ts";

const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;
/** More would be a list of namespaces in disguise; also a bound for the cost of the rule below. */
const MATCH_LABELS_MAX = 16;

const MatchLabels = z
  .record(z.string(), z.string().max(63).regex(LABEL_VALUE, "must be a label value"))
  .refine((labels) => Object.keys(labels).length <= MATCH_LABELS_MAX, `must hold at most ${MATCH_LABELS_MAX} labels`)
  .meta({ maxProperties: MATCH_LABELS_MAX })
  .describe("Labels that a namespace must carry, all of them, with exactly these values.");

const Allowed = rule(
  z.strictObject({
    from: z
      .enum(["All", "Same", "Selector"])
      .describe(
        "All: every namespace (as without this field). Same: only the Gateway's own. Selector: by matchLabels.",
      ),
    matchLabels: MatchLabels.optional(),
  }),
  {
    rule: "self.from == 'Selector' ? has(self.matchLabels) && size(self.matchLabels) > 0 : !has(self.matchLabels)",
    message: "matchLabels belongs to `from: Selector`, which needs one label or more (every namespace is `from: All`)",
  },
  ({ from, matchLabels }) =>
    from === "Selector" ? matchLabels !== undefined && Object.keys(matchLabels).length > 0 : matchLabels === undefined,
).describe("Which namespaces may attach ServiceRoutes. A route from elsewhere is refused: NotAllowedByGateway.");

/** What targetPostfix may hold is judged by the core (phase Failed), as the predecessor's controller did, not its CRD. */
export const GatewaySpec = z
  .strictObject({
    controller: z
      .string()
      .min(1)
      .max(NAME_MAX)
      .describe("Istio ingress controller: value of the label `istio` on its pods and its LoadBalancer Service."),
    credentialName: z
      .string()
      .min(1)
      .max(NAME_MAX)
      .describe("Secret with the TLS certificate, in the namespace of the ingress controller's pods."),
    targetPostfix: z
      .string()
      .min(1)
      .max(NAME_MAX)
      .describe(
        "End of the gateway host {cluster}-{region}-{targetPostfix}.{domain}. Lower-case letters, digits and single " +
          "hyphens. Gateways of one postfix stand in for each other when a cluster is moved.",
      ),
    httpsRedirect: z.boolean().optional().describe("Also listen on port 80 and answer with a redirect to HTTPS."),
    minProtocolVersion: z
      .enum(["TLSV1_2", "TLSV1_3"])
      .optional()
      .describe("Lowest TLS version that is accepted. Without it Istio's default holds (1.2)."),
    allowedNamespaces: Allowed.optional(),
  })
  .describe("One entrance for ServiceRoutes.");

export const GatewayStatus = z
  .strictObject({
    phase: PhaseSchema,
    loadBalancerIP: z.string().optional().describe("Address of the ingress controller's LoadBalancer Service."),
    conditions: ConditionsSchema,
  })
  .describe("Written by service-router.");

function allowedNamespaces(wire: z.output<typeof Allowed>): AllowedNamespaces {
  return wire.from === "Selector" ? { from: "Selector", matchLabels: wire.matchLabels ?? {} } : { from: wire.from };
}

const Wire = z.object({ spec: GatewaySpec });

export const parseGateway = objectParser({
  schema: Wire,
  namespaced: true,
  project: ({ wire: { spec }, meta, status }): Gateway => ({
    meta,
    spec: {
      controller: spec.controller,
      credentialName: spec.credentialName,
      targetPostfix: spec.targetPostfix,
      ...(spec.httpsRedirect === undefined ? {} : { httpsRedirect: spec.httpsRedirect }),
      ...(spec.minProtocolVersion === undefined ? {} : { minProtocolVersion: spec.minProtocolVersion }),
      ...(spec.allowedNamespaces === undefined ? {} : { allowedNamespaces: allowedNamespaces(spec.allowedNamespaces) }),
    },
    status: status(),
  }),
});
