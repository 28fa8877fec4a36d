/** Label selectors as Kubernetes reads them: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, joined by commas. */

export type SelectorTerm = {
  readonly key: string;
  readonly operator: "in" | "notin" | "exists" | "absent" | "above" | "below";
  readonly values: readonly string[];
};

const KEY = /^(?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;

/** @returns undefined when it is no selector; an empty text selects everything. */
export function parseSelector(text: string): readonly SelectorTerm[] | undefined {
  if (text.trim() === "") return [];
  // Commas between parentheses separate values, all others terms.
  const parts = text.split(/,(?![^(]*\))/);
  const terms = parts.map((part) => parseTerm(part.trim()));
  const known = terms.filter((term) => term !== undefined);
  return known.length === terms.length ? known : undefined;
}

function parseTerm(text: string): SelectorTerm | undefined {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator = "", list = ""] = set;
    return termOf(
      key,
      operator === "in" ? "in" : "notin",
      list.split(",").map((value) => value.trim()),
    );
  }
  const bound = /^([^=!<>\s]+)\s*([<>])\s*(\d+)$/.exec(text);
  if (bound !== null) {
    const [, key = "", operator = "", value = ""] = bound;
    return termOf(key, operator === ">" ? "above" : "below", [value]);
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (equality !== null) {
    const [, key = "", operator = "", value = ""] = equality;
    return termOf(key, operator === "!=" ? "notin" : "in", [value]);
  }
  return text.startsWith("!") ? termOf(text.slice(1).trim(), "absent", []) : termOf(text, "exists", []);
}

function termOf(key: string, operator: SelectorTerm["operator"], values: readonly string[]): SelectorTerm | undefined {
  return KEY.test(key) && values.every((value) => VALUE.test(value)) ? { key, operator, values } : undefined;
}

/** Labels, or annotations where a filter of ExternalDNS compares those. */
export function selects(terms: readonly SelectorTerm[], labels: Readonly<Record<string, string>>): boolean {
  return terms.every(({ key, operator, values }) => {
    const value = labels[key];
    switch (operator) {
      case "in":
        return value !== undefined && values.includes(value);
      case "notin":
        return value === undefined || !values.includes(value);
      case "exists":
        return value !== undefined;
      case "absent":
        return value === undefined;
      case "above":
        return value !== undefined && /^\d+$/.test(value) && Number(value) > Number(values[0]);
      case "below":
        return value !== undefined && /^\d+$/.test(value) && Number(value) < Number(values[0]);
    }
  });
}
