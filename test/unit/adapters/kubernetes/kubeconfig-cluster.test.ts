import { describe, expect, it } from "vitest";
import type { ClusterAccess } from "../../../../shared/adapters/kubernetes/access.ts";
import { openKubeconfigPort } from "../../../../shared/adapters/kubernetes/kubeconfig-cluster.ts";
import {
  ClusterCertificateError,
  ClusterUnauthorizedError,
  ClusterUnreachableError,
  ConfigurationError,
  ForbiddenError,
} from "../../../../shared/errors.ts";
import type { ClusterPort } from "../../../../shared/ports.ts";

const credentials: ClusterAccess["credentials"] = { current: () => Promise.reject(new Error()), reject: () => {} };
const signal = new AbortController().signal;

/** A kubeconfig file that a test rewrites, and API servers that answer where `caPem` is theirs. */
class Fixture {
  nowMs = 0;
  file: Partial<ClusterAccess> | "broken" = {};
  version = 0;
  reads = 0;
  /** What goes wrong on a connection, by its CA. */
  failure: (caPem: string | undefined) => Error | undefined = () => undefined;
  readonly closed: string[] = [];
  /** Lists wait for this. */
  answers: Promise<void> = Promise.resolve();

  write(file: Partial<ClusterAccess> | "broken"): void {
    this.file = file;
    this.version += 1;
  }

  open(): Promise<ClusterPort> {
    return openKubeconfigPort({
      name: "w1",
      nowMs: () => this.nowMs,
      read: () => {
        this.reads += 1;
        const seen = this.version;
        if (this.file === "broken") return Promise.reject(new ConfigurationError("config", []));
        const access = { server: "https://w1", credentials, ...this.file };
        return Promise.resolve({ access, hasChanged: () => this.version !== seen });
      },
      connect: ({ caPem }) => Promise.resolve(this.#port(caPem)),
    });
  }

  #port(caPem: string | undefined): ClusterPort {
    const answer = async (): Promise<never[]> => {
      await this.answers;
      const failure = this.failure(caPem);
      if (failure !== undefined) throw failure;
      return [];
    };
    return {
      name: "w1",
      list: async () => ({ objects: await answer(), rejected: [] }),
      istioVersion: () => Promise.resolve("v1"),
      apply: async () => void (await answer()),
      remove: async () => void (await answer()),
      writeStatus: async () => void (await answer()),
      recordEvent: async () => void (await answer()),
      deniedRights: answer,
      serverTimeMs: async () => (await answer()).length,
      close: async () => void this.closed.push(caPem ?? ""),
    };
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (caught: unknown) => (caught instanceof Error && "code" in caught ? String(caught.code) : String(caught)),
  );
}

const wrongCa = (caPem: string | undefined) =>
  caPem === "right" ? undefined : new ClusterCertificateError("w1", "SELF_SIGNED_CERT_IN_CHAIN");

describe("a cluster of a kubeconfig", () => {
  it("is reached after its file was corrected, without a restart", async () => {
    const fixture = new Fixture();
    fixture.failure = wrongCa;
    fixture.write({ caPem: "wrong" });
    const port = await fixture.open();
    expect(await codeOf(port.list("Gateway", signal))).toBe("CLUSTER_CERTIFICATE");
    fixture.write({ caPem: "right" });
    expect(await codeOf(port.list("Gateway", signal))).toBe("done");
    expect(fixture.closed).toEqual(["wrong"]);
  });

  it("follows a file that changed although nothing failed, a while after it looked last", async () => {
    const fixture = new Fixture();
    const port = await fixture.open();
    fixture.write({ caPem: "other" });
    fixture.nowMs = 4_999;
    await port.list("Gateway", signal);
    expect(fixture.closed).toEqual([]);
    fixture.nowMs = 5_000;
    await port.list("Gateway", signal);
    expect(fixture.closed).toEqual([""]);
  });

  it.each([
    ["the authority is not trusted", new ClusterCertificateError("w1", "x")],
    ["the credential is refused", new ClusterUnauthorizedError("w1", "x")],
    ["there is no answer", new ClusterUnreachableError("w1", "x")],
  ])(
    "reads the file again when %s, though it looks unchanged: a CA file beside it may have changed",
    async (_, error) => {
      const fixture = new Fixture();
      fixture.failure = () => error;
      const port = await fixture.open();
      await codeOf(port.list("Gateway", signal));
      const { reads } = fixture;
      await codeOf(port.list("Gateway", signal));
      expect(fixture.reads).toBe(reads + 1);
    },
  );

  it("reads it once for all lists of a pass", async () => {
    const fixture = new Fixture();
    fixture.failure = wrongCa;
    const port = await fixture.open();
    const pass = () => Promise.all(Array.from({ length: 11 }, () => codeOf(port.list("Gateway", signal))));
    await pass();
    const { reads } = fixture;
    expect(new Set(await pass())).toEqual(new Set(["CLUSTER_CERTIFICATE"]));
    expect(fixture.reads).toBe(reads + 1);
  });

  it("does not read it for what it cannot be the cause of", async () => {
    const fixture = new Fixture();
    fixture.failure = () => new ForbiddenError("cluster/w1", "list");
    const port = await fixture.open();
    for (let list = 0; list < 3; list += 1) await codeOf(port.list("Gateway", signal));
    expect(fixture.reads).toBe(1);
  });

  it("keeps its connection while only other entries of the file change", async () => {
    const fixture = new Fixture();
    const port = await fixture.open();
    fixture.write({});
    fixture.nowMs = 10_000;
    await port.list("Gateway", signal);
    expect(fixture.closed).toEqual([]);
    fixture.nowMs = 20_000;
    await port.list("Gateway", signal);
    expect(fixture.reads).toBe(2);
  });

  it("goes on with what the file said before while it is broken, and names the fault once that does not work either", async () => {
    const fixture = new Fixture();
    const port = await fixture.open();
    fixture.write("broken");
    fixture.nowMs = 10_000;
    expect(await codeOf(port.list("Gateway", signal))).toBe("done");
    fixture.failure = wrongCa;
    expect(await codeOf(port.list("Gateway", signal))).toBe("CLUSTER_CERTIFICATE");
    expect(await codeOf(port.list("Gateway", signal))).toBe("CONFIGURATION");
    fixture.write({ caPem: "right" });
    expect(await codeOf(port.list("Gateway", signal))).toBe("done");
  });

  it("lets requests under way end on the connection that they began on", async () => {
    const fixture = new Fixture();
    const port = await fixture.open();
    const { promise, resolve } = Promise.withResolvers<void>();
    fixture.answers = promise;
    const slow = port.list("Gateway", signal);
    await Promise.resolve();
    fixture.write({ caPem: "other" });
    fixture.nowMs = 10_000;
    await port.istioVersion(signal);
    expect(fixture.closed).toEqual([]);
    resolve();
    await slow;
    expect(fixture.closed).toEqual([""]);
  });

  it("cannot be opened while the file cannot be used", async () => {
    const fixture = new Fixture();
    fixture.write("broken");
    expect(await codeOf(fixture.open())).toBe("CONFIGURATION");
  });
});
