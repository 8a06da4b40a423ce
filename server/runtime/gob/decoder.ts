/** Reads a gob stream. Message framing, type definitions and interface values call each other, so they stay together. */

import { FieldError } from "./decode-value.ts";
import type { CodecOptions } from "./encoder.ts";
import { ProtocolError, UnreadableValue } from "./errors.ts";
import { limits as defaults, type Limits } from "./limits.ts";
import { readOver } from "./read-over.ts";
import { Reader } from "./reader.ts";
import { isGoType, Registry, Tagged } from "./registry.ts";
import { type Definition, knownDefinition, type Schema, schemaOf, shareDefinition } from "./schema.ts";
import { type AnyType, any, type Type } from "./types.ts";
import type { ValueReader } from "./value-reader.ts";
import { builtIn, firstDefinedId, interfaceId, readWireType, type WireType } from "./wire-type.ts";

/** The bytes of the next value have not all arrived. */
export const INCOMPLETE: unique symbol = Symbol("incomplete");
/** The peer could not encode this value: the next header (see readHeader) came instead. */
export const NOT_SENT: unique symbol = Symbol("not sent");

/** The value was written to the given spill. */
export const SPILLED: unique symbol = Symbol("spilled");

/** Receives the message of a large value as it arrives, so that memory never holds it. `write` must not throw. */
export interface Spill {
  /** Messages smaller than this are read as usual. */
  readonly fromBytes: number;
  write(bytes: Uint8Array): void;
}

/**
 * The receiving side of one stream:
 *
 *   ┌────────┬─────────┬───────────┐
 *   │ length │ type id │ value …   │   length: uint, of the bytes after it. type id < 0: a definition (see
 *   └────────┴─────────┴───────────┘   wire-type.ts); > 0: a value, after a 0 byte unless it is a struct
 *
 * One value may span several messages: when it contains an interface value whose type the stream has not defined yet,
 * the message ends after that definition, and the value continues in the next message:
 *
 *   ┌────────┬─────────┬──────┬─────┬──────────┐ ┌────────┬─────────┬────────────┬────────┐
 *   │ length │ value … │ name │ -id │ wireType │ │ length │ type id │ byte count │ … rest │
 *   └────────┴─────────┴──────┴─────┴──────────┘ └────────┴─────────┴────────────┴────────┘
 *
 * For an interface value inside another one, the definition is among the bytes of the outer one, so the next length
 * follows in the same message. Go package encoding/gob, decoder.go, decodeTypeSequence.
 */
export class Decoder {
  private readonly source: StreamReader;
  private failure: ProtocolError | undefined;

  constructor(options: CodecOptions = {}) {
    this.source = new StreamReader(options.registry ?? goRegistry, options.limits ?? defaults);
  }

  /** Copies the next bytes of the stream, wherever they were cut. */
  push(chunk: Uint8Array): void {
    if (this.failure === undefined) this.source.push(chunk);
  }

  /** True when bytes of a value have arrived that was not read yet or is incomplete. */
  get isMidValue(): boolean {
    return this.failure === undefined && this.source.isMidValue;
  }

  /**
   * Reads the next value. Throws UnreadableValue when only this value cannot be read. Any other ProtocolError ends
   * the stream and is thrown again on every later call.
   */
  read<T>(type: Type<T>): T | typeof INCOMPLETE;
  read<T>(type: Type<T>, spill: Spill | undefined): T | typeof INCOMPLETE | typeof SPILLED;
  read<T>(type: Type<T>, spill?: Spill): T | typeof INCOMPLETE | typeof SPILLED {
    const value = this.next(type as AnyType, spill);
    if (value === NOT_SENT) throw this.fail(new ProtocolError("gob: a header in the place of a value"));
    return value as T | typeof INCOMPLETE;
  }

  /**
   * Reads a header: a value that precedes each other one, such as a call's name before its arguments. A header that
   * is unreadable or large is an error at once, so that the stream does not wait for the rest of garbage.
   */
  readHeader<T>(type: Type<T>): T | typeof INCOMPLETE {
    if (this.failure !== undefined) throw this.failure;
    this.source.header(true);
    try {
      return this.next(type as AnyType) as T | typeof INCOMPLETE;
    } catch (error) {
      throw this.fail(error);
    } finally {
      this.source.header(false);
    }
  }

  /**
   * Like read, for the value after a header. A Go client that fails to encode arguments continues with its next
   * header.
   */
  readAfterHeader<T>(type: Type<T>): T | typeof INCOMPLETE | typeof NOT_SENT {
    return this.next(type as AnyType) as T | typeof INCOMPLETE | typeof NOT_SENT;
  }

  /** Skips the next value; returns false while it is incomplete. */
  skip(): boolean {
    return this.next(null) !== INCOMPLETE;
  }

  private next(type: AnyType | null, spill?: Spill): unknown {
    if (this.failure !== undefined) throw this.failure;
    try {
      return this.source.next(type, spill);
    } catch (error) {
      if (error instanceof UnreadableValue) throw error;
      throw this.fail(error);
    }
  }

  private fail(error: unknown): ProtocolError {
    this.failure ??= asProtocolError(error);
    this.source.release();
    return this.failure;
  }
}

const goRegistry = new Registry();

function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  // When the stack overflows before maxDepth is reached, the peer gets the same answer.
  if (error instanceof RangeError) return new ProtocolError("gob: a value is nested too deep");
  throw error;
}

/** Thrown through the decoders when a value continues in a message that has not arrived. */
const needMore = Symbol("need more");
/** Thrown through the decoders when the next header arrives in the middle of a value. */
const notSent = Symbol("not sent");

class StreamReader extends Reader implements ValueReader {
  private readonly registry: Registry;
  private readonly limits: Limits;
  private readonly defined = new Map<number, Definition>();
  private readonly schemas = new Map<number, Schema>();
  /** Number of bytes that have arrived. */
  private filled = 0;
  /** Number of bytes that must have arrived before the next attempt makes sense. */
  private needed = 0;
  /** Where the value being read begins. */
  private begin = 0;
  /** Types that were defined in the middle of the value being read. */
  private readonly inline: number[] = [];
  private depth = 0;
  private interfaces = 0;
  private budget = 0;
  /** Whether the value being read is a header, and the type of the last header. */
  private isHeader = false;
  private headerId = 0;
  /** Bytes still to come of a message that is too large to keep, or that goes to `spill`. */
  private toDrop = 0;
  /** Receives the current message. */
  private spill: Spill | null = null;
  private offered: Spill | null = null;

  constructor(registry: Registry, limits: Limits) {
    super();
    this.registry = registry;
    this.limits = limits;
  }

  get isMidValue(): boolean {
    return this.filled > this.pos || this.toDrop > 0;
  }

  header(isHeader: boolean): void {
    this.isHeader = isHeader;
  }

  push(all: Uint8Array): void {
    let chunk = all;
    if (this.toDrop > 0) {
      const dropped = Math.min(this.toDrop, all.length);
      this.toDrop -= dropped;
      this.spill?.write(all.subarray(0, dropped));
      chunk = all.subarray(dropped);
    }
    const left = this.filled - this.pos;
    if (left === 0 || this.filled + chunk.length > this.buffer.length) {
      // Reserves as much as was announced, so that a large message is not copied repeatedly, but only in proportion
      // to what has arrived: announcing a size costs the peer nothing.
      const size = left + chunk.length;
      this.makeRoom(Math.max(size, Math.min(this.needed - this.pos, size * 8)));
    }
    this.buffer.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  /** Moves the unread bytes to the start of a buffer of at least `size` bytes: the same buffer when that is cheap. */
  private makeRoom(size: number): void {
    const { buffer, pos, filled } = this;
    const reuse = pos === filled ? buffer.length <= keptBytes : pos > buffer.length / 2;
    if (!reuse || size > buffer.length) {
      const capacity = size > keptBytes ? size : 2 ** Math.ceil(Math.log2(size));
      this.buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, capacity));
    }
    buffer.copy(this.buffer, 0, pos, filled);
    if (buffer !== this.buffer) free(buffer);
    this.needed -= pos;
    this.filled -= pos;
    this.pos = 0;
  }

  /** Frees the memory after the stream has failed. */
  release(): void {
    free(this.buffer);
    this.buffer = Buffer.alloc(0);
    this.pos = 0;
    this.filled = 0;
    this.defined.clear();
    this.schemas.clear();
  }

  /** Reads the next value, or skips it when `type` is null. */
  next(type: AnyType | null, spill: Spill | null = null): unknown {
    this.offered = spill;
    for (;;) {
      if (this.spill !== null) return this.endOfSpill();
      this.begin = this.pos;
      if (!this.message()) {
        if (this.spill !== null) continue;
        return INCOMPLETE;
      }
      const id = this.typeId();
      if (id < 0) {
        this.define(-id);
        if (this.pos !== this.end) throw new ProtocolError("gob: bytes left after a definition");
        continue;
      }
      if (this.isHeader) this.headerId = id;
      else if (id === this.headerId) return this.giveUp(this.begin);
      try {
        const value = this.value(id, type === null ? skipWhole : type);
        this.inline.length = 0;
        if (this.pos === this.filled && this.buffer.length > keptBytes) this.dropBuffer();
        return value;
      } catch (error) {
        if (error === needMore) return this.rewind();
        if (error === notSent) return this.giveUp(this.pos);
        if (type === null || this.isHeader) throw error;
        return this.unreadable(type, error);
      }
    }
  }

  private value(id: number, read: AnyType | ((schema: Schema, r: ValueReader) => unknown)): unknown {
    this.depth = 0;
    this.interfaces = 0;
    this.budget = this.limits.maxElements;
    this.zeroByte(id);
    const schema = this.schema(id);
    const value = typeof read === "function" ? read(schema, this) : schema.read(this, read);
    if (this.pos !== this.end) throw new ProtocolError("gob: bytes left after a value");
    return value;
  }

  /**
   * Returns to the start of the value until the next message has arrived. Keeps no other state, because such values
   * are rare.
   */
  private rewind(): typeof INCOMPLETE {
    for (const defined of this.inline) this.defined.delete(defined);
    this.inline.length = 0;
    this.pos = this.begin;
    return INCOMPLETE;
  }

  /** Keeps the types that were defined on the way: the sender does not define them again. */
  private giveUp(header: number): typeof NOT_SENT {
    this.inline.length = 0;
    this.pos = header;
    return NOT_SENT;
  }

  /**
   * Handles a value that does not fit the wanted type. When it can be skipped, the stream continues after it, as in
   * Go. Throws UnreadableValue, or the error that ends the stream.
   */
  private unreadable(type: AnyType, error: unknown): unknown {
    const reason = asProtocolError(error);
    let after: number;
    try {
      this.again(skipWhole);
      after = this.pos;
    } catch (second) {
      if (second === needMore) return this.rewind();
      if (second === notSent) return this.giveUp(this.pos);
      throw reason;
    }
    let path = "";
    try {
      this.again((schema) => schema.trace(this, type));
    } catch (third) {
      if (third instanceof FieldError) path = `${third.path}: `;
    }
    this.inline.length = 0;
    this.pos = after;
    throw new UnreadableValue(`${path}${reason.message}`);
  }

  /** Reads the value again from its start. */
  private again(read: (schema: Schema, r: ValueReader) => unknown): void {
    this.rewind();
    if (!this.message()) throw needMore;
    this.value(this.typeId(), read);
  }

  /** Enters the next message; returns false when it has not fully arrived. */
  private message(): boolean {
    if (this.filled < this.needed || this.toDrop > 0) return false;
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
    const { maxMessageBytes } = this.limits;
    if (this.offered && length >= this.offered.fromBytes && pos === this.begin && length <= goMaxMessageBytes)
      return this.divert(this.offered, end);
    if (this.isHeader && length > headerBytes) throw new ProtocolError(`gob: a header of ${length} bytes`);
    if (length > maxMessageBytes || end - this.begin > maxMessageBytes + head) {
      if (pos === this.begin && length <= goMaxMessageBytes) this.drop(end);
      throw new ProtocolError(`gob: a value of more than ${maxMessageBytes} bytes`);
    }
    if (end > this.filled) {
      this.pos = pos;
      return this.awaits(head + length);
    }
    this.end = end;
    return true;
  }

  private divert(spill: Spill, end: number): false {
    const here = Math.min(end, this.filled);
    if (here > this.pos) spill.write(this.buffer.subarray(this.pos, here));
    this.spill = spill;
    this.toDrop = end - here;
    this.pos = here;
    this.needed = 0;
    if (this.pos === this.filled) this.dropBuffer();
    return false;
  }

  private endOfSpill(): typeof INCOMPLETE | typeof SPILLED {
    if (this.toDrop > 0) return INCOMPLETE;
    this.spill = null;
    return SPILLED;
  }

  /** Drops the bytes of a message as they arrive, after reading only its length: the stream stays in step. */
  private drop(end: number): never {
    const { maxMessageBytes } = this.limits;
    this.toDrop = Math.max(0, end - this.filled);
    this.pos = Math.min(end, this.filled);
    this.needed = 0;
    if (this.pos === this.filled) this.dropBuffer();
    throw new UnreadableValue(`gob: a value of more than ${maxMessageBytes} bytes`);
  }

  /** Frees the bytes of a large value as soon as it was read. */
  private dropBuffer(): void {
    free(this.buffer);
    this.buffer = Buffer.alloc(0);
    this.needed -= this.pos;
    this.pos = 0;
    this.filled = 0;
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
    // Nearly all definitions fill their message and were seen on another stream.
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

  /** A value that is not a struct is preceded by a zero byte. */
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

  /** Returns the type of an interface value, after reading the definitions in front of it and its byte count. */
  private concreteId(): number {
    for (;;) {
      const start = this.pos;
      const next = start === this.end;
      if (next && !this.message()) throw needMore;
      const id = this.typeId();
      if (next && id === this.headerId) {
        this.pos = start;
        throw notSent;
      }
      if (id > 0) {
        if (id === interfaceId) throw new ProtocolError("gob: an interface value that holds an interface");
        // The byte count cannot be used for skipping: definitions inside the value would be lost.
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

  descend(): boolean {
    if (this.depth >= maxSkipDepth) return false;
    this.depth++;
    return true;
  }

  elements(count: number, width: number): void {
    this.budget -= count * width;
    if (this.budget < 0) throw new ProtocolError("gob: a value has too many elements");
  }
}

const skipWhole = (schema: Schema, r: ValueReader) => schema.skip(r);

/** Frees the memory of a large buffer without waiting for the garbage collector. Small ones are left to it. */
function free(buffer: Buffer): void {
  if (buffer.length > keptBytes) (buffer.buffer as ArrayBuffer).transfer(0);
}

/** From this depth on, skipping does not use the call stack, so any depth can be skipped. */
const maxSkipDepth = 200;
/** Large enough for net/rpc's Response with the text of an error. */
const headerBytes = 1024 * 1024;
/** encoding/gob itself accepts no larger message (tooBig). */
const goMaxMessageBytes = 1024 * 1024 * 1024;
/** Most streams belong to one HTTP request and carry a few hundred bytes. */
const initialBytes = 512;
/** A buffer larger than this is not kept after the message that needed it. */
const keptBytes = 256 * 1024;
const maxTypeId = 2 ** 31 - 1;
/** The definition of ServiceSettings takes 5 kB. */
const usualDefinitionBytes = 8 * 1024;
