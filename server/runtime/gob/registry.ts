import { GobError } from "./errors.ts";
import {
  type AnyType,
  any,
  bool,
  bytes,
  flat,
  float,
  float32,
  int,
  int8,
  int16,
  int32,
  map,
  slice,
  string,
  type Type,
  uint,
  uint8,
  uint16,
  uint32,
} from "./types.ts";

/** The value of an interface whose concrete type has a name, such as `*model.AppError`. */
export class Tagged<T = unknown> {
  readonly $type: string;
  readonly value: T;

  constructor($type: string, value: T) {
    this.$type = $type;
    this.value = value;
  }
}

/** Marks a value for an interface, to be sent as the type registered under `name`. */
export function tagged<T>(name: string, value: T): Tagged<T> {
  return new Tagged(name, value);
}

/**
 * The names of concrete types that interface values carry; both sides must know them.
 *
 *   JavaScript                     sent as                 read back as
 *   boolean, string, number        bool, string, float64   the same
 *   bigint                         int64                   number, bigint beyond ±2^53
 *   Uint8Array                     []uint8                 Uint8Array
 *   array                          []interface {}          array
 *   object, Map                    map[string]interface {} object without prototype
 *   null                           nil                     null
 *   tagged(name, value)            the registered type     Tagged
 *
 * Go's own types come back as plain values; all others (their name has a package and so a dot) come back as Tagged. A
 * type that is not registered here is read by the definition that was sent with it, and cannot be sent.
 */
export class Registry {
  private readonly types: Map<string, AnyType>;

  constructor() {
    this.types = new Map(goTypes);
  }

  register(name: string, type: Type<unknown>): this {
    const concrete = flat(type as AnyType);
    const known = this.types.get(name);
    if (known !== undefined && known !== concrete) throw new GobError(`gob: ${name} is registered twice`);
    this.types.set(name, concrete);
    return this;
  }

  get(name: string): AnyType | undefined {
    return this.types.get(name);
  }
}

/** The types that encoding/gob registers itself, and two more that JSON values need. */
const goTypes = Object.entries({
  bool,
  string,
  int,
  int8,
  int16,
  int32,
  int64: int,
  uint,
  uint8,
  uint16,
  uint32,
  uint64: uint,
  float32,
  float64: float,
  "[]uint8": bytes,
  "[]bool": slice(bool),
  "[]string": slice(string),
  "[]int": slice(int),
  "[]int64": slice(int),
  "[]float64": slice(float),
  "[]interface {}": slice(any),
  "map[string]interface {}": map(string, any),
}) as [string, AnyType][];

/** Whether the name belongs to a type that Go has without an import; such values are read without a tag. */
export function isGoType(name: string): boolean {
  return !name.includes(".");
}
