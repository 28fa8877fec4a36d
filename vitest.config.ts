import { defineConfig } from "vitest/config";

/**
 * `quick`: rules, scenarios, contracts that need no process of their own. One worker state for all files (they share none).
 * `real`: real API servers, etcd, Azurite and the built bundle; one file at a time, two cores are shared with them.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "quick",
          include: [
            "test/unit/**/*.test.ts",
            "test/scenarios/**/*.test.ts",
            "test/contract/quick/**/*.test.ts",
            "test/repo/**/*.test.ts",
          ],
          pool: "threads",
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "real",
          include: [
            "test/integration/**/*.test.ts",
            "test/contract/real/**/*.test.ts",
            "test/host/**/*.test.ts",
            "test/sim/**/*.test.ts",
            "test/e2e/**/*.test.ts",
          ],
          globalSetup: ["test/support/components/global-setup.ts"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
