/**
 * Lets Node import files as text (`with { type: "text" }`), like Bun. Playwright runs on Node, and the tab's stand-in
 * imports server files whose word tables are loaded that way. Loaded with `node --import`.
 */

import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

export async function load(url, context, nextLoad) {
  if (context.importAttributes?.type !== "text") return nextLoad(url, context);
  const text = await readFile(new URL(url), "utf8");
  return { format: "module", source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
}

// Node runs this file twice: in the program, which registers it, and in the thread of the hooks.
if (isMainThread) register(import.meta.url);
