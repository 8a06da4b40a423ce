/** The texts of the features: complete in every language, used, and with the plural forms that counting needs. */

import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { languages } from "../../../server/platform/i18n/language.ts";
import { tableLanguages } from "../../../server/platform/i18n/tables.ts";
import { sayIn } from "./words.ts";

const root = join(import.meta.dir, "..");
const read = (feature: string, language: string): Record<string, string> =>
  JSON.parse(readFileSync(join(root, feature, "words", `${language}.json`), "utf8"));
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
const FORM = /\.(zero|one|two|few|many)$/;

/** The System Console has no Arabic. */
const rooms = [
  ["calendar", languages],
  ["channels", languages],
  ["chats", languages],
  ["console/systems", tableLanguages],
] as const;

for (const [feature, spoken] of rooms) {
  const english = read(feature, "en");
  const keys = Object.keys(english).filter((key) => !FORM.test(key));

  describe(feature, () => {
    for (const language of spoken) {
      test(`${language} has every text, with the same placeholders, and no other`, () => {
        const table = read(feature, language);
        expect(
          Object.keys(table)
            .filter((key) => !FORM.test(key))
            .sort(),
        ).toEqual([...keys].sort());
        for (const key of keys) {
          expect([key, placeholders(table[key] ?? "")]).toEqual([key, placeholders(english[key] ?? "")]);
          expect([key, table[key]?.trim() !== ""]).toEqual([key, true]);
        }
        for (const key of Object.keys(table))
          if (FORM.test(key)) expect(keys).toContain(key.replace(FORM, ""));
      });

      if (language !== "en")
        test(`${language} is translated`, () => {
          const table = read(feature, language);
          const same = keys.filter(
            (key) => /[a-z]{4}/.test(english[key] ?? "") && table[key] === english[key],
          );
          // "Offline", "Description" and the like are the same in some languages.
          expect(same.length).toBeLessThan(keys.length / 12);
        });
    }

    test("no text is unused", () => {
      const sources = readdirSync(join(root, feature), { encoding: "utf8", recursive: true })
        .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
        .map((file) => readFileSync(join(root, feature, file), "utf8"))
        .join("\n");
      const families = [...sources.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, family]) => family ?? "");
      for (const key of keys) {
        const used = sources.includes(`"${key}"`) || families.some((family) => key.startsWith(family));
        expect([key, used]).toEqual([key, true]);
      }
    });
  });
}

describe("plural forms", () => {
  test("uses the language's form, and the plain one when there is none", () => {
    const say = sayIn({ events: "{count} events", "events.one": "1 event" }, "en");
    expect(say.count("events", 1)).toBe("1 event");
    expect(say.count("events", 2)).toBe("2 events");
    const arabic = sayIn<string>(read("calendar", "ar"), "ar");
    expect(arabic.count("day.count", 2)).toBe("حدثان");
    expect(arabic.count("day.count", 3)).toContain("أحداث");
  });

  test("values are inserted once, and are not read as placeholders", () => {
    const say = sayIn({ moved: "Moved: {subject}, {when}." }, "en");
    expect(say("moved", { subject: "{when}", when: "now" })).toBe("Moved: {when}, now.");
  });
});
