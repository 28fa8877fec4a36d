import { describe, expect, it } from "vitest";
import { watchPlaces } from "../../../shared/app/silent-places.ts";
import { ClusterUnreachableError, ObjectRefusedError } from "../../../shared/errors.ts";

const w1 = { kind: "cluster", name: "w1" } as const;
const n1 = { kind: "cluster", name: "n1" } as const;
const silence = new ClusterUnreachableError("w1", "timeout");
const refusal = new ObjectRefusedError("cluster/w1", "shop/cart", "a policy");

describe("watchPlaces", () => {
  it.each<[string, readonly (Error | "done")[], boolean]>([
    ["nothing was written", [], false],
    ["two writes in a row got no answer", [silence, silence], false],
    ["three writes in a row got no answer", [silence, silence, silence], true],
    ["others got through in between", [silence, silence, "done", silence, silence], false],
    ["a refusal came in between: that is an answer", [silence, silence, refusal, silence, silence], false],
    ["an answer comes late, after three without one", [silence, silence, silence, "done"], true],
  ])("when %s", (_what, ends, isSilent) => {
    const places = watchPlaces();
    for (const end of ends)
      if (end === "done") places.ended(w1);
      else places.ended(w1, end);
    const reason = "not tried: cluster w1 gave no answer to 3 writes in a row";
    expect(places.reasonFor(w1)).toBe(isSilent ? reason : undefined);
  });

  it("tells places apart", () => {
    const places = watchPlaces();
    for (const place of [w1, n1, w1, n1, w1]) places.ended(place, silence);
    expect([places.reasonFor(w1) === undefined, places.reasonFor(n1)]).toEqual([false, undefined]);
  });
});
