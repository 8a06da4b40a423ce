/** Collects every text in a value, so that a test can search it. */

/** Bytes are read as text, too. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder("latin1").decode(value);
  if (value instanceof Map) return [...value].map((entry) => textOf([...entry])).join("\n");
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name}: ${textOf(one)}`)
      .join("\n");
  return String(value);
}
