/**
 * Whether a region of the fleet is the Azure region that the app runs in. Fleets name regions by short codes of their own;
 * compared are Azure's name without spaces, and the short codes in common use. Anything else is not known.
 */
import { finding, type Finding } from "../../model/finding.ts";

const codes: Readonly<Record<string, readonly string[]>> = {
  australiaeast: ["aue", "ae"],
  brazilsouth: ["brs"],
  canadacentral: ["cnc", "cac"],
  centralindia: ["inc"],
  centralus: ["cus"],
  eastus: ["eus"],
  eastus2: ["eus2"],
  francecentral: ["frc"],
  germanywestcentral: ["gwc", "dewc"],
  italynorth: ["itn"],
  japaneast: ["jpe"],
  northcentralus: ["ncus"],
  northeurope: ["neu", "ne"],
  norwayeast: ["nwe", "noe"],
  polandcentral: ["plc"],
  southcentralus: ["scus"],
  southeastasia: ["sea"],
  spaincentral: ["spc"],
  swedencentral: ["swc", "sec"],
  switzerlandnorth: ["szn", "chn"],
  uksouth: ["uks"],
  ukwest: ["ukw"],
  westeurope: ["weu", "we"],
  westus: ["wus"],
  westus2: ["wus2"],
  westus3: ["wus3"],
};

/** @param appRegion as Azure says it (`West Europe`); absent on a laptop. @param regions that have fleet clusters. */
export function hostingFindings(appRegion: string | undefined, regions: readonly string[]): readonly Finding[] {
  if (appRegion === undefined) return [];
  const azure = bare(appRegion);
  const names = new Set([azure, ...(codes[azure] ?? [])]);
  const region = regions.find((name) => names.has(bare(name)));
  if (region === undefined) return [];
  return [
    finding("AppInFleetRegion", { region, what: `the app runs in ${appRegion}, where clusters of ${region} are` }),
  ];
}

/** Letters and digits in lower case: `West Europe` and `westeurope` are one. */
function bare(region: string): string {
  return region.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
