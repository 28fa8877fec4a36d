import { describe, expect, it } from "vitest";
import { type AzureCredential, TokenCache } from "../../../../shared/adapters/azure-aks/token-cache.ts";

const HOUR_MS = 3_600_000;

/** Gives `t1`, `t2`, … with the lifetimes in turn; an Error fails that request. */
function credential(...lifetimes: readonly (number | Error)[]): AzureCredential {
  const left = [...lifetimes];
  let given = 0;
  return {
    getToken: () => {
      const next = left.shift() ?? HOUR_MS;
      if (next instanceof Error) return Promise.reject(next);
      given += 1;
      return Promise.resolve({ token: `t${given}`, expiresOnTimestamp: Date.now() + next });
    },
  };
}

const bearer = (token: string): object => ({ headers: { Authorization: `Bearer ${token}` } });

describe("TokenCache", () => {
  it("asks once for callers at the same time and for those after", async () => {
    const cache = new TokenCache(credential());
    await expect(Promise.all([cache.current(), cache.current()])).resolves.toEqual([bearer("t1"), bearer("t1")]);
    await expect(cache.current()).resolves.toEqual(bearer("t1"));
  });

  it("renews a token before it expires", async () => {
    const cache = new TokenCache(credential(60_000));
    await cache.current();
    await expect(cache.current()).resolves.toEqual(bearer("t2"));
  });

  it("uses a token that is still valid while no new one can be had", async () => {
    const cache = new TokenCache(credential(60_000, new Error("the identity endpoint is away")));
    await cache.current();
    await expect(cache.current()).resolves.toEqual(bearer("t1"));
  });

  it("throws when there is neither a new nor a valid token", async () => {
    const away = new Error("the identity endpoint is away");
    const cache = new TokenCache(credential(-1, away));
    await cache.current();
    await expect(cache.current()).rejects.toBe(away);
    await expect(cache.current()).resolves.toEqual(bearer("t2"));
  });

  it("does not use a token again that was refused, and leaves a newer one alone", async () => {
    const cache = new TokenCache(credential());
    const first = await cache.current();
    cache.reject(first);
    const second = await cache.current();
    expect(second).toEqual(bearer("t2"));
    cache.reject(first);
    await expect(cache.current()).resolves.toBe(second);
  });

  it("gives the same object for the same token, so that a caller sees that there is no other", async () => {
    const expiresOnTimestamp = Date.now() + 60_000;
    const cache = new TokenCache({ getToken: () => Promise.resolve({ token: "only", expiresOnTimestamp }) });
    await expect(cache.current()).resolves.toBe(await cache.current());
  });

  it("names an identity without a token", async () => {
    const cache = new TokenCache({ getToken: () => Promise.resolve(null) });
    await expect(cache.current()).rejects.toThrow("no token");
  });
});
