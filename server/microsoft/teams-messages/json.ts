/** Reads JSON that a stranger wrote: any member may be missing, null, or of another type. */

export type Json = Readonly<Record<string, unknown>>;

const MAX_LENGTH = 400_000;

/** Parses a text to an object; null when it is not one. */
export function parseObject(text: unknown): Json | null {
  if (typeof text !== "string" || text.length > MAX_LENGTH) return null;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

export const asObject = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

export const objectAt = (from: Json | null, name: string) => asObject(from?.[name]);

/** Returns a text, or a number as text; "" when it is neither. */
export function textAt(from: Json | null, name: string): string {
  const value = from?.[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

export function listAt(from: Json | null, name: string): readonly Json[] {
  const value = from?.[name];
  return Array.isArray(value) ? value.map(asObject).filter((one) => one !== null) : [];
}
