/**
 * First step of `npm test`: says in one sentence that Node is too old, instead of failing somewhere in TypeScript.
 * Plain JavaScript, so that an old Node can read it. The floor is `engines.node` in package.json.
 */
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const oldest = engines.node.replace(">=", "");
const [wantedMajor = 0, wantedMinor = 0] = oldest.split(".").map(Number);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(
    `The tests need Node ${oldest} or later and this is ${process.versions.node}: install it, or run npm ci first, ` +
      "which brings one along on Linux (x64, arm64) and Windows (x64).",
  );
  process.exitCode = 1;
}
