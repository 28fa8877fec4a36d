/** People and tools that touch what the product writes, or stand in its way with objects of their own. */
import type { Json } from "../../../shared/model/json.ts";
import { isMarked } from "../oracle/wanted-names.ts";
import { copyOf, fieldsOf, metadataOf } from "../world/field-ownership.ts";
import * as bodies from "../world/bodies.ts";
import { allRegions } from "../world/make-fleet.ts";
import { anyCluster, anyObject, type Act, type Repertoire, type Scene } from "./actor.ts";

const writer = { manager: "kubectl-edit" } as const;
const marker = { "app.kubernetes.io/managed-by": "service-router-operator" } as const;
const kinds = ["DNSEndpoint", "DNSEndpoint", "IstioGateway"] as const;

const labelOurs: Act = (scene) =>
  editOurs(scene, "was labelled", (metadata) => {
    metadata["labels"] = { ...fieldsOf(metadata["labels"]), "team.example.com/watched": "yes" };
  });

/** The object is given away: it stays, and is nobody's business of the product any more. */
const unmark: Act = (scene) =>
  editOurs(scene, "lost its marker", (metadata) => {
    const { "app.kubernetes.io/managed-by": _gone, ...labels } = fieldsOf(metadata["labels"]);
    metadata["labels"] = labels;
  });

const stripOwnLabel: Act = (scene) =>
  editOurs(scene, "lost a label", (metadata) => {
    const { "router.io/region": _region, "router.io/gateway": _gateway, ...labels } = fieldsOf(metadata["labels"]);
    metadata["labels"] = labels;
  });

function editOurs(scene: Scene, what: string, change: (metadata: Record<string, Json>) => void): string | undefined {
  const kind = scene.random.oneOf(...kinds);
  const picked = anyObject(scene, kind, isMarked);
  if (picked === undefined) return undefined;
  picked.cluster.server.edit(kind, picked.key, writer.manager, (copy) =>
    change(copy["metadata"] as Record<string, Json>),
  );
  return `${picked.cluster.name}: our ${kind} ${picked.key} ${what}`;
}

/** An edit of the very fields that we apply: they are the editor's from then on. */
const editRecord: Act = (scene) => {
  const picked = anyObject(scene, "DNSEndpoint", isMarked);
  if (picked === undefined) return undefined;
  picked.cluster.server.edit("DNSEndpoint", picked.key, writer.manager, (copy) => {
    const endpoints = fieldsOf(copy["spec"])["endpoints"] as readonly Json[];
    copy["spec"] = { endpoints: endpoints.map((record) => ({ ...fieldsOf(record), recordTTL: 7 })) };
  });
  return `${picked.cluster.name}: our DNSEndpoint ${picked.key} was edited`;
};

const deleteOurs: Act = (scene) => {
  const kind = scene.random.oneOf(...kinds);
  const picked = anyObject(scene, kind, isMarked);
  if (picked === undefined) return undefined;
  picked.cluster.server.delete(kind, picked.key, { writer });
  return `${picked.cluster.name}: our ${kind} ${picked.key} was deleted by hand`;
};

/** A DNSEndpoint of somebody else under the name that a route's would have, or any other. */
const standInTheWay: Act = (scene) => {
  const picked = anyObject(scene, "ServiceRoute");
  if (picked === undefined) return undefined;
  const { cluster, object } = picked;
  const region = scene.random.oneOf(...allRegions);
  const { name, namespace } = metadataOf(object);
  const own = scene.random.chance(0.5) ? `${String(name)}-external-dns-${region}` : `theirs-${scene.random.int(1, 3)}`;
  if (cluster.server.get("DNSEndpoint", `${String(namespace)}/${own}`) !== undefined) return undefined;
  const fields = { region, dnsName: `${String(name)}.theirs.${bodies.domain}`, target: `elsewhere.${bodies.domain}` };
  cluster.server.put("DNSEndpoint", bodies.foreignEndpoint(String(namespace), own, fields), writer.manager);
  return `${cluster.name}: somebody made DNSEndpoint ${String(namespace)}/${own}`;
};

/** What the operator left behind: it carries the marker, and the product never wrote it. */
const predecessorsObject: Act = (scene) => {
  const picked = anyObject(scene, "ServiceRoute");
  if (picked === undefined) return undefined;
  const { cluster, object } = picked;
  const region = cluster.home.region;
  const { name, namespace, uid } = metadataOf(object);
  const key = `${String(namespace)}/${String(name)}-external-dns-${region}`;
  if (cluster.server.get("DNSEndpoint", key) !== undefined) return undefined;
  const fields = fieldsOf(object["spec"]);
  const dnsName = `${String(fields["serviceName"])}-ns-p-prod-shop.${bodies.domain}`;
  const body = bodies.foreignEndpoint(String(namespace), `${String(name)}-external-dns-${region}`, {
    region,
    dnsName,
    target: `${cluster.home.cluster}-${region}-public.${bodies.domain}`,
    labels: marker,
  });
  const owner = { apiVersion: "routing.router.io/v1alpha1", kind: "ServiceRoute", name, uid, controller: true };
  const owned = { ...body, metadata: { ...metadataOf(body), ownerReferences: [owner] } };
  cluster.server.put("DNSEndpoint", copyOf(owned), "service-router-operator");
  return `${cluster.name}: DNSEndpoint ${key} is the predecessor's`;
};

const foreignIstioGateway: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const { random } = scene;
  if (cluster.server.delete("IstioGateway", "team-a/theirs", { writer })) {
    return `${cluster.name}: somebody's Istio Gateway is gone`;
  }
  const host = `${random.oneOf("api", "web", "cart")}-ns-p-prod-shop.${bodies.domain}`;
  const body = bodies.foreignIstioGateway("team-a", "theirs", { controller: "ingress", host });
  cluster.server.put("IstioGateway", body, writer.manager);
  return `${cluster.name}: somebody's Istio Gateway has ${host}`;
};

const removeForeign: Act = (scene) => {
  const picked = anyObject(scene, "DNSEndpoint", (object) => !isMarked(object));
  if (picked === undefined) return undefined;
  picked.cluster.server.delete("DNSEndpoint", picked.key, { writer });
  return `${picked.cluster.name}: foreign DNSEndpoint ${picked.key} is gone`;
};

/** Somebody's finalizer holds a deletion up for a while. */
const holdDeletion: Act = (scene) => {
  const kind = scene.random.oneOf("ServiceRoute", "Gateway", "DNSEndpoint");
  const picked = anyObject(scene, kind);
  if (picked === undefined) return undefined;
  picked.cluster.server.edit(kind, picked.key, writer.manager, (copy) => {
    const metadata = copy["metadata"] as Record<string, Json>;
    metadata["finalizers"] = ["example.com/backup"];
  });
  picked.cluster.server.delete(kind, picked.key, { writer });
  return `${picked.cluster.name}: ${kind} ${picked.key} is being deleted, a finalizer holds it`;
};

const endHeldDeletions: Act = ({ world }) => {
  const ended: string[] = [];
  for (const { server, controlPlane, name } of world.clusters) {
    for (const kind of ["ServiceRoute", "Gateway", "DNSEndpoint"] as const) {
      for (const object of controlPlane ? server.stored(kind) : []) {
        const metadata = metadataOf(object);
        if (metadata["deletionTimestamp"] === undefined) continue;
        const key = `${String(metadata["namespace"])}/${String(metadata["name"])}`;
        server.finalize(kind, key, "example.com/backup", writer);
        ended.push(`${name} ${kind} ${key}`);
      }
    }
  }
  return ended.length === 0 ? undefined : `finalizers ended: ${ended.join(", ")}`;
};

export const handActs: Repertoire = [
  [3, labelOurs],
  [1, unmark],
  [1, stripOwnLabel],
  [2, editRecord],
  [4, deleteOurs],
  [2, standInTheWay],
  [2, predecessorsObject],
  [2, foreignIstioGateway],
  [3, removeForeign],
  [2, holdDeletion],
  [4, endHeldDeletions],
];
