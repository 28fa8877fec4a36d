/** Somebody or something that changes the world now and then. What they do depends on the seed, never on the product. */
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind } from "../../../shared/model/kinds.ts";
import type { Random } from "../random.ts";
import { keyOf } from "../world/api-server.ts";
import type { World, WorldCluster } from "../world/world.ts";

export type Scene = { readonly world: World; readonly random: Random };

/** One thing that may happen. @returns what happened, as a sentence; undefined when there was nothing to do. */
export type Act = (scene: Scene) => string | undefined;

/** Acts and how often each comes, relative to the others. */
export type Repertoire = readonly (readonly [weight: number, act: Act])[];

export function pickAct(repertoire: Repertoire, random: Random): Act | undefined {
  const total = repertoire.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.next() * total;
  for (const [weight, act] of repertoire) {
    left -= weight;
    if (left < 0) return act;
  }
  return repertoire.at(-1)?.[1];
}

/** A cluster whose control plane answers: nobody can change anything elsewhere. */
export function anyCluster({ world, random }: Scene): WorldCluster | undefined {
  return random.pick(world.clusters.filter(({ controlPlane }) => controlPlane));
}

export type Picked = { readonly cluster: WorldCluster; readonly object: JsonObject; readonly key: string };

/** An object of a kind, of any cluster. */
export function anyObject(
  scene: Scene,
  kind: Kind,
  which: (object: JsonObject) => boolean = () => true,
): Picked | undefined {
  const cluster = anyCluster(scene);
  const object = scene.random.pick(cluster?.server.stored(kind).filter(which) ?? []);
  return cluster === undefined || object === undefined ? undefined : { cluster, object, key: keyOf(object) };
}
