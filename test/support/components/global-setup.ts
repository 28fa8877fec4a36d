/**
 * Vitest's globalSetup of the project `real`: builds what is missing before any test, outside every timeout of a hook.
 * With binaries in the cache it takes milliseconds.
 */
import { etcd, kubeApiServer } from "./binaries.ts";

export async function setup(): Promise<void> {
  // One after the other: each build uses every core by itself.
  await etcd();
  await kubeApiServer();
}
