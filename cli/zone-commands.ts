/** Commands that change zones by a person's word: each lists, and carries out the list whose digest is given. */
import { InvalidArgumentError, type Command } from "commander";
import { examples, exitCodes, once, outputOption, type Run } from "./command-parts.ts";
import { zones, type ZoneOptions } from "./commands/zones.ts";

const LISTED = "nothing to approve, or everything that was approved is done";
const OPEN = "something is there to be approved";
const FAILED = "an error, a zone or cluster that could not be judged, or an approved change that was not made";

export function addGarbage(program: Command, run: Run): void {
  withApproval(program.command("garbage"))
    .description("List records and ownership TXTs that nobody wants any more. With --approve, delete them.")
    .addHelpText(
      "after",
      examples(
        ["service-router garbage", "what nobody wants, why, since when, and when it may go"],
        ["service-router garbage --region weu", "one region"],
        ['service-router garbage --approve 1a2b3c4d5e6f --reason "INC-4711"', "delete exactly that list"],
        ["service-router garbage --output json | jq .summary", "for scripts"],
      ) + exitCodes(LISTED, OPEN, FAILED),
    )
    .action((_options, command: Command) => run<ZoneOptions>(command, (context) => zones(context, "garbage")));
}

export function addDns(program: Command, run: Run): void {
  const dns = program.command("dns").description("Mend the ownership of records, so that ExternalDNS keeps them.");
  withApproval(dns.command("repair"))
    .description("List records without ownership TXT, which ExternalDNS never touches. With --approve, write the TXTs.")
    .addHelpText(
      "after",
      examples(
        ["service-router dns repair", "orphans that a DNSEndpoint publishes"],
        ["service-router dns repair --approve 1a2b3c4d5e6f", "write exactly these TXTs"],
      ) + exitCodes(LISTED, OPEN, FAILED),
    )
    .action((_options, command: Command) => run<ZoneOptions>(command, (context) => zones(context, "repair")));
  withApproval(dns.command("copy-ownership"))
    .description("List ownership TXTs of other prefixes. With --approve, copy them to the prefix of the region.")
    .option(
      "--from-owner <owner>",
      "records of this owner become the region's, too; may be given several times",
      collect,
    )
    .addHelpText(
      "after",
      examples(
        ["service-router dns copy-ownership", "before the prefix of ExternalDNS changes"],
        ["service-router dns copy-ownership --region weu --from-owner default", "records of another owner, too"],
        ["service-router dns copy-ownership --approve 1a2b3c4d5e6f", "copy exactly these; nothing is deleted"],
      ) + exitCodes(LISTED, OPEN, FAILED),
    )
    .action((_options, command: Command) => run<ZoneOptions>(command, (context) => zones(context, "copy-ownership")));
}

function withApproval(command: Command): Command {
  return command
    .option("--region <name>", "only the zones of this region", once)
    .option("--approve <digest>", "carry out the list with this digest, if it is still the same", once)
    .option("--reason <text>", "why, for those who read the record later", once)
    .option("--as <name>", "who approves (default: who is logged in on this machine)", once)
    .addOption(outputOption());
}

function collect(given: string, before: readonly string[] = []): readonly string[] {
  if (given.trim() === "") throw new InvalidArgumentError("It is empty; give an owner or leave the option out.");
  return [...new Set([...before, given])].sort();
}
