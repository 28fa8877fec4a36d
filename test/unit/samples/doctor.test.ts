/** What doctor finds in the sample fleet: the trouble of its README, told by name, and nothing else that is critical. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnose } from "../../../shared/compose-doctor.ts";
import type { Diagnosis } from "../../../shared/model/diagnosis.ts";
import { copySampleFleet } from "./sample-fleet.ts";
import type { SampleFleet } from "./sample-fleet.ts";

let sample: SampleFleet;
let diagnosis: Diagnosis;

beforeAll(async () => {
  sample = await copySampleFleet();
  const { configurationPath } = sample;
  diagnosis = await diagnose({ configurationPath, progress: { stage: () => {}, step: () => {} } });
});
afterAll(() => sample.remove());

const found = (severity: string): readonly string[] =>
  diagnosis.findings
    .filter((one) => one.severity === severity)
    .map(({ code, cluster = "fleet", object = "" }) => `${code} ${cluster} ${object}`.trim());

describe("doctor on the sample fleet", () => {
  it("finds exactly what is planted", () => {
    expect(found("critical")).toEqual([
      "AnnotationFilterEmpties w3 Deployment external-dns/external-dns-neu",
      "PrefixDiffers fleet",
      "ZoneWiper n2 Deployment external-dns/external-dns-weu",
    ]);
    expect(found("warning")).toEqual([
      "HostConflict w1 ServiceRoute marketing/web",
      "PrefixUnlikeFleet w2 Deployment external-dns/external-dns-weu",
      "RecordForeign fleet",
      "RecordOrphan fleet",
      "RouteWithoutBackend n1",
      "RouteWithoutBackend w1",
    ]);
  });

  it("says who would answer which hosts if a region died", () => {
    const of = (name: string) => diagnosis.coverages.find(({ scope }) => scope.name === name);
    expect(of("weu")).toMatchObject({ substitute: "n1", total: 17, covered: 5 });
    expect(of("w1")).toMatchObject({ substitute: "w2", total: 8, covered: 2 });
    expect(of("weu")?.uncovered.find(({ code }) => code === "NoReadyEndpoint")?.host).toBe(
      "cart-ns-p-prod-eu-shop.example.internal",
    );
    expect(
      of("n1")
        ?.uncovered.filter(({ code }) => code === "NoAddress")
        .map(({ host }) => host),
    ).toEqual(["login-ns-p-prod-identity.example.internal", "token-ns-p-prod-identity.example.internal"]);
  });
});
