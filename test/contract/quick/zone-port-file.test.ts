/** The zone file against the contract that Azure passes too. Somebody else is a person with an editor. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { writeWholeFile } from "../../../shared/adapters/manifests/write-file.ts";
import { openZoneFile } from "../../../shared/adapters/zone-files/zone-file.ts";
import { relativeName } from "../../../shared/contracts/azure/record-set.ts";
import { recordSetWire } from "../../../shared/contracts/zone-file.ts";
import type { RecordSetId } from "../../../shared/model/zone-records.ts";
import type { ZonesUnderTest, ZoneUnderTest } from "../zone-port/zone-under-test.ts";
import { describeZonePort } from "../zone-port/zone-port-contract.ts";

type Entry = { readonly name: string; readonly type: string };
type OutFile = { readonly written: readonly Entry[]; readonly deleted: readonly Entry[] };

async function makeZones(): Promise<ZonesUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "zone-port-"));
  return {
    open: (zone) => openZone(folder, zone),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function openZone(folder: string, zone: string): Promise<ZoneUnderTest> {
  const file = join(folder, `${zone}.yaml`);
  const outFile = join(folder, `${zone}.out.yaml`);
  let entries: readonly Entry[] = [];
  const others = (list: readonly Entry[], id: RecordSetId): readonly Entry[] => {
    const relative = relativeName(id.name.toLowerCase(), zone);
    return list.filter(({ name, type }) => name.toLowerCase() !== relative || type !== id.type);
  };
  const save = (): Promise<void> => writeFile(file, `# kept by hand\n${stringify(entries)}`);
  await save();
  return {
    port: openZoneFile({ zone, file, writeWholeFile }),
    put: async (recordSets) => {
      for (const one of recordSets) {
        const relative = one.name === zone ? "@" : one.name.slice(0, -zone.length - 1);
        const wire = { ...recordSetWire(one, relative), name: relative, type: one.type };
        entries = [...others(entries, one), wire];
      }
      await save();
    },
    // Somebody takes it out of the file, or out of what was written beside it.
    remove: async (id) => {
      entries = others(entries, id);
      await save();
      const out = parse(await readFile(outFile, "utf8").catch(() => "written: []\ndeleted: []")) as OutFile;
      await writeFile(outFile, stringify({ ...out, written: others(out.written, id) }));
    },
    deny: () => [],
  };
}

describeZonePort("a zone file", makeZones);
