/** host.json cannot hold comments or constants of the code; these tests keep the two together. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROUTE_PREFIX } from "../../../cli/serve/serve.ts";
import { TICK_LIMIT } from "../../../functions/deadlines.ts";
import { EXPECTED_FUNCTIONS } from "../../support/functions-host/expected-functions.ts";

type HostJson = {
  readonly functionTimeout: string;
  readonly extensions: { readonly http: { readonly routePrefix: string } };
  readonly singleton: Readonly<Record<string, string>>;
  readonly logging: { readonly logLevel: Readonly<Record<string, string>> };
};

const HOST = JSON.parse(readFileSync(join(import.meta.dirname, "../../../host.json"), "utf8")) as HostJson;

function milliseconds(span: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = span.split(":").map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

describe("host.json", () => {
  it("kills a worker only after the longest function should have ended by itself", () => {
    expect(milliseconds(HOST.functionTimeout)).toBeGreaterThan(TICK_LIMIT.deadlineMs + TICK_LIMIT.graceMs);
  });

  it("has the route prefix of the local host", () => {
    expect(HOST.extensions.http.routePrefix).toBe(ROUTE_PREFIX);
  });

  it("locks the timer for 15 to 60 s, which is what the host accepts", () => {
    for (const span of Object.values(HOST.singleton)) {
      expect(milliseconds(span)).toBeGreaterThanOrEqual(15_000);
      expect(milliseconds(span)).toBeLessThanOrEqual(60_000);
    }
  });

  it("names only functions that exist in its log levels", () => {
    const names = new Set(EXPECTED_FUNCTIONS.map((row) => row.split(" ")[0]));
    const named = Object.keys(HOST.logging.logLevel).flatMap(
      (category) => /^Function\.(\w+)/.exec(category)?.[1] ?? [],
    );
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });
});
