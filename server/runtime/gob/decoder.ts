import type { ValueReader } from "./decode-value.ts";
import type { CodecOptions } from "./encoder.ts";
import { ProtocolError } from "./errors.ts";
import { limits as defaults, type Limits } from "./limits.ts";
import { readOver } from "./read-over.ts";
import { Reader } from "./reader.ts";
import { isGoType, Registry, Tagged } from "./registry.ts";
import { type Definition, knownDefinition, type Schema, schemaOf, shareDefinition } from "./schema.ts";
import { type AnyType, any, type Type } from "./types.ts";
import { builtIn, firstDefinedId, interfaceId, readWireType, type WireType } from "./wire-type.ts";

/** The bytes of the next value have not all arrived. */
export const INCOMPLETE: unique symbol = Symbol("incomplete");

/**
 * The receiving side of one stream:
 *
 *   ┌────────┬─────────┬───────────┐
 *   │ length │ type id │ value …   │   length: uint, counts what follows. type id < 0: a definition (see
 *   └────────┴─────────┴───────────┘   wire-type.ts); > 0: a value, after a 0 byte if it is no struct
 *
 * One value may span several messages: when an interface value in its middle has a type the stream has not
 * defined, the message ends after that definition, and the value goes on in the next one:
 *
 *   ┌────────┬─────────┬──────┬─────┬──────────┐ ┌────────┬─────────┬────────────┬────────┐
 *   │ length │ value … │ name │ -id │ wireType │ │ length │ type id │ byte count │ … rest │
 *   └────────┴─────────┴──────┴─────┴──────────┘ └────────┴─────────┴────────────┴────────┘
 *
 * In an interface value inside another the same stands in the outer one's bytes, so that the next length
 * follows in the same message. Go package encoding/gob, decoder.go, decodeTypeSequence.
 */
export class Decoder {
  private readonly source: StreamReader;
  private failure: ProtocolError | undefined;

  constructor(options: CodecOptions = {}) {
    this.source = new StreamReader(options.registry ?? goRegistry, options.limits ?? defaults);
  }

  /** Takes a copy of the next bytes of the stream, wherever they were cut. */
  push(chunk: Uint8Array): void {
    if (this.failure === undefined) this.source.push(chunk);
  }

  /** The next value, or INCOMPLETE. Throws a ProtocolError, and again on every later call. */
  read<T>(type: Type<T>): T | typeof INCOMPLETE {
    return this.next((schema) => schema.read(this.source, type as AnyType)) as T | typeof INCOMPLETE;
  }

  /** Reads over the next value; false while it is incomplete. */
  skip(): boolean {
    return this.next((schema) => schema.skip(this.source)) !== INCOMPLETE;
  }

  private next(read: (schema: Schema) => unknown): unknown {
    if (this.failure !== undefined) throw this.failure;
    try {
      return this.source.next(read);
    } catch (error) {
      this.failure = asProtocolError(error);
      this.source.release();
      throw this.failure;
    }
  }
}

const goRegistry = new Registry();

function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  // Should the stack end before maxDepth does, the peer gets the same answer.
  if (error instanceof RangeError) return new ProtocolError("gob: a value is nested too deep");
  throw error;
}

/** Thrown through the decoders when a value goes on in a message that has not arrived. */
const needMore = Symbol("need more");

class StreamReader extends Reader implements ValueReader {
  private readonly registry: Registry;
  private readonly limits: Limits;
  private readonly defined = new Map<number, Definition>();
  private readonly schemas = new Map<number, Schema>();
  /** Bytes that have arrived. */
  private filled = 0;
  /** Bytes that must have arrived before the next attempt makes sense. */
  private needed = 0;
  /** Where the value being read begins. */
  private begin = 0;
  /** Types the value being read has defined in its middle. */
  private readonly inline: number[] = [];
  private depth = 0;
  private interfaces = 0;
  private budget = 0;

  constructor(registry: Registry, limits: Limits) {
    super();
    this.registry = registry;
    this.limits = limits;
  }

  push(chunk: Uint8Array): void {
    const left = this.filled - this.pos;
    if (left === 0 || this.filled + chunk.length > this.buffer.length) this.makeRoom(left + chunk.length);
    this.buffer.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  /** Moves what is left to the start of a buffer of at least `size` bytes: the same one where that is cheap. */
  private makeRoom(size: number): void {
    const { buffer, pos, filled } = this;
    const reuse = pos === filled ? buffer.length <= keptBytes : pos > buffer.length / 2;
    if (!reuse || size > buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, 2 ** Math.ceil(Math.log2(size))));
    }
    buffer.copy(this.buffer, 0, pos, filled);
    this.needed -= pos;
    this.filled -= pos;
    this.pos = 0;
  }

  /** Gives the memory back: the stream has failed. */
  release(): void {
    this.buffer = Buffer.alloc(0);
    this.pos = 0;
    this.filled = 0;
    this.defined.clear();
    this.schemas.clear();
  }

  next(read: (schema: Schema) => unknown): unknown {
    for (;;) {
      this.begin = this.pos;
      if (!this.message()) return INCOMPLETE;
      const id = this.typeId();
      if (id < 0) {
        this.define(-id);
        if (this.pos !== this.end) throw new ProtocolError("gob: bytes left after a definition");
        continue;
      }
      this.depth = 0;
      this.interfaces = 0;
      this.budget = this.limits.maxElements;
      try {
        this.zeroByte(id);
        const value = read(this.schema(id));
        if (this.pos !== this.end) throw new ProtocolError("gob: bytes left after a value");
        this.inline.length = 0;
        return value;
      } catch (error) {
        if (error !== needMore) throw error;
        // Read again from the start when the next message is there: no other state to keep, and such values are rare.
        for (const defined of this.inline) this.defined.delete(defined);
        this.inline.length = 0;
        this.pos = this.begin;
        return INCOMPLETE;
      }
    }
  }

  /** Steps into the next message; false when it has not all arrived. */
  private message(): boolean {
    if (this.filled < this.needed) return false;
    const { pos } = this;
    if (pos === this.filled) return this.awaits(1);
    const first = this.buffer[pos] as number;
    const head = first < 0x80 ? 1 : 1 + 0x100 - first;
    if (head > 9) throw new ProtocolError("gob: a message length of more than 8 bytes");
    if (pos + head > this.filled) return this.awaits(head);
    this.end = pos + head;
    const length = this.count();
    if (length === 0) throw new ProtocolError("gob: an empty message");
    const end = this.pos + length;
    if (length > this.limits.maxMessageBytes || end - this.begin > this.limits.maxMessageBytes + head) {
      throw new ProtocolError(`gob: a value of more than ${this.limits.maxMessageBytes} bytes`);
    }
    if (end > this.filled) {
      this.pos = pos;
      return this.awaits(head + length);
    }
    this.end = end;
    return true;
  }

  private awaits(bytes: number): false {
    this.needed = this.pos + bytes;
    return false;
  }

  /** Reads the wireType of a definition. */
  private define(id: number): void {
    if (id < firstDefinedId || id > maxTypeId) throw new ProtocolError(`gob: a definition of type ${id}`);
    if (this.defined.has(id)) throw new ProtocolError(`gob: type ${id} was defined twice`);
    if (this.defined.size >= this.limits.maxTypes) throw new ProtocolError("gob: too many types");
    const from = this.pos;
    // Nearly all definitions fill their message, and have been seen on another stream.
    const known =
      this.remaining <= usualDefinitionBytes ? knownDefinition(this.latin1(from, this.end)) : undefined;
    if (known !== undefined) {
      this.pos = this.end;
      this.defined.set(id, known);
    } else {
      const type = readWireType(this, this.limits);
      this.defined.set(id, shareDefinition(this.latin1(from, this.pos), type));
    }
  }

  private latin1(from: number, to: number): string {
    return this.buffer.toString("latin1", from, to);
  }

  private schema(id: number): Schema {
    let schema = this.schemas.get(id);
    if (schema === undefined) {
      schema = schemaOf(id, this.defined);
      this.schemas.set(id, schema);
    }
    return schema;
  }

  interfaceValue(): unknown {
    const name = this.concreteName();
    if (name === "") return null;
    const id = this.concreteId();
    if (++this.interfaces > this.limits.maxInterfaces) {
      this.zeroByte(id);
      readOver(this, id);
      this.interfaces--;
      return null;
    }
    const type = this.registry.get(name);
    this.zeroByte(id);
    const value = this.schema(id).read(this, type ?? (any as AnyType));
    this.interfaces--;
    return isGoType(name) ? value : new Tagged(name, value);
  }

  concreteType(): number | null {
    if (this.concreteName() === "") return null;
    const id = this.concreteId();
    this.zeroByte(id);
    return id;
  }

  typeOf(id: number): WireType {
    const type = builtIn.get(id) ?? this.defined.get(id)?.type;
    if (type === undefined) throw new ProtocolError(`gob: type ${id} was not defined`);
    return type;
  }

  /** What is no struct travels as if it were the only field of one. */
  private zeroByte(id: number): void {
    if (this.typeOf(id).kind === "struct") return;
    if (this.count() !== 0) {
      throw new ProtocolError("gob: a value that is no struct begins with something other than 0");
    }
  }

  private concreteName(): string {
    const from = this.pos;
    const name = this.string();
    if (this.pos - from > this.limits.maxNameBytes + 3)
      throw new ProtocolError("gob: a type name is too long");
    return name;
  }

  /** The type of an interface value, read past the definitions in front of it and its byte count. */
  private concreteId(): number {
    for (;;) {
      if (this.pos === this.end && !this.message()) throw needMore;
      const id = this.typeId();
      if (id > 0) {
        if (id === interfaceId) throw new ProtocolError("gob: an interface value that holds an interface");
        // Not to be trusted for skipping: definitions inside the value would be lost.
        this.count();
        return id;
      }
      this.define(-id);
      this.inline.push(-id);
      if (this.pos < this.end) this.count();
    }
  }

  enter(): void {
    if (++this.depth > this.limits.maxDepth) throw new ProtocolError("gob: a value is nested too deep");
  }

  leave(): void {
    this.depth--;
  }

  elements(count: number, width: number): void {
    this.budget -= count * width;
    if (this.budget < 0) throw new ProtocolError("gob: a value has too many elements");
  }
}

/** Most streams are those of one HTTP request each, and carry some hundred bytes. */
const initialBytes = 512;
/** A buffer that one large message left behind is not kept. */
const keptBytes = 256 * 1024;
const maxTypeId = 2 ** 31 - 1;
/** ServiceSettings takes 5 kB. */
const usualDefinitionBytes = 8 * 1024;
