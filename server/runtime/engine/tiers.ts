import { noFTL } from "bun:jsc";

type AnyFunction = (...args: never[]) => unknown;

/**
 * Keeps the functions of a hot path out of FTL, the last of JavaScriptCore's compilers.
 *
 * FTL compiles what has run some 100,000 times, inlining all it calls. For a protocol that is most of the program: it
 * worked 0.6 to 0.9 s for the first 20,000 requests, on one of the server's cores, just when a load began. For what
 * mostly calls into the engine it buys nothing: over 12 s of load a request costs 71 µs with it and 70 without. For
 * what computes it pays, so gob is not marked (docs/decisions/0014-out-of-the-last-compiler.md).
 *
 * Must be called before the function is hot.
 */
export function withoutFtl(hot: AnyFunction): void {
  noFTL(hot as Parameters<typeof noFTL>[0]);
}

/**
 * The same for a class, its constructor and all its methods: `static { classWithoutFtl(Session); }`.
 * Methods behind `#` belong to no object that could be asked for them; hot ones are `private` instead.
 */
export function classWithoutFtl(type: { readonly prototype: object }): void {
  for (const { value, get, set } of Object.values(Object.getOwnPropertyDescriptors(type.prototype))) {
    for (const method of [value, get, set]) if (typeof method === "function") withoutFtl(method);
  }
}
