import { ProtocolError } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { AnyType } from "./types.ts";
import { flat } from "./types.ts";
import type { Writer } from "./writer.ts";

/** A type as a stream describes it. The types it is made of are given by id. */
export type WireType =
  | { readonly kind: "bool" | "int" | "uint" | "float" | "bytes" | "string" | "complex" | "interface" }
  | { readonly kind: "array"; readonly elem: number; readonly length: number }
  | { readonly kind: "slice"; readonly elem: number }
  | { readonly kind: "map"; readonly key: number; readonly elem: number }
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly WireField[] }
  | { readonly kind: "opaque"; readonly encoding: OpaqueEncoding };

export interface WireField {
  readonly name: string;
  readonly id: number;
}

export type OpaqueEncoding = "GobEncoder" | "BinaryMarshaler" | "TextMarshaler";

export const interfaceId = 8;

/** The types that every stream knows. */
export const builtIn: ReadonlyMap<number, WireType> = new Map([
  [1, { kind: "bool" }],
  [2, { kind: "int" }],
  [3, { kind: "uint" }],
  [4, { kind: "float" }],
  [5, { kind: "bytes" }],
  [6, { kind: "string" }],
  [7, { kind: "complex" }],
  [interfaceId, { kind: "interface" }],
]);

/** Go numbers user-defined types from here; lower ids are built in or reserved. */
export const firstDefinedId = 64;

/*
 * A definition is the negative id of the type and a wireType, a struct with one of these fields:
 *
 *   ┌─────┬──────────────────────────────────────────────────────────────────────────────┐
 *   │ -id │ wireType { 0 ArrayT  { CommonType, Elem id, Len int }                        │
 *   │ int │            1 SliceT  { CommonType, Elem id }                                 │
 *   │     │            2 StructT { CommonType, Field []{ Name string, Id id } }          │
 *   │     │            3 MapT    { CommonType, Key id, Elem id }                         │
 *   │     │            4 GobEncoderT, 5 BinaryMarshalerT, 6 TextMarshalerT { CommonType } }│
 *   └─────┴──────────────────────────────────────────────────────────────────────────────┘
 *
 * CommonType { Name string, Id int }. The valid id is the one in front: for types that encode
 * themselves, CommonType.Id differs. Go package encoding/gob, type.go.
 */

/** Reads the wireType of a definition, after its id. */
export function readWireType(r: Reader, limits: Limits): WireType {
  let type: WireType | undefined;
  fields(r, (field) => {
    if (type !== undefined) throw new ProtocolError("gob: a definition of two types at once");
    type = readVariant(r, field, limits);
  });
  if (type === undefined) throw new ProtocolError("gob: an empty definition");
  return type;
}

function readVariant(r: Reader, variant: number, limits: Limits): WireType {
  let name = "";
  let wireFields: WireField[] = [];
  /** Elem, Len of an array; Elem of a slice; Key, Elem of a map. */
  const ids = [0, 0];
  fields(r, (field) => {
    if (field === 0) name = readCommonType(r);
    else if (variant === 2 && field === 1) wireFields = readFields(r, limits);
    else if (variant <= 3 && variant !== 2 && field <= (variant === 1 ? 1 : 2))
      ids[field - 1] = readSmallInt(r);
    else throw new ProtocolError("gob: an unknown field in a definition");
  });
  const [first = 0, second = 0] = ids;
  switch (variant) {
    case 0:
      return { kind: "array", elem: first, length: second };
    case 1:
      return { kind: "slice", elem: first };
    case 2:
      return { kind: "struct", name, fields: wireFields };
    case 3:
      return { kind: "map", key: first, elem: second };
    case 4:
      return { kind: "opaque", encoding: "GobEncoder" };
    case 5:
      return { kind: "opaque", encoding: "BinaryMarshaler" };
    case 6:
      return { kind: "opaque", encoding: "TextMarshaler" };
    default:
      throw new ProtocolError("gob: a definition of an unknown kind");
  }
}

function readCommonType(r: Reader): string {
  let name = "";
  fields(r, (field) => {
    if (field === 0) name = r.string();
    else if (field === 1) r.int();
    else throw new ProtocolError("gob: an unknown field in a definition");
  });
  return name;
}

function readFields(r: Reader, limits: Limits): WireField[] {
  const count = r.count();
  if (count > limits.maxFields) throw new ProtocolError("gob: a struct with too many fields");
  const list: WireField[] = [];
  for (let i = 0; i < count; i++) {
    let name = "";
    let id = 0;
    fields(r, (field) => {
      if (field === 0) name = r.string();
      else if (field === 1) id = readSmallInt(r);
      else throw new ProtocolError("gob: an unknown field in a definition");
    });
    list.push({ name, id });
  }
  return list;
}

function readSmallInt(r: Reader): number {
  const i = r.int();
  if (typeof i === "bigint" || i < 0) throw new ProtocolError("gob: a definition with a number out of range");
  return i;
}

/** Reads the fields of a struct: each is the distance to the previous field (from -1) and a value; 0 ends them. */
function fields(r: Reader, read: (field: number) => void): void {
  let field = -1;
  for (;;) {
    const delta = r.count();
    if (delta === 0) return;
    field += delta;
    read(field);
  }
}

/** Writes the definition of a type as the body of a message. `idOf` returns the ids of the types it is made of. */
export function writeDefinition(w: Writer, id: number, type: AnyType, idOf: (part: AnyType) => number): void {
  w.int(-id);
  switch (type.kind) {
    case "array":
      variant(w, 0, id, "");
      delta(w).int(idOf(type.elem));
      delta(w).int(type.length);
      break;
    case "slice":
      variant(w, 1, id, "");
      delta(w).int(idOf(type.elem));
      break;
    case "struct":
      variant(w, 2, id, type.name);
      if (type.fields.length > 0) {
        delta(w).uint(type.fields.length);
        for (const field of type.fields) {
          delta(w).string(field.name);
          delta(w).int(idOf(flat(field.type)));
          end(w);
        }
      }
      break;
    case "map":
      variant(w, 3, id, "");
      delta(w).int(idOf(type.key));
      delta(w).int(idOf(type.elem));
      break;
    case "opaque":
      variant(w, type.codec.encoding === "GobEncoder" ? 4 : 5, id, type.name);
      break;
    default:
      throw new TypeError(`${type.kind} needs no definition`);
  }
  end(w);
  end(w);
}

/** Opens a variant of wireType and writes its CommonType. */
function variant(w: Writer, field: number, id: number, name: string): void {
  w.uint(field + 1);
  delta(w);
  if (name === "") {
    w.uint(2);
  } else {
    delta(w).string(name);
    delta(w);
  }
  w.int(id);
  end(w);
}

function delta(w: Writer): Writer {
  w.uint(1);
  return w;
}

function end(w: Writer): void {
  w.uint(0);
}
