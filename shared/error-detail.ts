/** What somebody else said, made fit for a message: one line, bounded, without a token that was printed into it. */

/** Enough for every message of the API server seen so far; a webhook may answer a page of HTML. */
const MAX_DETAIL_LENGTH = 500;

/** One line of at most 500 characters; a token that somebody's webhook or plugin printed is taken out. */
export function boundedDetail(text: string): string {
  const line = text
    .replaceAll(/\beyJ[\w-]{8,}(\.[\w-]*)*/g, "(token)")
    .replaceAll(/\bBearer\s+\S+/gi, "Bearer (token)")
    .replaceAll(/\s+/g, " ")
    .trim();
  if (line.length <= MAX_DETAIL_LENGTH) return line;
  // The API server prints the whole object between the name of a fault and its reason.
  const half = MAX_DETAIL_LENGTH / 2 - 2;
  return `${line.slice(0, half)} … ${line.slice(-half)}`;
}
