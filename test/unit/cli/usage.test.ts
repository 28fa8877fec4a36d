import { describe, expect, it } from "vitest";
import { ConfigurationError, InvariantError, StoreUnavailableError } from "../../../shared/errors.ts";
import { run } from "./fake-host.ts";

describe("usage errors", () => {
  it.each([
    ["an unknown command", ["plna"], ["'plna'", "Did you mean plan?"]],
    ["an unknown flag", ["plan", "--clutser", "w1"], ["--clutser", "Did you mean --cluster?"]],
    ["a value that is not allowed", ["plan", "--output", "yaml"], ["--output", "text, markdown, json"]],
    ["a missing value", ["plan", "--cluster"], ["--cluster"]],
    ["a missing required flag", ["approve", "1a2b3c4d5e6f"], ["--reason"]],
    ["a missing argument", ["approve", "--reason", "x"], ["digest"]],
    ["what is no digest", ["approve", "1a2b", "--reason", "x"], ["approve 1a2b is no digest (12 hex characters"]],
    ["an empty reason", ["approve", "1a2b3c4d5e6f", "--reason", " "], ["--reason", "say why"]],
    ["a port that is none", ["serve", "--port", "70000"], ["--port", "0 to 65535"]],
    ["waiting and not waiting", ["apply", "--wait", "--no-wait"], ["--wait and --no-wait contradict"]],
    ["a cluster given twice", ["plan", "--cluster", "w1", "--cluster", "w2"], ["--cluster", "Give it once"]],
    ["a configuration without a name", ["--config", "", "plan"], ["--config", "It is empty"]],
    ["an unknown view", ["status", "rgion"], ["view", "fleet, region, route, gateways"]],
    ["a region without its name", ["status", "region"], ["status region", "status region weu"]],
    ["a route without its namespace", ["status", "route", "cart"], ["cart", "namespace/name"]],
    ["a name that the view does not take", ["status", "gateways", "x"], ["takes no name", "status region"]],
    ["too many arguments", ["plan", "now"], ["arguments"]],
  ])("names %s, says the next step and exits 1 without opening the fleet", async (_what, argv, said) => {
    const result = await run(argv);
    for (const part of said) expect(result.stderr).toContain(part);
    expect(result.stderr).toContain("→");
    expect([result.exitCode, result.stdout, result.opened]).toEqual([1, "", []]);
  });
});

describe("help", () => {
  it.each([
    [["--help"]],
    [["help"]],
    [["help", "plan"]],
    [["doctor", "--help"]],
    [["plan", "--help"]],
    [["apply", "--help"]],
    [["status", "--help"]],
    [["approve", "--help"]],
    [["serve", "--help"]],
    [["config", "check", "--help"]],
  ])("of %j shows examples on stdout and exits 0", async (argv) => {
    const result = await run(argv);
    expect(result.stdout).toContain("Examples:\n  service-router");
    expect([result.exitCode, result.stderr, result.opened]).toEqual([0, "", []]);
  });

  it("explains the three states of waiting", async () => {
    const { stdout } = await run(["apply", "--help"]);
    expect(stdout).toContain("wait for it up to 70 s");
    expect(stdout).toMatch(/--wait +run passes until nothing is waiting/);
    expect(stdout).toMatch(/--no-wait +when another pass runs, do not wait/);
  });

  it.each([[[]], [["dns"]], [["config"]]])(
    "is shown with an error, and exit 1, when no command follows %j",
    async (argv) => {
      const result = await run(argv);
      expect([result.exitCode, result.stdout]).toEqual([1, ""]);
      expect(result.stderr).toContain(["Usage: service-router", ...argv].join(" "));
      expect(result.stderr).toMatch(/\nerror: a command is missing; the help above lists them\n$/);
    },
  );

  it("shows the version", async () =>
    expect(await run(["--version"])).toMatchObject({ exitCode: 0, stdout: "0.1.0\n" }));
});

describe("failures", () => {
  const faults = [
    { path: "clusters[0].name", message: "expected a DNS label" },
    { path: "regions", message: "expected a list" },
  ];

  it("writes the faults of the configuration to stdout as config check was asked to", async () => {
    const faults = [{ path: "clusters[0].source", message: "is required" }];
    const cannotOpen = new ConfigurationError("fleet.yaml", faults);
    const json = await run(["config", "check", "--output", "json"], { cannotOpen });
    expect([json.exitCode, json.stderr]).toEqual([1, ""]);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "ConfigurationFaults", source: "fleet.yaml", faults });
    const markdown = await run(["config", "check", "--output", "markdown"], { cannotOpen });
    expect(markdown.exitCode).toBe(1);
    expect(markdown.stdout).toContain("is required");
  });

  it("lists every fault of the configuration, then the next step", async () => {
    const result = await run(["plan"], { cannotOpen: new ConfigurationError("fleet.yaml", faults) });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toBe(
      "error: fleet.yaml has 2 faults:\n  clusters[0].name: expected a DNS label\n  regions: expected a list\n" +
        "→ correct what is listed, then run service-router config check\n",
    );
  });

  it("shows stack and causes only with --verbose", async () => {
    const cannotOpen = new StoreUnavailableError("EACCES", new Error("permission denied"));
    const [quiet, verbose] = [await run(["plan"], { cannotOpen }), await run(["plan", "--verbose"], { cannotOpen })];
    expect(quiet.stderr).not.toContain("    at ");
    expect(verbose.stderr).toContain("    at ");
    expect(verbose.stderr).toContain("caused by Error: permission denied");
  });

  it("says of an error of its own that it is one", async () => {
    const result = await run(["plan"], { preview: () => Promise.reject(new InvariantError("two winners")) });
    expect(result).toMatchObject({ exitCode: 1, closed: 1 });
    expect(result.stderr).toContain("a fault of service-router itself");
  });
});
