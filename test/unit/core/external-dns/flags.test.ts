import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationSeconds, flagNames, givenSettings, isTrue } from "../../../../shared/core/external-dns/flags.ts";
import type { ExternalDnsContainer } from "../../../../shared/model/external-dns.ts";

const container = (overrides: Partial<ExternalDnsContainer>): ExternalDnsContainer => ({
  name: "external-dns",
  image: "external-dns:v0.20.0",
  command: [],
  args: [],
  env: [],
  envFrom: false,
  ...overrides,
});
const given = (overrides: Partial<ExternalDnsContainer>) => givenSettings(container(overrides));
const valuesOf = (overrides: Partial<ExternalDnsContainer>) => Object.fromEntries(given(overrides).values);

describe("givenSettings", () => {
  it.each<[string, readonly string[], Record<string, readonly string[]>]>([
    ["a value after =", ["--policy=sync"], { policy: ["sync"] }],
    ["a value as the next word", ["--policy", "sync"], { policy: ["sync"] }],
    ["an empty value", ["--txt-prefix="], { "txt-prefix": [""] }],
    ["a value with =", ["--label-filter=router.io/region=weu"], { "label-filter": ["router.io/region=weu"] }],
    [
      "a value with spaces",
      ["--label-filter=router.io/region in (weu)"],
      { "label-filter": ["router.io/region in (weu)"] },
    ],
    ["a flag that may be repeated", ["--source=crd", "--source", "service"], { source: ["crd", "service"] }],
    ["a flag given twice: the last", ["--policy=sync", "--policy=upsert-only"], { policy: ["upsert-only"] }],
    ["a switch", ["--events", "--interval=1m"], { events: ["true"], interval: ["1m"] }],
    ["a switch turned off", ["--no-events"], { events: ["false"] }],
    ["a switch with a value", ["--events=false"], { events: ["false"] }],
    ["a flag that we do not know, with its value", ["--aws-zone-type", "public", "--events"], { events: ["true"] }],
    ["a switch that we do not know", ["--log-format=json", "--managed", "--policy=sync"], { policy: ["sync"] }],
    ["a flag whose value is missing", ["--policy", "--events"], { policy: [""], events: ["true"] }],
    ["words that are no flags", ["crd", "-v", "--"], {}],
  ])("reads %s", (_what, args, expected) => expect(valuesOf({ args })).toEqual(expected));

  it("reads the command like arguments", () =>
    expect(valuesOf({ command: ["/bin/external-dns", "--source=crd"], args: ["--policy=sync"] })).toEqual({
      source: ["crd"],
      policy: ["sync"],
    }));

  it("takes a variable where the flag is not given, and the flag where both are", () => {
    const env = [
      { name: "EXTERNAL_DNS_POLICY", value: "sync" },
      { name: "EXTERNAL_DNS_TXT_OWNER_ID", value: "external-dns-weu" },
      { name: "EXTERNAL_DNS_SOURCE", value: "crd\nservice\n" },
      { name: "EXTERNAL_DNS_EVENTS", value: "1" },
      { name: "EXTERNAL_DNS_LABEL_FILTER", value: "" },
    ];
    expect(valuesOf({ args: ["--policy=upsert-only"], env })).toEqual({
      policy: ["upsert-only"],
      "txt-owner-id": ["external-dns-weu"],
      source: ["crd", "service"],
      events: ["1"],
    });
  });

  it("puts variables into arguments as Kubernetes does", () => {
    const env = [{ name: "REGION", value: "weu" }];
    const args = ["--txt-owner-id=external-dns-$(REGION)", "--txt-prefix=$$(REGION).", "--txt-suffix=$(NOWHERE)"];
    expect(valuesOf({ args, env })).toEqual({
      "txt-owner-id": ["external-dns-weu"],
      "txt-prefix": ["$(REGION)."],
      "txt-suffix": ["$(NOWHERE)"],
    });
  });

  it("knows what it does not know", () => {
    const { unknown, values } = given({
      args: ["--txt-owner-id=$(OWNER)", "--policy=sync"],
      env: [{ name: "OWNER" }, { name: "EXTERNAL_DNS_TXT_PREFIX" }],
    });
    expect([...unknown].sort()).toEqual(["txt-owner-id", "txt-prefix"]);
    expect([...values.keys()]).toEqual(["policy"]);
  });

  it.each<[string, Partial<ExternalDnsContainer>]>([
    ["a whole ConfigMap gives variables", { envFrom: true }],
    ["a file gives arguments", { args: ["@/etc/external-dns/flags"] }],
  ])("says that any other setting may be elsewhere where %s", (_what, overrides) =>
    expect(given(overrides).mayBeElsewhere).toBe(true),
  );

  it.each([
    ["sh -c", ["/bin/sh", "-c"], "/bin/external-dns --source=crd --policy 'upsert-only' --txt-prefix=\"_x.\""],
    [
      "lines",
      ["bash", "-ec"],
      "set -e\nexternal-dns \\\n  --source=crd \\\n  --policy upsert-only --txt-prefix=_x.\necho done --policy=sync",
    ],
    [
      "exec and a pipe",
      ["sh", "-c"],
      "sleep 1 && exec external-dns --source=crd --policy=upsert-only --txt-prefix=_x. | tee /log",
    ],
  ])("finds the call in a script of a shell: %s", (_what, command, script) =>
    expect(valuesOf({ command, args: [script] })).toEqual({
      source: ["crd"],
      policy: ["upsert-only"],
      "txt-prefix": ["_x."],
    }),
  );

  it("does not guess what a shell puts in", () => {
    const { unknown } = given({ command: ["sh", "-c"], args: ["external-dns --txt-owner-id=$OWNER --policy=sync"] });
    expect([...unknown]).toEqual(["txt-owner-id"]);
  });

  it("never throws, and keeps nothing but flags it knows", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...flagNames).map((flag) => `--${flag}`),
      fc.tuple(fc.constantFrom(...flagNames), fc.string()).map(([flag, value]) => `--${flag}=${value}`),
      fc.constantFrom("sh", "-c", "$(A)", "$(", "--no-events", "@x"),
    );
    fc.assert(
      fc.property(fc.array(word), fc.array(word), fc.boolean(), (command, args, envFrom) => {
        const { values, unknown } = given({ command, args, envFrom, env: [{ name: "A" }] });
        expect([...values.keys(), ...unknown].filter((flag) => !flagNames.includes(flag))).toEqual([]);
      }),
    );
  });
});

describe("durationSeconds", () => {
  it.each([
    ["1m", 60],
    ["1m30s", 90],
    ["1.5h", 5_400],
    ["500ms", 0.5],
    ["0", 0],
    ["0s", 0],
    ["1d", 86_400],
    ["60", undefined],
    ["soon", undefined],
    ["", undefined],
  ])("of %s is %s", (text, seconds) => expect(durationSeconds(text)).toBe(seconds));
});

describe("isTrue", () => {
  it.each([
    ["true", true],
    ["1", true],
    ["T", true],
    ["false", false],
    ["yes", false],
    [undefined, false],
  ])("of %s is %s", (value, yes) => expect(isTrue(value)).toBe(yes));
});
