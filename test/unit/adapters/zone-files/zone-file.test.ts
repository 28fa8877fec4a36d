import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeWholeFile } from "../../../../shared/adapters/manifests/write-file.ts";
import { openZoneFile } from "../../../../shared/adapters/zone-files/zone-file.ts";
import type { RecordSetWrite } from "../../../../shared/model/zone-records.ts";
import type { ZonePort } from "../../../../shared/ports.ts";

const ZONE = `# by hand
- name: gw
  type: A
  ttl: 30
  aRecords:
    - ipv4Address: 10.0.0.1
- name: shop
  type: CNAME
  ttl: 300
  cnameRecord: { cname: gw.example.com }
`;

let folder: string;
let file: string;
let outFile: string;
let port: ZonePort;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zone-file-"));
  file = join(folder, "weu.yaml");
  outFile = join(folder, "weu.out.yaml");
  await writeFile(file, ZONE);
  port = open();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): ZonePort => openZoneFile({ zone: "example.com", file, writeWholeFile });
const signal = (): AbortSignal => AbortSignal.timeout(10_000);
const write = (parts: Partial<RecordSetWrite> = {}): RecordSetWrite => ({
  name: "new.example.com",
  type: "A",
  ttlSeconds: 60,
  values: ["10.0.0.9"],
  metadata: {},
  expected: "absent",
  ...parts,
});

async function contents(of: ZonePort = port): Promise<readonly string[]> {
  return (await of.list(signal())).map(({ name, type, values }) => `${type} ${name} ${values.join(",")}`);
}

async function etagOf(name: string, type: "A" | "CNAME"): Promise<{ readonly etag: string }> {
  const found = await port.get({ name, type }, signal());
  return { etag: found?.etag ?? "" };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (error: unknown) => String(error),
  );
}

describe("a zone file", () => {
  it("is never changed, and another process reads what was written", async () => {
    await port.put(write(), signal());
    await port.remove(
      { name: "shop.example.com", type: "CNAME", ...(await etagOf("shop.example.com", "CNAME")) },
      signal(),
    );
    expect(await readFile(file, "utf8")).toBe(ZONE);
    expect(await contents(open())).toEqual(["A gw.example.com 10.0.0.1", "A new.example.com 10.0.0.9"]);
  });

  it("leaves a file beside it that a person can read", async () => {
    await port.put(write({ expected: await etagOf("gw.example.com", "A"), name: "gw.example.com" }), signal());
    await port.remove(
      { name: "shop.example.com", type: "CNAME", ...(await etagOf("shop.example.com", "CNAME")) },
      signal(),
    );
    const text = await readFile(outFile, "utf8");
    expect(text.replaceAll(/[0-9a-f]{16}/g, "<hash>")).toMatchInlineSnapshot(`
      "# Generated. What service-router wrote over the zone file beside this one, which stays as it is.
      # An entry counts as long as the record set of the zone file that it was written over (\`over\`) is as it was then.
      written:
        - name: gw
          type: A
          ttl: 60
          aRecords:
            - ipv4Address: 10.0.0.9
          over: <hash>
      deleted:
        - name: shop
          type: CNAME
          over: <hash>
      "
    `);
    expect(await readdir(folder)).toEqual(["weu.out.yaml", "weu.yaml"]);
  });

  it("counts again where a person edited it after a write", async () => {
    await port.put(write({ expected: await etagOf("gw.example.com", "A"), name: "gw.example.com" }), signal());
    await port.remove(
      { name: "shop.example.com", type: "CNAME", ...(await etagOf("shop.example.com", "CNAME")) },
      signal(),
    );
    await writeFile(file, ZONE.replace("10.0.0.1", "10.0.0.7").replace("cname: gw", "cname: w2"));
    expect(await contents()).toEqual(["A gw.example.com 10.0.0.7", "CNAME shop.example.com w2.example.com"]);
  });

  it("forgets with the next write what counts no more", async () => {
    await port.put(write({ expected: await etagOf("gw.example.com", "A"), name: "gw.example.com" }), signal());
    await writeFile(file, ZONE.replace("10.0.0.1", "10.0.0.7"));
    await port.put(write(), signal());
    expect(await readFile(outFile, "utf8")).not.toContain("name: gw");
  });

  it("has the same etags in every process, and another once content changed", async () => {
    const first = await port.list(signal());
    expect(await open().list(signal())).toEqual(first);
    await writeFile(file, ZONE.replace("ttl: 30\n", "ttl: 31\n"));
    const [gateway] = await port.list(signal());
    expect(gateway?.etag).not.toBe(first[0]?.etag);
  });

  it("keeps every one of many writes that are made at once", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `n${index + 10}.example.com`);
    await Promise.all(names.map((name) => port.put(write({ name }), signal())));
    expect((await port.list(signal())).map(({ name }) => name).filter((name) => /^n\d/.test(name))).toEqual(names);
  });

  it("names every fault by file, line and field, and is not read", async () => {
    await writeFile(file, ZONE.replace("ttl: 30", "ttl: soon").replace("cname: gw.example.com", "cnam: gw"));
    const message = await messageOf(port.list(signal()));
    expect(message).toContain(`zone example.com (${file}) cannot be read: `);
    expect(message).toContain(`${file}:4 [0].ttl: must be a number, not a string`);
    expect(message).toContain(`${file}:10 [1].cnameRecord.cname: is required`);
    expect(message).toContain(`${file}:10 [1].cnameRecord.cnam: is not known; did you mean cname?`);
    await expect(port.list(signal())).rejects.toMatchObject({ code: "ZONE_FILE_INVALID", retryable: false });
  });

  it.each([
    ["not YAML", "- name: [gw\n", /weu\.yaml:2 /],
    ["several documents", "[]\n---\n[]\n", /weu\.yaml:2 .*multiple documents/i],
    ["empty, as after a write that was cut", "", /weu\.yaml is empty; write \[\]/],
    ["a key given twice", "- name: a\n  name: b\n", /weu\.yaml:2 Map keys must be unique/],
    [
      "aliases that would grow without bound",
      `${["a: &a [x,x,x,x,x,x,x,x,x,x]", ...["ba", "cb", "dc", "ed", "fe"].map(([one, before]) => `${one}: &${one} [${Array(10).fill(`*${before}`).join(",")}]`)].join("\n")}\n`,
      /alias/i,
    ],
  ])("that is %s is not read", async (_what, text, message) => {
    await writeFile(file, text);
    expect(await messageOf(port.list(signal()))).toMatch(message);
  });

  it("says how many faults there are beyond the first twenty", async () => {
    await writeFile(file, `- { name: a }\n`.repeat(30));
    expect(await messageOf(port.list(signal()))).toMatch(/; and 40 more$/);
  });

  it("that was damaged beside itself is not read and not written", async () => {
    await writeFile(outFile, "written: []\n");
    expect(await messageOf(port.list(signal()))).toContain(`${outFile}:1 deleted: is required`);
    await expect(port.put(write(), signal())).rejects.toMatchObject({ code: "ZONE_FILE_INVALID" });
    expect(await readFile(outFile, "utf8")).toBe("written: []\n");
  });

  it("that is not there is no zone", async () => {
    await rm(file);
    await expect(port.list(signal())).rejects.toMatchObject({ code: "ZONE_NOT_FOUND" });
    expect(await messageOf(port.list(signal()))).toContain(file);
  });

  it("that is a folder cannot be read", async () => {
    await rm(file);
    await mkdir(file);
    await expect(port.list(signal())).rejects.toMatchObject({ code: "ZONE_UNREACHABLE" });
  });

  it("says when it cannot be written beside, and goes on with the next write", async () => {
    await mkdir(outFile);
    expect(await messageOf(port.list(signal()))).toMatch(/cannot be read/);
    await rm(outFile, { recursive: true });
    const refusing = openZoneFile({
      zone: "example.com",
      file,
      writeWholeFile: () => Promise.reject(new Error("no space left")),
    });
    expect(await messageOf(refusing.put(write(), signal()))).toContain("cannot be written: no space left");
    await port.put(write(), signal());
    expect(await contents()).toContain("A new.example.com 10.0.0.9");
  });
});
