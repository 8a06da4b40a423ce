/**
 * Compiles a reader for each pair of a sent and a wanted type. The same cases appear as a typed reader, as a skipper
 * and as generated code (decode-struct.ts): they must be changed together.
 */

import {
  basicReaders,
  eachField,
  lazily,
  listReader,
  mapReader,
  objectReader,
  once,
  type ReadValue,
  readFields,
  type SkipValue,
  shallow,
} from "./decode-parts.ts";
import { compileStruct, type SentStruct, type TypeLookup } from "./decode-struct.ts";
import { traced } from "./decode-trace.ts";
import { ProtocolError } from "./errors.ts";
import { readOver } from "./read-over.ts";
import { type AnyType, flat, type StructType, width, zero } from "./types.ts";

/**
 * Compiles decoders for the types of one schema (see Schema) on first use: one for each pair of a sent and a wanted
 * type.
 */
export class Compiler {
  readonly lookup: TypeLookup;
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
      if (++uses === compileAt) read = compileStruct(sent, wanted, this);
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
}

/** Number of uses of a struct type after which compiling it pays. */
const compileAt = 10;
