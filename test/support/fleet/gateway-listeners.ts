/**
 * What a real istiod tells the pods of an ingress gateway: a stream of listeners (ADS, LDS) over plaintext gRPC, as an Envoy
 * with these labels would get it. Each state that istiod pushes is kept, so that a test sees the steps in between, too.
 */
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { INGRESS_NAMESPACE } from "./fleet-objects.ts";
import { field, struct, textsOf, valuesOf } from "./protobuf.ts";

const METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
const LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";

export type GatewayListeners = {
  /** Names that the gateway would answer for by TLS (SNI), sorted, as often as they stand there; one list per push. */
  readonly states: () => readonly (readonly string[])[];
  /** What stopped the stream, if anything did. */
  readonly failure: () => string | undefined;
  readonly close: () => void;
};

/** Subscribes as a gateway pod with the label `istio=<controller>`. */
export function watchGatewayListeners(discoveryAddress: string, controller: string): GatewayListeners {
  const session = connect(`http://${discoveryAddress}`);
  const stream = session.request({
    ":method": "POST",
    ":path": METHOD,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const states: (readonly string[])[] = [];
  let failure: string | undefined;
  const fail = (what: string): void => {
    failure ??= what;
  };
  session.on("error", (error) => fail(error.message));
  stream.on("error", (error) => fail(error.message));
  stream.on("trailers", (trailers) => fail(`gRPC status ${String(trailers["grpc-status"])}`));
  onMessages(stream, (response) => {
    states.push(serverNames(response));
    const [version = ""] = textsOf(response, 1);
    const [nonce = ""] = textsOf(response, 5);
    // Without the acknowledgement istiod sends nothing more.
    send(stream, Buffer.concat([field(1, version), field(4, LISTENER), field(5, nonce)]));
  });
  send(stream, Buffer.concat([field(2, nodeOf(controller)), field(4, LISTENER)]));
  return { states: () => states, failure: () => failure, close: () => closeQuietly(session, stream) };
}

function closeQuietly(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  stream.close();
  session.destroy();
}

/** envoy.config.core.v3.Node of a gateway pod that need not exist. */
function nodeOf(controller: string): Buffer {
  const id = `router~10.0.0.1~${controller}-0.${INGRESS_NAMESPACE}~${INGRESS_NAMESPACE}.svc.cluster.local`;
  const metadata = { NAMESPACE: INGRESS_NAMESPACE, ISTIO_VERSION: "1.31.0", LABELS: { istio: controller } };
  return Buffer.concat([field(1, id), field(2, controller), field(3, struct(metadata))]);
}

/** gRPC frames: one byte of flags, four of length. */
function send(stream: ClientHttp2Stream, message: Buffer): void {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([head, message]));
}

function onMessages(stream: ClientHttp2Stream, take: (message: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5) {
      const end = 5 + pending.readUInt32BE(1);
      if (pending.length < end) return;
      take(pending.subarray(5, end));
      pending = pending.subarray(end);
    }
  });
}

/** DiscoveryResponse.resources[2] → Any.value[2] → Listener.filter_chains[3] → filter_chain_match[1] → server_names[11]. */
function serverNames(response: Buffer): readonly string[] {
  const listeners = valuesOf(response, 2).flatMap((resource) => valuesOf(resource, 2));
  return listeners
    .flatMap((listener) => valuesOf(listener, 3))
    .flatMap((chain) => valuesOf(chain, 1))
    .flatMap((match) => textsOf(match, 11))
    .sort();
}
