import type { Type } from "../../gob/index.ts";
import { tagged } from "../../gob/index.ts";
import type { AnyType } from "../../gob/types.ts";

/** For tests: makes a value with something other than zero in every field, down to where types repeat. */
export function fill(type: Type<unknown>, seed = 1): unknown {
  let counter = seed * 1000;
  const visit = (t: AnyType, path: readonly AnyType[]): unknown => {
    counter++;
    switch (t.kind) {
      case "bool":
        return true;
      case "int":
        return t.max < 1000n ? counter % 100 || 1 : t.max < 40_000n ? counter : counter * -7;
      case "uint":
        return t.max < 1000n ? counter % 100 || 1 : counter;
      case "float":
        return counter + 0.5;
      case "string":
        return `text ${counter} ü`;
      case "bytes":
        return Uint8Array.from([counter & 255, 0, 255]);
      case "interface":
        return path.length > 3
          ? `any ${counter}`
          : { list: [1.5, "two", true, null], tagged: errorString(counter) };
      case "slice":
        return repeats(t.elem, path) ? [] : [visit(t.elem, path), visit(t.elem, path)];
      case "array":
        return Array.from({ length: t.length }, () => visit(t.elem, path));
      case "map": {
        if (t.key.kind !== "string") return new Map([[visit(t.key, path), visit(t.elem, path)]]);
        const map = Object.create(null) as Record<string, unknown>;
        map[`key ${counter}`] = visit(t.elem, path);
        return map;
      }
      case "pointer":
        return repeats(t.to, path) ? null : visit(t.to, path);
      case "struct":
        return Object.fromEntries(t.fields.map((field) => [field.name, visit(field.type, [...path, t])]));
      case "opaque":
        return new Date(1_700_000_000_000 + counter);
    }
  };
  return visit(type as AnyType, []);
}

/** A post can contain posts without end: one of each kind inside another is enough. */
function repeats(type: AnyType, path: readonly AnyType[]): boolean {
  return path.includes(type);
}

function errorString(code: number): unknown {
  return tagged("*plugin.ErrorString", { Code: code, Err: "inside" });
}
