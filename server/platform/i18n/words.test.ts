/** Tests the tables of server/platform/i18n: every language has every sentence, with the same values. */

import { describe, expect, test } from "bun:test";
import { checkIds } from "../../admin/checks/report.ts";
import { allSettings, translateProblem } from "../settings/index.ts";
import { parseSettings } from "../settings/settings.ts";
import { checkTables, checkWords } from "./checks.ts";
import { languageOf } from "./language.ts";
import { permissionTables } from "./permissions.ts";
import { problemTables } from "./problems.ts";
import { type SentenceTables, sentence, tableLanguages } from "./tables.ts";

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

for (const [name, tables] of Object.entries({
  checks: checkTables(),
  permissions: permissionTables(),
  problems: problemTables(),
} as Record<string, SentenceTables>)) {
  describe(name, () => {
    for (const language of tableLanguages) {
      test(`${language} has every sentence, with the same values`, () => {
        expect(Object.keys(tables[language]).sort()).toEqual(Object.keys(tables.en).sort());
        for (const [key, text] of Object.entries(tables[language])) {
          // A singular form may write the number as a word.
          if (key.endsWith(".one")) continue;
          expect([key, placeholders(text)]).toEqual([key, placeholders(tables.en[key] ?? "")]);
        }
      });
    }
  });
}

test("every check has a title", () => {
  for (const id of checkIds) expect(checkTables().en).toHaveProperty([`title.${id}`]);
});

test("every setting with a strict fallback has a text for it", () => {
  const strict = Object.entries(allSettings).flatMap(([key, { unreadable }]) =>
    unreadable === "default" ? [] : [key],
  );
  const worded = Object.keys(problemTables().en).filter((key) => key.startsWith("until."));
  expect(worded.sort()).toEqual(strict.map((key) => `until.${key}`).sort());
});

test("singular and plural", () => {
  const expires = (language: "en" | "de", count: number) =>
    checkWords(language, "seen.expires", { date: "2026-12-01", count });
  expect(expires("en", 1)).toBe("Expires on 2026-12-01, in 1 day.");
  expect(expires("en", 7)).toBe("Expires on 2026-12-01, in 7 days.");
  expect(expires("de", 1)).toContain("in 1 Tag.");
});

test("an unsupported language gets English; an unknown key gets null", () => {
  expect(["de-AT", "fr;q=0.5", "pt-BR", "", null].map(languageOf)).toEqual(["de", "fr", "en", "en", "en"]);
  expect(sentence(checkTables(), "de", "seen.nobody_says_this")).toBeNull();
});

test("every problem of a setting has a code, and a text in every language", () => {
  const wrong = "\u0000:".repeat(70_000);
  const { problems } = parseSettings(Object.fromEntries(Object.keys(allSettings).map((key) => [key, wrong])));
  expect(problems.length).toBeGreaterThan(25);
  for (const problem of problems) {
    expect([problem.setting, problem.code]).toEqual([problem.setting, expect.any(String)]);
    expect(translateProblem(problem, "de").says).not.toBe(problem.says);
  }
});
