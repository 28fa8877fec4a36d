import { describe, expect, it } from "vitest";
import {
  KubeconfigCredentials,
  type SelectedUser,
} from "../../../../shared/adapters/kubernetes/kubeconfig-credentials.ts";
import { ConfigurationError } from "../../../../shared/errors.ts";

const signal = new AbortController().signal;
const START_MS = Date.parse("2026-01-01T00:00:00Z");

/** `t<reads>`: which reading of the file it came from. `asked`: how often the client was asked for it. */
class Kubeconfig {
  reads = 0;
  asked = 0;
  nowMs = START_MS;
  /** The client's answer; default a token that names the reading. */
  answer: (reading: number) => Promise<string> = (reading) => Promise.resolve(`t${reading}`);
  readonly #exec: boolean;
  constructor(kind: "static" | "exec") {
    this.#exec = kind === "exec";
  }

  credentials(): KubeconfigCredentials {
    return new KubeconfigCredentials(
      "w1",
      () => this.#select(),
      () => this.nowMs,
    );
  }

  #select(): SelectedUser {
    this.reads += 1;
    const reading = this.reads;
    return {
      user: this.#exec ? { exec: { command: "plugin" } } : {},
      config: {
        applyToHTTPSOptions: async (options) => {
          this.asked += 1;
          options.headers = { Authorization: `Bearer ${await this.answer(reading)}` };
        },
      },
    };
  }
}

async function token(credentials: KubeconfigCredentials): Promise<string> {
  return (await credentials.current(signal)).headers["Authorization"] ?? "";
}

function jwt(expiresAtMs: number): string {
  return `e30.${Buffer.from(JSON.stringify({ exp: expiresAtMs / 1_000 })).toString("base64url")}.c2ln`;
}

describe("KubeconfigCredentials", () => {
  it("asks once for callers at the same time and for a minute after", async () => {
    const file = new Kubeconfig("exec");
    const credentials = file.credentials();
    await Promise.all([token(credentials), token(credentials)]);
    file.nowMs += 59_000;
    await expect(token(credentials)).resolves.toBe("Bearer t1");
    expect(file.asked).toBe(1);
  });

  it("looks at the file again after a minute, where the file is all there is", async () => {
    const file = new Kubeconfig("static");
    const credentials = file.credentials();
    await token(credentials);
    file.nowMs += 61_000;
    await expect(token(credentials)).resolves.toBe("Bearer t2");
  });

  it("leaves it to the client how long a plugin's token lasts", async () => {
    const file = new Kubeconfig("exec");
    const credentials = file.credentials();
    await token(credentials);
    file.nowMs += 61_000;
    await expect(token(credentials)).resolves.toBe("Bearer t1");
    expect(file.asked).toBe(2);
  });

  it("runs a plugin again before its token expires, and not before that", async () => {
    const file = new Kubeconfig("exec");
    file.answer = (reading) => Promise.resolve(jwt(START_MS + reading * 600_000));
    const credentials = file.credentials();
    await token(credentials);
    file.nowMs += 470_000;
    await token(credentials);
    expect(file.reads).toBe(1);
    file.nowMs += 20_000;
    await token(credentials);
    expect(file.reads).toBe(2);
  });

  it("reads anew what was refused, and gives the same object when there is nothing new", async () => {
    const file = new Kubeconfig("static");
    file.answer = () => Promise.resolve("only");
    const credentials = file.credentials();
    const first = await credentials.current(signal);
    file.nowMs += 61_000;
    await expect(credentials.current(signal)).resolves.toBe(first);
    credentials.reject(first);
    await credentials.current(signal);
    expect(file.reads).toBe(3);
  });

  it("names the plugin that fails, and tries it again for the next request", async () => {
    const file = new Kubeconfig("exec");
    const credentials = file.credentials();
    file.answer = () => Promise.reject(new Error("not logged in, token eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln"));
    await expect(token(credentials)).rejects.toMatchObject({
      code: "CLUSTER_UNAUTHORIZED",
      message: "cluster w1 refused the credential: the credential plugin plugin failed: not logged in, token (token)",
    });
    file.answer = () => Promise.resolve("fresh");
    await expect(token(credentials)).resolves.toBe("Bearer fresh");
  });

  it("says of a plugin that fails without a word that it said nothing", async () => {
    const file = new Kubeconfig("exec");
    file.answer = () => Promise.reject(new Error(""));
    await expect(token(file.credentials())).rejects.toThrow(/plugin failed: it ended with an exit code other than 0/);
  });

  it("passes on what is wrong with the file", async () => {
    const fault = new ConfigurationError("kubeconfig", [{ path: "contexts.w1", message: "no such context" }]);
    const credentials = new KubeconfigCredentials("w1", () => {
      throw fault;
    });
    await expect(credentials.current(signal)).rejects.toBe(fault);
  });

  it("stops waiting for a plugin when the caller stops, and others still get the answer", async () => {
    const file = new Kubeconfig("exec");
    const { promise, resolve } = Promise.withResolvers<string>();
    file.answer = () => promise;
    const credentials = file.credentials();
    const stop = new AbortController();
    const stopped = credentials.current(stop.signal);
    const waiting = token(credentials);
    const reason = new Error("the lease is lost");
    stop.abort(reason);
    await expect(stopped).rejects.toBe(reason);
    resolve("late");
    await expect(waiting).resolves.toBe("Bearer late");
  });
});
