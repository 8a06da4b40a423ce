import { GobError } from "./errors.ts";

declare const value: unique symbol;

/**
 * A Go type; T is what JavaScript sees of it:
 *
 *   Go                            JavaScript             absent on the wire
 *   bool                          boolean                false
 *   int…, uint…                   number, bigint beyond  0
 *                                 ±2^53
 *   float32, float64              number                 0
 *   string                        string                 ""
 *   []byte                        Uint8Array             empty
 *   []T, [n]T                     array                  []
 *   map[string]T                  object, no prototype   {}
 *   map[K]T                       Map                    empty
 *   struct                        object                 all fields absent
 *   *T                            T or null              null
 *   interface                     see Registry           null
 *   GobEncoder, BinaryMarshaler   what its codec returns the codec's zero
 *
 * gob matches the fields of a struct by name: a struct type with fewer fields than the sender's reads only those, and
 * the others cost nothing. Build types once, at the top of a module: compiled encoders and decoders are attached to
 * them.
 */
export interface Type<T> {
  readonly kind: AnyType["kind"];
  readonly [value]?: T;
}

/** Encodes and decodes a Go type that has its own encoding. */
export interface Codec<T> {
  readonly encoding: "GobEncoder" | "BinaryMarshaler";
  encode(value: T): Uint8Array;
  /** May throw; the stream then fails with a ProtocolError. */
  decode(bytes: Uint8Array): T;
  zero(): T;
  isZero(value: T): boolean;
}

export type AnyType =
  | BoolType
  | IntType
  | FloatType
  | StringType
  | BytesType
  | InterfaceType
  | SliceType
  | ArrayType
  | MapType
  | StructType
  | PointerType
  | OpaqueType;

export interface BoolType {
  readonly kind: "bool";
}
export interface IntType {
  readonly kind: "int" | "uint";
  /**
   * The range of the Go field. gob sends all sizes alike, but a value too large for the receiving field ends the
   * stream.
   */
  readonly min: bigint;
  readonly max: bigint;
}
export interface FloatType {
  readonly kind: "float";
  readonly max: number;
}
export interface StringType {
  readonly kind: "string";
}
export interface BytesType {
  readonly kind: "bytes";
}
export interface InterfaceType {
  readonly kind: "interface";
}
export interface SliceType {
  readonly kind: "slice";
  readonly elem: AnyType;
}
export interface ArrayType {
  readonly kind: "array";
  readonly length: number;
  readonly elem: AnyType;
}
export interface MapType {
  readonly kind: "map";
  readonly key: AnyType;
  readonly elem: AnyType;
}
export interface Field {
  readonly name: string;
  readonly type: AnyType;
}
export interface StructType {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly Field[];
  /** The given fields are sent even when they are zero: see sendingZeros. */
  readonly sendsZeros?: boolean;
}
export interface PointerType {
  readonly kind: "pointer";
  readonly to: AnyType;
}
export interface OpaqueType {
  readonly kind: "opaque";
  readonly name: string;
  readonly codec: Codec<unknown>;
}

export const bool: Type<boolean> = { kind: "bool" };
export const string: Type<string> = { kind: "string" };
export const bytes: Type<Uint8Array> = { kind: "bytes" };
/**
 * interface{}, error and every other interface. When `any` is wanted, a value of another type is read by its own
 * definition.
 */
export const any: Type<unknown> = { kind: "interface" };

/** int and int64: a number, or a bigint beyond ±2^53. */
export const int = signed(64);
export const int8 = signed(8);
export const int16 = signed(16);
export const int32 = signed(32);
/** uint and uint64: a number, or a bigint beyond 2^53. */
export const uint = unsigned(64);
export const uint8 = unsigned(8);
export const uint16 = unsigned(16);
export const uint32 = unsigned(32);
export const float: Type<number> = floating(Number.MAX_VALUE);
export const float32: Type<number> = floating(3.4028234663852886e38);

function signed(bits: number): Type<number> {
  const half = 1n << BigInt(bits - 1);
  const type: IntType = { kind: "int", min: -half, max: half - 1n };
  return type;
}

function unsigned(bits: number): Type<number> {
  const type: IntType = { kind: "uint", min: 0n, max: (1n << BigInt(bits)) - 1n };
  return type;
}

function floating(max: number): Type<number> {
  const type: FloatType = { kind: "float", max };
  return type;
}

/** []T. For []byte see bytes. */
export function slice<T>(elem: Type<T>): Type<T[]> {
  const type: SliceType = { kind: "slice", elem: elem as AnyType };
  return type;
}

/** [length]T. */
export function array<T>(length: number, elem: Type<T>): Type<T[]> {
  const type: ArrayType = { kind: "array", length, elem: elem as AnyType };
  return type;
}

/** map[key]elem: an object without prototype for string keys, a Map for others. */
export function map<V>(key: Type<string>, elem: Type<V>): Type<Record<string, V>>;
export function map<K, V>(key: Type<K>, elem: Type<V>): Type<Map<K, V>>;
export function map(key: Type<unknown>, elem: Type<unknown>): Type<unknown> {
  const type: MapType = { kind: "map", key: key as AnyType, elem: elem as AnyType };
  return type;
}

/** *T. Absent is null: gob does not distinguish nil from a pointer to a zero value. */
export function pointer<T>(to: Type<T>): Type<T | null> {
  const type: PointerType = { kind: "pointer", to: to as AnyType };
  return type;
}

/** A struct. `fields` is called when the type is first used, so types may name each other and themselves. */
export function struct<T extends object>(
  name: string,
  fields: () => { [K in keyof T]: Type<T[K]> },
): Type<T> {
  let read: readonly Field[] | undefined;
  const type: StructType = {
    kind: "struct",
    name,
    get fields() {
      read ??= Object.entries(fields()).map(([field, type]) => {
        // Names become part of compiled code, and gob knows exported fields only.
        if (!exportedName.test(field))
          throw new GobError(`gob: ${name}.${field} is no exported Go field name`);
        return { name: field, type: type as AnyType };
      });
      return read;
    },
  };
  return type;
}

/**
 * The same struct, but its given fields are sent even when they are zero. Go never sends zeros but reads them, so a
 * sender can reset a field to zero at a receiver that decodes into an existing value.
 */
export function sendingZeros<T extends object>(type: Type<T>): Type<T> {
  const known = type as StructType;
  const sending: StructType = {
    kind: "struct",
    name: known.name,
    sendsZeros: true,
    get fields() {
      return known.fields;
    },
  };
  return sending;
}

const exportedName = /^\p{Lu}[\p{L}\p{Nd}_]*$/u;

/** A Go type that encodes itself: time.Time, url.URL. */
export function opaque<T>(name: string, codec: Codec<T>): Type<T> {
  const type: OpaqueType = { kind: "opaque", name, codec: codec as Codec<unknown> };
  return type;
}

/** Returns the type under the pointers, because gob flattens them. */
export function flat(type: AnyType): Exclude<AnyType, PointerType> {
  let inner = type;
  while (inner.kind === "pointer") inner = inner.to;
  return inner;
}

/** The value of a field that was not sent. */
export function zero(type: AnyType): unknown {
  switch (type.kind) {
    case "bool":
      return false;
    case "int":
    case "uint":
    case "float":
      return 0;
    case "string":
      return "";
    case "bytes":
      return noBytes;
    case "slice":
      return [];
    case "array":
      return Array.from({ length: type.length }, () => zero(type.elem));
    case "map":
      return type.key.kind === "string" ? Object.create(null) : new Map();
    case "struct": {
      const empty: Record<string, unknown> = {};
      for (const field of type.fields) empty[field.name] = zero(field.type);
      return empty;
    }
    case "opaque":
      return type.codec.zero();
    case "pointer":
    case "interface":
      return null;
  }
}

/** One for all: an empty array cannot be written to. */
export const noBytes = new Uint8Array(0);

/** Number of values that the smallest value of a type is made of, for Limits.maxElements. */
export function width(type: AnyType): number {
  if (type.kind === "array") return 1 + type.length * width(type.elem);
  if (type.kind !== "struct") return 1;
  return type.fields.reduce((sum, field) => sum + width(field.type), 1);
}
