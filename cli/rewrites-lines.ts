/** Whether a line may be taken back and written anew: only in a terminal that understands more than plain text. */
import type { WriteStream } from "node:tty";

/**
 * node:tty answers one bit of colour for TERM=dumb and for NO_COLOR: whoever sets them wants text without control codes (an
 * editor's shell, a recorded session). Files and pipes are no terminal, whatever their type says.
 */
export function rewritesLines(stream: Pick<WriteStream, "isTTY"> & { getColorDepth?(): number }): boolean {
  return stream.isTTY && (stream.getColorDepth?.() ?? 1) > 1;
}
