import { describe, expect, it } from "vitest";
import { sightOperator } from "../../../../shared/core/reading/operator-running.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";
import { TEST_START_MS } from "../../../support/clock.ts";
import { cluster, listingsOf } from "../../../support/builders/fleet.ts";
import { operatorDeployment, operatorLease, type WorldObject } from "../../../support/builders/objects.ts";

const sight = (objects: readonly WorldObject[], unread: readonly Kind[] = []) =>
  sightOperator({
    listings: listingsOf(cluster("w1", { objects, unread })),
    deployment: { name: "renamed-operator", namespace: "platform" },
    nowMs: TEST_START_MS,
  });
const renewed = (secondsAgo: number) => operatorLease(TEST_START_MS - secondsAgo * 1000);

describe("sightOperator", () => {
  it.each<[string, readonly WorldObject[]]>([
    ["a Lease renewed now", [renewed(0)]],
    ["a Lease renewed 60 s ago", [renewed(60)]],
    ["a Lease from a clock that is ahead", [renewed(-30)]],
    ["a Deployment with its image and a ready replica", [operatorDeployment()]],
    [
      "its image by digest, from a registry with a port",
      [operatorDeployment({ key: "x/y", images: ["registry:5000/team/service-router-operator@sha256:aa"] })],
    ],
    ["its image beside a proxy", [operatorDeployment({ key: "x/y", images: ["proxy:1", "service-router-operator"] })]],
    [
      "its label, whatever the image",
      [
        operatorDeployment({
          key: "x/y",
          images: ["x"],
          labels: { "app.kubernetes.io/name": "service-router-operator" },
        }),
      ],
    ],
    ["the configured name and namespace", [operatorDeployment({ key: "platform/renamed-operator", images: ["x"] })]],
  ])("sees it running by %s", (_what, objects) => expect(sight(objects).kind).toBe("running"));

  it.each<[string, readonly WorldObject[]]>([
    ["nothing of it", []],
    ["a Lease renewed 61 s ago", [renewed(61)]],
    ["its Deployment scaled to zero", [operatorDeployment({ readyReplicas: 0 })]],
    ["another Deployment", [operatorDeployment({ key: "shop/cart", images: ["cart:1"] })]],
    [
      "an image whose name only begins alike",
      [operatorDeployment({ key: "x/y", images: ["service-router-operator-docs:1"] })],
    ],
    ["the configured name in another namespace", [operatorDeployment({ key: "shop/renamed-operator", images: ["x"] })]],
  ])("sees it stopped by %s", (_what, objects) => expect(sight(objects)).toEqual({ kind: "not-running" }));

  it("needs only one of the two kinds to see that it is stopped", () => {
    expect(sight([], ["OperatorLease"]).kind).toBe("not-running");
    expect(sight([], ["OperatorDeployment"]).kind).toBe("not-running");
  });

  it("believes one kind that sees it running, whatever the other says", () => {
    expect(sight([operatorDeployment()], ["OperatorLease"]).kind).toBe("running");
    expect(sight([renewed(120), operatorDeployment()]).kind).toBe("running");
  });

  it("does not know where neither kind can be read", () =>
    expect(sight([], ["OperatorLease", "OperatorDeployment"]).kind).toBe("unknown"));
});
