import { Tagged } from "../../server/runtime/gob/index.ts";
import type { AnyType } from "../../server/runtime/gob/types.ts";

/**
 * Formats a value as the Go program prints it (fields.go): without zero values, bytes as {$bytes: hex}, integers
 * beyond 2^53 as {$int}, times as {$time}, errors as {$error}. Both sides are compared in this form.
 */
export function bare(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $int: String(value) };
    case "object":
      return value === null ? null : bareObject(value);
    case "undefined":
      return null;
    default:
      return value === 0 || value === "" || value === false ? null : value;
  }
}

function bareObject(value: object): unknown {
  if (value instanceof Uint8Array)
    return value.length === 0 ? null : { $bytes: Buffer.from(value).toString("hex") };
  if (value instanceof Date) return value.getTime() === zeroTime ? null : { $time: value.toISOString() };
  if (value instanceof Tagged) return bare(value.value);
  if (value instanceof Error) return { $error: value.message };
  if (Array.isArray(value)) {
    const list = value.map(bare);
    return list.every((item) => item === null) ? null : list;
  }
  const entries = value instanceof Map ? [...value].map(([k, v]) => [String(k), v]) : Object.entries(value);
  const kept = entries.map(([key, item]) => [key, bare(item)]).filter(([, item]) => item !== null);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

/** Go's zero time: January 1 of year 1. */
const zeroTime = -62_135_596_800_000;

/** A value of a type whose parts all differ from each other and from zero. */
export function filled(type: AnyType, seed: number, depth = 0): unknown {
  switch (type.kind) {
    case "bool":
      return true;
    case "int":
    case "uint": {
      if (type.max < 2n ** 20n) return Number(type.max) - (seed % 100);
      if (seed % 17 === 0 && type.max > 2n ** 60n) return 2n ** 60n + BigInt(seed);
      return seed * 1000 + 7;
    }
    case "float":
      return seed + 0.5;
    case "string":
      return `text ${seed} é😀`;
    case "bytes":
      return Uint8Array.of(1, 2, seed % 256);
    case "interface":
      return `any ${seed}`;
    case "slice":
      return depth >= maxDepth
        ? []
        : [filled(type.elem, seed + 1, depth + 1), filled(type.elem, seed + 2, depth + 1)];
    case "array":
      return Array.from({ length: type.length }, (_, i) => filled(type.elem, seed + i, depth + 1));
    case "map": {
      if (depth >= maxDepth) return type.key.kind === "string" ? {} : new Map();
      const entries = [1, 2].map(
        (i) => [filled(type.key, seed + i), filled(type.elem, seed + i, depth + 1)] as const,
      );
      return type.key.kind === "string" ? Object.fromEntries(entries) : new Map(entries);
    }
    case "struct":
      return Object.fromEntries(
        type.fields.map((field, i) => [field.name, filled(field.type, seed + i + 1, depth + 1)]),
      );
    case "pointer":
      return depth >= maxDepth ? null : filled(type.to, seed, depth + 1);
    case "opaque":
      return type.codec.encoding === "GobEncoder"
        ? new Date(1_700_000_000_000 + seed)
        : `http://host/${seed}`;
  }
}

/** Posts contain posts, so filling has to stop at some depth. */
const maxDepth = 7;
