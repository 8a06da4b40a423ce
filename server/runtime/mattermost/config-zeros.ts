import type { Type } from "../gob/index.ts";
import { type AnyType, flat, zero } from "../gob/types.ts";

/**
 * A configuration on its way to the server: null in place of a setting is sent as the setting's zero.
 *
 * The fields of a server's configuration are pointers. As nil, the server would fill in the *default*, which may be
 * true: saving an untouched configuration would switch things on. So the generated types of the settings are plain
 * values that are sent even when they are zero, and null means zero. An omitted setting (undefined) stays nil.
 */
export function nullsAsZeros<T>(type: Type<T>, value: unknown): unknown {
  return visit(type as AnyType, value);
}

function visit(type: AnyType, value: unknown): unknown {
  const inner = flat(type);
  if (value === null) return basics.has(type.kind) ? zero(type) : null;
  if (inner.kind !== "struct" || typeof value !== "object") return value;
  const copy: Record<string, unknown> = {};
  for (const field of inner.fields) {
    const given = (value as Record<string, unknown>)[field.name];
    if (given !== undefined) copy[field.name] = visit(field.type, given);
  }
  return copy;
}

const basics = new Set(["bool", "int", "uint", "float", "string"]);
