/** The values of a stream. Definitions and interface values call each other, so they stay together. */

import { FieldError } from "./decode-trace.ts";
import { ProtocolError, UnreadableValue } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { INCOMPLETE, MessageReader, type Spill } from "./message-reader.ts";
import { readOver } from "./read-over.ts";
import { isGoType, type Registry, Tagged } from "./registry.ts";
import { type Definition, knownDefinition, type Schema, schemaOf, shareDefinition } from "./schema.ts";
import { type AnyType, any } from "./types.ts";
import type { ValueReader } from "./value-reader.ts";
import { builtIn, firstDefinedId, interfaceId, readWireType, type WireType } from "./wire-type.ts";

/** The peer could not encode this value: the next header (see readHeader) came instead. */
export const NOT_SENT: unique symbol = Symbol("not sent");

/** Thrown through the decoders when a value continues in a message that has not arrived. */
const needMore = Symbol("need more");
/** Thrown through the decoders when the next header arrives in the middle of a value. */
const notSent = Symbol("not sent");

/** Reads the values of a stream, and keeps the types that it defines. */
export class StreamReader extends MessageReader implements ValueReader {
  private readonly registry: Registry;
  private readonly defined = new Map<number, Definition>();
  private readonly schemas = new Map<number, Schema>();
  /** Types that were defined in the middle of the value being read. */
  private readonly inline: number[] = [];
  private depth = 0;
  private interfaces = 0;
  private budget = 0;
  /** The type of the last header. */
  private headerId = 0;

  constructor(registry: Registry, limits: Limits) {
    super(limits);
    this.registry = registry;
  }

  override release(): void {
    super.release();
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
        this.dropLarge();
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

export function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  // When the stack overflows before maxDepth is reached, the peer gets the same answer.
  if (error instanceof RangeError) return new ProtocolError("gob: a value is nested too deep");
  throw error;
}

/** From this depth on, skipping does not use the call stack, so any depth can be skipped. */
const maxSkipDepth = 200;
const maxTypeId = 2 ** 31 - 1;
/** The definition of ServiceSettings takes 5 kB. */
const usualDefinitionBytes = 8 * 1024;
