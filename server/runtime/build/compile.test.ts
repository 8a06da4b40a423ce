/** On-demand modules share module instances with the entry, and the modules that a start needs have bytecode. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, ownPlatform, run } from "./compile.ts";
import { shareChunks } from "./shared-chunks.ts";

const MINUTE = 60_000;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "compile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = {
  "shared.ts": `
    export class Refusal extends Error {}
    export const names: string[] = [];
    export function note(name: string) { names.push(name); }
    export default "default export";`,
  "tables.ts": `export const table = { word: "a word" };`,
  "lazy.ts": `
    import chosen, { Refusal, note as remember } from "./shared.ts";
    import { table } from "./tables.ts";
    import { second } from "./second.ts";
    export function refuse() { remember("lazy"); second(); throw new Refusal(chosen + ", " + table.word); }`,
  "second.ts": `import { note } from "./shared.ts"; export function second() { note("second"); }`,
  "other.ts": `import { second } from "./second.ts"; export const other = () => second();`,
  "main.ts": `
    import { Refusal, names, note } from "./shared.ts";
    import { table } from "./tables.ts";
    note("main");
    const { refuse } = await import("./lazy.ts");
    const { other } = await import("./other.ts");
    try { refuse(); } catch (error) {
      other();
      console.log(JSON.stringify([error instanceof Refusal, (error as Error).message, names, table.word]));
    }`,
};

describe("a program with modules that are loaded on demand", () => {
  for (const [name, sourceOnly] of [
    ["all else with bytecode", undefined],
    ["a table as source", "tables.ts"],
  ] as const)
    test(
      `the entry and the on-demand modules have one instance of what they share: ${name}`,
      async () => {
        for (const [file, text] of Object.entries(program)) await Bun.write(join(folder, file), text);
        const output = join(folder, "program");
        await compile({
          entry: join(folder, "main.ts"),
          output,
          platform: ownPlatform,
          bun: process.execPath,
          ...(sourceOnly ? { withoutBytecode: join(folder, sourceOnly) } : {}),
        });
        expect(JSON.parse(await run([output], folder))).toEqual([
          true,
          "default export, a word",
          ["main", "lazy", "second", "second"],
          "a word",
        ]);
      },
      MINUTE,
    );
});

describe("the chunks of a program", () => {
  const share = async (texts: Readonly<Record<string, string>>, sourceOnly?: string) => {
    const place = await mkdtemp(join(folder, "chunks-"));
    for (const [file, text] of Object.entries(texts)) await Bun.write(join(place, file), text);
    const onDemand = await shareChunks(place, {
      entry: "entry-main.js",
      ...(sourceOnly ? { sourceOnly } : {}),
    });
    return { onDemand, text: (file: string) => Bun.file(join(place, file)).text() };
  };

  test("a chunk that only on-demand modules use stays outside and keeps its imports", async () => {
    const texts = {
      "entry-main.js": 'import("./chunk-a.js");',
      "chunk-a.js": 'import{x}from"./chunk-b.js";x();',
      "chunk-b.js": "export{x};",
    };
    const { onDemand, text } = await share(texts);
    expect(onDemand).toEqual(["chunk-a.js", "chunk-b.js"]);
    for (const [file, before] of Object.entries(texts)) expect(await text(file)).toBe(before);
  });

  test("a chunk that the entry also uses comes from the entry", async () => {
    const { onDemand, text } = await share({
      "entry-main.js": 'import{x}from"./chunk-b.js";import("./chunk-a.js");',
      "chunk-a.js": 'import"./chunk-c.js";import{x as y,z}from"./chunk-b.js";y(z);',
      "chunk-b.js": 'import{w}from"./chunk-c.js";export{x,z};',
      "chunk-c.js": "export{w};",
    });
    expect(onDemand).toEqual(["chunk-a.js"]);
    const registry = 'globalThis[Symbol.for("plugin chunks")]';
    expect(await text("chunk-a.js")).toBe(`const{x:y,z}=${registry}["chunk-b.js"];y(z);`);
    expect(await text("entry-main.js")).toStartWith(
      `import*as $shared0 from"./chunk-b.js";import*as $shared1 from"./chunk-c.js";${registry}={`,
    );
  });

  test("a source-only chunk stays outside, even when the entry uses it", async () => {
    const { onDemand, text } = await share(
      {
        "entry-main.js": 'import{x}from"./chunk-b.js";import("./chunk-a.js");',
        "entry-source.js": 'import{x}from"./chunk-b.js";export{x};',
        "chunk-a.js": 'import{x}from"./chunk-b.js";x();',
        "chunk-b.js": "export{x};",
      },
      "entry-source.js",
    );
    expect(onDemand).toEqual(["chunk-a.js", "chunk-b.js"]);
    expect(await text("chunk-a.js")).toBe('import{x}from"./chunk-b.js";x();');
  });

  test("text that looks like an import is left alone", async () => {
    const text = 'const s="import{x}from\\"./chunk-b.js\\";";';
    const chunks = await share({
      "entry-main.js": 'import{x}from"./chunk-b.js";import("./chunk-a.js");',
      "chunk-a.js": text,
      "chunk-b.js": "export{x};",
    });
    expect(await chunks.text("chunk-a.js")).toBe(text);
  });
});
