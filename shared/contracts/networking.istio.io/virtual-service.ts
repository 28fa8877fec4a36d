/**
 * VirtualService (v1 and v1beta1 have one schema): which hosts it answers on which gateways, and where it leads to. Matches,
 * weights, retries and the rest are dropped: whether anything answers does not depend on them.
 */
import * as z from "zod";
import type { VirtualService } from "../../model/backend-objects.ts";
import { objectParser } from "../parsed.ts";

const Strings = z.array(z.string()).nullish();
const Routes = z.array(z.object({ destination: z.object({ host: z.string() }).nullish() })).nullish();
const Delegate = z.object({ name: z.string(), namespace: z.string().nullish() });

const HttpRoute = z.object({
  route: Routes,
  redirect: z.unknown().optional(),
  directResponse: z.unknown().optional(),
  delegate: Delegate.nullish(),
});

export const VirtualServiceSchema = z.object({
  spec: z
    .object({
      hosts: Strings,
      gateways: Strings,
      exportTo: Strings,
      http: z.array(HttpRoute).nullish(),
      tls: z.array(z.object({ route: Routes })).nullish(),
      tcp: z.array(z.object({ route: Routes })).nullish(),
    })
    .nullish(),
});

type Wire = NonNullable<z.output<typeof VirtualServiceSchema>["spec"]>;

function destinationsOf({ http, tls, tcp }: Wire): readonly string[] {
  const routes = [...(http ?? []), ...(tls ?? []), ...(tcp ?? [])].flatMap(({ route }) => route ?? []);
  return [...new Set(routes.flatMap(({ destination }) => destination?.host ?? []))].sort();
}

export const parseVirtualService = objectParser({
  schema: VirtualServiceSchema,
  namespaced: true,
  project: ({ wire, meta }): VirtualService => {
    const spec = wire.spec ?? {};
    const http = spec.http ?? [];
    return {
      meta,
      hosts: spec.hosts ?? [],
      gateways: spec.gateways ?? [],
      exportTo: spec.exportTo ?? [],
      destinations: destinationsOf(spec),
      delegates: http.flatMap(({ delegate }) =>
        delegate === undefined || delegate === null
          ? []
          : [{ name: delegate.name, ...(delegate.namespace ? { namespace: delegate.namespace } : {}) }],
      ),
      answersItself: http.some(({ redirect, directResponse }) => isThere(redirect) || isThere(directResponse)),
    };
  },
});

/** An empty redirect is a redirect. */
function isThere(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
