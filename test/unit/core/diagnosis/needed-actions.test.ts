import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  neededActions,
  roleFindings,
  zoneChanges,
  zoneReads,
  type ZoneWrites,
} from "../../../../shared/core/diagnosis/needed-actions.ts";
import type { ZoneAction } from "../../../../shared/model/access.ts";

const A_READ: ZoneAction = "Microsoft.Network/privateDnsZones/A/read";
const A_WRITE: ZoneAction = "Microsoft.Network/privateDnsZones/A/write";
const CNAME_DELETE: ZoneAction = "Microsoft.Network/privateDnsZones/CNAME/delete";

const zone = (writes: ZoneWrites) => ({ region: "weu", zone: "example.com", writes });
const lacking = (denied: readonly ZoneAction[], writes: ZoneWrites = "apply") => ({ ...zone(writes), denied });
const unknown = { ...zone("apply"), denied: "unknown", reason: "it may not ask" } as const;

/** The custom role as it stands in the documents, which a reader copies. */
function documented(): { readonly Actions: readonly string[]; readonly NotActions: readonly string[] } {
  const file = path.join(import.meta.dirname, "..", "..", "..", "..", "docs", "platform", "zones.md");
  const [, json = ""] = /```json\n([^]*?)```/.exec(readFileSync(file, "utf8")) ?? [];
  return JSON.parse(json) as ReturnType<typeof documented>;
}

describe("neededActions", () => {
  it("are those that the documented role grants, no fewer and no more than the question itself", () => {
    const { Actions, NotActions } = documented();
    const question = "Microsoft.Authorization/permissions/read";
    expect([...Actions].sort()).toEqual([question, ...neededActions("apply")].sort());
    expect(NotActions).toEqual([]);
  });

  it("are reads alone where the zone is observed", () => {
    expect(neededActions("observe")).toEqual(zoneReads);
    expect(zoneReads.filter((action) => !action.endsWith("/read"))).toEqual([]);
    expect(zoneChanges.filter((action) => action.endsWith("/read"))).toEqual([]);
  });

  it("never write a CNAME", () => {
    expect(neededActions("apply")).not.toContain("Microsoft.Network/privateDnsZones/CNAME/write");
    expect(neededActions("apply")).toContain(CNAME_DELETE);
  });
});

describe("roleFindings", () => {
  it("names each missing action, and the role that has them", () =>
    expect(roleFindings(lacking([CNAME_DELETE, A_WRITE]), undefined)).toMatchObject([
      {
        code: "ZoneRoleMissing",
        severity: "critical",
        region: "weu",
        object: "zone example.com",
        what: "the identity lacks 2 of 13 needed actions",
        fix: expect.stringContaining("Private DNS Zone Contributor") as string,
        names: [A_WRITE, CNAME_DELETE],
      },
    ]));

  it("asks for no more than Reader where the zone is observed, and only warns", () => {
    const [found, ...more] = roleFindings(lacking([A_READ], "observe"), "403");
    expect(found).toMatchObject({ severity: "warning", fix: expect.stringContaining("role Reader") as string });
    expect([found?.fix.includes("Contributor"), more]).toEqual([false, []]);
  });

  it.each([
    ["nothing is missing", lacking([]), undefined, []],
    ["nobody could be asked", unknown, undefined, ["ZoneRoleUnknown: it may not ask"]],
    [
      "it may neither list nor ask",
      unknown,
      "no list",
      ["ZoneRoleMissing: no list", "ZoneRoleUnknown: it may not ask"],
    ],
    [
      "the listing was refused, and a read is missing",
      lacking([A_READ]),
      "no list",
      ["ZoneRoleMissing: the identity lacks 1 of 13 needed actions"],
    ],
    [
      "the listing was refused though the roles allow it",
      lacking([]),
      "no list",
      ["ZoneRoleMissing: no list; its roles allow that: they were assigned just now, or a deny assignment stands"],
    ],
    [
      "the listing was refused, and only writes are missing",
      lacking([A_WRITE]),
      "no list",
      [
        "ZoneRoleMissing: the identity lacks 1 of 13 needed actions; " +
          "no list; its roles allow that: they were assigned just now, or a deny assignment stands",
      ],
    ],
  ])("where %s", (_where, rights, refusal, expected) =>
    expect(roleFindings(rights, refusal).map(({ code, what }) => `${code}: ${what}`)).toEqual(expected),
  );
});
