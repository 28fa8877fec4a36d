import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isAbout,
  ownershipNames,
  ownershipText,
  possibleHosts,
  recordsUnder,
} from "../../../../shared/core/verification/ownership.ts";
import { runs } from "../../../support/builders/arbitraries.ts";

const anyPrefix = fc.constantFrom("", "_xdns-%{record_type}.", "xdns-", "%{record_type}-own.", "X.", "a-");
const anyType = fc.constantFrom("A" as const, "AAAA" as const, "CNAME" as const);
const anyHost = fc.constantFrom(
  "cart-ns-p-a-b.example.com",
  "a-cart.example.com",
  "cname-a-x.example.com",
  "b.example.com",
);

describe("recordsUnder", () => {
  it("reads a name in every way in which ExternalDNS would have written it, and in no other", () => {
    fc.assert(
      fc.property(anyPrefix, anyType, anyHost, (prefix, type, name) => {
        const read = recordsUnder(prefix);
        for (const txtName of ownershipNames(prefix, type, name)) {
          expect(read(txtName)).toContainEqual({ type, name });
          for (const one of read(txtName)) expect(ownershipNames(prefix, one.type, one.name)).toContain(txtName);
        }
      }),
      runs,
    );
  });

  it.each([
    ["_xdns-%{record_type}.", "_xdns-cname.cart.example.com", ["CNAME cart.example.com"]],
    ["_xdns-%{record_type}.", "_xdns-.cart.example.com", ["CNAME cart.example.com", "A cart.example.com"]],
    ["", "cname-cart.example.com", ["CNAME cart.example.com", "A cname-cart.example.com"]],
    ["xdns-", "xdns-aaaa-cart.d", ["AAAA cart.d", "CNAME aaaa-cart.d", "A aaaa-cart.d"]],
    ["_xdns-%{record_type}.", "www.example.com", []],
    ["_xdns-%{record_type}.", "_xdns-a.", []],
  ])("under %s reads %s", (prefix, txtName, read) => {
    expect(recordsUnder(prefix)(txtName).map(({ type, name }) => `${type} ${name}`)).toEqual(read);
  });
});

describe("isAbout", () => {
  it.each([
    ["old.cname-cart.d", "CNAME", "cart.d", "typed"],
    ["old-cname-cart.d", "CNAME", "cart.d", "typed"],
    ["cname_cart.d", "CNAME", "cart.d", "typed"],
    ["old-cname.cart.d", "CNAME", "cart.d", "typed"],
    ["old.cname-cart.d", "A", "cart.d", undefined],
    ["old.aaaa-cart.d", "A", "cart.d", undefined],
    ["old.a-cart.d", "AAAA", "cart.d", undefined],
    ["old.cart.d", "CNAME", "cart.d", "untyped"],
    ["old.cart.d", "AAAA", "cart.d", undefined],
    ["cart.d", "A", "cart.d", "untyped"],
    ["cart.d", "CNAME", "cart.d", undefined],
    ["data-cart.d", "A", "cart.d", "untyped"],
  ] as const)("%s and the %s %s: %s", (txtName, type, name, about) => {
    expect(isAbout(txtName, { type, name })).toBe(about);
  });
});

describe("possibleHosts", () => {
  it("finds the host behind every usual prefix, the longest first", () => {
    const host = "cart-ns-p-a-b.example.com";
    for (const prefix of ["", "old.", "old-", "_own_", "x.y."]) {
      for (const type of ["a", "aaaa", "cname"]) {
        const hosts = possibleHosts(`${prefix}${type}-${host}`);
        expect(hosts).toContain(host);
        expect(hosts.map(({ length }) => length)).toEqual(hosts.map(({ length }) => length).toSorted((a, b) => b - a));
      }
    }
  });
});

describe("ownershipText", () => {
  it.each([
    ['"heritage=external-dns,external-dns/owner=o,external-dns/resource=crd/a/b"', { owner: "o", resource: "crd/a/b" }],
    ["heritage=external-dns,external-dns/owner=o", { owner: "o" }],
    ['"v=spf1 -all"', undefined],
    ['"3b+Q9=="', undefined],
    ['"heritage=external-dns-x,external-dns/owner=o"', undefined],
  ])("of %s is %j", (value, text) => {
    expect(ownershipText(value)).toEqual(text);
  });
});
