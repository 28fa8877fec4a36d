/** Asks for the addresses of a name again and again, as its clients do, and keeps every answer: was there ever a gap? */
import { setTimeout as delay } from "node:timers/promises";
import { resolverOf, type ZoneDns } from "./zone-dns.ts";

export type NameAnswer =
  | { readonly kind: "addresses"; readonly atMs: number; readonly addresses: readonly string[] }
  /** `code` as Node gives it (ENOTFOUND, ENODATA, ETIMEOUT …), or NO_ADDRESS for a CNAME that leads to none. */
  | { readonly kind: "failure"; readonly atMs: number; readonly code: string };

export type NameWatch = {
  readonly name: string;
  /** So far, in order; `atMs` is when the question was sent, epoch ms. */
  readonly answers: () => readonly NameAnswer[];
  readonly failures: () => readonly NameAnswer[];
  /** Addresses joined by a comma, each time they became others; failures are left out. */
  readonly flips: () => readonly string[];
  /** Ends it. @returns all answers. */
  readonly stop: () => Promise<readonly NameAnswer[]>;
};

export type NameWatchOptions = {
  readonly dns: Pick<ZoneDns, "address">;
  /** Whole name. */
  readonly name: string;
  /** From one question to the next; default 20 ms. */
  readonly everyMs?: number;
};

const DEFAULT_EVERY_MS = 20;

/** @returns when the first answer is there, whatever it is. */
export async function watchName(options: NameWatchOptions): Promise<NameWatch> {
  const { name, everyMs = DEFAULT_EVERY_MS } = options;
  const resolver = resolverOf(options.dns);
  const answers: NameAnswer[] = [];
  const stopping = new AbortController();
  const ask = async (): Promise<void> => {
    const atMs = Date.now();
    try {
      const addresses = (await resolver.resolve4(name)).toSorted();
      // Node takes an answer that holds a CNAME only for an empty one, not for a failure.
      const isAnswer = addresses.length > 0;
      answers.push(isAnswer ? { kind: "addresses", atMs, addresses } : { kind: "failure", atMs, code: "NO_ADDRESS" });
    } catch (error) {
      answers.push({ kind: "failure", atMs, code: codeOf(error) });
    }
  };
  const askOn = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (!stopping.signal.aborted) await ask();
    }
  };
  await ask();
  const asking = askOn();
  return {
    name,
    answers: () => answers,
    failures: () => answers.filter((answer) => answer.kind === "failure"),
    flips: () => flipsOf(answers),
    stop: async () => {
      stopping.abort();
      await asking;
      return answers;
    },
  };
}

function flipsOf(answers: readonly NameAnswer[]): readonly string[] {
  const seen = answers.flatMap((answer) => (answer.kind === "addresses" ? [answer.addresses.join(",")] : []));
  return seen.filter((addresses, index) => addresses !== seen[index - 1]);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
