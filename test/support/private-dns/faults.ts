/** Faults that tests switch on, and which request each of them meets. */
import type { OperationKind } from "./operations.ts";

/** `token`: the identity endpoint. */
export type RequestKind = OperationKind | "token";

/** What a rule may look at. Names are lower case. */
export type RequestFacts = {
  readonly kind: RequestKind;
  readonly caller: string;
  /** Lower case; empty where the request names none. */
  readonly resourceGroup: string;
  readonly zone: string;
  readonly recordType: string;
  /** Relative to the zone, lower case. */
  readonly recordName: string;
  /** Of a listing, from 1; 0 for others. */
  readonly page: number;
};

/** Every condition that is given has to hold. */
export type FaultRule = {
  readonly kinds?: readonly RequestKind[];
  readonly caller?: string;
  /** One zone; its handle has both fields. */
  readonly at?: { readonly resourceGroup: string; readonly zone: string };
  readonly recordType?: string;
  readonly recordName?: string;
  readonly page?: number;
};

export type FaultEffect =
  /** Azure's answer is this one; nothing is carried out. Bodies are the DNS service's unless `by` is gateway. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string;
      readonly by?: "gateway" | "service";
      readonly retryAfterSeconds?: number;
    }
  /** Never answered, until the fault is switched off or the server closes. */
  | { readonly kind: "hang" }
  /** `before` the request is carried out, `after` it was (its effect stands, the answer is lost), or amid the answer's body. */
  | { readonly kind: "cut"; readonly when: "before" | "after" | "amid" }
  /** Carried out, then answered this much later. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Runs just before the request is carried out: somebody else is faster. */
  | { readonly kind: "meanwhile"; readonly run: () => void | Promise<void> };

export type Fault = FaultRule & {
  readonly effect: FaultEffect;
  /** How many requests it meets; without it, every one until it is switched off. */
  readonly times?: number;
};

export type SwitchedFault = {
  /** How many requests it has met. */
  readonly met: () => number;
  /** Lets hanging requests go (their connections are cut). */
  readonly off: () => void;
};

type Active = { readonly fault: Fault; met: number; readonly waiting: Set<() => void> };

export type Faults = {
  readonly add: (fault: Fault) => SwitchedFault;
  /** The first that fits and is not used up; counts as met. */
  readonly take: (
    facts: RequestFacts,
  ) => { readonly effect: FaultEffect; readonly released: () => Promise<void> } | undefined;
  readonly clear: () => void;
};

export function createFaults(): Faults {
  const active = new Set<Active>();
  const end = (one: Active): void => {
    active.delete(one);
    for (const release of one.waiting) release();
  };
  return {
    add: (fault) => {
      const one: Active = { fault, met: 0, waiting: new Set() };
      active.add(one);
      return { met: () => one.met, off: () => end(one) };
    },
    take: (facts) => {
      const one = [...active].find(({ fault, met }) => met < (fault.times ?? Infinity) && fits(fault, facts));
      if (one === undefined) return undefined;
      one.met += 1;
      const released = (): Promise<void> => new Promise((resolve) => one.waiting.add(resolve));
      return { effect: one.fault.effect, released };
    },
    clear: () => {
      for (const one of active) end(one);
    },
  };
}

function fits(rule: FaultRule, facts: RequestFacts): boolean {
  const { kinds, caller, at, recordType, recordName, page } = rule;
  return (
    (kinds?.includes(facts.kind) ?? true) &&
    (caller === undefined || caller === facts.caller) &&
    (at === undefined ||
      (at.resourceGroup.toLowerCase() === facts.resourceGroup && at.zone.toLowerCase() === facts.zone)) &&
    (recordType === undefined || recordType === facts.recordType) &&
    (recordName === undefined || recordName.toLowerCase() === facts.recordName) &&
    (page === undefined || page === facts.page)
  );
}
