/** Characters of one value that a log line keeps. */
const MAX_PRINTED_CHARACTERS = 8 * 1024;

/** Formats a value for a log: text as it is, everything else as JSON, cut at the limit. Never throws. */
export function printed(value: unknown): string {
  const text = print(value);
  return text.length <= MAX_PRINTED_CHARACTERS
    ? text
    : `${text.slice(0, MAX_PRINTED_CHARACTERS)}… (${text.length} characters)`;
}

function print(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    if (value instanceof Error) return printError(value);
    if (typeof value !== "object" || value === null) return String(value);
    return JSON.stringify(value, jsonValue) ?? String(value);
  } catch {
    return "(cannot be shown)";
  }
}

function printError(error: Error): string {
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${text}\ncaused by ${printError(error.cause)}` : text;
}

function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return value;
}

/** Returns the value as JSON would carry it: no Dates, no undefined, nothing that gob cannot send. */
export function gobSafe(value: unknown): unknown {
  return value === null || value === undefined ? null : JSON.parse(JSON.stringify(value, jsonValue));
}
