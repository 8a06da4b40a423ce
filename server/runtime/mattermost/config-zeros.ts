import type { Type } from "../gob/index.ts";
import { type AnyType, flat, zero } from "../gob/types.ts";

/**
 * A configuration as it must be sent back.
 *
 * The fields of a server's configuration are pointers, none of them nil. gob drops a pointer to zero, so `false`, 0 and
 * "" arrive as null. Sent back as nil, the server would fill in the *default*, which may be true: saving an untouched
 * configuration would switch things on. So null is sent as the zero it was; what is left out (undefined) stays nil.
 */
export function nullsAsZeros<T>(type: Type<T>, value: unknown): unknown {
  return visit(type as AnyType, value);
}

function visit(type: AnyType, value: unknown): unknown {
  const inner = flat(type);
  if (value === null) return type.kind === "pointer" && basics.has(inner.kind) ? zero(inner) : null;
  if (inner.kind !== "struct" || typeof value !== "object") return value;
  const copy: Record<string, unknown> = {};
  for (const field of inner.fields) {
    const given = (value as Record<string, unknown>)[field.name];
    if (given !== undefined) copy[field.name] = visit(field.type, given);
  }
  return copy;
}

const basics = new Set(["bool", "int", "uint", "float", "string"]);
