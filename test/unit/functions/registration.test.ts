import { describe, expect, it } from "vitest";
import { registeredFunctions } from "../../support/functions-host/in-process.ts";
import { EXPECTED_FUNCTIONS, rowOf } from "../../support/functions-host/expected-functions.ts";

describe("register", () => {
  it("registers exactly these functions", async () => {
    const { functions } = await registeredFunctions();
    expect(functions.map(rowOf)).toEqual(EXPECTED_FUNCTIONS);
  });

  it("gives no function a retry policy: the next tick, Event Grid and the caller come again by themselves", async () => {
    const { functions } = await registeredFunctions();
    expect(functions.filter(({ retryOptions }) => retryOptions !== undefined)).toEqual([]);
  });
});
