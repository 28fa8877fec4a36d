/**
 * Finds the function for a request as the Azure host does: route templates under `/api`, tried in the alphabetical order of
 * the function names, a wrong method counting as no match.
 * Known forms of a segment: `literal`, `{name}`, `{name?}`. Others (constraints, catch-all) are refused at load, so that
 * nothing behaves differently here and in Azure.
 */
import { InvariantError } from "../../shared/errors.ts";
import type { RegisteredFunction } from "./functions-runtime.ts";

export type Route = {
  readonly functionName: string;
  /** Upper case. */
  readonly methods: readonly string[];
  /** `anonymous`, `function` or `admin`. */
  readonly authLevel: string;
  /** With the prefix, without a leading slash: `api/fleet/{cluster?}`. */
  readonly template: string;
};

export type Match = { readonly route: Route; readonly params: Readonly<Record<string, string>> };

const PARAMETER = /^\{(?<name>\w+)(?<optional>\?)?\}$/;

/** @throws InvariantError for a template that the host would refuse, or that this one does not know. */
export function routesOf(functions: readonly RegisteredFunction[], prefix: string): readonly Route[] {
  const routes: Route[] = [];
  for (const { name, trigger } of functions) {
    if (trigger.type !== "httpTrigger") {
      continue;
    }
    const own = trigger.route ?? name;
    if (/^(?:admin|runtime)/i.test(own)) {
      throw new InvariantError(`function ${name}: a route must not start with "admin" or "runtime" (${own})`);
    }
    for (const segment of own.split("/").filter((part) => part.includes("{"))) {
      if (!PARAMETER.test(segment)) {
        throw new InvariantError(`function ${name}: route segment ${segment} is not known here; use {name} or {name?}`);
      }
    }
    routes.push({
      functionName: name,
      methods: (trigger.methods ?? ["GET", "POST"]).map((method) => method.toUpperCase()),
      authLevel: trigger.authLevel ?? "anonymous",
      template: prefix === "" ? own : `${prefix}/${own}`,
    });
  }
  return routes;
}

/** @param path of the URL, as sent. @returns undefined when no function has this route with this method. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const segments = path.split("/").filter((part) => part !== "");
  for (const route of routes) {
    const params = route.methods.includes(method) ? matchTemplate(route.template, segments) : undefined;
    if (params !== undefined) {
      return { route, params };
    }
  }
  return undefined;
}

function matchTemplate(template: string, segments: readonly string[]): Record<string, string> | undefined {
  const parts = template.split("/");
  if (segments.length > parts.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index];
    const groups = PARAMETER.exec(part)?.groups;
    if (groups?.["name"] === undefined) {
      if (segment?.toLowerCase() !== part.toLowerCase()) {
        return undefined;
      }
    } else if (segment !== undefined) {
      params[groups["name"]] = decoded(segment);
    } else if (groups["optional"] === undefined) {
      return undefined;
    }
  }
  return params;
}

/** A broken escape stays as it is: the handler names the field it does not like. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
