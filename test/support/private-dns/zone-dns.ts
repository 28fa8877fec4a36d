/**
 * DNS of one zone on a loopback port, UDP and TCP: what a machine in a linked network would be told. Answers follow the zone
 * at once; Azure takes a moment. Zones of one name in two regions have a port each.
 */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  streamDecode,
  streamEncode,
  TRUNCATED_RESPONSE,
  type Packet,
} from "dns-packet";
import { freePort } from "../components/ports.ts";
import { startOnFreePort } from "../components/readiness.ts";
import { resolve, type ResponseCode, type ZoneContent } from "./dns-answers.ts";

export type ZoneDns = {
  /** `127.0.0.1:<port>`, for `Resolver.setServers` and `dig`. */
  readonly address: string;
  readonly close: () => Promise<void>;
};

/** Low four bits of a response's flags (RFC 1035); dns-packet names them only when it decodes. */
const RESPONSE_CODES: Readonly<Record<ResponseCode, number>> = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 };
/** Without EDNS; with it the client says how much it takes. */
const SMALLEST_UDP_PAYLOAD = 512;
const LENGTH_BYTES = 2;

export async function startZoneDns(content: ZoneContent): Promise<ZoneDns> {
  return await startOnFreePort(async () => {
    const port = await freePort();
    const udp = await listenUdp(content, port);
    const { server, sockets } = await listenTcp(content, port);
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise<void>((done) => udp.close(() => done())),
        new Promise<void>((done) => server.close(() => done())),
      ]);
    };
    return { address: `127.0.0.1:${port}`, close };
  });
}

function listenUdp(content: ZoneContent, port: number): Promise<UdpSocket> {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const query = readQuery(() => decode(message));
    if (query === undefined) return;
    const whole = encode(responseTo(content, query));
    const isTooLong = whole.length > payloadOf(query);
    const sent = isTooLong
      ? encode({ ...headOf(query), flags: flagsOf("NOERROR", query) | TRUNCATED_RESPONSE })
      : whole;
    socket.send(sent, from.port, from.address);
  });
  return new Promise((done, reject) => {
    socket.once("error", (error) => reject(inUse(error)));
    socket.bind(port, "127.0.0.1", () => done(socket));
  });
}

function listenTcp(
  content: ZoneContent,
  port: number,
): Promise<{ readonly server: Server; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < LENGTH_BYTES || received.length < received.readUInt16BE(0) + LENGTH_BYTES) return;
      const message = received;
      received = Buffer.alloc(0);
      const query = readQuery(() => streamDecode(message));
      if (query === undefined) socket.destroy();
      else socket.end(streamEncode(responseTo(content, query)));
    });
  });
  return new Promise((done, reject) => {
    server.once("error", (error) => reject(inUse(error)));
    server.listen(port, "127.0.0.1", () => done({ server, sockets }));
  });
}

/** In the words by which `startOnFreePort` knows that another port may do. */
const inUse = (error: Error): Error =>
  "code" in error && error.code === "EADDRINUSE" ? new Error("address already in use", { cause: error }) : error;

/** @returns undefined for what is no query. */
function readQuery(read: () => Packet | null): Packet | undefined {
  try {
    const packet = read();
    return packet?.type === "query" ? packet : undefined;
  } catch {
    return undefined;
  }
}

function headOf(query: Packet): Packet {
  return { type: "response", id: query.id, questions: query.questions ?? [] };
}

function responseTo(content: ZoneContent, query: Packet): Packet {
  const [question] = query.questions ?? [];
  if (question === undefined) return { ...headOf(query), flags: flagsOf("REFUSED", query) };
  const { code, answers, authorities } = resolve(content, question);
  return {
    ...headOf(query),
    flags: flagsOf(code, query),
    answers: [...answers],
    authorities: [...authorities],
  };
}

function flagsOf(code: ResponseCode, query: Packet): number {
  const desired = (query.flags ?? 0) & RECURSION_DESIRED;
  return AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | desired | RESPONSE_CODES[code];
}

function payloadOf(query: Packet): number {
  const options = query.additionals?.find((record) => record.type === "OPT");
  const size = options !== undefined && "udpPayloadSize" in options ? options.udpPayloadSize : SMALLEST_UDP_PAYLOAD;
  return Math.max(SMALLEST_UDP_PAYLOAD, size);
}

/** A resolver that asks only there, once, and keeps nothing. @param timeoutMs after which an answer counts as missing. */
export function resolverOf(dns: Pick<ZoneDns, "address">, timeoutMs = 1_000): Resolver {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([dns.address]);
  return resolver;
}
