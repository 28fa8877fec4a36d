/**
 * What our own applies made of objects since the last list. One object may change in several steps of one pass, each with
 * the resourceVersion of the one read before them: that is no change by somebody else.
 */
export type OwnSteps = {
  /** Versions from which our applies, and nothing else, led to `version`. */
  ledTo(object: string, version: string): ReadonlySet<string>;
  add(object: string, step: { readonly from: ReadonlySet<string>; readonly to: string }): void;
  /** A new list has begun: whatever is written next was read by it. */
  forget(): void;
};

const NONE: ReadonlySet<string> = new Set();

export function trackOwnSteps(): OwnSteps {
  const steps = new Map<string, { readonly from: ReadonlySet<string>; readonly to: string }>();
  return {
    ledTo: (object, version) => {
      const step = steps.get(object);
      return step?.to === version ? step.from : NONE;
    },
    add: (object, step) => void steps.set(object, step),
    forget: () => steps.clear(),
  };
}
