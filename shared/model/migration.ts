/** How far the way from the in-cluster operator to this product is gone in one fleet. Serialisable; nothing is remembered. */

/**
 * In the order in which they are gone:
 * - `external-dns`: every ExternalDNS only adds and changes. - `observe`: everything is read. - `ownership`: one owner and one
 *   prefix per region. - `differences`: only intended ones are left. - `take-over`: cluster by cluster. - `finish`: what is left
 *   of the operator goes.
 */
export type MigrationStepId = "external-dns" | "observe" | "ownership" | "differences" | "take-over" | "finish";

/** `next`: somebody can do it now. `waits`: not before something else. */
export type MigrationState = "done" | "next" | "waits";

/** What somebody does, in a sentence, and what to type for it; commands in their order. */
export type MigrationAction = { readonly say: string; readonly commands: readonly string[] };

/** Things of one kind: differences, names, findings. `isIntended` absent: nothing to judge. */
export type MigrationGroup = {
  readonly what: string;
  readonly isIntended?: boolean;
  /** As many as there are; sorted. */
  readonly names: readonly string[];
};

/** A part of a step that is done, or not, by itself. */
export type MigrationTask = {
  readonly cluster?: string;
  readonly region?: string;
  /** `look`: worth a look, and keeps nothing from being done. */
  readonly state: MigrationState | "look";
  /** What was seen. */
  readonly what: string;
  /** Why it is not done before, or what it waits for. */
  readonly waitsFor?: string;
  /** What follows from it, and why, as sentences. */
  readonly details: readonly string[];
  readonly groups: readonly MigrationGroup[];
  readonly todo: readonly MigrationAction[];
};

export type MigrationStep = {
  readonly id: MigrationStepId;
  /** `done` when every task is, `next` when somebody can do something now. */
  readonly state: MigrationState;
  readonly tasks: readonly MigrationTask[];
};

/** What is left of the operator in one cluster, and what became of its objects. */
export type MigratingClusterReport = {
  readonly cluster: string;
  readonly region?: string;
  readonly operator: "running" | "stopped" | "gone" | "unknown";
  /** Objects with our label that are still the operator's, by kind; absent where the kind was not read. */
  readonly notAdopted: { readonly dnsEndpoints?: number; readonly istioGateways?: number };
  readonly takenOver: boolean;
};

export type Migration = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly steps: readonly MigrationStep[];
  readonly clusters: readonly MigratingClusterReport[];
  readonly notes: readonly string[];
};
