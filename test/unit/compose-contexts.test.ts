import { describe, expect, it } from "vitest";
import { workingContext, type ContextSource } from "../../shared/compose-contexts.ts";
import {
  ClusterUnauthorizedError,
  ClusterUnreachableError,
  ConfigurationError,
  ForbiddenError,
} from "../../shared/errors.ts";
import { migratingCluster } from "../support/builders/migration.ts";

const contexts = (...names: readonly string[]) =>
  names.map((name) => migratingCluster({ configuration: { name } }).configuration);

/** Contexts that fail, by name; all others list nothing. */
const source = (failures: Readonly<Record<string, Error>>): ContextSource => ({
  open: ({ name }) => {
    const failure = failures[name];
    if (failure instanceof ConfigurationError) return Promise.reject(failure);
    return Promise.resolve({
      list: () => (failure === undefined ? Promise.resolve({ objects: [], rejected: [] }) : Promise.reject(failure)),
    });
  },
});

const expired = new ClusterUnauthorizedError("user", "the credential plugin kubelogin failed");
const dangling = new ConfigurationError("config", [{ path: "users.gone", message: "it is not there" }]);

describe("workingContext", () => {
  it.each<[string, Readonly<Record<string, Error>>, string, string]>([
    ["the first, where it works", {}, "user", "context admin leads to the same API server as user, which was looked"],
    [
      "the next, after an expired user",
      { user: expired },
      "admin",
      "context user .* as admin, and does not work: .*kubelogin",
    ],
    [
      "the next, after one that cannot be opened",
      { user: dangling },
      "admin",
      "does not work: config .* users.gone: it is",
    ],
    ["one that may not list", { user: new ForbiddenError("user", "list") }, "user", "which was looked at once"],
    [
      "the first, where none works",
      { user: expired, admin: dangling },
      "user",
      "context admin .* does not work either: config",
    ],
    [
      "the first, where nobody reaches the server",
      { user: new ClusterUnreachableError("user", "ECONNREFUSED"), admin: expired },
      "user",
      "context admin .* which was looked at once",
    ],
  ])("takes %s, and says what became of the other", async (_what, failures, chosen, note) => {
    const { cluster, notes } = await workingContext(contexts("user", "admin"), source(failures));
    expect(cluster?.name).toBe(chosen);
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  it("tries no context that is the only one", async () => {
    const { cluster, notes } = await workingContext(contexts("user"), source({ user: expired }));
    expect([cluster?.name, notes]).toEqual(["user", []]);
  });

  it("ends with the reason of its signal", async () => {
    const stop = new AbortController();
    stop.abort(new Error("Ctrl-C"));
    const looked = workingContext(contexts("user", "admin"), source({ user: expired }), stop.signal);
    await expect(looked).rejects.toThrow("Ctrl-C");
  });
});
