/** The Istio Gateway as it is written: one HTTPS server, hosts sorted and unique, so that equal input gives equal bytes. */
import type { IstioGateway } from "../../model/cluster-objects.ts";
import type { JsonObject } from "../../model/json.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { Gateway } from "../../model/resources.ts";
import { labelValue } from "../naming/object-names.ts";
import { istioHostName } from "../naming/published-names.ts";

export function istioGatewayBody(
  gateway: Gateway,
  hosts: readonly string[],
  istioVersion: "v1" | "v1beta1",
): JsonObject {
  const { spec, meta } = gateway;
  const https: JsonObject = {
    port: { number: 443, name: "https", protocol: "HTTPS" },
    hosts,
    tls: {
      mode: "SIMPLE",
      credentialName: spec.credentialName,
      ...(spec.minProtocolVersion === undefined ? {} : { minProtocolVersion: spec.minProtocolVersion }),
    },
  };
  // tls.mode stays unset here: Istio's webhook accepts tls on a plain HTTP server only so.
  const redirect: JsonObject = {
    port: { number: 80, name: "http", protocol: "HTTP" },
    hosts,
    tls: { httpsRedirect: true },
  };
  return {
    apiVersion: `networking.istio.io/${istioVersion}`,
    kind: "Gateway",
    metadata: {
      name: meta.name,
      ...(meta.namespace === undefined ? {} : { namespace: meta.namespace }),
      labels: {
        [serviceRoutingMarker.label]: serviceRoutingMarker.value,
        "router.io/gateway": labelValue(meta.name),
      },
      ownerReferences: [
        {
          apiVersion: "routing.router.io/v1alpha1",
          kind: "Gateway",
          name: meta.name,
          uid: meta.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      selector: { istio: spec.controller },
      servers: spec.httpsRedirect === true ? [https, redirect] : [https],
    },
  };
}

/** The observed object with these hosts only, otherwise as it is: for a Gateway that cannot be judged now. */
export function observedIstioGateway(
  { meta, spec }: IstioGateway,
  hosts: readonly string[],
  istioVersion: "v1" | "v1beta1",
): JsonObject {
  const kept = new Set(hosts);
  const servers = (spec.servers ?? []).map((server) => ({
    ...server,
    hosts: (server.hosts ?? []).filter((host) => kept.has(istioHostName(host))),
  }));
  return {
    apiVersion: `networking.istio.io/${istioVersion}`,
    kind: "Gateway",
    metadata: {
      name: meta.name,
      ...(meta.namespace === undefined ? {} : { namespace: meta.namespace }),
      labels: { ...meta.labels },
      ownerReferences: meta.owners.map((owner) => ({ ...owner })),
    },
    spec: { ...spec, servers: servers.filter((server) => server.hosts.length > 0) },
  };
}
