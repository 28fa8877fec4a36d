/** Free loopback ports for components that keep their port over a restart. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the range from which Linux, macOS and Windows take the source ports of outgoing connections. A port of that range
 * could be taken by any client while a killed API server is down, and it could then not come back under its address.
 */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 50;

/** @returns a port that was free a moment ago; another process may take it first, so a start must be tried again. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free loopback port between ${LOWEST_PORT} and ${HIGHEST_PORT} in ${ATTEMPTS} attempts`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
