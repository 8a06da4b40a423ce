/** Readers of basic values, lists, maps and fields, of which decode-value.ts makes readers of whole types. */

import { ProtocolError } from "./errors.ts";
import { readOver } from "./read-over.ts";
import type { ValueReader } from "./value-reader.ts";

export type ReadValue = (r: ValueReader) => unknown;
export type SkipValue = (r: ValueReader) => void;
/** Compiles once per id. A recursive type finds a placeholder while it is being compiled. */
export function once<F extends (r: ValueReader) => unknown>(
  cache: Map<number, F>,
  id: number,
  compile: () => F,
): F {
  const known = cache.get(id);
  if (known !== undefined) return known;
  let compiled: F | undefined;
  cache.set(id, ((r) => (compiled as F)(r)) as F);
  try {
    compiled = compile();
  } catch (error) {
    cache.delete(id);
    throw error;
  }
  cache.set(id, compiled);
  return compiled;
}

/** Delays the lookup of a reader until its field first arrives. */
export function lazily<T>(find: () => (r: ValueReader) => T): (r: ValueReader) => T {
  let found: ((r: ValueReader) => T) | undefined;
  return (r) => {
    found ??= find();
    return found(r);
  };
}

export const basicReaders = {
  bool: (r: ValueReader) => r.bool(),
  int: (r: ValueReader) => r.int(),
  uint: (r: ValueReader) => r.uint(),
  float: (r: ValueReader) => r.float(),
  string: (r: ValueReader) => r.string(),
  bytes: (r: ValueReader) => r.bytes(),
} as const;

export function listReader(read: ReadValue, elemWidth: number, length: number | undefined): ReadValue {
  return (r) => {
    r.enter();
    const count = r.count();
    if (length !== undefined && count !== length) throw new ProtocolError("gob: an array of another length");
    r.elements(count, elemWidth);
    const list: unknown[] = [];
    for (let i = 0; i < count; i++) list.push(read(r));
    r.leave();
    return list;
  };
}

/** The object has no prototype, because a key may be `__proto__`. */
export function objectReader(key: ReadValue, elem: ReadValue, elemWidth: number): ReadValue {
  return (r) => {
    r.enter();
    const count = r.count();
    r.elements(count, elemWidth);
    const object: Record<string, unknown> = Object.create(null);
    for (let i = 0; i < count; i++) {
      const name = key(r) as string;
      object[name] = elem(r);
    }
    r.leave();
    return object;
  };
}

export function mapReader(key: ReadValue, elem: ReadValue, elemWidth: number): ReadValue {
  return (r) => {
    r.enter();
    const count = r.count();
    r.elements(count, elemWidth);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < count; i++) {
      const name = key(r);
      map.set(name, elem(r));
    }
    r.leave();
    return map;
  };
}

/**
 * Skips a value that holds other values. From a certain depth on it does not use the call stack, so any depth can be
 * skipped.
 */
export function shallow(id: number, skip: SkipValue): SkipValue {
  return (r) => {
    if (!r.descend()) return readOver(r, id);
    skip(r);
    r.leave();
  };
}

/** Reads struct fields without compiled code: for values that are skipped or of unknown type. */
export function readFields<F>(r: ValueReader, fields: readonly F[], read: (field: F) => void): void {
  r.enter();
  eachField(r, fields, read);
  r.leave();
}

export function eachField<F>(r: ValueReader, fields: readonly F[], read: (field: F) => void): void {
  for (let index = -1; ; ) {
    const delta = r.count();
    if (delta === 0) break;
    index += delta;
    const field = fields[index];
    if (field === undefined) throw unknownField("struct");
    read(field);
  }
}

export function unknownField(type: string): ProtocolError {
  return new ProtocolError(`gob: a field beyond the last one of ${type}`);
}
