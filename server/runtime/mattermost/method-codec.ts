import { any, pointer, sendingZeros, struct, type Type } from "../gob/index.ts";
import { type AnyType, flat } from "../gob/types.ts";
import { AppError } from "./wire/model.gen.ts";
import type { ApiMethod, HookMethod } from "./wire/shapes.ts";

export type Letters = Record<string, unknown>;

/** The two structs of a method on the wire, Z_<name>Args and Z_<name>Returns, both {A, B, C…}. */
export interface MethodCodec {
  args: Type<Letters>;
  returns: Type<Letters>;
  /** Number of results before the error. */
  results: number;
  /** Field of the error in `returns`. */
  failure: string | null;
}

const codecs = new WeakMap<ApiMethod, MethodCodec>();

/** Built on first use, because a plugin uses few methods. */
export function codecOf(method: ApiMethod): MethodCodec {
  const known = codecs.get(method);
  if (known) return known;
  const codec = build(method);
  codecs.set(method, codec);
  return codec;
}

function build(method: ApiMethod): MethodCodec {
  const results = replyTypes(method);
  const failure = method.fails ? letter(results.length) : null;
  const failureType = method.fails === "AppError" ? pointer(AppError) : any;
  const all: readonly Type<unknown>[] = failure ? [...results, failureType] : results;
  return {
    args: lettered(`Z_${method.go}Args`, method.args()),
    returns: lettered(`Z_${method.go}Returns`, all),
    results: results.length,
    failure,
  };
}

/**
 * The reply type of a hook. When the host merges a reply into the value it sent, the reply must be able to set a
 * field to empty, so its fields are sent even when they are zero. A plugin in Go cannot do that.
 */
function replyTypes(method: ApiMethod | HookMethod): readonly Type<unknown>[] {
  const results = method.results();
  if (!("prefilled" in method)) return results;
  const [merged, ...others] = results;
  return [pointer(sendingZeros(flat(merged as AnyType) as Type<object>)), ...others];
}

export function letter(index: number): string {
  return String.fromCharCode(65 + index);
}

function lettered(name: string, types: readonly Type<unknown>[]): Type<Letters> {
  return struct<Letters>(name, () => Object.fromEntries(types.map((type, i) => [letter(i), type])));
}
