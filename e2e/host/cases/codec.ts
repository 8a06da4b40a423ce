import { Decoder, Encoder, Registry, type Type } from "../../../server/runtime/gob/index.ts";
import type { AnyType } from "../../../server/runtime/gob/types.ts";
import * as config from "../../../server/runtime/mattermost/wire/config.gen.ts";
import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import { registerNames } from "../../../server/runtime/mattermost/wire/registry.gen.ts";
import type { Host } from "../host.ts";
import { bare, filled } from "../values.ts";
import { agree, type Case, isTrue } from "./case.ts";

/**
 * Checks every struct that the API and the hooks use: Go encodes and we decode, we encode and Go decodes.
 */
export async function codecCases(host: Host): Promise<Case[]> {
  const types = { ...config, ...model } as unknown as Record<string, Type<unknown>>;
  const registry = registerNames(new Registry());
  const all = (await host.do<string[]>("types")).sort();
  const names = host.newest ? all : all.filter((name) => types[name] !== undefined);
  return names.flatMap((name, i): Case[] => [
    {
      name: `gob: decodes ${name} of Go`,
      run: async () => {
        const { hex, values } = await host.do<{ hex: string; values: unknown[] }>("encode", {
          type: name,
          seed: i + 1,
        });
        const decoder = new Decoder({ registry });
        decoder.push(Buffer.from(hex, "hex"));
        for (const value of values) agree(host, bare(decoder.read(typeOf(types, name))), value, name);
      },
    },
    {
      name: `gob: encodes ${name} for Go`,
      run: async () => {
        const encoder = new Encoder({ registry });
        const values = [1, 2].map((n) => filled(typeOf(types, name) as AnyType, i + n));
        const stream = Buffer.concat(values.map((value) => encoder.encode(typeOf(types, name), value)));
        const read = await host.do("decode", { type: name, hex: stream.toString("hex") });
        agree(host, read, values.map(bare), name);
      },
    },
  ]);
}

function typeOf(types: Record<string, Type<unknown>>, name: string): Type<unknown> {
  const type = types[name];
  isTrue(type !== undefined, `no generated type ${name}`);
  return type;
}
