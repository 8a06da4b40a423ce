import { isPlainObject, misfit, type ValueWriter, valueWriter, type WriteValue } from "./encode-value.ts";
import { GobError } from "./errors.ts";
import { limits as defaults, type Limits } from "./limits.ts";
import { Registry, Tagged } from "./registry.ts";
import { type AnyType, any, bool, bytes, flat, float, int, map, slice, string, type Type } from "./types.ts";
import { firstDefinedId, writeDefinition } from "./wire-type.ts";
import { Writer } from "./writer.ts";

export interface CodecOptions {
  readonly registry?: Registry;
  readonly limits?: Limits;
}

/**
 * The sending side of one stream. It remembers which types the peer knows.
 *
 *   ┌─────────────────────────────────────┬─────────────────────────────────────────┐
 *   │ definitions the peer does not know  │ the value                               │
 *   │ ┌────────┬─────┬──────────┐         │ ┌────────┬─────────┬───┬───────┐        │
 *   │ │ length │ -id │ wireType │ …       │ │ length │ type id │ 0 │ value │        │
 *   │ └────────┴─────┴──────────┘         │ └────────┴─────────┴───┴───────┘        │
 *   └─────────────────────────────────────┴──────── 0: unless it is a struct ───────┘
 *
 * Go sends the definitions of types inside interface values in the middle of the value. Sending all of them first has
 * the same meaning.
 */
export class Encoder {
  readonly registry: Registry;
  readonly limits: Limits;
  private readonly sent = new Set<Definition>();

  constructor(options: CodecOptions = {}) {
    this.registry = options.registry ?? goRegistry;
    this.limits = options.limits ?? defaults;
  }

  /**
   * Returns the bytes of one value. Throws a GobError when the value does not fit the type; nothing is then marked as
   * sent.
   */
  encode<T>(type: Type<T>, value: T): Uint8Array {
    scratch.startFor(this, this.sent);
    const message = scratch.value(type as AnyType, value);
    return this.commit(message);
  }

  /** Returns the bytes of a header and its body, or throws a GobError and sends neither. */
  encodePair<A, B>(headerType: Type<A>, header: A, bodyType: Type<B>, body: B): Uint8Array {
    scratch.startFor(this, this.sent);
    const first = scratch.value(headerType as AnyType, header);
    const second = scratch.value(bodyType as AnyType, body);
    return this.commit(first, second);
  }

  private commit(first: Uint8Array, second: Uint8Array = nothing): Uint8Array {
    const { fresh } = scratch;
    let size = first.length + second.length;
    for (const definition of fresh) size += definition.message.length;
    const out = new Uint8Array(size);
    let at = 0;
    for (const definition of fresh) {
      this.sent.add(definition);
      out.set(definition.message, at);
      at += definition.message.length;
    }
    out.set(first, at);
    if (second.length > 0) out.set(second, at + first.length);
    return out;
  }
}

const nothing = new Uint8Array(0);
const goRegistry = new Registry();

/** The message that defines a type; the same for all streams. */
interface Definition {
  readonly message: Uint8Array;
}

/** How values of a type are sent. */
interface Plan {
  readonly id: number;
  /** Definitions of the type and of all types it is made of. */
  readonly definitions: readonly Definition[];
  readonly isStruct: boolean;
  readonly write: WriteValue;
}

/** One writer for all encoders: encoding is synchronous, so no two encoders use it at once. */
class ScratchWriter extends Writer implements ValueWriter {
  /** Definitions that the current values need and the peer does not know. */
  fresh: Definition[] = [];
  private encoder!: Encoder;
  private sent!: ReadonlySet<Definition>;
  private depth = 0;

  startFor(encoder: Encoder, sent: ReadonlySet<Definition>): void {
    this.encoder = encoder;
    this.sent = sent;
    if (this.fresh.length > 0) this.fresh = [];
    this.depth = 0;
    this.reset();
  }

  value(type: AnyType, value: unknown): Uint8Array {
    const plan = planOf(type);
    this.begin();
    this.typed(plan, value);
    if (this.size > this.encoder.limits.maxMessageBytes)
      throw new GobError("gob: the value is too large to send");
    return this.message();
  }

  interfaceValue(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.concrete("string", string as AnyType, value);
        break;
      case "number":
        this.concrete("float64", float as AnyType, value);
        break;
      case "boolean":
        this.concrete("bool", bool as AnyType, value);
        break;
      case "bigint":
        this.concrete("int64", int as AnyType, value);
        break;
      case "undefined":
        this.uint(0);
        break;
      case "object":
        this.objectValue(value);
        break;
      default:
        throw misfit("interface", "a value that Go has", value);
    }
  }

  private objectValue(value: object | null): void {
    if (value === null) this.uint(0);
    else if (Array.isArray(value)) this.concrete("[]interface {}", anySlice, value);
    else if (value instanceof Tagged) this.tagged(value);
    else if (value instanceof Uint8Array) this.concrete("[]uint8", bytes as AnyType, value);
    else if (value instanceof Map || isPlainObject(value))
      this.concrete("map[string]interface {}", anyMap, value);
    else throw misfit("interface", "a plain object or a tagged value", value);
  }

  enter(): void {
    if (++this.depth > this.encoder.limits.maxDepth) throw new GobError("gob: the value is nested too deep");
  }

  leave(): void {
    this.depth--;
  }

  private tagged(value: Tagged): void {
    const type = this.encoder.registry.get(value.$type);
    if (type === undefined) throw new GobError(`gob: ${value.$type} is not registered`);
    this.concrete(value.$type, type, value.value);
  }

  /**
   *   ┌──────┬─────────┬────────────┬───────────┐
   *   │ name │ type id │ byte count │ 0 │ value │   name: as registered; empty for nil, and nothing follows
   *   └──────┴─────────┴────────────┴───────────┘   0: unless it is a struct
   */
  private concrete(name: string, type: AnyType, value: unknown): void {
    const plan = planOf(type);
    this.enter();
    this.string(name);
    this.int(plan.id);
    const mark = this.open();
    this.body(plan, value);
    this.close(mark);
    this.leave();
    this.define(plan);
  }

  private typed(plan: Plan, value: unknown): void {
    this.define(plan);
    this.int(plan.id);
    this.body(plan, value);
  }

  private body(plan: Plan, value: unknown): void {
    if (!plan.isStruct) this.uint(0);
    plan.write(this, value);
  }

  private define(plan: Plan): void {
    for (const definition of plan.definitions) {
      if (!this.sent.has(definition) && !this.fresh.includes(definition)) this.fresh.push(definition);
    }
  }
}

const anySlice = flat(slice(any) as AnyType);
const anyMap = flat(map(string, any) as AnyType);
const plans = new WeakMap<AnyType, Plan>();
const ids = new WeakMap<AnyType, number>();
let nextId = firstDefinedId + 1;
const scratch = new ScratchWriter();

function planOf(type: AnyType): Plan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const inner = flat(type);
  const plan: Plan = {
    id: idOf(inner),
    definitions: definitionsOf(inner),
    isStruct: inner.kind === "struct",
    write: valueWriter(type, nameOf(inner)),
  };
  plans.set(type, plan);
  return plan;
}

function nameOf(type: AnyType): string {
  return type.kind === "struct" && type.name !== "" ? type.name : type.kind;
}

/** Type ids are the same in every stream, as in Go, where they belong to the process. */
function idOf(part: AnyType): number {
  const type = flat(part);
  const builtIn = builtInIds[type.kind];
  if (builtIn !== undefined) return builtIn;
  let id = ids.get(type);
  if (id === undefined) {
    id = nextId++;
    ids.set(type, id);
  }
  return id;
}

const builtInIds: { readonly [kind in AnyType["kind"]]?: number } = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  interface: 8,
};

/** Returns the definitions of a type and of all types it is made of. */
function definitionsOf(root: AnyType): Definition[] {
  const seen = new Set<AnyType>();
  const list: Definition[] = [];
  const visit = (part: AnyType): void => {
    const type = flat(part);
    if (seen.has(type) || builtInIds[type.kind] !== undefined) return;
    seen.add(type);
    list.push(definitionOf(type));
    switch (type.kind) {
      case "slice":
      case "array":
        visit(type.elem);
        break;
      case "map":
        visit(type.key);
        visit(type.elem);
        break;
      case "struct":
        for (const field of type.fields) visit(field.type);
    }
  };
  visit(root);
  return list;
}

function definitionOf(type: AnyType): Definition {
  let definition = definitions.get(type);
  if (definition === undefined) {
    const w = new Writer();
    w.begin();
    writeDefinition(w, idOf(type), type, idOf);
    definition = { message: w.message().slice() };
    definitions.set(type, definition);
  }
  return definition;
}

const definitions = new WeakMap<AnyType, Definition>();
