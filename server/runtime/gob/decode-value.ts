/**
 * Compiles a reader for each pair of a sent and a wanted type. One file, because each case appears three times (as a
 * typed reader, as a skipper and as generated code), and the three must change together.
 */

import { ProtocolError } from "./errors.ts";
import { readOver } from "./read-over.ts";
import { type AnyType, flat, type StructType, width, zero } from "./types.ts";
import type { ValueReader } from "./value-reader.ts";
import type { WireType } from "./wire-type.ts";

export type ReadValue = (r: ValueReader) => unknown;
type SkipValue = (r: ValueReader) => void;
type SentStruct = WireType & { kind: "struct" };

/** Looks up a type by id, among the types that the schema's root is made of. */
export type TypeLookup = (id: number) => WireType;

/**
 * Compiles decoders for the types of one schema (see Schema) on first use: one for each pair of a sent and a wanted
 * type.
 */
export class Compiler {
  private readonly lookup: TypeLookup;
  private readonly traces: boolean;
  private readonly readers = new Map<AnyType, Map<number, ReadValue>>();
  private readonly described = new Map<number, ReadValue>();
  private readonly skippers = new Map<number, SkipValue>();

  /** `traces`: compile slow readers, whose errors name the field. */
  constructor(lookup: TypeLookup, traces = false) {
    this.lookup = lookup;
    this.traces = traces;
  }

  /**
   * Returns the reader of a top-level value. At least one field of a struct must be known; otherwise it is a value of
   * another kind: net/rpc's header in place of arguments would be read as arguments that are all zero. Go package
   * encoding/gob, decode.go, decodeValue: "type mismatch: no fields matched compiling decoder for …".
   */
  wholeReader(id: number, type: AnyType): ReadValue {
    const wanted = flat(type);
    const sent = this.lookup(id);
    if (wanted.kind === "struct" && sent.kind === "struct") {
      const known = new Set(wanted.fields.map((field) => field.name));
      const matches = sent.fields.some((field) => known.has(field.name));
      if (!matches && known.size > 0 && sent.fields.length > 0) {
        return () => {
          throw new ProtocolError(`gob: no field of ${wanted.name || "a struct"} was sent`);
        };
      }
    }
    return this.reader(id, type);
  }

  /** Returns the reader of a sent type `id` that is wanted as `type`. */
  reader(id: number, type: AnyType): ReadValue {
    const wanted = flat(type);
    let byId = this.readers.get(wanted);
    if (byId === undefined) {
      byId = new Map();
      this.readers.set(wanted, byId);
    }
    return once(byId, id, () => this.compile(id, wanted));
  }

  /** Returns the reader of a value of which nothing is known but the type that was sent with it. */
  describedReader(id: number): ReadValue {
    return once(this.described, id, () => this.compileDescribed(id));
  }

  /** Returns the function that skips a value of type `id`. */
  skipper(id: number): SkipValue {
    return once(this.skippers, id, () => this.compileSkip(id));
  }

  private compile(id: number, wanted: ReturnType<typeof flat>): ReadValue {
    const sent = this.lookup(id);
    if (wanted.kind === "interface") {
      return sent.kind === "interface" ? (r) => r.interfaceValue() : this.describedReader(id);
    }
    switch (sent.kind) {
      case "bool":
      case "float":
      case "bytes":
      case "string":
        if (wanted.kind === sent.kind) return basicReaders[sent.kind];
        break;
      case "int":
      case "uint":
        if (wanted.kind === sent.kind) return basicReaders[sent.kind];
        break;
      case "slice":
        if (wanted.kind === "slice") {
          return listReader(this.reader(sent.elem, wanted.elem), width(wanted.elem), undefined);
        }
        break;
      case "array":
        if (wanted.kind === "array" && wanted.length === sent.length) {
          return listReader(this.reader(sent.elem, wanted.elem), width(wanted.elem), sent.length);
        }
        break;
      case "map":
        if (wanted.kind === "map") {
          const key = this.reader(sent.key, wanted.key);
          const elem = this.reader(sent.elem, wanted.elem);
          const size = width(wanted.elem);
          return wanted.key.kind === "string" ? objectReader(key, elem, size) : mapReader(key, elem, size);
        }
        break;
      case "struct":
        if (wanted.kind === "struct") return this.structReader(sent, wanted);
        break;
      case "opaque":
        if (wanted.kind === "opaque" && wanted.codec.encoding === sent.encoding) {
          const { codec } = wanted;
          return (r) => codec.decode(r.bytes());
        }
        break;
    }
    // Fails only when such a value arrives: a newer host may have changed a field that it does not send.
    return () => {
      throw new ProtocolError(`gob: a ${sent.kind} was sent for a ${wanted.kind}`);
    };
  }

  private compileDescribed(id: number): ReadValue {
    const sent = this.lookup(id);
    switch (sent.kind) {
      case "interface":
        return (r) => r.interfaceValue();
      case "slice":
        return listReader(this.describedReader(sent.elem), 1, undefined);
      case "array":
        return listReader(this.describedReader(sent.elem), 1, sent.length);
      case "map": {
        const key = this.describedReader(sent.key);
        const elem = this.describedReader(sent.elem);
        return this.lookup(sent.key).kind === "string" ? objectReader(key, elem, 1) : mapReader(key, elem, 1);
      }
      case "struct": {
        const fields = sent.fields.map((field) => ({
          name: field.name,
          read: this.describedReader(field.id),
        }));
        return (r) => {
          const value: Record<string, unknown> = Object.create(null);
          readFields(r, fields, (field) => {
            value[field.name] = field.read(r);
          });
          return value;
        };
      }
      case "complex":
        return (r) => [r.float(), r.float()];
      case "opaque":
        return (r) => r.bytes();
      default:
        return basicReaders[sent.kind];
    }
  }

  private compileSkip(id: number): SkipValue {
    const sent = this.lookup(id);
    switch (sent.kind) {
      case "interface":
        return (r) => {
          const concrete = r.concreteType();
          if (concrete !== null) readOver(r, concrete);
        };
      case "slice":
      case "array": {
        const skip = this.skipper(sent.elem);
        return shallow(id, (r) => {
          for (let count = r.count(); count > 0; count--) skip(r);
        });
      }
      case "map": {
        const skipKey = this.skipper(sent.key);
        const skipElem = this.skipper(sent.elem);
        return shallow(id, (r) => {
          for (let count = r.count(); count > 0; count--) {
            skipKey(r);
            skipElem(r);
          }
        });
      }
      case "struct": {
        const fields = sent.fields.map((field) => this.skipper(field.id));
        return shallow(id, (r) => eachField(r, fields, (skip) => skip(r)));
      }
      case "string":
      case "bytes":
      case "opaque":
        return (r) => r.skipBytes();
      case "complex":
        return (r) => {
          r.skipUint();
          r.skipUint();
        };
      default:
        return (r) => r.skipUint();
    }
  }

  /**
   * Reads the first values of a struct field by field. Compiling costs as much as some hundred reads, and most struct
   * types of a server configuration are read only once.
   */
  private structReader(sent: SentStruct, wanted: StructType): ReadValue {
    if (this.traces) return this.interpreted(sent, wanted);
    let uses = 0;
    let read = this.interpreted(sent, wanted);
    return (r) => {
      if (++uses === compileAt) read = this.compiled(sent, wanted);
      return read(r);
    };
  }

  private interpreted(sent: SentStruct, wanted: StructType): ReadValue {
    const types = new Map(wanted.fields.map((field) => [field.name, field.type]));
    const fields = sent.fields.map(
      ({ name, id }): { name: string; read: ReadValue | null; skip: SkipValue | null } => {
        const type = types.get(name);
        return type === undefined
          ? { name, read: null, skip: lazily(() => this.skipper(id)) }
          : { name, read: lazily(() => this.reader(id, type)), skip: null };
      },
    );
    const { traces } = this;
    return (r) => {
      const value = zero(wanted) as Record<string, unknown>;
      readFields(r, fields, ({ name, read, skip }) => {
        if (read === null) skip?.(r);
        else value[name] = traces ? traced(read, r, name) : read(r);
      });
      return value;
    };
  }

  /**
   * Compiles structs that are read often. One object literal with all fields gives all values the same object shape
   * in the engine. For struct Post { Id string; FileIds []string }, sent with one more field:
   *
   *   return function (r) {
   *     r.enter();
   *     const v = { Id: "", FileIds: undefined };
   *     for (let field = -1; ; ) {
   *       const delta = r.count();
   *       if (delta === 0) break;
   *       field += delta;
   *       switch (field) {
   *         case 0: v.Id = r.string(); break;
   *         case 1: skip1(r); break;
   *         case 2: v.FileIds = read2(r); break;
   *         default: throw unknownField("Post");
   *       }
   *     }
   *     r.leave();
   *     if (v.FileIds === undefined) v.FileIds = [];
   *     return v;
   *   };
   *
   * Local variables for the fields are no faster, and the engine's last compiler takes a quarter longer on them: for
   * a whole configuration 2.6 s of processor time instead of 2.
   */
  private compiled(sent: SentStruct, wanted: StructType): ReadValue {
    const scope: Record<string, unknown> = { unknownField };
    const literal: string[] = [];
    const absent: string[] = [];
    const types = new Map<string, AnyType>();
    wanted.fields.forEach(({ name, type }, i) => {
      types.set(name, type);
      const constant = constants[type.kind];
      literal.push(`${name}: ${constant}`);
      if (constant !== undefined) return;
      scope[`zero${i}`] = () => zero(type);
      absent.push(`if (v.${name} === undefined) v.${name} = ${fresh[type.kind] ?? `zero${i}()`};`);
    });
    const cases = sent.fields.map((field, i) => {
      const type = types.get(field.name);
      if (type === undefined) {
        scope[`skip${i}`] = this.skipper(field.id);
        return `case ${i}: skip${i}(r); break;`;
      }
      const { kind } = flat(type);
      if (kind in basicReaders && this.lookup(field.id).kind === kind) {
        return `case ${i}: v.${field.name} = r.${kind}(); break;`;
      }
      scope[`read${i}`] = this.reader(field.id, type);
      return `case ${i}: v.${field.name} = read${i}(r); break;`;
    });
    const source = `return function (r) {
        r.enter();
        const v = { ${literal.join(", ")} };
        for (let field = -1; ; ) {
          const delta = r.count();
          if (delta === 0) break;
          field += delta;
          switch (field) {
            ${cases.join("\n")}
            default: throw unknownField(${JSON.stringify(wanted.name)});
          }
        }
        r.leave();
        ${absent.join("\n")}
        return v;
      }`;
    return new Function(...Object.keys(scope), source)(...Object.values(scope)) as ReadValue;
  }
}

/** Reads a field; puts its name in front of an error: "A.Metadata.Embeds: …". */
function traced(read: ReadValue, r: ValueReader, name: string): unknown {
  try {
    return read(r);
  } catch (error) {
    if (error instanceof FieldError) throw new FieldError(`${name}.${error.path}`, error.cause);
    if (error instanceof ProtocolError) throw new FieldError(name, error);
    throw error;
  }
}

/** Thrown by a tracing reader. */
export class FieldError extends Error {
  readonly path: string;
  declare readonly cause: ProtocolError;

  constructor(path: string, cause: ProtocolError) {
    super(cause.message, { cause });
    this.path = path;
  }
}

/** Compiles once per id. A recursive type finds a placeholder while it is being compiled. */
function once<F extends (r: ValueReader) => unknown>(cache: Map<number, F>, id: number, compile: () => F): F {
  const known = cache.get(id);
  if (known !== undefined) return known;
  let compiled: F | undefined;
  cache.set(id, ((r) => (compiled as F)(r)) as F);
  try {
    compiled = compile();
  } catch (error) {
    cache.delete(id);
    throw error;
  }
  cache.set(id, compiled);
  return compiled;
}

/** Delays the lookup of a reader until its field first arrives. */
function lazily<T>(find: () => (r: ValueReader) => T): (r: ValueReader) => T {
  let found: ((r: ValueReader) => T) | undefined;
  return (r) => {
    found ??= find();
    return found(r);
  };
}

/** Number of uses of a struct type after which compiling it pays. */
const compileAt = 10;

const basicReaders = {
  bool: (r: ValueReader) => r.bool(),
  int: (r: ValueReader) => r.int(),
  uint: (r: ValueReader) => r.uint(),
  float: (r: ValueReader) => r.float(),
  string: (r: ValueReader) => r.string(),
  bytes: (r: ValueReader) => r.bytes(),
} as const;

/** Zero values that can be shared, as source code. */
const constants: { readonly [kind in AnyType["kind"]]?: string } = {
  bool: "false",
  int: "0",
  uint: "0",
  float: "0",
  string: '""',
  pointer: "null",
  interface: "null",
};

/** Zero values that cannot be shared, as source code. */
const fresh: { readonly [kind in AnyType["kind"]]?: string } = { slice: "[]" };

function listReader(read: ReadValue, elemWidth: number, length: number | undefined): ReadValue {
  return (r) => {
    r.enter();
    const count = r.count();
    if (length !== undefined && count !== length) throw new ProtocolError("gob: an array of another length");
    r.elements(count, elemWidth);
    const list: unknown[] = [];
    for (let i = 0; i < count; i++) list.push(read(r));
    r.leave();
    return list;
  };
}

/** The object has no prototype, because a key may be `__proto__`. */
function objectReader(key: ReadValue, elem: ReadValue, elemWidth: number): ReadValue {
  return (r) => {
    r.enter();
    const count = r.count();
    r.elements(count, elemWidth);
    const object: Record<string, unknown> = Object.create(null);
    for (let i = 0; i < count; i++) {
      const name = key(r) as string;
      object[name] = elem(r);
    }
    r.leave();
    return object;
  };
}

function mapReader(key: ReadValue, elem: ReadValue, elemWidth: number): ReadValue {
  return (r) => {
    r.enter();
    const count = r.count();
    r.elements(count, elemWidth);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < count; i++) {
      const name = key(r);
      map.set(name, elem(r));
    }
    r.leave();
    return map;
  };
}

/**
 * Skips a value that holds other values. From a certain depth on it does not use the call stack, so any depth can be
 * skipped.
 */
function shallow(id: number, skip: SkipValue): SkipValue {
  return (r) => {
    if (!r.descend()) return readOver(r, id);
    skip(r);
    r.leave();
  };
}

/** Reads struct fields without compiled code: for values that are skipped or of unknown type. */
function readFields<F>(r: ValueReader, fields: readonly F[], read: (field: F) => void): void {
  r.enter();
  eachField(r, fields, read);
  r.leave();
}

function eachField<F>(r: ValueReader, fields: readonly F[], read: (field: F) => void): void {
  for (let index = -1; ; ) {
    const delta = r.count();
    if (delta === 0) break;
    index += delta;
    const field = fields[index];
    if (field === undefined) throw unknownField("struct");
    read(field);
  }
}

function unknownField(type: string): ProtocolError {
  return new ProtocolError(`gob: a field beyond the last one of ${type}`);
}
