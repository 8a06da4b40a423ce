/** Two struct types, and a value that is sent and read. */

import { Decoder, Encoder, INCOMPLETE, int, pointer, Registry, string, struct, type Type } from "../index.ts";

export interface Inner {
  X: number;
  S: string;
}
export const Inner: Type<Inner> = struct("Inner", () => ({ X: int, S: string }));

export interface Node {
  Name: string;
  Next: Node | null;
}
export const Node: Type<Node> = struct("Node", () => ({ Name: string, Next: pointer(Node) }));

export function sendAndRead<T>(type: Type<T>, value: T, registry = new Registry()): T {
  const decoder = new Decoder({ registry });
  decoder.push(new Encoder({ registry }).encode(type, value));
  const read = decoder.read(type);
  if (read === INCOMPLETE) throw new Error("incomplete");
  return read;
}
