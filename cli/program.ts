/** The command line as commander sees it: commands, options, and the help that a person reads first. */
import { Argument, Command, InvalidArgumentError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { examples, exitCodes, once, outputOption, type Run } from "./command-parts.ts";
import { apply } from "./commands/apply.ts";
import type { ApplyOptions } from "./commands/apply.ts";
import { approve } from "./commands/approve.ts";
import type { ApproveOptions } from "./commands/approve.ts";
import { configCheck } from "./commands/config-check.ts";
import { doctor } from "./commands/doctor.ts";
import type { DoctorCommandOptions } from "./commands/doctor.ts";
import { plan } from "./commands/plan.ts";
import { serve } from "./commands/serve.ts";
import type { ServeCommandOptions } from "./commands/serve.ts";
import { status, STATUS_VIEWS } from "./commands/status.ts";
import type { StatusView } from "./commands/status.ts";
import type { CliHost } from "./host.ts";
import { UsageError } from "./usage-error.ts";
import { addDns, addGarbage } from "./zone-commands.ts";

/** @param ended takes the exit code of the command that ran. */
export function buildProgram(host: CliHost, ended: (exitCode: number) => void): Command {
  const program = new Command("service-router")
    .description("Publishes the services of a fleet of clusters in DNS and on Istio Gateways: plan, apply, see why.")
    .version(manifest.version, "-V, --version", "show the version")
    .option("--config <fleet.yaml>", "fleet configuration (default: $SERVICE_ROUTER_CONFIG, else ./fleet.yaml)", once)
    .option("--no-color", "no colours (NO_COLOR and FORCE_COLOR are respected as well)")
    .option("--verbose", "say what is done on stderr; show the stack of an error")
    .option("--quiet", "no progress, and only the first line of a text result")
    .configureHelp({ showGlobalOptions: true })
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("→ service-router <command> --help says what a command takes")
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      getOutHelpWidth: () => host.stdout.columns ?? 100,
      getErrHelpWidth: () => host.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .addHelpText("after", PROGRAM_EXAMPLES);
  const run: Run = (command, work) => work({ host, options: command.optsWithGlobals() }).then(ended);
  addDoctor(program, run);
  addPlan(program, run);
  addApply(program, run);
  addStatus(program, run);
  addApprove(program, run);
  addGarbage(program, run);
  addDns(program, run);
  addServe(program, run);
  addConfig(program, run);
  return program;
}

function withScope(command: Command, verb: string): Command {
  return command
    .option("--cluster <name>", `only this cluster is ${verb}`, once)
    .option("--namespace <name>", `only this namespace is ${verb}`, once);
}

function addDoctor(program: Command, run: Run): void {
  program
    .command("doctor")
    .description(
      "Say what is unsafe before it hurts: ExternalDNS settings, hosts, rights, clocks, and which hosts another cluster would " +
        "answer if one died. Writes nothing. Looks at the fleet, or at contexts of a kubeconfig, where nothing has to be installed.",
    )
    .option("--context <name>", "look at this context instead of a fleet; may be repeated", collected)
    .option("--all-contexts", "look at every context of the kubeconfig")
    .option("--kubeconfig <file>", "where contexts are taken from (default: $KUBECONFIG, else ~/.kube/config)", once)
    .addOption(outputOption())
    .addHelpText(
      "after",
      examples(
        ["service-router doctor", "the fleet of fleet.yaml; where there is none, the current context"],
        ["service-router doctor --context aks-weu --context aks-neu", "two clusters, nothing installed there"],
        ["service-router doctor --all-contexts --kubeconfig ./fleet.kubeconfig", "all of one file"],
        ["service-router doctor --output markdown > doctor.md", "for a ticket"],
        ["service-router doctor --output json | jq .summary", "for scripts"],
      ) +
        exitCodes(
          "nothing found, or only what is worth knowing",
          "warnings",
          "something critical, a cluster that could not be read, or an error",
        ),
    )
    .action((_options, command: Command) => run<DoctorCommandOptions>(command, doctor));
}

function addPlan(program: Command, run: Run): void {
  withScope(program.command("plan"), "shown")
    .description("Show what would change and why. Writes nothing.")
    .addOption(outputOption())
    .addHelpText(
      "after",
      examples(
        ["service-router plan", "the whole fleet"],
        ["service-router plan --cluster w1 --namespace shop", "one team in one cluster"],
        ["service-router plan --output markdown > plan.md", "as a comment for a pull request"],
        ["service-router plan --output json | jq .summary", "for scripts"],
      ) + exitCodes("nothing is due", "changes are due or held", "an error, or a cluster that could not be read"),
    )
    .action((_options, command: Command) => run(command, plan));
}

function addApply(program: Command, run: Run): void {
  const said = new Set<string>();
  withScope(program.command("apply"), "written")
    .description("Write what is due, then statuses and events. While another pass runs, wait for it up to 70 s.")
    .option("--wait", "run passes until nothing is waiting any more (at most 30 min)")
    .option("--no-wait", "when another pass runs, do not wait for it: exit 1 and name its holder")
    .addOption(outputOption())
    .addHelpText(
      "after",
      examples(
        ["service-router apply", "one pass: everything that is due now"],
        ["service-router apply --cluster w1", "cluster by cluster, as in a first rollout"],
        ["service-router apply --wait", "until names have changed hands"],
        ["service-router apply --no-wait", "never wait for another pass"],
      ) +
        exitCodes(
          "everything due was applied (what is refused is listed)",
          "something is held until a person approves",
          "an error, a change that failed, or a cluster that could not be read",
        ),
    )
    // To commander the two are one option, of which the last counts.
    .on("option:wait", () => said.add("wait"))
    .on("option:no-wait", () => said.add("no-wait"))
    .action((_options, command: Command) => {
      if (said.size === 2) {
        throw new UsageError(
          "--wait and --no-wait contradict each other",
          "give one of them; --help says what each does",
        );
      }
      return run<ApplyOptions>(command, apply);
    });
}

function addStatus(program: Command, run: Run): void {
  withScope(program.command("status"), "shown")
    .description("Show what is published where, and why something is not.")
    .addArgument(new Argument("[view]", "what to show").choices(STATUS_VIEWS).default("fleet"))
    .argument("[name]", "name of the region, or namespace/name of the route")
    .addOption(outputOption())
    .addHelpText(
      "after",
      examples(
        ["service-router status", "clusters, zones, and what needs attention"],
        ["service-router status region weu", "every name of one region"],
        ["service-router status route shop/cart", "one service in every cluster"],
        ["service-router status route shop/cart --cluster w1", "one service in one cluster"],
        ["service-router status gateways", "hosts and addresses of the gateways"],
      ) + exitCodes("shown", undefined, "an error"),
    )
    .action((view: StatusView, name: string | undefined, _options, command: Command) =>
      run(command, (context) => status(context, view, name)),
    );
}

function addApprove(program: Command, run: Run): void {
  program
    .command("approve")
    .description(
      "Approve held changes: the next pass carries them out if they are still the same. Or take an approval back.",
    )
    .argument("<digest>", "digest of the held changes, as the plan shows it")
    .option("--reason <text>", "why, for those who read the record later; needed unless --revoke is given")
    .option("--as <name>", "who approves (default: who is logged in on this machine)")
    .option("--revoke", "take the approval of this digest back: what was not carried out yet is held again")
    .addHelpText(
      "after",
      examples([
        'service-router approve 1a2b3c4d5e6f --reason "w1 is rebuilt, INC-4711"',
        "then: service-router apply",
      ]) +
        exitCodes(
          "approved, now or before; revoked",
          undefined,
          "nothing held, or approved, has this digest; or an error",
        ),
    )
    .action((digest: string, _options, command: Command) =>
      run<ApproveOptions>(command, (context) => approve(context, digest)),
    );
}

function addServe(program: Command, run: Run): void {
  program
    .command("serve")
    .description("Run the functions in a local host: their timers, routes and Event Grid webhook, no cloud.")
    .option("--port <number>", "port on 127.0.0.1; 0 takes any free one", portNumber, 7071)
    .option("--key-file <path>", "file with the key that callers must send in x-functions-key")
    .addHelpText(
      "after",
      examples(
        ["service-router serve", "on http://127.0.0.1:7071, until Ctrl-C"],
        ["service-router serve --port 0 --key-file .key", "any free port, callers need the key"],
      ),
    )
    .action((_options, command: Command) => run<ServeCommandOptions>(command, serve));
}

function addConfig(program: Command, run: Run): void {
  program
    .command("config")
    .description("Look at the fleet configuration.")
    .command("check")
    .description("Check the fleet configuration and show what it says. Connects to nothing.")
    .addOption(outputOption())
    .addHelpText(
      "after",
      examples(["service-router config check --config fleet.yaml", "every fault, each with its path"]) +
        exitCodes("valid", undefined, "not valid"),
    )
    .action((_options, command: Command) => run(command, configCheck));
}

function collected(given: string, before: readonly string[] = []): readonly string[] {
  if (given.trim() === "") throw new InvalidArgumentError("It is empty; give the name of a context.");
  return [...before, given];
}

function portNumber(given: string): number {
  const port = Number(given);
  if (!/^\d+$/.test(given) || port > 65_535) throw new InvalidArgumentError("Give a number from 0 to 65535.");
  return port;
}

const PROGRAM_EXAMPLES = examples(
  ["service-router doctor --all-contexts", "what is unsafe in these clusters? Nothing has to be installed"],
  ["service-router config check", "is fleet.yaml valid?"],
  ["service-router plan", "what would change, and why"],
  ["service-router apply", "write it"],
  ["service-router status route shop/cart", "where is this published, and why not"],
);
