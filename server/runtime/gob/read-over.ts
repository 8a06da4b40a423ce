import { ProtocolError } from "./errors.ts";
import type { ValueReader } from "./value-reader.ts";
import type { WireField, WireType } from "./wire-type.ts";

/** The unread part of a value that is being skipped. */
type Rest =
  | { readonly kind: "elements"; readonly ids: readonly number[]; left: number }
  | { readonly kind: "fields"; readonly fields: readonly WireField[]; index: number };

/**
 * Skips a value of type `id` with all interface values in it. Keeps its own stack, because users can nest interface
 * values (the props of a post) deeper than the call stack.
 */
export function readOver(r: ValueReader, id: number): void {
  const open: Rest[] = [];
  begin(r, id, open);
  for (let rest = open.at(-1); rest !== undefined; rest = open.at(-1)) {
    const next = rest.kind === "elements" ? nextElement(rest) : nextField(r, rest);
    if (next === undefined) open.pop();
    else begin(r, next, open);
  }
}

/** Skips a value up to the first value inside it. */
function begin(r: ValueReader, id: number, open: Rest[]): void {
  const type = r.typeOf(id);
  switch (type.kind) {
    case "bool":
    case "int":
    case "uint":
    case "float":
      r.skipUint();
      break;
    case "complex":
      r.skipUint();
      r.skipUint();
      break;
    case "string":
    case "bytes":
    case "opaque":
      r.skipBytes();
      break;
    case "interface": {
      const concrete = r.concreteType();
      if (concrete !== null) begin(r, concrete, open);
      break;
    }
    default:
      open.push(restOf(r, type));
  }
}

function restOf(r: ValueReader, type: WireType & { kind: "slice" | "array" | "map" | "struct" }): Rest {
  if (type.kind === "struct") return { kind: "fields", fields: type.fields, index: -1 };
  const count = r.count();
  const ids = type.kind === "map" ? [type.key, type.elem] : [type.elem];
  return { kind: "elements", ids, left: count * ids.length };
}

function nextElement(rest: Rest & { kind: "elements" }): number | undefined {
  if (rest.left === 0) return undefined;
  // Keys and elements of a map alternate.
  return rest.ids[rest.left-- % rest.ids.length];
}

function nextField(r: ValueReader, rest: Rest & { kind: "fields" }): number | undefined {
  const delta = r.count();
  if (delta === 0) return undefined;
  rest.index += delta;
  const field = rest.fields[rest.index];
  if (field === undefined) throw new ProtocolError("gob: a field beyond the last one of a struct");
  return field.id;
}
