import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Decoder } from "../../../server/runtime/gob/index.ts";

/** Records every gob stream from the host, one file per stream, as seeds for the fuzzer. */
export function recordGob(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const names = new WeakMap<Decoder, string>();
  const push = Decoder.prototype.push;
  let streams = 0;
  Decoder.prototype.push = function (this: Decoder, chunk: Uint8Array) {
    let name = names.get(this);
    if (name === undefined) {
      name = join(directory, `${process.pid}-${++streams}.gob`);
      names.set(this, name);
    }
    appendFileSync(name, chunk);
    push.call(this, chunk);
  };
}
