import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import plugin from "../../../plugin.json";
import { stepKinds } from "../../../server/admin/setup/plan.ts";
import de from "./strings/de.json";
import en from "./strings/en.json";
import es from "./strings/es.json";
import fr from "./strings/fr.json";
import ja from "./strings/ja.json";

const english: Record<string, string> = en;
const languages: Record<string, Record<string, string>> = { de, es, fr, ja };
const settings = plugin.settings_schema.sections
  .flatMap((section) => section.settings as { key: string; type: string; help_text: string }[])
  .filter(({ type }) => type !== "custom");
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe("every language", () => {
  for (const [language, strings] of Object.entries(languages)) {
    test(`${language} has every text of the console, with the same placeholders`, () => {
      for (const [key, text] of Object.entries(english)) {
        expect([key, strings[key] !== undefined]).toEqual([key, true]);
        expect([key, placeholders(strings[key] ?? "")]).toEqual([key, placeholders(text)]);
      }
    });

    test(`${language} has no obsolete text`, () => {
      expect(Object.keys(strings).filter((key) => !(key in english))).toEqual([]);
    });
  }
});

test("every setting has its name and help, and no obsolete setting has texts", () => {
  const names = settings.map(({ key }) => `setting.${key}`);
  for (const name of names) expect([name, english[name] !== undefined]).toEqual([name, true]);
  const known = (key: string) => names.some((name) => key === name || key.startsWith(`${name}.`));
  expect(Object.keys(english).filter((key) => key.startsWith("setting.") && !known(key))).toEqual([]);
});

test("every name of the server has words", () => {
  for (const kind of stepKinds) expect(english[`setup.kind.${kind}`]).toBeString();
  for (const section of plugin.settings_schema.sections) expect(english[`page.${section.key}`]).toBeString();
});

/** The server's `says` and `evidence` are for people: code that uses them as keys would depend on their wording. */
test("no key is a sentence", () => {
  for (const strings of [english, ...Object.values(languages)]) {
    for (const key of Object.keys(strings)) expect(key).toMatch(/^[A-Za-z0-9_.-]+$/);
  }
});

test("no text is unused", () => {
  const here = import.meta.dir;
  const sources = readdirSync(here, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(here, file), "utf8"))
    .join("\n");
  /** Groups of keys whose last part comes from data: `t(`checks.state.${state}`)`. */
  const families = [...sources.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, family]) => family ?? "");
  for (const key of Object.keys(english)) {
    // `links.total.one` is the singular form of `links.total`.
    const plain = key.replace(/\.one$/, "");
    const used = sources.includes(`"${plain}"`) || families.some((family) => key.startsWith(family));
    expect([key, used]).toEqual([key, true]);
  }
});
