/** Errors that name the field at which a value does not fit. */

import type { ReadValue } from "./decode-parts.ts";
import { ProtocolError } from "./errors.ts";
import type { ValueReader } from "./value-reader.ts";

/** Reads a field; puts its name in front of an error: "A.Metadata.Embeds: …". */
export function traced(read: ReadValue, r: ValueReader, name: string): unknown {
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
