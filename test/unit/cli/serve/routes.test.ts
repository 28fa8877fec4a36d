import { describe, expect, it } from "vitest";
import { matchRoute, routesOf } from "../../../../cli/serve/routes.ts";
import type { RegisteredFunction } from "../../../../cli/serve/functions-runtime.ts";

function http(name: string, route: string, methods: readonly string[] = ["GET"]): RegisteredFunction {
  const trigger = { type: "httpTrigger", direction: "in", route, methods, authLevel: "function" } as const;
  return { name, triggerName: "t", trigger };
}

const ROUTES = routesOf(
  [http("fleet", "fleet/{cluster?}"), http("plan", "plan"), http("approve", "plan/approve", ["POST"])],
  "api",
);

describe("matchRoute", () => {
  it.each([
    ["GET", "/api/fleet", "fleet", {}],
    ["GET", "/api/fleet/", "fleet", {}],
    ["GET", "/api/fleet/w1", "fleet", { cluster: "w1" }],
    ["GET", "/API/Fleet/W1", "fleet", { cluster: "W1" }],
    ["GET", "/api/fleet/a%20b", "fleet", { cluster: "a b" }],
    ["GET", "/api/fleet/%zz", "fleet", { cluster: "%zz" }],
    ["POST", "/api/plan/approve", "approve", {}],
  ])("%s %s goes to %s", (method, path, functionName, params) => {
    expect(matchRoute(ROUTES, method, path)).toMatchObject({ route: { functionName }, params });
  });

  it.each([
    ["a wrong method", "POST", "/api/plan"],
    ["no prefix", "GET", "/plan"],
    ["a segment too many", "GET", "/api/fleet/w1/shop"],
    ["a segment too few", "POST", "/api"],
  ])("%s is no match, as in the host", (_what, method, path) => {
    expect(matchRoute(ROUTES, method, path)).toBeUndefined();
  });

  it("takes the first function by name, not the most specific route, as the host does", () => {
    const routes = routesOf([http("a", "{anything}"), http("b", "plan")], "api");
    expect(matchRoute(routes, "GET", "/api/plan")?.route.functionName).toBe("a");
  });

  it("knows an empty prefix", () => {
    expect(matchRoute(routesOf([http("plan", "plan")], ""), "GET", "/plan")?.route.functionName).toBe("plan");
  });
});

describe("routesOf", () => {
  it.each([
    ["starts with what the host keeps for itself", "administration/plan"],
    ["starts with what the host keeps for itself", "runtime"],
    ["has a constraint", "fleet/{cluster:alpha}"],
    ["takes all that follows", "fleet/{*rest}"],
  ])("refuses a route that %s: %s", (_why, route) => {
    expect(() => routesOf([http("one", route)], "api")).toThrow(/one/);
  });
});
