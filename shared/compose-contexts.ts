/**
 * Part of compose: which of several contexts to one API server doctor looks through. One user of it may be expired while
 * another works (the pair of user and admin that `az aks get-credentials` writes), so they are tried in their order.
 */
import { boundedDetail } from "./error-detail.ts";
import { ClusterUnreachableError, FleetError, ForbiddenError, KindNotServedError } from "./errors.ts";
import type { ClusterConfiguration } from "./model/fleet-configuration.ts";
import type { ClusterPort } from "./ports.ts";

export type WorkingContext = {
  /** Absent only where none was given. */
  readonly cluster?: ClusterConfiguration;
  /** What became of the other contexts. */
  readonly notes: readonly string[];
};

/** What is needed of a ClusterSource. */
export type ContextSource = {
  readonly open: (cluster: ClusterConfiguration) => Promise<Pick<ClusterPort, "list">>;
};

/** Of contexts to one API server, at most so many are tried. */
const mostTried = 5;
/** For one try: a plugin that asks for a token, and one small list. */
const tryMs = 40_000;

/**
 * The first context that gets an answer, or the first of all. Not tried further: a server that nobody reaches.
 * @param contexts to one API server, named after their contexts.
 * @throws the signal's reason.
 */
export async function workingContext(
  contexts: readonly ClusterConfiguration[],
  clusters: ContextSource,
  signal?: AbortSignal,
): Promise<WorkingContext> {
  const [first] = contexts;
  if (first === undefined) return { notes: [] };
  if (contexts.length === 1) return { cluster: first, notes: [] };
  const failed = new Map<string, FleetError>();
  let working: ClusterConfiguration | undefined;
  for (const context of contexts.slice(0, mostTried)) {
    const failure = await failureOf(context, clusters, signal);
    if (failure === undefined) {
      working = context;
      break;
    }
    failed.set(context.name, failure);
    if (failure instanceof ClusterUnreachableError) break;
  }
  const cluster = working ?? first;
  const notes = contexts
    .filter((context) => context !== cluster)
    .map(({ name }) => {
      const failure = failed.get(name);
      const same = `context ${name} leads to the same API server as ${cluster.name}`;
      if (failure === undefined) return `${same}, which was looked at once`;
      const reason = boundedDetail(failure.message);
      return working === undefined
        ? `${same}, and does not work either: ${reason}`
        : `${same}, and does not work: ${reason}`;
    });
  return { cluster, notes };
}

/** Undefined where the API server answered somebody it knows, be it with a refusal. */
async function failureOf(
  context: ClusterConfiguration,
  clusters: ContextSource,
  signal: AbortSignal | undefined,
): Promise<FleetError | undefined> {
  const deadline = AbortSignal.timeout(tryMs);
  try {
    const port = await clusters.open(context);
    await port.list("ClusterIdentity", signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
    return undefined;
  } catch (caught) {
    signal?.throwIfAborted();
    if (caught instanceof ForbiddenError || caught instanceof KindNotServedError) return undefined;
    if (caught instanceof FleetError) return caught;
    if (!deadline.aborted) throw caught;
    return new ClusterUnreachableError(context.name, `no answer within ${tryMs / 1_000} s`, caught);
  }
}
