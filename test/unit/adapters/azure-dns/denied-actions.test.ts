import { describe, expect, it } from "vitest";
import { deniedActions } from "../../../../shared/adapters/azure-dns/denied-actions.ts";
import type { ZoneAnswer } from "../../../../shared/adapters/azure-dns/zone-requests.ts";
import type { ZoneAction } from "../../../../shared/model/access.ts";

const address = { subscription: "s", resourceGroup: "rg", zone: "example.com" };
const FIRST = "/zone/providers/Microsoft.Authorization/permissions?api-version=2022-04-01";
const READ: ZoneAction = "Microsoft.Network/privateDnsZones/ALL/read";
const WRITE: ZoneAction = "Microsoft.Network/privateDnsZones/A/write";

/** Pages by path; one that is asked for and not there is answered with `status`. */
function ask(pages: Readonly<Record<string, unknown>>, status = 500): Promise<readonly ZoneAction[]> {
  const send = async ({ path }: { readonly path: string }): Promise<ZoneAnswer> => {
    const body = pages[path];
    return { status: body === undefined ? status : 200, body, doubtful: false };
  };
  const zone = { address, requests: { send }, zonePath: "/zone" };
  return deniedActions(zone, [READ, WRITE], AbortSignal.timeout(10_000));
}

describe("deniedActions", () => {
  it("takes the permissions of all pages together", async () => {
    const reader = { value: [{ actions: ["*/read"], notActions: [] }] };
    expect(await ask({ [FIRST]: reader })).toEqual([WRITE]);
    const pages = {
      [FIRST]: { ...reader, nextLink: "https://elsewhere.example/2?x=%2B" },
      "/2?x=%2B": { value: [{ actions: [WRITE] }] },
    };
    expect(await ask(pages)).toEqual([]);
  });

  it("names everything where there is no role", async () => {
    expect(await ask({ [FIRST]: { value: [] } })).toEqual([READ, WRITE]);
  });

  it.each([
    ["may not even be asked", {}, 403, "FORBIDDEN", /not allowed to read permissions; grant it \(the role "Reader" on/],
    ["is not there", {}, 404, "ZONE_NOT_FOUND", /does not exist/],
    ["answers without a list", { [FIRST]: {} }, 500, "ZONE_UNREACHABLE", /holds no permissions/],
    [
      "answers what is no permission",
      { [FIRST]: { value: [{ actions: 7 }] } },
      500,
      "ZONE_UNREACHABLE",
      /cannot be understood/,
    ],
    [
      "does not give its second page",
      { [FIRST]: { value: [], nextLink: "https://x/2" } },
      403,
      "FORBIDDEN",
      /permissions/,
    ],
  ])("knows nothing of a zone that %s", async (_what, pages, status, code, message) => {
    await expect(ask(pages, status)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
