import type { Type } from "../gob/index.ts";
import { type AnyType, flat, zero } from "../gob/types.ts";

/**
 * Prepares a configuration for the server: a setting that is null is sent as its zero value.
 *
 * The fields of a server configuration are pointers. For a nil one the server fills in the *default*, which may be
 * true, so saving an unchanged configuration would switch things on. The generated types of the settings are
 * therefore plain values that are sent even when they are zero, and null means zero. An omitted setting (undefined)
 * stays nil.
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
