import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPermitted, readPermission } from "../../../../shared/contracts/azure/permissions.ts";

const role = (actions: readonly string[], notActions: readonly string[] = []) => ({ actions, notActions });
const WRITE = "Microsoft.Network/privateDnsZones/A/write";

describe("isPermitted", () => {
  it.each([
    ["no role", [], false],
    ["a role without actions", [role([])], false],
    ["Owner", [role(["*"])], true],
    ["Contributor", [role(["*"], ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"])], true],
    ["Reader", [role(["*/read"])], false],
    [
      "Private DNS Zone Contributor",
      [role(["Microsoft.Authorization/*/read", `Microsoft.Network/privateDnsZones/*`])],
      true,
    ],
    ["the action itself", [role([WRITE])], true],
    ["the action in another case", [role([WRITE.toUpperCase()])], true],
    ["a star amid", [role(["Microsoft.Network/*/write"])], true],
    ["stars amid and at the end", [role(["Microsoft.*/privateDnsZones/*/w*"])], true],
    ["a star for nothing", [role([`${WRITE}*`])], true],
    ["another type", [role(["Microsoft.Network/privateDnsZones/AAAA/write"])], false],
    ["the verb at another place", [role(["Microsoft.Network/privateDnsZones/write"])], false],
    ["public zones", [role(["Microsoft.Network/dnsZones/*"])], false],
    ["the start of it", [role(["Microsoft.Network/privateDnsZones/A"])], false],
    ["the end of it", [role(["privateDnsZones/A/write"])], false],
    ["a pattern that would need its letters twice", [role(["Microsoft.Network/privateDnsZones/A/w*write"])], false],
    ["a dot for another letter", [role(["Microsoft-Network/privateDnsZones/A/write"])], false],
    ["what its own notActions take away", [role(["*"], ["Microsoft.Network/privateDnsZones/*/WRITE"])], false],
    ["a notAction about something else", [role(["*"], ["Microsoft.Network/privateDnsZones/*/delete"])], true],
    ["another role than the one that leaves it out", [role(["*"], [WRITE]), role(["*/A/write"])], true],
    ["two roles that both leave it out", [role(["*"], [WRITE]), role(["*"], ["*/write"])], false],
  ])("by %s", (_by, permissions, expected) => expect(isPermitted(WRITE, permissions)).toBe(expected));

  it("matches as a regular expression would, in which a star is anything", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "B", "/", "*", "."), maxLength: 12 });
    fc.assert(
      fc.property(texts, texts, (pattern, text) => {
        const action = text.replaceAll("*", "b");
        const expected = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "i").test(action);
        expect(isPermitted(action, [role([pattern])])).toBe(expected);
      }),
    );
  });

  it("takes no longer for a pattern full of stars", () => {
    const pattern = "a*".repeat(2_000);
    expect(isPermitted("a".repeat(1_999), [role([`${pattern}b`])])).toBe(false);
  });
});

describe("readPermission", () => {
  it.each([
    ["an entry of Azure", { actions: ["a/*"], notActions: ["a/b"], dataActions: [] }, role(["a/*"], ["a/b"])],
    ["one without notActions", { actions: ["a"] }, role(["a"])],
    ["one with nulls", { actions: null, notActions: null }, role([])],
    ["one of data actions alone", { dataActions: ["a/read"] }, role([])],
    ["no object", "*", undefined],
    ["a list", [], undefined],
    ["actions that are no list", { actions: "*" }, undefined],
    ["notActions that hold something else", { actions: ["*"], notActions: [7] }, undefined],
  ])("reads %s", (_what, entry, expected) => expect(readPermission(entry)).toEqual(expected));
});
