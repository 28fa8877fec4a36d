import { describe, expect, it } from "vitest";
import { nameIssues } from "../../../../shared/adapters/manifests/object-names.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";

const issues = (kind: Kind, name: string, namespace?: string): readonly string[] =>
  nameIssues(kind, { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }).map(
    (issue) => issue.split(":")[0] ?? "",
  );

describe("nameIssues", () => {
  it.each<readonly [Kind, string, string | undefined, readonly string[]]>([
    ["ServiceRoute", "checkout", "orders", []],
    ["ServiceRoute", "a.b-c.0", "orders", []],
    ["ServiceRoute", "n".repeat(253), "o".repeat(63), []],
    ["Namespace", "orders", undefined, []],
    ["ServiceRoute", "UpperName", "orders", ["metadata.name"]],
    ["ServiceRoute", "../../etc", "orders", ["metadata.name"]],
    ["ServiceRoute", "n".repeat(254), "orders", ["metadata.name"]],
    ["ServiceRoute", "a..b", "orders", ["metadata.name"]],
    ["ServiceRoute", "a-", "orders", ["metadata.name"]],
    ["ServiceRoute", "a", "../../../tmp/ur", ["metadata.namespace"]],
    ["ServiceRoute", "A", "o".repeat(64), ["metadata.name", "metadata.namespace"]],
    ["Namespace", "a.b", undefined, ["metadata.name"]],
    ["Service", "0web", "orders", ["metadata.name"]],
  ])("of %s %s in %s are at %j", (kind, name, namespace, paths) => {
    expect(issues(kind, name, namespace)).toEqual(paths);
  });
});
