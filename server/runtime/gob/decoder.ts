/** Reads a gob stream: the receiving side of a connection. */

import type { CodecOptions } from "./encoder.ts";
import { ProtocolError, UnreadableValue } from "./errors.ts";
import { limits as defaults } from "./limits.ts";
import { INCOMPLETE, SPILLED, type Spill } from "./message-reader.ts";
import { Registry } from "./registry.ts";
import { asProtocolError, NOT_SENT, StreamReader } from "./stream-reader.ts";
import type { AnyType, Type } from "./types.ts";

export { INCOMPLETE, NOT_SENT, SPILLED, type Spill };

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
