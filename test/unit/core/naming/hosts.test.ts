import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gatewayHost,
  hostFault,
  ownHostTest,
  ownershipFault,
  ownershipName,
  serviceHosts,
} from "../../../../shared/core/naming/hosts.ts";

const weu = { region: "weu", cluster: "aks01", domain: "example.com", environmentLetter: "p" };
const dev = { region: "neu", cluster: "aks02", domain: "int.dev.example.com", environmentLetter: "d" };

describe("serviceHosts", () => {
  it.each([
    [weu, "cart", "prod", "shop", "cart-ns-p-prod-shop.example.com"],
    [weu, "cart", "acc", "shop", "cart-ns-p-acc-shop.example.com"],
    [dev, "cart", "dev", "shop", "cart-ns-d-dev-shop.int.dev.example.com"],
    [weu, "order-api", "prod", "web-shop", "order-api-ns-p-prod-web-shop.example.com"],
    // Different fields may give one host; that two routes claim it is judged where claims are compared.
    [weu, "a", "b-c", "d", "a-ns-p-b-c-d.example.com"],
    [weu, "a", "b", "c-d", "a-ns-p-b-c-d.example.com"],
  ] as const)("%o %s/%s/%s is %s", (identity, serviceName, environment, application, host) =>
    expect(serviceHosts(identity)({ serviceName, environment, application })).toBe(host),
  );

  it("says nothing of cluster and region: the same service has the same host everywhere", () =>
    expect(
      serviceHosts({ ...weu, region: "neu", cluster: "other" })({
        serviceName: "a",
        environment: "b",
        application: "c",
      }),
    ).toBe(serviceHosts(weu)({ serviceName: "a", environment: "b", application: "c" })));
});

describe("gatewayHost", () => {
  it.each([
    [weu, "internal", "aks01-weu-internal.example.com"],
    [weu, "public-v2", "aks01-weu-public-v2.example.com"],
    [dev, "internal", "aks02-neu-internal.int.dev.example.com"],
  ] as const)("%o %s is %s", (identity, postfix, host) => expect(gatewayHost(identity, postfix)).toBe(host));
});

describe("hostFault", () => {
  const label63 = "a".repeat(63);
  it.each([
    ["cart-ns-p-prod-shop.example.com"],
    [`${label63}.example.com`],
    ["1.example.com"],
    ["a--b.example.com"],
    [`${label63}.${label63}.${label63}.${"b".repeat(61)}`],
  ])("accepts %s", (host) => expect(hostFault(host)).toBeUndefined());

  it.each([
    ["-ns-p-prod-shop.example.com", "may hold lower-case letters, digits and inner hyphens only"],
    ["cart-ns-p-prod-.example.com", "may hold lower-case letters, digits and inner hyphens only"],
    ["Cart.example.com", "may hold lower-case letters, digits and inner hyphens only"],
    ["my_cart.example.com", "may hold lower-case letters, digits and inner hyphens only"],
    ["cart*.example.com", "may hold lower-case letters, digits and inner hyphens only"],
    ["cärt.example.com", "may hold lower-case letters, digits and inner hyphens only"],
    ["cart..example.com", "has an empty label"],
    ["cart.example.com.", "has an empty label"],
    [".example.com", "has an empty label"],
    ["", "has an empty label"],
    [`a${label63}.example.com`, "has 64 characters; DNS allows 63"],
    [`${label63}.${label63}.${label63}.${"b".repeat(62)}`, "has 254 characters; DNS allows 253"],
  ])("refuses %s and says why", (host, reason) => expect(hostFault(host)).toContain(reason));

  it("accepts exactly what the rules of DNS names say, label by label", () => {
    const anyLabel = fc.string({ unit: fc.constantFrom("a", "z", "0", "-", "_", "A", ".", "é"), maxLength: 66 });
    fc.assert(
      fc.property(fc.array(anyLabel, { minLength: 1, maxLength: 5 }), (labels) => {
        const host = labels.join(".");
        const fits = host.split(".").every((label) => /^[a-z0-9-]{1,63}$/.test(label) && !/^-|-$/.test(label));
        expect(hostFault(host) === undefined).toBe(fits && host.length <= 253);
      }),
    );
  });
});

describe("ownershipName", () => {
  it.each([
    ["_xdns-%{record_type}.", "CNAME", "cart.example.com", "_xdns-cname.cart.example.com"],
    ["_xdns-%{record_type}.", "A", "aks01.example.com", "_xdns-a.aks01.example.com"],
    ["weu-dev-aks-", "CNAME", "cart.example.com", "weu-dev-aks-cname-cart.example.com"],
    ["_WEU.", "AAAA", "cart.example.com", "_weu.aaaa-cart.example.com"],
  ])("prefix %s, type %s: %s is owned by %s", (prefix, type, host, name) =>
    expect(ownershipName(prefix, type, host)).toBe(name),
  );
});

describe("ownershipFault", () => {
  const host = `${"a".repeat(57)}.example.com`;
  it.each([
    ["_xdns-%{record_type}.", host],
    ["_xdns-%{record_type}.", `${"a".repeat(63)}.example.com`],
    ["", "cart.example.com"],
    ["", host],
  ])("a prefix %s leaves room for %s", (prefix, name) => expect(ownershipFault(prefix, "CNAME", name)).toBeUndefined());

  it.each([
    // The prefix and the type join the first label: 57 + 6 is 63, one more does not fit.
    ["", `a${host}`, "of 64 characters; DNS allows 63"],
    ["weu-", host, "of 67 characters; DNS allows 63"],
    [
      "_xdns-%{record_type}.",
      `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}`,
      "DNS allows 253",
    ],
  ])("a prefix %s leaves none for %s", (prefix, name, reason) =>
    expect(ownershipFault(prefix, "CNAME", name)).toContain(reason),
  );
});

describe("ownHostTest", () => {
  const isOwnHost = ownHostTest([weu, dev, { ...weu, domain: "dev.example.com" }], ["weu", "neu", "frc"]);

  it.each([
    ["a host of a route", "cart-ns-p-prod-shop.example.com", true],
    ["one of a route that has a dot", "v1.cart-ns-p-prod-shop.example.com", true],
    ["one of the inner of nested domains", "cart-ns-d-dev-shop.int.dev.example.com", true],
    ["one of a gateway", "aks01-weu-internal.example.com", true],
    ["one of a gateway of the inner domain", "aks02-neu-internal.int.dev.example.com", true],
    ["one of a gateway of a region without clusters", "aks09-frc-internal.example.com", true],
    ["another domain", "cart-ns-p-prod-shop.example.org", false],
    ["another letter", "cart-ns-x-prod-shop.example.com", false],
    ["another region", "aks01-uks-internal.example.com", false],
    ["a name below a gateway's", "x.aks01-weu-internal.example.com", false],
    ["a host without service", "-ns-p-prod-shop.example.com", false],
    ["a host without environment", "cart-ns-p--shop.example.com", false],
    ["a host without application", "cart-ns-p-prod.example.com", false],
    ["a gateway without postfix", "aks01-weu-.example.com", false],
    ["a gateway without cluster", "-weu-internal.example.com", false],
    ["the domain itself", "example.com", false],
  ])("of %s (%s): %s", (_what, name, own) => {
    expect(isOwnHost(name)).toBe(own);
  });
});
