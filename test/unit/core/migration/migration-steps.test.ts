import { describe, expect, it } from "vitest";
import {
  migratingClusters,
  migrationSteps,
  type MigrationFacts,
} from "../../../../shared/core/migration/migration-steps.ts";
import type { ClusterSource } from "../../../../shared/model/fleet-configuration.ts";
import { finding, type Finding } from "../../../../shared/model/finding.ts";
import type { MigrationStep, MigrationStepId, MigrationTask } from "../../../../shared/model/migration.ts";
import {
  copyOf,
  facts,
  migratingCluster,
  migratingRegion,
  observedCluster,
  zoneReport,
} from "../../../support/builders/migration.ts";
import { operatorDeployment } from "../../../support/builders/objects.ts";
import { diagnosis, instance, settings } from "../../../support/diagnoses.ts";
import {
  change,
  clusterReport,
  emptyPlan,
  hostChange,
  passReport,
  published,
  routeReport,
  condition,
} from "../../../support/reports.ts";

type Given = Partial<MigrationFacts>;

function stepOf(id: MigrationStepId, given: Given = {}): MigrationStep {
  const found = migrationSteps(facts(given)).find((step) => step.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
}

function only(step: MigrationStep): MigrationTask {
  const [task, ...more] = step.tasks;
  if (task === undefined || more.length > 0) throw new Error(`${step.tasks.length} tasks`);
  return task;
}

function commands({ todo }: MigrationTask): readonly string[] {
  return todo.flatMap((action) => action.commands);
}

function says({ todo }: MigrationTask): string {
  return todo.map(({ say }) => say).join("\n");
}

const reached = (...findings: readonly Finding[]) =>
  diagnosis({ findings, clusters: [{ cluster: "w1", reached: true, externalDns: 1 }] });
const seen = { cluster: "w1", object: "Deployment external-dns/external-dns-weu", what: "seen" } as const;
const operator = (...of: Parameters<typeof operatorDeployment>) => operatorDeployment(...of).object;

describe("migrationSteps", () => {
  it("is done with all six where nothing is left", () => {
    expect(migrationSteps(facts()).map(({ id, state }) => `${id} ${state}`)).toEqual([
      "external-dns done",
      "observe done",
      "ownership done",
      "differences done",
      "take-over done",
      "finish done",
    ]);
  });
});

describe("step 1, ExternalDNS", () => {
  it.each<[string, Finding, boolean]>([
    ["sync", finding("SyncPolicy", seen), true],
    ["a standby that would wipe the zone", finding("ZoneWiper", seen), true],
    ["no policy", finding("PolicyMissing", seen), true],
    ["a policy that cannot be read", finding("SettingsUnknown", { ...seen, names: ["policy", "txt-prefix"] }), true],
    ["another flag that cannot be read", finding("SettingsUnknown", { ...seen, names: ["txt-prefix"] }), false],
    ["two controllers of one region", finding("TwoControllers", seen), true],
    ["two of them, one not running", finding("TwoControllers", { ...seen, severity: "warning" }), false],
    ["owners that differ, which is for step 3", finding("OwnerDiffers", { ...seen, region: "weu" }), false],
    ["prefixes that differ, which is for step 3", finding("PrefixDiffers", { ...seen, region: "weu" }), false],
    ["a clock that is far off", finding("ClockSkew", { cluster: "w1", what: "45 s", severity: "critical" }), true],
    ["a clock that is a little off", finding("ClockSkew", { cluster: "w1", what: "6 s" }), false],
    ["flapping, which the take-over ends", finding("RecordFlapping", { region: "weu", what: "1 name" }), false],
  ])("given %s, holds it against the cluster: %s", (_what, found, isHeld) => {
    expect(stepOf("external-dns", { diagnosis: reached(found) }).state).toBe(isHeld ? "next" : "done");
  });

  it("says what follows, what to set, and where it comes from", () => {
    const labels = { "helm.toolkit.fluxcd.io/name": "dns", "helm.toolkit.fluxcd.io/namespace": "platform" };
    const cluster = migratingCluster({ labels: new Map([["external-dns/external-dns-weu", labels]]) });
    const task = only(stepOf("external-dns", { clusters: [cluster], diagnosis: reached(finding("SyncPolicy", seen)) }));
    expect(task.details[0]).toContain("It deletes what it does not want");
    expect(says(task)).toContain("set --policy=upsert-only");
    expect(says(task)).toContain("it comes from Flux (HelmRelease platform/dns): change it there, or it comes back");
    expect(commands(task)).toEqual(["kubectl --context w1 -n external-dns edit deployment external-dns-weu"]);
  });

  it("is not done where Deployments cannot be read, and waits where the cluster does not answer", () => {
    const right = finding("ReadRightsMissing", { cluster: "w1", what: "it may not", names: ["list deployments.apps"] });
    const unread = diagnosis({ findings: [right], clusters: [{ cluster: "w1", reached: true }] });
    expect(only(stepOf("external-dns", { diagnosis: unread }))).toMatchObject({
      state: "next",
      todo: [{ say: right.fix }],
    });
    const away = diagnosis({ clusters: [{ cluster: "w1", reached: false }] });
    expect(only(stepOf("external-dns", { diagnosis: away })).state).toBe("waits");
  });
});

describe("step 2, observing", () => {
  it.each<[string, Given, string]>([
    [
      "a frozen cluster",
      {
        clusters: [
          migratingCluster({
            report: clusterReport({ standing: { kind: "frozen", code: "NotRead", reason: "no answer" } }),
          }),
        ],
      },
      "not read: no answer",
    ],
    [
      "a region without zone",
      { regions: [migratingRegion({ configuration: { zones: [] } })] },
      "its DNS zone is not configured",
    ],
    [
      "a zone that was not read",
      { regions: [migratingRegion({ notRead: "zone example.com was not read: 403" })] },
      "403",
    ],
    ["a region that fleet.yaml lacks", { unknownRegions: ["frc"] }, "fleet.yaml does not"],
    [
      "another namespace for Gateways",
      {
        clusters: [migratingCluster({ deployments: [operator({ readyReplicas: 0, defaultGatewayNamespace: "gw" })] })],
      },
      "in gw, fleet.yaml in istio-system",
    ],
    [
      "the operator's default namespace beside another one here",
      {
        clusters: [
          migratingCluster({
            deployments: [operator({ readyReplicas: 0 })],
            configuration: { gatewayNamespace: "gw" },
          }),
        ],
      },
      "in istio-system, fleet.yaml in gw",
    ],
  ])("given %s, has something to do", (_what, given, what) => {
    const step = stepOf("observe", given);
    expect(step.state).toBe("next");
    expect(step.tasks.find(({ state }) => state === "next")?.what).toContain(what);
  });

  it("has one instruction for a zone that was not read, and none for doctor", () => {
    const unread = finding("ZoneNotRead", { region: "weu", what: "403" });
    const role = finding("ZoneRoleMissing", { region: "weu", what: "it may not read" });
    const todo = (...findings: readonly Finding[]) =>
      stepOf("observe", { regions: [migratingRegion({ notRead: "403" })], diagnosis: diagnosis({ findings }) })
        .tasks.find(({ region }) => region === "weu")
        ?.todo.map(({ say }) => say);
    expect(todo(unread)).toEqual(["repair what the reason names"]);
    expect(todo(unread, role)).toEqual([role.fix.replace(", then run doctor again", "")]);
  });

  it("only names a namespace that it cannot read", () => {
    const deployments = [operator({ readyReplicas: 0, defaultGatewayNamespace: "$(NS)" })];
    const step = stepOf("observe", { clusters: [migratingCluster({ deployments })] });
    expect([step.state, step.tasks[0]?.state]).toEqual(["done", "look"]);
  });
});

const differing = instance({ settings: settings({ txtPrefix: "w1-p-aks-" }) });
const ownership = (region: Parameters<typeof migratingRegion>[0], instances = [differing], more: Given = {}) =>
  stepOf("ownership", {
    regions: [migratingRegion(region)],
    diagnosis: diagnosis({
      instances,
      clusters: ["n1", "w1"].map((cluster) => ({ cluster, reached: true, externalDns: 1 })),
    }),
    ...more,
  }).tasks;

describe("step 3, ownership", () => {
  it("copies first, whatever the flags", () => {
    const [task] = ownership({ copies: [copyOf("a.example.com")], fromOwners: ["w1 old"] });
    expect(task).toMatchObject({ state: "next", groups: [{ names: ["CNAME a.example.com"] }] });
    expect(commands(task as MigrationTask)).toEqual([
      "service-router dns copy-ownership --region weu --from-owner 'w1 old'",
    ]);
    expect(says(task as MigrationTask)).not.toContain("--txt-prefix");
  });

  it("asks for the right to write where the zone is only observed", () => {
    const [task] = ownership({ copies: [copyOf("a.example.com")], configuration: { zoneWrites: "observe" } });
    expect(says(task as MigrationTask)).toContain("in fleet.yaml, region weu: zoneWrites: apply");
  });

  it("names the role that a copy would be refused without", () => {
    const findings = [finding("ZoneRoleMissing", { region: "weu", what: "it may not write TXT" })];
    const more = { diagnosis: diagnosis({ findings, instances: [differing] }) };
    const [task] = ownership({ copies: [copyOf("a.example.com")] }, [differing], more);
    expect(says(task as MigrationTask)).toContain("it may not write TXT: assign");
  });

  it("re-flags every instance once nothing is left to copy, standbys without replicas too", () => {
    const standby = instance({ cluster: "n1", replicas: 0, settings: settings({ ownerId: "other", txtSuffix: "-t" }) });
    const clusters = [migratingCluster(), migratingCluster({ configuration: { name: "n1" } })];
    const [task] = ownership({}, [differing, standby], { clusters });
    expect(task?.groups[0]?.names).toEqual([
      "n1 external-dns/external-dns-weu: owner other, suffix -t",
      "w1 external-dns/external-dns-weu: owner external-dns-weu, prefix w1-p-aks-",
    ]);
    expect(commands(task as MigrationTask)).toEqual(
      ["w1", "n1"].map((name) => `kubectl --context ${name} -n external-dns edit deployment external-dns-weu`),
    );
  });

  it("says which flags, per instance", () => {
    const [task] = ownership({}, [differing, instance({ cluster: "n1", settings: settings({ txtPrefix: "n1-" }) })]);
    expect(commands(task as MigrationTask)).toEqual([
      "kubectl --context w1 -n external-dns edit deployment external-dns-weu",
    ]);
    expect(says(task as MigrationTask)).toContain(
      "--txt-owner-id=external-dns-weu '--txt-prefix=_xdns-%{record_type}.'",
    );
  });

  it("offers to let fleet.yaml say what all instances have already", () => {
    const [task] = ownership({ copies: [copyOf("a.example.com")] });
    expect(task?.todo[0]?.say).toContain('externalDns: { ownerId: "external-dns-weu", txtPrefix: "w1-p-aks-" }');
    expect(task?.todo[0]?.say).toContain("less room for long names");
  });

  it("wants another prefix where a foreign owner has the common one: its TXTs stand there", () => {
    const [task] = ownership({}, [instance({ settings: settings({ ownerId: "old" }) }), instance({ cluster: "n1" })]);
    expect(says(task as MigrationTask)).toMatch(/a txtPrefix that no instance has.*owner old/);
    expect(commands(task as MigrationTask)).toEqual([]);
  });

  it("takes a flag that cannot be read for one that differs", () => {
    const [task] = ownership({}, [instance({ unknown: ["txt-prefix"] })]);
    expect(task?.groups[0]?.names[0]).toContain("cannot be read");
  });

  it("ignores instances of other regions and other sources", () => {
    const others = [
      instance({ regions: ["neu"], settings: differing.settings }),
      instance({ settings: settings({ sources: ["ingress"], ownerId: "x" }) }),
    ];
    expect(ownership({}, others)).toMatchObject([{ state: "done" }]);
  });

  const contested = [{ name: "a.example.com", clusters: ["n1", "w1"] }];

  it("waits for the take-over where clusters lead a name to different gateways, and the take-over does not wait for it", () => {
    const given = {
      clusters: [observedCluster("w1"), migratingCluster({ configuration: { name: "n1" } })],
      regions: [migratingRegion({ contested, copies: [copyOf("a.example.com")] })],
    };
    expect(only(stepOf("ownership", given))).toMatchObject({
      state: "waits",
      waitsFor: expect.stringMatching(/^step 5 in w1:/),
    });
    expect(stepOf("take-over", given).tasks[0]?.state).toBe("next");
    const after = { ...given, clusters: [migratingCluster(), migratingCluster({ configuration: { name: "n1" } })] };
    expect(only(stepOf("ownership", after)).state).toBe("next");
  });

  it("does not mind contested names where the prefix is common already", () => {
    expect(ownership({ contested }, [instance()], { clusters: [observedCluster("w1")] })).toMatchObject([
      { state: "done" },
    ]);
  });

  it("waits for the zones, for every cluster, and for step 1 in the clusters that write there", () => {
    const frozen = clusterReport({ cluster: "n1", standing: { kind: "frozen", code: "NotRead", reason: "x" } });
    const sync = diagnosis({
      instances: [differing],
      findings: [finding("SyncPolicy", seen)],
      clusters: [{ cluster: "w1", reached: true, externalDns: 1 }],
    });
    const rows: readonly (readonly [Given, string])[] = [
      [{ regions: [migratingRegion({ notRead: "403" })] }, "step 2"],
      [
        {
          clusters: [migratingCluster(), migratingCluster({ report: frozen, configuration: { name: "n1" } })],
          diagnosis: diagnosis({ instances: [differing] }),
        },
        "step 2: n1",
      ],
      [{ diagnosis: sync }, "step 1 in w1 (SyncPolicy): with one prefix every instance owns"],
    ];
    for (const [given, waitsFor] of rows) {
      expect(stepOf("ownership", given).tasks[0]).toMatchObject({
        state: "waits",
        waitsFor: expect.stringContaining(waitsFor),
      });
    }
  });

  it("waits for step 1 only where that concerns the region, and says what it is", () => {
    const neu = instance({ cluster: "n1", deployment: "external-dns/external-dns-neu", regions: ["neu"] });
    const inWeu = instance({ cluster: "n1" });
    const filter = { object: "Deployment external-dns/external-dns-neu", what: "an annotation filter" };
    const waiting = (...findings: readonly Finding[]) => {
      const clusters = [migratingCluster(), migratingCluster({ configuration: { name: "n1" } })];
      const read = clusters.map(({ configuration: { name } }) => ({ cluster: name, reached: true, externalDns: 1 }));
      const instances = [differing, inWeu, neu];
      return stepOf("ownership", { clusters, diagnosis: diagnosis({ instances, findings, clusters: read }) }).tasks[0]
        ?.waitsFor;
    };
    const elsewhere = finding("AnnotationFilter", { ...filter, cluster: "n1", severity: "critical" });
    expect(waiting(elsewhere)).toBeUndefined();
    expect(waiting(elsewhere, finding("SyncShared", seen))).toMatch(/^step 1 in w1 \(SyncShared\): .*deletes/);
    const create = finding("PolicyCreateOnly", { ...seen, cluster: "n1" });
    expect(waiting(create)).toMatch(/^step 1 in n1 \(PolicyCreateOnly\): (?!.*deletes)/);
  });

  it("lists records that are left as they are, by reason, without waiting for them", () => {
    const leftOut = [{ region: "weu", name: "b.example.com", type: "CNAME", reason: "nobody publishes it" }] as const;
    expect(ownership({ leftOut }, [instance()])).toMatchObject([
      { state: "done" },
      { state: "look", groups: [{ what: "nobody publishes it", names: ["CNAME b.example.com"] }] },
    ]);
  });
});

const adopt = change({ operation: "adopt", joins: [], leaves: [] });
const observing = (plan: Parameters<typeof emptyPlan>[0], more: Parameters<typeof passReport>[0] = {}) => ({
  clusters: [observedCluster()],
  report: passReport({ plan: emptyPlan(plan), clusters: [observedCluster().report], zones: [zoneReport()], ...more }),
});
const record = { zone: "weu", name: "a.example.com" } as const;

describe("step 4, differences", () => {
  it.each<[string, Given, string]>([
    ["adoption", observing({ observed: [adopt] }), "objects taken over"],
    ["a TTL", observing({ observed: [change({ operation: "adopt", leaves: [] })] }), "records with a TTL"],
    ["a new object", observing({ observed: [change()] }), "objects that are new"],
    [
      "a gateway record in another region",
      observing({
        observed: [change({ after: { metadata: { labels: { "router.io/resource-type": "gateway-service" } } } })],
      }),
      "address records of gateways",
    ],
    [
      "a host that moves to another Istio Gateway",
      observing({
        observed: [
          hostChange({ joins: [] }),
          hostChange({ id: "b", key: "istio-system/other", leaves: [], joins: hostChange().leaves }),
        ],
      }),
      "hosts that move",
    ],
    [
      "a withdrawal for another cluster of the region",
      observing(
        { observed: [change({ operation: "delete", leaves: [published("a.example.com", "CNAME b 300")], joins: [] })] },
        { routes: [routeReport({ conditions: [condition("Published", "False", "Standby")] })] },
      ),
      "objects withdrawn",
    ],
    [
      "a route that is Pending under both",
      observing({
        refusals: [
          {
            place: { kind: "cluster", name: "w1" },
            kind: "ServiceRoute",
            key: "a/b",
            code: "GatewayNotFound",
            reason: "r",
          },
        ],
      }),
      "refused: GatewayNotFound, as under the operator",
    ],
  ])("takes %s for intended", (_what, given, what) => {
    const task = only(stepOf("differences", given));
    expect(task.state).toBe("done");
    expect(task.groups.map((group) => group.what).join("\n")).toContain(what);
    expect(task.groups.every(({ isIntended }) => isIntended)).toBe(true);
  });

  it.each<[string, Given, string, readonly string[]]>([
    [
      "an object that nothing wants",
      observing({
        observed: [change({ operation: "delete", joins: [], leaves: [published("a.example.com", "CNAME b 300")] })],
      }),
      "objects deleted",
      ["DNSEndpoint shop/cart-external-dns-weu"],
    ],
    [
      "a name that leads elsewhere",
      observing({
        observed: [
          change({
            operation: "adopt",
            leaves: [{ ...record, content: "CNAME b -" }],
            joins: [{ ...record, content: "CNAME c 300" }],
          }),
        ],
      }),
      "names that lead elsewhere",
      ["a.example.com in weu: CNAME b → CNAME c"],
    ],
    [
      "a host that leaves",
      observing({ observed: [hostChange({ joins: [] })] }),
      "hosts that leave",
      ["old-ns-p-prod-shop.example.com (istio-system/public)"],
    ],
    [
      "a refusal",
      observing({
        refusals: [
          {
            place: { kind: "cluster", name: "w1" },
            kind: "Gateway",
            key: "a/b",
            code: "TargetConflict",
            reason: "why",
          },
        ],
      }),
      "refused: TargetConflict",
      ["Gateway a/b: why"],
    ],
  ])("lets a person judge %s", (_what, given, what, names) => {
    const task = only(stepOf("differences", given));
    expect(task.state).toBe("next");
    expect(task.groups[0]).toMatchObject({ what: expect.stringContaining(what), isIntended: false, names });
    expect(commands(task)[0]).toBe("service-router plan --cluster w1");
    expect(stepOf("take-over", given).tasks[0]).toMatchObject({ state: "waits", waitsFor: "step 4: w1" });
  });

  it("says how a leftover object is deleted, and counts when there are many", () => {
    const many = ["a", "b", "c", "d"].map((name) =>
      change({ id: name, key: `shop/${name}`, operation: "delete", joins: [] }),
    );
    const task = only(stepOf("differences", observing({ observed: many })));
    expect(commands(task).slice(1)).toEqual(
      ["a", "b", "c"].map((name) => `kubectl --context w1 -n shop delete dnsendpoints.externaldns.k8s.io ${name}`),
    );
    expect(says(task)).toContain("and 1 more");
  });

  it("leaves other clusters out, and clusters that are taken over", () => {
    const elsewhere = change({ place: { kind: "cluster", name: "n1" }, operation: "delete", joins: [] });
    expect(only(stepOf("differences", observing({ observed: [elsewhere] })))).toMatchObject({
      state: "done",
      what: "nothing differs",
    });
    expect(only(stepOf("differences")).what).toContain("taken over");
  });
});

describe("step 5, the take-over", () => {
  const running = operator({ labels: {} });

  it("stops the operator by the Deployment that was found, at its source first", () => {
    const values = {
      files: ["v.yaml"],
      gatewayNamespace: "istio-system",
      replicasKey: "production.replicaCount",
    } as const;
    const rows: readonly (readonly [Readonly<Record<string, string>>, string | undefined])[] = [
      [{}, undefined],
      [
        { "helm.sh/chart": "x-1", "app.kubernetes.io/instance": "router" },
        "first in Helm release router: the value production.replicaCount: 0",
      ],
      [{ "argocd.argoproj.io/instance": "platform" }, "first in Argo CD (application platform): spec.replicas: 0"],
      [
        { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" },
        "first in Flux (Kustomization flux-system/apps): spec.replicas: 0",
      ],
    ];
    for (const [labels, first] of rows) {
      const clusters = [observedCluster("w1", { operator: { kind: "running" }, deployments: [operator({ labels })] })];
      const task = only(stepOf("take-over", { clusters, values }));
      expect(commands(task)).toEqual([
        "kubectl --context w1 -n service-router-system scale deployment service-router-operator --replicas=0",
      ]);
      expect(task.todo.length > 1 ? task.todo[0]?.say : undefined).toEqual(
        first === undefined ? undefined : expect.stringContaining(first),
      );
    }
  });

  it.each<[string, ClusterSource, readonly string[]]>([
    [
      "a kubeconfig of its own",
      { kind: "kubeconfig", path: "/k/my file", context: "c" },
      [
        "kubectl --kubeconfig '/k/my file' --context c -n service-router-system scale deployment service-router-operator --replicas=0",
      ],
    ],
    [
      "AKS",
      {
        kind: "aks",
        resourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks-weu",
      },
      ["kubectl --context aks-weu -n service-router-system scale deployment service-router-operator --replicas=0"],
    ],
    ["a directory", { kind: "manifests", directory: "/m/w1" }, []],
  ])("writes commands for %s", (_what, source, expected) => {
    const cluster = observedCluster("w1", { operator: { kind: "running" }, deployments: [running] });
    const task = only(
      stepOf("take-over", { clusters: [{ ...cluster, configuration: { ...cluster.configuration, source } }] }),
    );
    expect(commands(task)).toEqual(expected);
    if (source.kind === "manifests")
      expect(says(task)).toContain(
        "(in /m/w1): Deployment service-router-system/service-router-operator, spec.replicas: 0",
      );
  });

  it("does not believe a Deployment that wants replicas and has none", () => {
    const crashing = operator({ readyReplicas: 0, replicas: 1 });
    const [task] = stepOf("take-over", { clusters: [migratingCluster({ deployments: [crashing] })] }).tasks;
    expect(task).toMatchObject({ state: "next", what: expect.stringContaining("the operator runs there") });
  });

  it("looks for what renews a Lease without a Deployment", () => {
    const task = only(stepOf("take-over", { clusters: [observedCluster("w1", { operator: { kind: "running" } })] }));
    expect(says(task)).toContain("3afd9a04.router.io");
  });

  it("asks for a person's word where nobody can tell", () => {
    const operatorUnknown = { kind: "unknown", reason: "neither its Lease nor Deployments can be read there" } as const;
    const task = only(stepOf("take-over", { clusters: [observedCluster("w1", { operator: operatorUnknown })] }));
    expect(says(task)).toContain("takeover: { operatorStopped: true }");
    const said = migratingCluster({ operator: operatorUnknown, configuration: { operatorStopped: true } });
    expect(only(stepOf("take-over", { clusters: [said] })).state).toBe("done");
  });

  it("then lets this product write", () => {
    const rights = finding("WriteRightsMissing", { cluster: "w1", what: "it may not patch" });
    const task = only(stepOf("take-over", { clusters: [observedCluster()], diagnosis: reached(rights) }));
    expect(commands(task)).toEqual([
      "kubectl --context w1 apply -k crds",
      "kubectl --context w1 apply -k crds/rbac",
      "service-router apply --cluster w1 --wait",
    ]);
    expect(says(task)).toContain("bind service-router-write");
    expect(says(task)).toContain("in fleet.yaml, cluster w1: writes: apply");
  });

  it("goes one cluster after the other, and past one that only waits for another", () => {
    const clusters = ["w1", "w2", "w3"].map((name) => observedCluster(name));
    expect(stepOf("take-over", { clusters }).tasks.map(({ state, waitsFor = "" }) => `${state} ${waitsFor}`)).toEqual([
      "next ",
      "waits w1, the cluster before it",
      "waits w1, the cluster before it",
    ]);
    const waiting = [{ change: adopt, code: "Contended", reason: "w2 publishes it" }] as const;
    const [first, second] = [migratingCluster(), observedCluster("w2")];
    const report = passReport({
      plan: emptyPlan({ waiting }),
      clusters: [first.report, second.report],
      zones: [zoneReport()],
    });
    expect(stepOf("take-over", { clusters: [first, second], report }).tasks).toMatchObject([
      { state: "waits", waitsFor: "w2 publishes it" },
      { state: "next", cluster: "w2" },
    ]);
  });

  it.each<[string, Parameters<typeof emptyPlan>[0], RegExp]>([
    ["changes are due", { changes: [adopt] }, /1 change due/],
    [
      "changes wait for time",
      { waiting: [{ change: adopt, code: "Handover", reason: "r", dueAtMs: 1 }] },
      /1 change waiting for time/,
    ],
    [
      "changes are held",
      { held: [{ scope: "zone/weu", code: "BudgetExceeded", reason: "12 names", digest: "d1", changes: [adopt] }] },
      /1 group of changes held/,
    ],
  ])("is not done while %s", (_what, plan, what) => {
    const report = passReport({ plan: emptyPlan(plan), zones: [zoneReport()] });
    const task = only(stepOf("take-over", { report }));
    expect([task.state, task.what]).toEqual(["next", expect.stringMatching(what)]);
    expect(commands(task).at(-1)).toBe("service-router apply --cluster w1 --wait");
  });
});

describe("step 5 of a cluster that is written to", () => {
  it("tells nobody to write more while an ExternalDNS may delete", () => {
    const report = passReport({ plan: emptyPlan({ changes: [adopt] }), zones: [zoneReport()] });
    const given = { report, diagnosis: reached(finding("SyncPolicy", seen)) };
    expect(only(stepOf("take-over", given))).toMatchObject({ state: "waits", waitsFor: "step 1: w1" });
  });
});

describe("step 6, the end", () => {
  const stopped = operator({
    readyReplicas: 0,
    labels: { "helm.sh/chart": "x-1", "app.kubernetes.io/instance": "router" },
  });

  it("lists names that are not verified", () => {
    const report = passReport({ zones: [zoneReport("weu", { orphan: 2 })] });
    const [task] = stepOf("finish", { report }).tasks;
    expect(task).toMatchObject({ state: "next", what: "3 names verified; 2 orphan" });
    expect(commands(task as MigrationTask)).toEqual(["service-router status region weu"]);
  });

  it("removes a Helm release only after a look at its CRDs", () => {
    const task = stepOf("finish", { clusters: [migratingCluster({ deployments: [stopped] })] }).tasks.at(-1);
    expect(task?.details[0]).toContain("The CRDs and every ClusterIdentity");
    expect(commands(task as MigrationTask)).toEqual([
      "helm --kube-context w1 get manifest router -n service-router-system | grep -c '^kind: CustomResourceDefinition'",
      "helm --kube-context w1 uninstall router -n service-router-system",
      "kubectl --context w1 get crd -o name | grep router.io",
    ]);
    expect(says(task as MigrationTask)).toContain("helm.sh/resource-policy: keep");
  });

  it("uninstalls nothing that Git brings back", () => {
    const labels = { ...stopped.meta.labels, "argocd.argoproj.io/instance": "router" };
    const task = stepOf("finish", {
      clusters: [migratingCluster({ deployments: [{ ...stopped, meta: { ...stopped.meta, labels } }] })],
    }).tasks.at(-1);
    expect(commands(task as MigrationTask).join("\n")).not.toContain("uninstall");
    expect(says(task as MigrationTask)).toContain("Prune=false");
  });

  it("warns of Kustomize's CRDs where no release is known", () => {
    const task = stepOf("finish", {
      clusters: [migratingCluster({ deployments: [operator({ readyReplicas: 0 })] })],
    }).tasks.at(-1);
    expect(says(task as MigrationTask)).toContain("never by kubectl delete -k config/default");
  });

  it("keeps the way back as long as a cluster is under way", () => {
    const clusters = [migratingCluster({ deployments: [stopped] }), observedCluster("w2")];
    const task = stepOf("finish", { clusters }).tasks.find(({ cluster }) => cluster === "w1");
    expect(task).toMatchObject({ state: "waits", waitsFor: "step 5: w2" });
  });

  it("says that a person's word is no longer needed", () => {
    const clusters = [migratingCluster({ configuration: { operatorStopped: true } })];
    expect(stepOf("finish", { clusters }).tasks.at(-1)).toMatchObject({
      state: "look",
      what: expect.stringContaining("operatorStopped"),
    });
  });
});

describe("migratingClusters", () => {
  it("says of each cluster what became of the operator", () => {
    const clusters = [
      migratingCluster({ configuration: { name: "b" }, deployments: [operator({ readyReplicas: 0 })] }),
      migratingCluster({ configuration: { name: "a" } }),
      observedCluster("c", { operator: { kind: "running" } }),
    ];
    expect(migratingClusters(facts({ clusters })).map((one) => [one.cluster, one.operator, one.takenOver])).toEqual([
      ["a", "gone", true],
      ["b", "stopped", true],
      ["c", "running", false],
    ]);
  });
});
