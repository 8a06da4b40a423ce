import type { Reader } from "./reader.ts";
import type { WireType } from "./wire-type.ts";

/** The source of compiled decoders: basic values, and interface values, whose types only the stream knows. */
export interface ValueReader extends Reader {
  interfaceValue(): unknown;
  /** Reads an interface value up to its concrete value, and returns the type of that; null for nil. */
  concreteType(): number | null;
  /** A type of the stream; throws a ProtocolError for one it has not defined. */
  typeOf(id: number): WireType;
  /** Around a value that holds values. */
  enter(): void;
  leave(): void;
  /** As enter, but false where a value that is skipped is too deep for our stack. */
  descend(): boolean;
  /** Checks a number of elements, each of which holds `width` values, before they are read. */
  elements(count: number, width: number): void;
}
