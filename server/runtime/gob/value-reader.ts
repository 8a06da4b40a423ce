import type { Reader } from "./reader.ts";
import type { WireType } from "./wire-type.ts";

/** The source of compiled decoders: basic values, and interface values, whose types only the stream knows. */
export interface ValueReader extends Reader {
  interfaceValue(): unknown;
  /** Reads an interface value up to its concrete value and returns that value's type; null for nil. */
  concreteType(): number | null;
  /** Returns a type of the stream. Throws a ProtocolError when the stream has not defined it. */
  typeOf(id: number): WireType;
  /** Called around a value that holds other values. */
  enter(): void;
  leave(): void;
  /** Like enter, but returns false when a value that is skipped is too deep for the call stack. */
  descend(): boolean;
  /** Checks a number of elements, each of which holds `width` values, before they are read. */
  elements(count: number, width: number): void;
}
