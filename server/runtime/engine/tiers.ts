import { noFTL } from "bun:jsc";

type AnyFunction = (...args: never[]) => unknown;

/**
 * Keeps the functions of a hot path out of FTL, the last of JavaScriptCore's compilers.
 *
 * FTL compiles a function that has run some 100,000 times, and inlines everything it calls. For a protocol that is
 * most of the program: FTL used 0.6 to 0.9 s of one core during the first 20,000 requests, just when a load begins.
 * Code that mostly calls into the engine gains nothing from it: over 12 s of load a request costs 71 µs with FTL and
 * 70 µs without. Code that computes does gain, so gob is not marked
 * (docs/decisions/0014-out-of-the-last-compiler.md).
 *
 * Call it before the function is hot.
 */
export function withoutFtl(hot: AnyFunction): void {
  noFTL(hot as Parameters<typeof noFTL>[0]);
}

/**
 * The same for the constructor and all methods of a class: `static { classWithoutFtl(Session); }`. Private `#`
 * methods cannot be reached from outside, so hot methods are declared `private` instead.
 */
export function classWithoutFtl(type: { readonly prototype: object }): void {
  for (const { value, get, set } of Object.values(Object.getOwnPropertyDescriptors(type.prototype))) {
    for (const method of [value, get, set]) if (typeof method === "function") withoutFtl(method);
  }
}
