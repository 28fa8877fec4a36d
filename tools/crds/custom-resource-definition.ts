/** One CRD as Kubernetes takes it, from a definition and the kind table. */
import { kindTable } from "../../shared/contracts/kinds.ts";
import type { Column, Definition } from "./definitions.ts";
import { structuralSchema } from "./structural-schema.ts";

const API_VERSION =
  "Group and version of this object's schema; the server may reject values it does not know. " +
  "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
const KIND =
  "Kind of this object. " +
  "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

function printerColumn({ name, jsonPath, type, wide, description }: Column): object {
  return { name, type: type ?? "string", jsonPath, description, ...(wide === true ? { priority: 1 } : {}) };
}

export function customResourceDefinition(definition: Definition): object {
  const { kind, shortNames, description, columns } = definition;
  const { group, versions, plural, namespaced } = kindTable[kind];
  const spec = structuralSchema(definition.spec, `${kind}.spec`);
  const schema = {
    type: "object",
    description,
    // A spec with a default may be left out.
    ...(spec.default === undefined ? { required: ["spec"] } : {}),
    properties: {
      apiVersion: { type: "string", description: API_VERSION },
      kind: { type: "string", description: KIND },
      metadata: { type: "object" },
      spec,
      status: structuralSchema(definition.status, `${kind}.status`),
    },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: ["service-router"],
      },
      scope: namespaced ? "Namespaced" : "Cluster",
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        additionalPrinterColumns: columns.map(printerColumn),
        schema: { openAPIV3Schema: schema },
      })),
    },
  };
}
