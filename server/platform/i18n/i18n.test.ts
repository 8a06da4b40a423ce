import { describe, expect, test } from "bun:test";
import { languageOf, primaryLanguage, words } from "./index.ts";

describe("a language tag", () => {
  for (const [tag, language] of Object.entries({
    de: "de",
    "de-AT": "de",
    de_CH: "de",
    "DE-de": "de",
    " fr-CA ": "fr",
    "fr;q=0.8": "fr",
    "ar-SA": "ar",
    "zh-Hans": "en",
    "pt-BR": "en",
    "": "en",
    "{locale}": "en",
    deutsch: "en",
    constructor: "en",
    "../de": "en",
  })) {
    test(`"${tag}" is ${language}`, () => expect(languageOf(tag)).toBe(language as never));
  }

  test("a tag's first part is returned, even for languages we do not support", () => {
    expect(primaryLanguage("pt-BR")).toBe("pt");
    expect(primaryLanguage("not a tag")).toBe("");
  });
});

describe("words", () => {
  const table = { a: "{name} has {count}", b: "b" };
  const some = words({ en: table, de: { ...table, b: "B" }, es: table, fr: table, ja: table, ar: table });

  test("texts come by language, in English when there is none", () => {
    expect(some.in("de")("b")).toBe("B");
    expect(some.in()("b")).toBe("b");
  });

  test("values are inserted once, and only those that are given", () => {
    expect(some.in("en")("a", { name: "{count}", count: 2 })).toBe("{count} has 2");
    expect(some.in("en")("a")).toBe("{name} has {count}");
  });

  test("a table without a language, or with a missing text, does not compile", () => {
    // @ts-expect-error Arabic is missing.
    words({ en: table, de: table, es: table, fr: table, ja: table });
    // @ts-expect-error "b" is missing in Japanese.
    words({ en: table, de: table, es: table, fr: table, ar: table, ja: { a: "" } });
  });
});
