/** Lines for the person who waits for tests: builds take minutes, and a silent terminal looks like a hang. */

/** Written to stderr directly: a test runner may hold back the console until a test ends. */
export function sayProgress(sentence: string): void {
  process.stderr.write(`[components] ${sentence}\n`);
}
