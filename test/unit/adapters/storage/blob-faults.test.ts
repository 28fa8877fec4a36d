import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { blobFault, documentAdvice } from "../../../../shared/adapters/storage/blob-faults.ts";
import { openBlobStateStore } from "../../../../shared/adapters/storage/open-state-store.ts";
import { ConfigurationError, StoreUnavailableError } from "../../../../shared/errors.ts";
import type { StateStore } from "../../../../shared/ports.ts";
import { order } from "../../../contract/state-store/documents.ts";
import { createTestClock } from "../../../support/clock.ts";

const SCOPE = { account: "fleetstate", container: "state" };
/** A key that is recognisable when it turns up where it must not. */
const KEY = Buffer.from("the key of the account").toString("base64");

describe("blobFault", () => {
  it.each([
    [403, "AuthorizationPermissionMismatch", 'give this identity the role "Storage Blob Data Contributor"'],
    [403, "AuthorizationFailure", "firewall"],
    [403, "KeyBasedAuthenticationNotPermitted", "use an identity"],
    [403, "AuthenticationFailed", "clock"],
    [404, "ResourceNotFound", "check the names of account and container"],
    [409, "ContainerBeingDeleted", "wait a minute"],
    [503, "ServerBusy", "the service answered 503 (ServerBusy)"],
    [undefined, "ENOTFOUND", "check store.blob.accountUrl and the private DNS zone"],
    [undefined, "AbortError", "no answer in time"],
    [undefined, "CredentialUnavailableError", "managed identity"],
    [undefined, "ECONNRESET", "no answer (ECONNRESET); check the network path"],
  ])("says for %s %s what to do: %s", (statusCode, code, words) => {
    const fault = blobFault("read order.json", SCOPE, { statusCode, code });
    expect(fault).toBeInstanceOf(StoreUnavailableError);
    expect(fault.message).toContain("storage account fleetstate, container state: cannot read order.json: ");
    expect(fault.message).toContain(words);
  });

  it.each([undefined, null, "text", new Error("unknown")])("survives whatever was thrown: %s", (thrown) => {
    expect(blobFault("read order.json", SCOPE, thrown).message).toContain("no answer");
  });
});

describe("documentAdvice", () => {
  it.each([
    [403, "AuthorizationPermissionMismatch", "the role Storage Blob Data Reader"],
    [403, "AuthorizationFailure", "firewall"],
    [404, "BlobNotFound", "there is no such blob (BlobNotFound)"],
    [503, "ServerBusy", "the service answered 503"],
    [undefined, "ENOTFOUND", "the account's name does not resolve"],
    [undefined, "ECONNREFUSED", "no answer (ECONNREFUSED); check the network path"],
    [undefined, "CredentialUnavailableError", "managed identity, or sign in"],
  ])("says for %s %s what to do: %s", (statusCode, code, words) => {
    const advice = documentAdvice({ statusCode, code });
    expect(advice).toContain(words);
    expect(advice.includes("Storage Blob Data Reader")).toBe(code === "AuthorizationPermissionMismatch");
  });
});

describe("BlobStorage", () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
    server = undefined;
  });

  /** A service that refuses every request in the form of Azure Storage. */
  async function refusing(status: number, code: string): Promise<StateStore> {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": "application/xml", "x-ms-error-code": code });
      const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>refused</Message></Error>`;
      response.end(request.method === "HEAD" ? undefined : body);
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const address = listening.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const connectionString =
      `DefaultEndpointsProtocol=http;AccountName=fleetstate;AccountKey=${KEY};` +
      `BlobEndpoint=http://127.0.0.1:${port}/fleetstate;`;
    return openBlobStateStore({
      account: { kind: "connection-string", connectionString },
      container: "state",
      clock: createTestClock(),
    });
  }

  it("names account, container and the missing role on 403, whatever was asked, and nothing secret", async () => {
    const store = await refusing(403, "AuthorizationPermissionMismatch");
    for (const attempt of [
      () => store.read("order"),
      () => store.write("order", order("w1"), "absent"),
      () => store.ids("last-good"),
      () => store.acquireLease("reconcile", "a", 60_000),
    ]) {
      const failed = await attempt().catch((caught: unknown) => caught);
      expect(failed).toBeInstanceOf(StoreUnavailableError);
      expect(String(failed)).toMatch(/account fleetstate, container state: .*"Storage Blob Data Contributor"/);
      expect(String(failed)).not.toContain(KEY);
    }
  });

  it("says that the container has to be created where it may not do so itself", async () => {
    const store = await refusing(404, "ContainerNotFound");
    await expect(store.write("order", order("w1"), "absent")).rejects.toThrow(
      /create the container \(it does not exist\)/,
    );
  });

  it("names the setting, and nothing of its value, for a connection string that is none", async () => {
    const store = openBlobStateStore({
      account: { kind: "connection-string", connectionString: `AccountName=;AccountKey=${KEY}` },
      container: "state",
      clock: createTestClock(),
    });
    const failed = await store.read("order").catch((caught: unknown) => caught);
    expect(failed).toBeInstanceOf(ConfigurationError);
    expect(String(failed)).toContain("store.connectionStringSetting");
    expect(String(failed)).not.toContain(KEY);
  });

  it("names the setting for an account URL that is none", async () => {
    const credential = { getToken: () => Promise.resolve(null) };
    const store = openBlobStateStore({
      account: { kind: "identity", url: "fleetstate", credential },
      container: "state",
      clock: createTestClock(),
    });
    await expect(store.read("order")).rejects.toThrow(/store\.accountUrl: not the URL of an account: fleetstate/);
  });
});
