/** What an instance deletes or never changes: its policy, and what else makes it write too much or nothing. */
import type { Finding } from "../../model/finding.ts";
import { about, knows, placeOf, readsEndpoints, siblingsOf } from "./audited-fleet.ts";
import type { AuditedFleet, AuditedInstance } from "./audited-fleet.ts";
import { versionText } from "./version.ts";

export function policyFindings(audited: AuditedInstance, fleet: AuditedFleet): readonly Finding[] {
  const { instance } = audited;
  if (!knows(instance, "policy")) return [];
  switch (instance.settings.policy) {
    case "sync":
      return [syncFinding(audited, fleet)];
    case "upsert-only":
      return [];
    case "create-only":
      return [about(audited, "PolicyCreateOnly", { what: "--policy=create-only" })];
    case undefined: {
      const version = instance.version === undefined ? "a version that is not known" : versionText(instance.version);
      return [about(audited, "PolicyMissing", { what: `no --policy, with ${version}` })];
    }
    default:
      return [
        about(audited, "PolicyMissing", { what: `--policy=${instance.settings.policy} is none of its policies` }),
      ];
  }
}

/** The worst that applies: nothing selected wipes the zone, siblings fight, alone it only waits for an empty cluster. */
function syncFinding(audited: AuditedInstance, fleet: AuditedFleet): Finding {
  const { instance, selection } = audited;
  const policy = `policy sync${instance.settings.policyByDefault ? " (no --policy is given, which means sync here)" : ""}`;
  if (selection.kind === "known" && selection.selected.length === 0 && isOnlyEndpoints(audited)) {
    const none = selection.of === 0 ? "there is no DNSEndpoint" : `none of ${selection.of} DNSEndpoints is selected`;
    const state = instance.replicas === 0 ? "0 replicas, so it has not run yet" : "it is meant to run";
    return about(audited, "ZoneWiper", {
      what: `${policy}, and ${none} (${selection.by}); owner ${instance.settings.ownerId}, ${state}`,
    });
  }
  const siblings = siblingsOf(audited, fleet).filter(
    (other) => other.instance.settings.ownerId === instance.settings.ownerId,
  );
  if (siblings.length === 0) return about(audited, "SyncPolicy", { what: policy });
  const names = siblings.map((other) => placeOf(other.instance)).sort();
  const shared = `${policy}; owner ${instance.settings.ownerId} is also that of ${names.join(", ")}`;
  if (instance.replicas > 0) return about(audited, "SyncShared", { what: shared, names });
  return about(audited, "SyncShared", {
    what: `${shared}; 0 replicas, so it does not run now`,
    consequence:
      "As soon as it runs it deletes in every pass what only the other instances publish and they write it again: names are missing about half of the time, for as long as it runs.",
    names,
  });
}

/** Other sources may fill the set: nobody can say that it is empty. */
function isOnlyEndpoints({ instance }: AuditedInstance): boolean {
  return readsEndpoints(instance) && instance.settings.sources.every((source) => source === "crd");
}

/** Settings that let it overwrite what it should leave, or write nothing. */
export function writingFindings(audited: AuditedInstance): readonly Finding[] {
  const { settings } = audited.instance;
  const findings: Finding[] = [];
  if (settings.registry !== "txt") {
    findings.push(about(audited, "RegistryNotTxt", { what: `--registry=${settings.registry}` }));
  }
  if (settings.txtCacheSeconds > 0) {
    findings.push(about(audited, "TxtCache", { what: `--txt-cache-interval is ${settings.txtCacheSeconds} s` }));
  }
  if (settings.providerCacheSeconds > 0) {
    findings.push(
      about(audited, "ProviderCache", { what: `--provider-cache-time is ${settings.providerCacheSeconds} s` }),
    );
  }
  if (settings.txtEncrypted) findings.push(about(audited, "TxtEncrypted", { what: "--txt-encrypt-enabled" }));
  if (settings.migrateFromOwner !== "") {
    findings.push(
      about(audited, "MigrateFromOwner", {
        what: `--migrate-from-txt-owner=${settings.migrateFromOwner}, policy ${settings.policy ?? "not set"}`,
        ...(settings.policy === "sync" ? { severity: "critical" } : {}),
      }),
    );
  }
  if (settings.dryRun) findings.push(about(audited, "DryRun", { what: "--dry-run" }));
  const missing = ["A", "AAAA", "CNAME"].filter(
    (type) => !settings.managedRecordTypes.includes(type) || settings.excludedRecordTypes.includes(type),
  );
  if (missing.length > 0) {
    findings.push(
      about(audited, "RecordTypesMissing", {
        what: `record types ${missing.join(", ")} are not managed`,
        ...(missing.every((type) => type === "AAAA") ? { severity: "warning" } : {}),
      }),
    );
  }
  return findings;
}
