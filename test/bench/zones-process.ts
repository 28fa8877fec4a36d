/**
 * The zone server in a process of its own, so that its work is not measured as ours. Argument: record sets, half of them
 * CNAMEs and half their ownership TXT, as ExternalDNS writes them. Prints where it is, and ends when its stdin does.
 */
import { startPrivateDnsServer } from "../support/private-dns/private-dns-server.ts";

export type ZoneServerPlace = {
  readonly endpoint: string;
  readonly caPem: string;
  readonly token: string;
  /** Resource id of the zone. */
  readonly id: string;
};

const OWNED = "heritage=external-dns,external-dns/owner=external-dns-weu,external-dns/resource=crd";

async function main(): Promise<void> {
  const recordSets = Number(process.argv[2]);
  const server = await startPrivateDnsServer();
  const zone = server.addZone({ resourceGroup: "rg-weu", zone: "example.com" });
  for (let index = 0; index < recordSets / 2; index += 1) {
    const name = `service-${index}-ns-p-prod-shop`;
    zone.putDirect({ name, type: "CNAME", values: ["w1-weu-public.example.com"] });
    zone.putDirect({ name: `_xdns-cname.${name}`, type: "TXT", values: [`"${OWNED}/shop/service-${index}-weu"`] });
  }
  const place: ZoneServerPlace = {
    endpoint: server.endpoint,
    caPem: server.caPem,
    token: server.tokenOf("bench"),
    id: zone.id,
  };
  console.log(JSON.stringify(place));
  process.stdin.on("end", () => void server.close()).resume();
}

await main();
