/** `service-router approve`: a person's yes to held changes, bound to their digest. Carries nothing out by itself. */
import { pastedCommand } from "../../shared/presentation/pasted-commands.ts";
import { counted, timestamp } from "../../shared/presentation/wording.ts";
import { withFleet } from "../command-context.ts";
import type { CommandContext, CommonOptions } from "../command-context.ts";
import { EXIT } from "../exit-codes.ts";
import { checkDigest, UsageError } from "../usage-error.ts";

export type ApproveOptions = CommonOptions & {
  readonly reason?: string;
  readonly as?: string;
  readonly revoke?: boolean;
};

/** Exit 0 when approved, now or before, or revoked; 1 when no held change, or no approval, has that digest. */
export async function approve(context: CommandContext<ApproveOptions>, digest: string): Promise<number> {
  const { host, options } = context;
  checkDigest("approve", digest);
  const { revoke = false, reason = revoke ? "not said" : undefined } = options;
  if (reason === undefined || reason.trim() === "") {
    const fault = reason === undefined ? "missing" : "empty";
    throw new UsageError(`--reason is ${fault}`, 'say why, for those who read the record later: --reason "…"');
  }
  const person = { name: options.as ?? host.userName, verified: false };
  return withFleet(context, async ({ app, progress }) => {
    const outcome = await app.approve({ digest, person, reason, ...(revoke ? { revoke } : {}) });
    progress.end();
    switch (outcome.kind) {
      case "approved": {
        const what = outcome.changes === 0 ? "the read" : counted(outcome.changes, "change");
        host.stdout.write(`Approved ${what} of ${outcome.scope} as ${person.name}.\n`);
        host.stdout.write(`${whatComesNext(outcome.scope, options.config)}\n`);
        return EXIT.ok;
      }
      case "already":
        host.stdout.write(`Already approved by ${outcome.by} at ${timestamp(outcome.atMs)}; nothing was changed.\n`);
        return EXIT.ok;
      case "revoked":
        host.stdout.write(
          `Revoked the approval of ${outcome.scope} that ${outcome.by} gave at ${timestamp(outcome.atMs)}.\n` +
            "What is not carried out yet is held again; a pass that runs now may still carry it out.\n",
        );
        return EXIT.ok;
      case "not-approved": {
        const approved = outcome.approved.map((each) => `${each.digest} (${each.by})`).join(", ");
        throw new UsageError(
          `no approval in force has the digest ${digest}`,
          approved === "" ? "nothing is approved now: there is nothing to revoke" : `approved now: ${approved}`,
        );
      }
      case "unknown-digest": {
        const held = outcome.held.map((each) => `${each.digest} (${each.scope})`).join(", ");
        throw new UsageError(
          `no held change has the digest ${digest}: it is of something else, or the fleet changed since it was shown`,
          held === "" ? "nothing is held now; see service-router plan" : `held now: ${held}; see service-router plan`,
        );
      }
    }
  });
}

/** Changes are carried out at once; a read that lost too much must also stand for a while (`read/<cluster>`). */
function whatComesNext(scope: string, config: string | undefined): string {
  return scope.startsWith("read/")
    ? "It is believed once it has stood for long enough; service-router status shows how far that is."
    : `The next pass carries it out if nothing differs by then: ${pastedCommand("service-router apply", config)}`;
}
