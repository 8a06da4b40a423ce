import {
  any,
  array,
  bool,
  bytes,
  float,
  int,
  limits,
  map,
  pointer,
  Registry,
  slice,
  string,
  struct,
  type Type,
  time,
  uint,
  url,
} from "../index.ts";
import { Reader } from "../reader.ts";
import golden from "../testdata/gob.json" with { type: "json" };
import { readWireType, type WireType } from "../wire-type.ts";

/** For tests, the fuzzer and bench: what Go wrote, and types to read it with. The product does not import this. */
export interface Vector {
  readonly name: string;
  readonly stream: Buffer;
  /** The values that went in, in JSON: see golden.test.ts. */
  readonly values: readonly unknown[];
}

export const vectors: readonly Vector[] = golden.map(({ name, goType, goValue, hex }) => ({
  name,
  stream: Buffer.from(hex, "hex"),
  values: goType === "sequence" ? (goValue as { value: unknown }[]).map((v) => v.value) : [goValue],
}));

/** The concrete types of interface values that the streams hold. */
export const goldenRegistry = new Registry()
  .register(
    "*model.AppError",
    struct("AppError", () => ({
      Id: string,
      Message: string,
      DetailedError: string,
      RequestId: string,
      StatusCode: int,
      Where: string,
      SkipTranslation: bool,
    })),
  )
  .register(
    "*plugin.ErrorString",
    struct("ErrorString", () => ({ Code: int, Err: string })),
  )
  .register(
    "*model.AutocompleteTextArg",
    struct("AutocompleteTextArg", () => ({ Hint: string, Pattern: string })),
  )
  .register(
    "[]*model.SlackAttachment",
    slice(
      struct("MessageAttachment", () => ({
        Text: string,
        Fields: slice(struct("MessageAttachmentField", () => ({ Title: string, Value: any, Short: bool }))),
        Actions: slice(
          struct("PostAction", () => ({
            Id: string,
            Name: string,
            Integration: struct("PostActionIntegration", () => ({ URL: string, Context: map(string, any) })),
          })),
        ),
      })),
    ),
  );

/**
 * Makes the types of a stream's values from its own definitions. Structs are pointers, because some contain
 * themselves.
 */
export function typesIn(stream: Buffer, values: number): Type<unknown>[] {
  const defined = new Map<number, WireType>();
  const made = new Map<number, Type<unknown>>();
  const make = (id: number): Type<unknown> => {
    const builtIn = [bool, int, uint, float, bytes, string, undefined, any][id - 1];
    if (builtIn !== undefined) return builtIn;
    let type = made.get(id);
    if (type === undefined) {
      type = makeNew(id, defined.get(id) as WireType);
      made.set(id, type);
    }
    return type;
  };
  const makeNew = (id: number, wire: WireType): Type<unknown> => {
    switch (wire.kind) {
      case "slice":
        return slice(make(wire.elem));
      case "array":
        return array(wire.length, make(wire.elem));
      case "map":
        return map(make(wire.key), make(wire.elem));
      case "opaque":
        return wire.encoding === "GobEncoder" ? time : url;
      case "struct":
        return pointer(
          struct<Record<string, unknown>>(wire.name, () =>
            Object.fromEntries(wire.fields.map((field) => [field.name, make(field.id)])),
          ),
        );
      default:
        throw new Error(`type ${id} of an unknown kind`);
    }
  };
  const roots: number[] = [];
  const messages = new Messages(stream);
  // Later messages continue with a value that defines types in its middle; those are inside an interface.
  while (roots.length < values) {
    messages.next();
    const id = messages.typeId();
    if (id < 0) defined.set(-id, readWireType(messages, limits));
    else roots.push(id);
  }
  return roots.map(make);
}

/** The messages of a stream one by one, without the logic of Decoder. */
class Messages extends Reader {
  constructor(stream: Buffer) {
    super();
    this.buffer = stream;
  }

  next(): void {
    this.pos = this.end;
    this.end = this.buffer.length;
    const length = this.count();
    this.end = this.pos + length;
  }
}
