import { Decoder, Encoder, Registry, type Type } from "../../gob/index.ts";
import type { Input } from "../wire/shapes.ts";

/**
 * Returns a value of the server as a plugin receives it: through gob, as Go writes it. A field that is false, 0, ""
 * or nil is not on the wire, neither as a value nor as a pointer.
 */
export function travelled<T extends object>(type: Type<T>, value: NoInfer<Input<T>>): T {
  const registry = new Registry();
  const decoder = new Decoder({ registry });
  decoder.push(new Encoder({ registry }).encode(type, withoutZeros(value) as T));
  return decoder.read(type) as T;
}

/** Drops the fields that Go leaves out of a struct, at every depth. Maps keep their entries, as in Go. */
export function withoutZeros(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
    return value;
  const kept = Object.entries(value).filter(([, item]) => !isZero(item));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutZeros(item)]));
}

const isZero = (value: unknown): boolean =>
  value === false || value === 0 || value === "" || value === null || value === undefined;
