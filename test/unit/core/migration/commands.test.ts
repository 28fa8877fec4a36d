import { describe, expect, it } from "vitest";
import { word } from "../../../../shared/core/migration/commands.ts";
import { deployedBy, gitOpsText } from "../../../../shared/core/migration/deployed-by.ts";

describe("word", () => {
  it.each([
    ["aks-weu-01", "aks-weu-01"],
    ["admin@aks/weu:1", "admin@aks/weu:1"],
    ["my context", "'my context'"],
    ["--txt-prefix=_xdns-%{record_type}.", "'--txt-prefix=_xdns-%{record_type}.'"],
    ["a'; rm -rf /", String.raw`'a'\''; rm -rf /'`],
    ["$(whoami)", "'$(whoami)'"],
    ["", "''"],
  ])("makes one word of %s", (text, expected) => expect(word(text)).toBe(expected));
});

describe("deployedBy", () => {
  it.each<[string, Readonly<Record<string, string>>, string | undefined, string | undefined]>([
    ["nothing", {}, undefined, undefined],
    ["a chart", { "helm.sh/chart": "external-dns-1.19.0", "app.kubernetes.io/instance": "dns" }, "dns", undefined],
    ["an instance label alone", { "app.kubernetes.io/instance": "dns" }, undefined, undefined],
    [
      "Flux, both of its ways",
      {
        "kustomize.toolkit.fluxcd.io/name": "apps",
        "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
        "helm.toolkit.fluxcd.io/name": "dns",
        "helm.toolkit.fluxcd.io/namespace": "platform",
      },
      undefined,
      "Flux (HelmRelease platform/dns)",
    ],
    ["Argo CD", { "argocd.argoproj.io/instance": "platform" }, undefined, "Argo CD (application platform)"],
  ])("sees %s", (_what, labels, release, gitOps) => {
    const by = deployedBy(labels);
    expect([by.helmRelease, gitOpsText(by)]).toEqual([release, gitOps]);
  });
});
