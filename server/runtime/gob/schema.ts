import type { ReadValue } from "./decode-parts.ts";
import type { TypeLookup } from "./decode-struct.ts";
import { Compiler } from "./decode-value.ts";
import { ProtocolError } from "./errors.ts";
import type { AnyType } from "./types.ts";
import type { ValueReader } from "./value-reader.ts";
import { builtIn, type WireType } from "./wire-type.ts";

/** One definition that a stream has sent. Streams that sent the same bytes share it. */
export interface Definition {
  readonly type: WireType;
  readonly serial: number;
}

/**
 * A type with all the types it is made of, and the decoders compiled for it.
 *
 * A host numbers types once per process, so it sends the same definitions again on each new stream, one for each HTTP
 * request. All streams whose definitions agree byte for byte share a schema, so each reader is compiled once and no
 * stream can influence another.
 */
export class Schema {
  private readonly root: number;
  private readonly lookup: TypeLookup;
  private readonly compiler: Compiler;
  private readonly readers = new Map<AnyType, ReadValue>();
  private tracer: Compiler | undefined;

  constructor(root: number, lookup: TypeLookup) {
    this.root = root;
    this.lookup = lookup;
    this.compiler = new Compiler(lookup);
  }

  read(r: ValueReader, type: AnyType): unknown {
    let read = this.readers.get(type);
    if (read === undefined) {
      read = this.compiler.wholeReader(this.root, type);
      this.readers.set(type, read);
    }
    return read(r);
  }

  /** Reads a value again, slowly, after `read` failed on it: the error names the field. */
  trace(r: ValueReader, type: AnyType): unknown {
    this.tracer ??= new Compiler(this.lookup, true);
    return this.tracer.wholeReader(this.root, type)(r);
  }

  skip(r: ValueReader): void {
    this.compiler.skipper(this.root)(r);
  }
}

const definitions = new Map<string, Definition>();
const schemas = new Map<string, Schema>();
let serials = 0;

/** More than any host sends. A peer that keeps sending new types must not fill our memory. */
const maxShared = 2048;

/** Returns the definition with these bytes (those after its id), if any stream has sent it before. */
export function knownDefinition(message: string): Definition | undefined {
  return definitions.get(message);
}

/** Returns the shared definition with these bytes; adds it if it is new. */
export function shareDefinition(message: string, type: WireType): Definition {
  const known = definitions.get(message);
  if (known !== undefined) return known;
  const definition = { type, serial: serials++ };
  if (definitions.size >= maxShared) definitions.clear();
  definitions.set(message, definition);
  return definition;
}

/** Returns the schema of type `root` of a stream. Throws a ProtocolError when one of its types was not defined. */
export function schemaOf(root: number, defined: ReadonlyMap<number, Definition>): Schema {
  const types = new Map<number, WireType>();
  let key = `${root}`;
  const visit = (id: number): void => {
    if (types.has(id)) return;
    const known = builtIn.get(id);
    if (known !== undefined) {
      types.set(id, known);
      return;
    }
    const definition = defined.get(id);
    if (definition === undefined) throw new ProtocolError(`gob: type ${id} was not defined`);
    types.set(id, definition.type);
    key += ` ${definition.serial}`;
    for (const part of partsOf(definition.type)) visit(part);
  };
  visit(root);
  const known = schemas.get(key);
  if (known !== undefined) return known;
  // The visit above has seen every type that a part can name.
  const schema = new Schema(root, (id) => types.get(id) as WireType);
  if (schemas.size >= maxShared) schemas.clear();
  schemas.set(key, schema);
  return schema;
}

function partsOf(type: WireType): number[] {
  switch (type.kind) {
    case "array":
    case "slice":
      return [type.elem];
    case "map":
      return [type.key, type.elem];
    case "struct":
      return type.fields.map((field) => field.id);
    default:
      return [];
  }
}
