/** Generated code that reads structs of one type. */

import { basicReaders, type ReadValue, type SkipValue, unknownField } from "./decode-parts.ts";
import { type AnyType, flat, type StructType, zero } from "./types.ts";
import type { WireType } from "./wire-type.ts";

export type SentStruct = WireType & { kind: "struct" };

/** Looks up a type by id, among the types that the schema's root is made of. */
export type TypeLookup = (id: number) => WireType;

export interface FieldReaders {
  readonly lookup: TypeLookup;
  reader(id: number, type: AnyType): ReadValue;
  skipper(id: number): SkipValue;
}

/**
 * Compiles structs that are read often. One object literal with all fields gives all values the same object shape
 * in the engine. For struct Post { Id string; FileIds []string }, sent with one more field:
 *
 *   return function (r) {
 *     r.enter();
 *     const v = { Id: "", FileIds: undefined };
 *     for (let field = -1; ; ) {
 *       const delta = r.count();
 *       if (delta === 0) break;
 *       field += delta;
 *       switch (field) {
 *         case 0: v.Id = r.string(); break;
 *         case 1: skip1(r); break;
 *         case 2: v.FileIds = read2(r); break;
 *         default: throw unknownField("Post");
 *       }
 *     }
 *     r.leave();
 *     if (v.FileIds === undefined) v.FileIds = [];
 *     return v;
 *   };
 *
 * Local variables for the fields are no faster, and the engine's last compiler takes a quarter longer on them: for
 * a whole configuration 2.6 s of processor time instead of 2.
 */
export function compileStruct(sent: SentStruct, wanted: StructType, fields: FieldReaders): ReadValue {
  const scope: Record<string, unknown> = { unknownField };
  const literal: string[] = [];
  const absent: string[] = [];
  const types = new Map<string, AnyType>();
  wanted.fields.forEach(({ name, type }, i) => {
    types.set(name, type);
    const constant = constants[type.kind];
    literal.push(`${name}: ${constant}`);
    if (constant !== undefined) return;
    scope[`zero${i}`] = () => zero(type);
    absent.push(`if (v.${name} === undefined) v.${name} = ${fresh[type.kind] ?? `zero${i}()`};`);
  });
  const cases = sent.fields.map((field, i) => {
    const type = types.get(field.name);
    if (type === undefined) {
      scope[`skip${i}`] = fields.skipper(field.id);
      return `case ${i}: skip${i}(r); break;`;
    }
    const { kind } = flat(type);
    if (kind in basicReaders && fields.lookup(field.id).kind === kind) {
      return `case ${i}: v.${field.name} = r.${kind}(); break;`;
    }
    scope[`read${i}`] = fields.reader(field.id, type);
    return `case ${i}: v.${field.name} = read${i}(r); break;`;
  });
  const source = `return function (r) {
      r.enter();
      const v = { ${literal.join(", ")} };
      for (let field = -1; ; ) {
        const delta = r.count();
        if (delta === 0) break;
        field += delta;
        switch (field) {
          ${cases.join("\n")}
          default: throw unknownField(${JSON.stringify(wanted.name)});
        }
      }
      r.leave();
      ${absent.join("\n")}
      return v;
    }`;
  return new Function(...Object.keys(scope), source)(...Object.values(scope)) as ReadValue;
}

/** Zero values that can be shared, as source code. */
const constants: { readonly [kind in AnyType["kind"]]?: string } = {
  bool: "false",
  int: "0",
  uint: "0",
  float: "0",
  string: '""',
  pointer: "null",
  interface: "null",
};

/** Zero values that cannot be shared, as source code. */
const fresh: { readonly [kind in AnyType["kind"]]?: string } = { slice: "[]" };
