/** Arguments of ExternalDNS inside a script of a shell: enough for how people wrap it, and no shell. */

/** The words behind the call of `external-dns`, up to the end of that command. Empty when the script does not call it. */
export function shellWords(script: string): readonly string[] {
  const words = wordsOf(script.replaceAll(/\\\r?\n/g, " "));
  const start = words.findIndex(({ text, ends }) => !ends && /(?:^|\/)external-dns$/.test(text));
  if (start === -1) return [];
  const behind = words.slice(start + 1);
  const end = behind.findIndex(({ ends }) => ends);
  return (end === -1 ? behind : behind.slice(0, end)).map(({ text }) => text);
}

/** `ends`: it ends a command (`;`, `&&`, `|`, a line break) and is no word. */
type Word = { readonly text: string; readonly ends: boolean };

const WORD = /[;|&\n]+|(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s;|&"'\\])+/g;

function wordsOf(script: string): readonly Word[] {
  return [...script.matchAll(WORD)].map(([raw]) => ({
    text: raw.replaceAll(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
      (_all, double?: string, single?: string, one?: string) =>
        double === undefined ? (single ?? one ?? "") : double.replaceAll(/\\(["\\$`])/g, "$1"),
    ),
    ends: /^[;|&\n]/.test(raw),
  }));
}
