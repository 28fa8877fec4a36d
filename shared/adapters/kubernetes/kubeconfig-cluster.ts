/**
 * A cluster of a kubeconfig that may be corrected while we run: where the API server is and whom to trust there is read again
 * once a file changed, and after a failure that the file may be the cause of. (Tokens and client certificates are looked at
 * by themselves: kubeconfig-credentials.ts.)
 */
import {
  ClusterCertificateError,
  ClusterUnauthorizedError,
  ClusterUnreachableError,
  FleetError,
} from "../../errors.ts";
import type { AccessRight, DeniedRight } from "../../model/access.ts";
import type { Kind, KindObjects } from "../../model/kinds.ts";
import type { ClusterPort, ObjectDelete, ObjectWrite, ReadList, ResourceEvent, StatusUpdate } from "../../ports.ts";
import type { ClusterAccess } from "./access.ts";

/** What the files say, and how one sees without opening them that any of them changed. */
export type KubeconfigReading = { readonly access: ClusterAccess; readonly hasChanged: () => boolean };

export type KubeconfigClusterOptions = {
  readonly name: string;
  /** Reads the files. @throws ConfigurationError when the context cannot be used. */
  readonly read: () => Promise<KubeconfigReading>;
  /** @throws ConfigurationError */
  readonly connect: (access: ClusterAccess) => Promise<ClusterPort>;
  /** Monotonic enough: only spans of seconds are measured. */
  readonly nowMs?: () => number;
};

/** Files are looked at again after this long: more than the lists of one read take to begin, less than a tick. */
const LOOK_AGAIN_MS = 5_000;

/** One connection, kept until nobody uses it any more. */
type Connection = { reading: KubeconfigReading; readonly port: ClusterPort; users: number; replaced: boolean };

/** Reads the files and opens no socket yet. @throws ConfigurationError */
export async function openKubeconfigPort(options: KubeconfigClusterOptions): Promise<ClusterPort> {
  const reading = await options.read();
  return new KubeconfigCluster(options, { reading, port: await options.connect(reading.access) });
}

class KubeconfigCluster implements ClusterPort {
  readonly name: string;
  readonly #options: KubeconfigClusterOptions;
  readonly #nowMs: () => number;
  #connection: Connection;
  #lookedAtMs: number;
  /** The last answer says that the file may be wrong. */
  #doubted = false;
  #renewal: Promise<void> | undefined;

  constructor(options: KubeconfigClusterOptions, opened: Pick<Connection, "reading" | "port">) {
    this.name = options.name;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#connection = { ...opened, users: 0, replaced: false };
    this.#lookedAtMs = this.#nowMs();
  }

  async list<K extends Kind>(kind: K, signal: AbortSignal): Promise<ReadList<KindObjects[K]>> {
    return await this.#use((port) => port.list(kind, signal));
  }

  async istioVersion(signal: AbortSignal): Promise<"v1" | "v1beta1" | undefined> {
    return await this.#use((port) => port.istioVersion(signal));
  }

  async apply(write: ObjectWrite, signal: AbortSignal): Promise<void> {
    await this.#use((port) => port.apply(write, signal));
  }

  async remove(target: ObjectDelete, signal: AbortSignal): Promise<void> {
    await this.#use((port) => port.remove(target, signal));
  }

  async writeStatus(update: StatusUpdate, signal: AbortSignal): Promise<void> {
    await this.#use((port) => port.writeStatus(update, signal));
  }

  async recordEvent(event: ResourceEvent, signal: AbortSignal): Promise<void> {
    await this.#use((port) => port.recordEvent(event, signal));
  }

  async deniedRights(rights: readonly AccessRight[], signal: AbortSignal): Promise<readonly DeniedRight[]> {
    return await this.#use((port) => port.deniedRights(rights, signal));
  }

  async serverTimeMs(signal: AbortSignal): Promise<number | undefined> {
    return await this.#use((port) => port.serverTimeMs(signal));
  }

  async close(): Promise<void> {
    await this.#connection.port.close();
  }

  async #use<T>(call: (port: ClusterPort) => Promise<T>): Promise<T> {
    await this.#look();
    const connection = this.#connection;
    connection.users += 1;
    try {
      return await call(connection.port);
    } catch (caught) {
      if (mayBeTheFile(caught) && connection === this.#connection) this.#doubted = true;
      throw caught;
    } finally {
      connection.users -= 1;
      closeUnused(connection);
    }
  }

  /** Together for all who ask at the same moment: the lists of one read begin with one look. */
  async #look(): Promise<void> {
    const isTime = this.#nowMs() - this.#lookedAtMs >= LOOK_AGAIN_MS;
    if (this.#renewal === undefined && !isTime && !this.#doubted) return;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  /** A file that cannot be read now, or is half written, costs nothing while what it said before works. */
  async #renew(): Promise<void> {
    const doubted = this.#doubted;
    this.#lookedAtMs = this.#nowMs();
    const connection = this.#connection;
    const { access, hasChanged } = connection.reading;
    if (!doubted && !hasChanged()) return;
    try {
      const now = await this.#options.read();
      // The connection goes on with the credentials that it has: they look at the file themselves.
      if (sameServer(now.access, access)) connection.reading = { ...now, access };
      else this.#replace({ reading: now, port: await this.#options.connect(now.access), users: 0, replaced: false });
      this.#doubted = false;
    } catch (caught) {
      if (!(caught instanceof FleetError)) throw caught;
      if (doubted) throw caught;
    }
  }

  #replace(connection: Connection): void {
    const old = this.#connection;
    this.#connection = connection;
    old.replaced = true;
    closeUnused(old);
  }
}

/** Requests under way end on the connection that they began on. */
function closeUnused(connection: Connection): void {
  if (!connection.replaced || connection.users > 0) return;
  void connection.port.close().catch(() => {});
}

/** The address, the authority or the credential in the file may be what is wrong. */
function mayBeTheFile(caught: unknown): boolean {
  return (
    caught instanceof ClusterCertificateError ||
    caught instanceof ClusterUnauthorizedError ||
    caught instanceof ClusterUnreachableError
  );
}

function sameServer(left: ClusterAccess, right: ClusterAccess): boolean {
  return (
    left.server === right.server &&
    left.caPem === right.caPem &&
    left.tlsServerName === right.tlsServerName &&
    left.insecureSkipTlsVerify === right.insecureSkipTlsVerify &&
    left.proxyUrl === right.proxyUrl
  );
}
