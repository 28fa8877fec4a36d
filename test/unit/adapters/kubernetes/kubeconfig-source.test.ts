import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readKubeconfig } from "../../../../shared/adapters/kubernetes/kubeconfig-source.ts";
import { openKubernetesCluster } from "../../../../shared/adapters/kubernetes/kubernetes-cluster.ts";
import type { ClusterAccess } from "../../../../shared/adapters/kubernetes/access.ts";

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "service-router-kubeconfig-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  files += 1;
  const name = path.join(folder, `config-${files}`);
  writeFileSync(name, text);
  return name;
}

const whole = {
  contexts: [
    { name: "weu", context: { cluster: "c", user: "u" } },
    { name: "neu", context: { cluster: "gone", user: "u" } },
    { name: "frc", context: { cluster: "c", user: "gone" } },
    { name: "broken", context: { cluster: "c", user: "t" } },
  ],
  clusters: [{ name: "c", cluster: { server: "https://api.example.com:6443/", "certificate-authority-data": "Q0E=" } }],
  users: [
    { name: "u", user: { token: "secret" } },
    { name: "t", user: { "token-file": "/no/such/token" } },
  ],
};

async function access(document: unknown, context: string): Promise<ClusterAccess> {
  return (await readKubeconfig({ name: "w1", paths: [file(stringify(document))], context })).access;
}

describe("readKubeconfig", () => {
  it("says where the cluster is and whom to trust", async () => {
    const { credentials, ...rest } = await access(whole, "weu");
    expect(rest).toEqual({ server: "https://api.example.com:6443", caPem: "CA" });
    await expect(credentials.current(new AbortController().signal)).resolves.toEqual({
      headers: { Authorization: "Bearer secret" },
    });
  });

  it.each([
    [
      "a context that is not there",
      whole,
      "nowhere",
      "contexts.nowhere: no such context; available: broken, frc, neu, weu",
    ],
    ["a cluster that is not there", whole, "neu", "clusters.gone: the context neu names it, but it is not there"],
    ["a user that is not there", whole, "frc", "users.gone: the context frc names it, but it is not there"],
    [
      "a user whose token file is gone",
      whole,
      "broken",
      "users.t: the context broken names it, but it is not there, or its token-file",
    ],
    ["no contexts at all", {}, "weu", "there are no contexts"],
    [
      "a context without a user",
      { ...whole, contexts: [{ name: "a", context: { cluster: "c" } }] },
      "a",
      "contexts.a.user: is missing",
    ],
  ])("names %s", async (_given, document, context, message) => {
    await expect(access(document, context)).rejects.toMatchObject({
      code: "CONFIGURATION",
      message: expect.stringContaining(message),
    });
  });

  it("blames no entry of another context", async () => {
    const clusters = [{ name: "bare", cluster: {} }, ...whole.clusters];
    const contexts = [...whole.contexts, { name: "bare", context: { cluster: "bare", user: "u" } }];
    const message = async (context: string): Promise<string> =>
      await access({ ...whole, clusters, contexts }, context).then(String, String);
    expect(await message("frc")).toMatch(/users\.gone: the context frc names it, but it is not there/);
    expect(await message("frc")).not.toMatch(/clusters|\/no\/such/);
    expect(await message("bare")).toMatch(/clusters\.bare: .* it is not there, or has no server$/);
  });

  it.each([
    ["socks5://127.0.0.1:1080", "proxy-url: only http:// and https://"],
    ["/no/such/ca.crt", "certificate-authority: cannot be read"],
  ])("refuses what cannot be used in the cluster's entry: %s", async (value, message) => {
    const entry = value.startsWith("/") ? { "certificate-authority": value } : { "proxy-url": value };
    const clusters = [{ name: "c", cluster: { server: "https://api.example.com", ...entry } }];
    await expect(access({ ...whole, clusters }, "weu")).rejects.toMatchObject({
      code: "CONFIGURATION",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["a missing file", "/no/such/kubeconfig"],
    ["text that is no YAML", undefined],
  ])("names %s", async (_given, known) => {
    const name = known ?? file("contexts: [");
    const failure = readKubeconfig({ name: "w1", paths: [name], context: "weu" });
    await expect(failure).rejects.toMatchObject({ code: "CONFIGURATION", source: `kubeconfig ${name}` });
  });
});

describe("a reading of a kubeconfig", () => {
  const beside = (ca: string) => {
    const clusters = [{ name: "c", cluster: { server: "https://api.example.com", "certificate-authority": ca } }];
    return stringify({ ...whole, clusters });
  };

  it("sees that its file, or the CA file beside it, is another one by now", async () => {
    const ca = file("CA");
    const config = file(beside(ca));
    const read = () => readKubeconfig({ name: "w1", paths: [config], context: "weu" });
    const first = await read();
    expect(first.hasChanged()).toBe(false);
    writeFileSync(ca, "another CA");
    expect(first.hasChanged()).toBe(true);
    const second = await read();
    expect([second.access.caPem, second.hasChanged()]).toEqual(["another CA", false]);
    rmSync(config);
    expect(second.hasChanged()).toBe(true);
  });
});

describe("openKubernetesCluster", () => {
  const credentials: ClusterAccess["credentials"] = { current: () => Promise.reject(new Error()), reject: () => {} };

  it.each<[string, Partial<ClusterAccess>, RegExp]>([
    ["an address that is none", { server: "api.example.com" }, /server: .*https/],
    ["a token in clear over the network", { server: "http://api.example.com" }, /insecure-skip-tls-verify/],
    [
      "a CA that is no certificate",
      { caPem: "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----" },
      /certificate data/,
    ],
  ])("refuses %s before any request", async (_given, overrides, message) => {
    const wrong = { server: "https://api.example.com", credentials, ...overrides };
    await expect(openKubernetesCluster({ name: "w1", access: wrong })).rejects.toMatchObject({
      code: "CONFIGURATION",
      message: expect.stringMatching(message),
    });
  });
});
