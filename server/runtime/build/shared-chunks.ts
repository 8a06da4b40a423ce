/**
 * Shares modules between the entry and the modules it loads on demand. The bundler splits such modules off, and
 * split-off modules have no bytecode. We put them back into the entry, which passes them to the on-demand modules at
 * run time:
 *
 *   entry.js       import * as a from "./chunk-a.js"; globalThis[…]["chunk-a.js"] = a;    bundled, with bytecode
 *   chunk-b.js     const { x } = globalThis[…]["chunk-a.js"]                              loaded on demand
 *
 * Limit: a binding is copied when the on-demand module loads, so it does not see later changes of a `let`.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";

const REGISTRY = 'globalThis[Symbol.for("plugin chunks")]';
/**
 * Matches imports as the bundler prints them: `import{a as b,c}from"./chunk-x.js";` or `import"./chunk-x.js";`,
 * outside of strings.
 */
const STATIC_IMPORT = /(?<![\w$."'`])import(?:\s*\{([^}]*)\}\s*from)?\s*"\.\/(chunk-[^"]+)";?/g;

/**
 * Rewrites the files of the first pass in place.
 * @param sourceOnly an entry whose modules stay outside the main module, as source.
 * @returns the chunks that stay outside the executable's main module.
 */
export async function shareChunks(
  folder: string,
  { entry, sourceOnly }: { readonly entry: string; readonly sourceOnly?: string },
): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".js"));
  const texts = new Map<string, string>();
  for (const file of files) texts.set(file, await Bun.file(join(folder, file)).text());

  const asSource = sourceOnly ? reachable(sourceOnly, texts) : new Set<string>();
  const shared = [...reachable(entry, texts)].filter((file) => file !== entry && !asSource.has(file));
  const onDemand = files.filter((file) => file.startsWith("chunk-") && !shared.includes(file)).sort();

  for (const file of onDemand) {
    const text = texts.get(file) ?? "";
    const linked = text.replace(STATIC_IMPORT, (whole, names: string | undefined, chunk: string) => {
      if (!shared.includes(chunk)) return whole;
      return names === undefined ? "" : `const{${names.replaceAll(" as ", ":")}}=${REGISTRY}["${chunk}"];`;
    });
    if (linked !== text) await Bun.write(join(folder, file), linked);
  }
  if (shared.length > 0) {
    const imports = shared.map((chunk, index) => `import*as $shared${index} from"./${chunk}";`).join("");
    const entries = shared.map((chunk, index) => `"${chunk}":$shared${index}`).join(",");
    await Bun.write(join(folder, entry), `${imports}${REGISTRY}={${entries}};${texts.get(entry)}`);
  }
  return onDemand;
}

function reachable(entry: string, texts: ReadonlyMap<string, string>): Set<string> {
  const found = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, , chunk = ""] of (texts.get(file) ?? "").matchAll(STATIC_IMPORT)) waiting.push(chunk);
  }
  return found;
}
