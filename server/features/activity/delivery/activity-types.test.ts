import { describe, expect, test } from "bun:test";
import de from "../../../../manifest-template/de.json" with { type: "json" };
import en from "../../../../manifest-template/en.json" with { type: "json" };
import es from "../../../../manifest-template/es.json" with { type: "json" };
import fr from "../../../../manifest-template/fr.json" with { type: "json" };
import ja from "../../../../manifest-template/ja.json" with { type: "json" };
import manifest from "../../../../manifest-template/manifest.json" with { type: "json" };
import { activityTypes } from "./activity-types.ts";

const languages: Record<string, Record<string, string>> = { de, en, es, fr, ja };
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("the app package declares the activity types that the code sends", () => {
  test("the same activity types, no more and no fewer", () => {
    expect(manifest.activities.activityTypes.map((one) => one.type).sort()).toEqual(
      Object.keys(activityTypes).sort(),
    );
  });

  for (const [type, parameters] of Object.entries(activityTypes)) {
    for (const [language, strings] of Object.entries(languages)) {
      test(`${type} in ${language}`, () => {
        expect(placeholders(strings[`${type}.text`] ?? "missing {nothing}")).toEqual([...parameters].sort());
        expect(strings[type]).toBeTruthy();
        // Limits of the manifest schema: templateText 128, description 128.
        expect(strings[`${type}.text`]?.length).toBeLessThanOrEqual(128);
        expect(strings[type]?.length).toBeLessThanOrEqual(128);
      });
    }
  }

  test("every language has every string", () => {
    for (const strings of Object.values(languages)) {
      expect(Object.keys(strings).sort()).toEqual(Object.keys(en).sort());
    }
  });
});
