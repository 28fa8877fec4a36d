import { describe, expect, it } from "vitest";
import { operatorValuesOf } from "../../../shared/config.ts";
import { ConfigurationError } from "../../../shared/errors.ts";

const file = (text: string, path = "values.yaml") => ({ path, text });

describe("operatorValuesOf", () => {
  it("is nothing without a file", () => expect(operatorValuesOf([])).toBeUndefined());

  it.each<[string, readonly string[], string, string]>([
    ["an empty file", [""], "istio-system", "replicaCount"],
    ["the namespace of Gateways", ["controller: { defaultRouterGatewayNamespace: gw }"], "gw", "replicaCount"],
    ["production settings", ["production: { enabled: true }"], "istio-system", "production.replicaCount"],
    [
      "production settings switched off",
      ["production: { enabled: false, replicaCount: 3 }"],
      "istio-system",
      "replicaCount",
    ],
    [
      "two files, of which the later wins, map by map",
      [
        "controller: { defaultRouterGatewayNamespace: gw, logLevel: info }\nproduction: { enabled: true }",
        "controller: { logLevel: debug }\nproduction: { enabled: false }",
      ],
      "gw",
      "replicaCount",
    ],
  ])("reads %s", (_what, texts, gatewayNamespace, replicasKey) => {
    expect(operatorValuesOf(texts.map((text) => file(text)))).toMatchObject({ gatewayNamespace, replicasKey });
  });

  it("keeps nothing else", () => {
    const values = operatorValuesOf([
      file("image: { pullSecret: s3cret }\nserviceAccount: { annotations: { a: s3cret } }"),
    ]);
    expect(JSON.stringify(values)).not.toContain("s3cret");
  });

  it.each([
    ["no YAML", "a: [", "is not YAML"],
    ["another type", "controller: { defaultRouterGatewayNamespace: 1 }", "controller.defaultRouterGatewayNamespace"],
    ["a list", "- a", "Helm values values.yaml"],
  ])("says what is wrong with %s", (_what, text, message) => {
    expect(() => operatorValuesOf([file(text)])).toThrow(ConfigurationError);
    expect(() => operatorValuesOf([file(text)])).toThrow(message);
  });
});
