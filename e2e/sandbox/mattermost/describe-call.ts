/**
 * Describes a call in one line for the log of wires: enough to follow the story, without tokens, secrets or bytes.
 */
export function describeCall(method: string, args: readonly unknown[]): string {
  if (/^log(Debug|Info|Warn|Error)$/.test(method)) return String(args[0]);
  if (/session|password|config/i.test(method)) return "";
  return args
    .map(short)
    .filter((each) => each !== "")
    .join(", ");
}

/** The fields by which people tell calls apart. */
const telling = ["Message", "Username", "Trigger", "EventName", "Id", "UserId", "Name"];

function short(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value))
    return value.length > 3 ? `[${value.length}]` : `[${value.map(short).join(", ")}]`;
  if (typeof value !== "object") return cut(String(value));
  const fields = value as Record<string, unknown>;
  const key = telling.find((name) => typeof fields[name] === "string" && fields[name] !== "");
  return key ? cut(String(fields[key])) : "";
}

const cut = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
