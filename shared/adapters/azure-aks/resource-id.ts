/** Azure resource ids of managed clusters. Azure ignores their case and is not consistent in it. */
import { ConfigurationError } from "../../errors.ts";

export type ManagedClusterId = {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
};

const PATTERN =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/?$/i;

export function parseManagedClusterId(resourceId: string): ManagedClusterId | undefined {
  const [, subscription, resourceGroup, name] = PATTERN.exec(resourceId) ?? [];
  if (subscription === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscription, resourceGroup, name };
}

/** @throws ConfigurationError that shows the form. */
export function requireManagedClusterId(cluster: string, resourceId: string): ManagedClusterId {
  const id = parseManagedClusterId(resourceId);
  if (id !== undefined) return id;
  const form = "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>";
  const message = `${JSON.stringify(resourceId)} is not the id of a managed cluster; it looks like ${form}`;
  throw new ConfigurationError(`cluster ${cluster}`, [{ path: "source.aks", message }]);
}
