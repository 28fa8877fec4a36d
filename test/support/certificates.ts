/**
 * Certificates for servers and clients of the tests, made on the spot: nothing secret in the repository, nothing that expires,
 * and no openssl on the machine. X.509 v3 with P-256 keys, just enough of it for Node and kube-apiserver to accept.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

const DAY_MS = 86_400_000;

export type IssueOptions = {
  readonly commonName: string;
  /** Organisations of a client certificate are its Kubernetes groups. */
  readonly organisations?: readonly string[];
  /** DNS names and IPv4 addresses of a server. */
  readonly hosts?: readonly string[];
  /** Default: tomorrow. In the past for an expired one. */
  readonly notAfter?: Date;
};

export type KeyPair = { readonly cert: string; readonly key: string };

export type Authority = {
  /** What a client trusts. */
  readonly caPem: string;
  readonly issue: (options: IssueOptions) => KeyPair;
};

/** A new authority with a key of its own. */
export function createAuthority(commonName = "Test Authority"): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = distinguishedName({ commonName });
  const own = { subject: name, issuer: name, publicKey: keys.publicKey, signer: keys.privateKey };
  const caPem = certificate({ ...own, extensions: [basicConstraints(true)], notAfter: tomorrow() });
  const issue = (options: IssueOptions): KeyPair => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { hosts = [], notAfter = tomorrow() } = options;
    const extensions = [basicConstraints(false), ...(hosts.length === 0 ? [] : [alternativeNames(hosts)])];
    const subject = distinguishedName(options);
    const cert = certificate({
      subject,
      issuer: name,
      publicKey: pair.publicKey,
      signer: keys.privateKey,
      extensions,
      notAfter,
    });
    return { cert, key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
  };
  return { caPem, issue };
}

type Parts = {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly notAfter: Date;
};

const ECDSA_SHA256 = sequence(objectIdentifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

function certificate(parts: Parts): string {
  // A day and an hour earlier than its end, so that an expired certificate is well-formed as well.
  const notBefore = new Date(Math.min(Date.now(), parts.notAfter.getTime()) - DAY_MS);
  const serial = randomBytes(8);
  serial[0] = 0x40;
  const signed = sequence(
    tagged(0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_SHA256,
    parts.issuer,
    sequence(time(notBefore), time(parts.notAfter)),
    parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...parts.extensions)),
  );
  const signature = bitString(sign("sha256", signed, parts.signer));
  const body = sequence(signed, ECDSA_SHA256, signature).toString("base64").replaceAll(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${body.trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(names: Pick<IssueOptions, "commonName" | "organisations">): Buffer {
  const attribute = (type: number, value: string): Buffer =>
    der(0x31, sequence(objectIdentifier(0x55, 0x04, type), der(0x0c, Buffer.from(value, "utf8"))));
  const organisations = (names.organisations ?? []).map((value) => attribute(0x0a, value));
  return sequence(...organisations, attribute(0x03, names.commonName));
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence();
  return sequence(objectIdentifier(0x55, 0x1d, 0x13), der(0x01, Buffer.from([0xff])), der(0x04, value));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split(".").map(Number))) : der(0x82, Buffer.from(host, "ascii")),
  );
  return sequence(objectIdentifier(0x55, 0x1d, 0x11), der(0x04, sequence(...names)));
}

/** Distinguished encoding: tag, length, content. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 + number, content);
}

function objectIdentifier(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function bitString(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

/** UTCTime, good until 2049. */
function time(date: Date): Buffer {
  const text = `${date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14)}Z`;
  return der(0x17, Buffer.from(text, "ascii"));
}

function tomorrow(): Date {
  return new Date(Date.now() + DAY_MS);
}
