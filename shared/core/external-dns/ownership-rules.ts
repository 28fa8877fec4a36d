/** Whether the ownership records of an instance can be written, and are those that the fleet configuration expects. */
import type { Finding } from "../../model/finding.ts";
import { about, knows } from "./audited-fleet.ts";
import type { AuditedInstance } from "./audited-fleet.ts";
import { fits, longestFirstLabel, ownershipNameOf } from "./ownership-names.ts";

const recordTypes: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);
const maxLabel = 63;

/** Only where ownership stands in TXT records at all. */
export function ownershipFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance, region } = audited;
  const { settings } = instance;
  const findings: Finding[] = [];
  if (knows(instance, "txt-owner-id")) {
    if (settings.ownerId === "default") {
      findings.push(about(audited, "OwnerDefault", { what: `owner id ${settings.ownerId}` }));
    }
    if (region !== undefined && settings.ownerId !== region.externalDns.ownerId) {
      const wanted = region.externalDns.ownerId;
      findings.push(
        about(audited, "OwnerUnlikeFleet", {
          what: `owner id ${settings.ownerId}, the fleet configuration says ${wanted} for ${region.name}`,
        }),
      );
    }
  }
  if (settings.registry !== "txt" || !["txt-prefix", "txt-suffix"].every((flag) => !instance.unknown.includes(flag))) {
    return findings;
  }
  return [...findings, ...prefixFindings(audited), ...nameFindings(audited)];
}

function prefixFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance, region } = audited;
  const { txtPrefix, txtSuffix } = instance.settings;
  if (region === undefined) return [];
  const wanted = region.externalDns.txtPrefix;
  if (txtPrefix.toLowerCase() === wanted.toLowerCase() && txtSuffix === "") return [];
  const what = `${affixText(instance.settings)}, the fleet configuration says prefix ${quoted(wanted)} for ${region.name}`;
  return [about(audited, "PrefixUnlikeFleet", { what })];
}

export function affixText({
  txtPrefix,
  txtSuffix,
}: {
  readonly txtPrefix: string;
  readonly txtSuffix: string;
}): string {
  if (txtSuffix !== "") return `suffix ${quoted(txtSuffix)}`;
  return txtPrefix === "" ? "no prefix" : `prefix ${quoted(txtPrefix)}`;
}

function quoted(text: string): string {
  return text === "" ? "none" : `"${text}"`;
}

/** Hosts whose ownership record cannot be written; where there is none yet, how long a label may be. */
function nameFindings(audited: AuditedInstance): readonly Finding[] {
  const { instance, selection } = audited;
  const { settings } = instance;
  const records = (selection.kind === "known" ? selection.selected : [])
    .flatMap(({ spec }) => spec.endpoints)
    .filter(({ recordType }) => recordTypes.has(recordType));
  const wildcards = hostsOf(
    records.filter(({ dnsName }) => dnsName.startsWith("*.") && settings.txtWildcardReplacement === ""),
  );
  const tooLong = hostsOf(
    records.filter(
      ({ dnsName, recordType }) =>
        !dnsName.startsWith("*.") && !fits(ownershipNameOf(settings, recordType, hostOf(dnsName))),
    ),
  );
  const room = longestFirstLabel(settings);
  return [
    ...(wildcards.length === 0 || !knows(instance, "txt-wildcard-replacement")
      ? []
      : [
          about(audited, "WildcardReplacementMissing", {
            what: `${hostCount(wildcards)} with a wildcard, and no --txt-wildcard-replacement`,
            names: wildcards,
          }),
        ]),
    ...(tooLong.length === 0
      ? []
      : [
          about(audited, "TxtNameTooLong", {
            what: `${hostCount(tooLong)} too long for ownership records with ${affixText(settings)}`,
            names: tooLong,
          }),
        ]),
    ...(room === maxLabel || tooLong.length > 0
      ? []
      : [
          about(audited, "TxtNameRoom", {
            what: `with ${affixText(settings)} the first label of a host may have ${room} characters, DNS allows ${maxLabel}`,
          }),
        ]),
  ];
}

function hostOf(dnsName: string): string {
  return dnsName.toLowerCase().replace(/\.$/, "");
}

function hostsOf(found: readonly { readonly dnsName: string }[]): readonly string[] {
  return [...new Set(found.map(({ dnsName }) => hostOf(dnsName)))].sort();
}

function hostCount(hosts: readonly string[]): string {
  return hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
}
