import { GobError } from "./errors.ts";
import type { AnyType, Field, FloatType, IntType, StructType } from "./types.ts";
import { flat } from "./types.ts";
import type { Writer } from "./writer.ts";

/** The target of compiled encoders: basic values, and interface values, which only the encoder can write. */
export interface ValueWriter extends Writer {
  interfaceValue(value: unknown): void;
  /** Called around a value that holds other values. */
  enter(): void;
  leave(): void;
}

/** Checks that a value fits a type and writes it. */
export type WriteValue = (w: ValueWriter, value: unknown) => void;

/** Returns the encoder of a type. `path` names the place in errors: `Post.FileIds`. */
export function valueWriter(type: AnyType, path: string): WriteValue {
  switch (type.kind) {
    case "bool":
      return (w, v) => {
        if (typeof v !== "boolean") throw misfit(path, "a boolean", v);
        w.bool(v);
      };
    case "int":
    case "uint":
      return integerWriter(type, path);
    case "float":
      return (w, v) => w.float(checkFloat(type, path, v));
    case "string":
      return (w, v) => {
        if (typeof v !== "string") throw misfit(path, "a string", v);
        w.string(v);
      };
    case "bytes":
      return (w, v) => {
        if (!(v instanceof Uint8Array)) throw misfit(path, "a Uint8Array", v);
        w.bytes(v);
      };
    case "interface":
      return (w, v) => w.interfaceValue(v);
    case "slice":
    case "array":
      return listWriter(type.elem, type.kind === "array" ? type.length : undefined, path);
    case "map":
      return mapWriter(type.key, type.elem, path);
    case "struct":
      return structWriter(type);
    case "pointer": {
      const write = valueWriter(flat(type), path);
      return (w, v) => {
        if (v === null || v === undefined)
          throw new GobError(`gob: ${path}: nil has no place in a list or map`);
        write(w, v);
      };
    }
    case "opaque":
      return (w, v) => w.bytes(type.codec.encode(v));
  }
}

function integerWriter(type: IntType, path: string): WriteValue {
  const min = Number(type.min);
  const max = Number(type.max);
  const int = type.kind === "int";
  return (w, v) => {
    if (Number.isSafeInteger(v) && (v as number) >= min && (v as number) <= max) {
      if (int) w.int(v as number);
      else w.uint(v as number);
    } else if (typeof v === "bigint" && v >= type.min && v <= type.max) {
      if (int) w.bigInt(v);
      else w.bigUint(v);
    } else {
      throw misfit(path, `an integer from ${type.min} to ${type.max}`, v);
    }
  };
}

function checkFloat(type: FloatType, path: string, v: unknown): number {
  // Infinities and NaN fit floats of every size.
  if (typeof v === "number" && (Math.abs(v) <= type.max || !Number.isFinite(v))) return v;
  throw misfit(path, `a number up to ${type.max}`, v);
}

function listWriter(elem: AnyType, length: number | undefined, path: string): WriteValue {
  const write = valueWriter(elem, `${path}[]`);
  return (w, v) => {
    if (!Array.isArray(v)) throw misfit(path, "an array", v);
    if (length !== undefined && v.length !== length) throw misfit(path, `${length} elements`, v);
    w.enter();
    w.uint(v.length);
    for (const item of v) write(w, item);
    w.leave();
  };
}

function mapWriter(key: AnyType, elem: AnyType, path: string): WriteValue {
  const writeKey = valueWriter(key, `${path} (key)`);
  const writeElem = valueWriter(elem, `${path}[]`);
  const objects = key.kind === "string";
  return (w, v) => {
    w.enter();
    if (v instanceof Map) {
      w.uint(v.size);
      for (const [k, item] of v) {
        writeKey(w, k);
        writeElem(w, item);
      }
    } else {
      if (!objects || !isPlainObject(v)) throw misfit(path, objects ? "an object or a Map" : "a Map", v);
      const keys = Object.keys(v);
      w.uint(keys.length);
      for (const k of keys) {
        w.string(k);
        writeElem(w, v[k]);
      }
    }
    w.leave();
  };
}

export function isPlainObject(v: unknown): v is Record<string, unknown> {
  if (typeof v !== "object" || v === null) return false;
  const prototype: unknown = Object.getPrototypeOf(v);
  return prototype === null || prototype === Object.prototype;
}

/**
 * Compiles the writer of a struct, because engines are fast at property access by a constant name. For struct Post {
 * Id string; FileIds []string }:
 *
 *   return function Post(w, v) {
 *     if (typeof v !== "object" || v === null) throw misfit("Post", "an object", v);
 *     w.enter();
 *     let last = -1;
 *     const f0 = v.Id;
 *     if (f0 !== undefined && f0 !== null && f0 !== "") {
 *       w.uint(0 - last);
 *       last = 0;
 *       write0(w, f0);
 *     }
 *     …
 *     w.uint(0);
 *     w.leave();
 *   };
 */
function structWriter(type: StructType): WriteValue {
  const known = structWriters.get(type);
  if (known !== undefined) return known;
  // A recursive type finds this writer while it is being compiled.
  let compiled: WriteValue | undefined;
  structWriters.set(type, (w, v) => (compiled as WriteValue)(w, v));

  const scope: Record<string, unknown> = { misfit };
  const body = type.fields.map((field, i) => {
    scope[`write${i}`] = valueWriter(flat(field.type), `${type.name}.${field.name}`);
    return `
      const f${i} = v.${field.name};
      if (f${i} !== undefined && f${i} !== null${type.sendsZeros ? "" : isSent(field, i, scope)}) {
        w.uint(${i} - last);
        last = ${i};
        write${i}(w, f${i});
      }`;
  });
  const source = `return function (w, v) {
      if (typeof v !== "object" || v === null) throw misfit(${JSON.stringify(type.name || "struct")}, "an object", v);
      w.enter();
      let last = -1;
      ${body.join("")}
      w.uint(0);
      w.leave();
    }`;
  compiled = new Function(...Object.keys(scope), source)(...Object.values(scope)) as WriteValue;
  structWriters.set(type, compiled);
  return compiled;
}

const structWriters = new WeakMap<StructType, WriteValue>();

/**
 * Returns the condition, as source code, under which a field is sent. Zero values are left out, except structs,
 * arrays and maps. Go flattens pointers first; we send a pointer to zero, because for the receiver it is not nil.
 */
function isSent(field: Field, i: number, scope: Record<string, unknown>): string {
  if (field.type.kind === "pointer") return "";
  const { type } = field;
  switch (type.kind) {
    case "bool":
      return ` && f${i} !== false`;
    case "int":
    case "uint":
      return ` && f${i} !== 0 && f${i} !== 0n`;
    case "float":
      return ` && f${i} !== 0`;
    case "string":
      return ` && f${i} !== ""`;
    case "bytes":
    case "slice":
      return ` && f${i}.length !== 0`;
    case "opaque":
      scope[`isZero${i}`] = type.codec.isZero;
      return ` && !isZero${i}(f${i})`;
    default:
      return "";
  }
}

/**
 * The error names the wanted type and the kind of the given value, never the value: it may be a secret or a message.
 */
export function misfit(path: string, wanted: string, got: unknown): GobError {
  return new GobError(`gob: ${path}: wanted ${wanted}, got ${kindOf(got)}`);
}

function kindOf(v: unknown): string {
  if (v === null) return "null";
  if (Array.isArray(v)) return `an array of ${v.length}`;
  if (typeof v === "number") {
    if (!Number.isFinite(v)) return String(v);
    return Number.isInteger(v) ? "an integer out of range" : "a fraction";
  }
  if (typeof v === "bigint") return "a bigint out of range";
  if (typeof v === "object") return v.constructor?.name ?? "an object";
  return typeof v;
}
