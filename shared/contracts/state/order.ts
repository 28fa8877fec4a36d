/** order.json: regions, clusters and adopters in the order that breaks ties. */
import * as z from "zod";
import type { Order } from "../../model/state.ts";
import { documentParser } from "./state-document.ts";

const OrderSchema = z.strictObject({
  regions: z.array(z.string()),
  clusters: z.array(z.string()),
  adopters: z.array(z.strictObject({ region: z.string(), cluster: z.string() })),
});

export const parseOrder = documentParser<Order>(OrderSchema);
