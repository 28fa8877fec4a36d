import { describe, expect, it } from "vitest";
import { clusterReport, gatewayReport, passReport, routeReport } from "../../support/reports.ts";
import { run } from "./fake-host.ts";

const preview = () =>
  passReport({
    clusters: [clusterReport(), clusterReport({ cluster: "n1", region: "neu" })],
    routes: [routeReport(), routeReport({ key: "billing/pay" })],
    gateways: [gatewayReport()],
    zones: [{ zone: "weu", publishers: [], standby: 0, conflicts: 0, reading: { read: "not-configured" } }],
  });

describe("status", () => {
  it.each([
    [["status"], "Fleet: 2 clusters in 2 regions"],
    [["status", "fleet"], "Fleet: "],
    [["status", "region", "weu"], "Region weu: "],
    [["status", "route", "shop/cart"], "Route shop/cart: "],
    [["status", "route", "shop/cart", "--cluster", "w1"], "Route shop/cart: "],
    [["status", "gateways"], "Gateways: 1 gateway"],
  ])("%j shows it and exits 0", async (argv, headline) => {
    const result = await run(argv, { preview });
    expect(result.stdout.startsWith(headline)).toBe(true);
    expect([result.exitCode, result.stderr, result.closed]).toEqual([0, "", 1]);
  });

  it.each([
    [["status", "region", "xyz"], "region xyz: the fleet has no such region", "use one of neu, weu"],
    [["status", "route", "shop/card"], "route shop/card: the fleet has no such route", "use one of shop/cart"],
    [["status", "route", "nowhere/x"], "route nowhere/x", "use one of billing/pay, shop/cart"],
    [
      ["status", "route", "shop/cart", "--cluster", "n1"],
      "route shop/cart: cluster n1 has no such route",
      "it is in w1; leave --cluster out",
    ],
    [
      ["status", "route", "shop/cart", "--namespace", "billing"],
      "--namespace billing is another one",
      "leave --namespace",
    ],
    [
      ["status", "region", "weu", "--cluster", "n1"],
      "region weu: cluster n1 is in region neu and publishes nothing in weu",
      "service-router status region neu --cluster n1, or leave --cluster out",
    ],
    [["status", "--cluster", "w9"], "--cluster w9", "use one of n1, w1"],
    [["status", "--namespace", "nowhere"], "--namespace nowhere", "use one of billing, istio-system, shop"],
  ])("%j says what there is and exits 1", async (argv, what, next) => {
    const result = await run(argv, { preview });
    expect(result.stderr).toContain(what);
    expect(result.stderr).toContain(`→ ${next}`);
    expect([result.exitCode, result.stdout]).toEqual([1, ""]);
  });

  it.each([
    ["status", "--namespace", "payments"],
    ["plan", "--namespace", "payments"],
    ["apply", "--namespace", "payments"],
  ])("%s does not refuse a namespace while a cluster cannot be judged: it may be there", async (...argv) => {
    const standing = { kind: "frozen", code: "NotRead", reason: "timeout" } as const;
    const clusters = [clusterReport(), clusterReport({ cluster: "n1", standing })];
    const result = await run(argv, {
      preview: () => passReport({ clusters }),
      reconcile: () => ({ kind: "ran", report: passReport({ mode: "apply", clusters }) }),
    });
    expect(result.stderr).toBe("");
    expect(result.stdout).toContain("FROZEN n1");
  });

  it("exits 1 when the read ended early, and shows what there is", async () => {
    const result = await run(["status"], {
      preview: () => passReport({ ended: { kind: "stopped", code: "X", reason: "y" } }),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain("STOPPED X");
  });
});
