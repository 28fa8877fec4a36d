/** `service-router migrate`: how far the way from the in-cluster operator is gone, and what is next. Writes nothing, anywhere. */
import { presentMigration } from "../../shared/presentation/migration.ts";
import { presentationOf, withFleet } from "../command-context.ts";
import type { CommandContext, CommonOptions } from "../command-context.ts";
import { migrationExitCode } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";

/** `values`: files of Helm values of the operator's release; later ones win. */
export type MigrateOptions = CommonOptions & { readonly values?: readonly string[] };

export async function migrate(context: CommandContext<MigrateOptions>): Promise<number> {
  const { host, options } = context;
  const values = await Promise.all((options.values ?? []).map((path) => readValues(context, path)));
  return withFleet(context, async ({ app, progress, signal }) => {
    const migration = await app.planMigration({ values, signal });
    progress.end();
    host.stdout.write(presentMigration(migration, presentationOf(context)));
    return migrationExitCode(migration);
  });
}

/** @throws UsageError when the file cannot be read. */
async function readValues({ host }: CommandContext<MigrateOptions>, path: string) {
  try {
    return { path, text: await host.readText(path) };
  } catch {
    throw new UsageError(
      `--values ${path} cannot be read`,
      "give the values that the operator was installed with: helm get values <release> -n <namespace> -o yaml",
    );
  }
}
