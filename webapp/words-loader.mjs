// Stores a language's texts as values in the order of another language's keys, because the keys are long and the bundle
// has a size limit.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** German has all keys of English and those of settings, whose English words are in plugin.json. */
const referenceOf = (language) => (language === "de" ? "en" : "de");

export default function wordsLoader(source) {
  const file = `${referenceOf(basename(this.resourcePath, ".json"))}.json`;
  const path = join(dirname(this.resourcePath), file);
  this.addDependency(path);
  const keys = Object.keys(JSON.parse(readFileSync(path, "utf8")));
  const words = JSON.parse(source);
  const values = keys.map((key) => words[key] ?? 0);
  const more = Object.fromEntries(Object.entries(words).filter(([key]) => !keys.includes(key)));
  return `import reference from "./${file}";
const words = ${JSON.stringify(more)};
const values = ${JSON.stringify(values)};
Object.keys(reference).forEach((key, at) => { if (values[at] !== 0) words[key] = values[at]; });
export default words;`;
}
