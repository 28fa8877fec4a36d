/** How an instance runs: which version, how many of it, and what of it cannot be known. */
import type { Finding } from "../../model/finding.ts";
import { about, knows } from "./audited-fleet.ts";
import type { AuditedInstance } from "./audited-fleet.ts";
import { isFrom, isTested, versionText } from "./version.ts";

/** More flags than this are counted. */
const FLAGS_NAMED = 4;

export function instanceFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance } = audited;
  const findings: Finding[] = [];
  if (instance.replicas > 1) {
    findings.push(about(audited, "SeveralReplicas", { what: `${instance.replicas} replicas` }));
  }
  if (instance.replicas > 0 && instance.readyReplicas === 0) {
    findings.push(about(audited, "NotReady", { what: `0 of ${instance.replicas} replicas are ready` }));
  }
  if (instance.regions.length === 0 && knows(instance, "label-filter")) {
    findings.push(about(audited, "RegionUnknown", { what: "neither filter nor name nor owner says a region" }));
  }
  return [...findings, ...versionFindings(audited)];
}

function versionFindings(audited: AuditedInstance): readonly Finding[] {
  const { version, image } = audited.instance;
  if (version === undefined) return [about(audited, "VersionUnknown", { what: `image ${image}` })];
  if (!isTested(version)) return [about(audited, "VersionUntested", { what: `version ${versionText(version)}` })];
  return isFrom(version, 21) ? [about(audited, "GoesOnBlindly", { what: `version ${versionText(version)}` })] : [];
}

/** Settings that nobody can read here: before anything else is believed. */
export function unknownFindings(audited: AuditedInstance): readonly Finding[] {
  const { unknown, settings } = audited.instance;
  if (unknown.length > 0) {
    const named = unknown.length > FLAGS_NAMED ? "all that its arguments do not set" : `--${unknown.join(", --")}`;
    const what = `${named} may come from a ConfigMap, a Secret or a file`;
    return [about(audited, "SettingsUnknown", { what, names: unknown })];
  }
  return settings.sources.length > 0
    ? []
    : [
        about(audited, "SettingsUnknown", {
          what: "no --source was found, which ExternalDNS needs; how is it started?",
        }),
      ];
}
