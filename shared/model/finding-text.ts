/** How bad a finding is, and what is said of every finding of one code. */
export type Severity = "critical" | "warning" | "info";

/** `consequence` is one sentence, in words of whoever runs clusters. */
export type FindingText = { readonly severity: Severity; readonly consequence: string; readonly fix: string };
