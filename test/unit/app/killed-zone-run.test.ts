/** A process that is killed after any write to a zone, and the next one: the zone ends as if nobody had been killed. */
import { describe, expect, it } from "vitest";
import { planZoneChanges } from "../../../shared/app/plan-zone-changes.ts";
import { ClusterUnreachableError, ZoneUnreachableError } from "../../../shared/errors.ts";
import type { ZoneRequest } from "../../../shared/model/zone-change.ts";
import { filed } from "../../support/zone-port.ts";
import { hostOf } from "./given-fleet.ts";
import {
  approve,
  externalDns,
  givenZones,
  grace,
  litter,
  namesIn,
  oldHost,
  pass,
  txtOf,
  type GivenZones,
} from "./given-zones.ts";

const cart = hostOf("w1", "cart");
const cartTxt = txtOf("CNAME", cart);

type Mortal = GivenZones & { readonly killAfter: (writes: number) => void; readonly revive: () => void };

/** The process dies once so many writes were made: from then on nothing reaches anybody. */
async function givenMortal(spoil: (given: GivenZones) => void): Promise<Mortal> {
  let left = Infinity;
  const isDead = (): boolean => left <= 0;
  const fault = () => (isDead() ? "fail" : undefined);
  const given = await givenZones({
    storeFaults: { read: fault, write: fault, acquire: fault, renew: fault },
  });
  spoil(given);
  await grace(given);
  for (const zone of [given.weu, given.neu]) {
    const reach = (): void => {
      if (isDead()) throw new ZoneUnreachableError("zone", "the process is dead");
    };
    const write = (): void => {
      reach();
      left -= 1;
    };
    Object.assign(zone.faults, { list: reach, get: reach, put: write, remove: write });
  }
  given.faults.open = (cluster) => {
    if (isDead()) throw new ClusterUnreachableError(cluster, "the process is dead");
  };
  return {
    ...given,
    killAfter: (writes) => {
      left = writes;
    },
    revive: () => {
      left = Infinity;
    },
  };
}

/** Everything that is there to be approved, each list by its digest. */
async function approveEverything(given: GivenZones, request: ZoneRequest): Promise<void> {
  const plan = await planZoneChanges(given.ports, request);
  const digests = [...(plan.changes.length === 0 ? [] : [plan.digest]), ...plan.held.map(({ digest }) => digest)];
  for (const digest of digests) await approve(given, request, digest);
}

/** Names of records that no TXT owns. */
function orphansIn(given: GivenZones): readonly string[] {
  return given.weu
    .recordSets()
    .filter(
      ({ type, name }) => type !== "TXT" && given.weu.get({ name: txtOf(type, name).name, type: "TXT" }) === undefined,
    )
    .map(({ name }) => name);
}

/** @param writes how many the whole run makes. */
async function endsTheSame(request: ZoneRequest, spoil: (given: GivenZones) => void, writes: number): Promise<void> {
  const whole = await givenMortal(spoil);
  const wanted = whole.weu.recordSets().filter(({ type, name }) => type !== "TXT" && !name.includes("gone"));
  await approveEverything(whole, request);
  const end = namesIn(whole.weu);
  expect(end.filter((name) => name.includes("gone") || name.includes("old."))).toEqual([]);
  for (let after = 1; after <= writes; after += 1) {
    const given = await givenMortal(spoil);
    const orphans = orphansIn(given);
    given.killAfter(after);
    await approveEverything(given, request).catch(() => undefined);
    expect(namesIn(given.weu)).toEqual(expect.arrayContaining(wanted.map(({ type, name }) => `${type} ${name}`)));
    expect(orphans).toEqual(expect.arrayContaining([...orphansIn(given)]));
    given.revive();
    for (let again = 0; again < 2; again += 1) {
      await grace(given);
      await approveEverything(given, request);
    }
    externalDns(given);
    await pass(given);
    expect([after, namesIn(given.weu)]).toEqual([after, end]);
  }
}

describe("a run that was killed after any write", () => {
  it("of garbage is finished by the next ones", async () => {
    await endsTheSame(
      { task: "garbage" },
      ({ weu }) => {
        litter(weu, oldHost("a"), oldHost("b"));
        for (const [type, value] of [
          ["A", "10.9.9.9"],
          ["AAAA", "fd00::9"],
        ] as const) {
          weu.put(filed({ name: oldHost("both"), type, values: [value] }));
          weu.put(filed(txtOf(type, oldHost("both"))));
        }
        weu.put(filed(txtOf("A", oldHost("stray"))));
        weu.put(filed({ ...cartTxt, name: `old.cname-${cart}` }));
      },
      10,
    );
  });

  it("of repairs is finished by the next one", async () => {
    await endsTheSame(
      { task: "repair" },
      ({ weu }) => {
        for (const { name, type } of weu.recordSets()) if (type === "TXT") weu.remove({ name, type });
      },
      2,
    );
  });

  it("of copies is finished by the next one", async () => {
    await endsTheSame(
      { task: "copy-ownership" },
      ({ weu }) => {
        for (const { name, type, values } of weu.recordSets()) {
          if (type !== "TXT") continue;
          weu.remove({ name, type });
          weu.put(filed({ name: name.replace("_xdns-", "v1-").replace("cname.", "cname-"), type, values }));
        }
      },
      2,
    );
  });
});
