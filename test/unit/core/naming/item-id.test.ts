import { describe, expect, it } from "vitest";
import { byAge, byText, itemId, objectKey, placeId } from "../../../../shared/core/naming/item-id.ts";
import { metaOf } from "../../../support/builders/objects.ts";

describe("keys", () => {
  it("are namespace/name, or the name of what has no namespace", () => {
    expect(objectKey({ namespace: "shop", name: "cart" })).toBe("shop/cart");
    expect(objectKey({ name: "identity" })).toBe("identity");
  });

  it("of items name place, kind and object", () => {
    expect(placeId({ kind: "zone", name: "weu" })).toBe("zone/weu");
    expect(itemId({ kind: "cluster", name: "w1" }, "DNSEndpoint", "shop/cart-dns")).toBe(
      "cluster/w1|DNSEndpoint|shop/cart-dns",
    );
  });
});

describe("byText", () => {
  it("sorts by code, alike on every machine: not as a language would", () =>
    expect(["b", "a", "B", "ä", "10", "9"].sort(byText)).toEqual(["10", "9", "B", "a", "b", "ä"]));
});

describe("byAge", () => {
  const at = (key: string, createdAtMs: number) => metaOf("ServiceRoute", key, { createdAtMs });
  it.each([
    ["the older first", at("b/b", 1), at("a/a", 2)],
    ["of equal age the namespace decides", at("a/z", 1), at("b/a", 1)],
    ["then the name", at("a/a", 1), at("a/b", 1)],
    ["an unknown age (0) is the oldest", at("z/z", 0), at("a/a", 1)],
  ])("%s", (_rule, first, second) => {
    expect(byAge(first, second)).toBeLessThan(0);
    expect(byAge(second, first)).toBeGreaterThan(0);
    expect(byAge(first, first)).toBe(0);
  });
});
