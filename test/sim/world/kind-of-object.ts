/** Our name of an object's kind: two API groups share the word Gateway. */
import { kindTable, storedKinds } from "../../../shared/contracts/kinds.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind } from "../../../shared/model/kinds.ts";

export function kindOfObject(object: JsonObject): Kind {
  const version = String(object["apiVersion"]);
  const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  const found = storedKinds.find(
    (kind) => kindTable[kind].group === group && kindTable[kind].apiKind === object["kind"],
  );
  if (found === undefined) throw new Error(`${version} ${String(object["kind"])} is no kind of the product`);
  return found;
}
