import { describe, expect, test } from "bun:test";
import { reasons as serverReasons } from "../../../server/features/activity/rules.ts";
import { preferenceNames, readOwnChoices } from "../../../server/platform/preferences/own-settings.ts";
import { reasons, userSettings } from "./settings.ts";
import en from "./words/en.json";
import { wordsFor } from "./words.ts";

const all = userSettings(wordsFor("en"), null).sections.flatMap((section) => section.settings);
const read = (Name: string, Value: string) =>
  readOwnChoices([{ Category: "pp_mission-collaboration", Name, Value }]);

describe("the page and the server mean the same rows", () => {
  test("the same names, no more and no fewer", () => {
    expect(all.map((setting) => setting.name).sort()).toEqual(
      [
        preferenceNames.enabled,
        preferenceNames.onlyWhenAway,
        preferenceNames.quiet,
        ...serverReasons.map(preferenceNames.reason),
      ].sort(),
    );
    expect([...reasons]).toEqual([...serverReasons]);
  });

  test("names fit into a preference (32 characters)", () => {
    for (const setting of all) expect(setting.name.length).toBeLessThanOrEqual(32);
  });

  test("on, off and the admin's default", () => {
    expect(read("notifications", "on").enabled).toBe(true);
    expect(read("notifications", "off").enabled).toBe(false);
    expect(read("notifications", "default").enabled).toBeNull();
    expect(read("notifications_only_away", "on").onlyWhenAway).toBe(true);
    expect(read("notifications_only_away", "default").onlyWhenAway).toBeNull();
    expect([...read("notifications_keyword", "off").off]).toEqual(["keyword"]);
    expect([...read("notifications_keyword", "on").off]).toEqual([]);
  });

  test("quiet hours, and none", () => {
    expect(read("notifications_quiet", "22:00-07:00").quiet).toEqual({ from: 1320, to: 420 });
    expect(read("notifications_quiet", "off").quiet).toBeNull();
    expect(read("notifications_quiet", "25:00-07:00").quiet).toBeNull();
  });
});

test("titles of sections differ, as the web app demands", () => {
  for (const locale of ["en", "de", "fr", "es", "ja"]) {
    const titles = userSettings(wordsFor(locale), null).sections.map((section) => section.title);
    expect(new Set(titles).size).toBe(titles.length);
  }
});

test("every language has every word", async () => {
  for (const locale of ["de", "fr", "es", "ja"]) {
    const words = await import(`./words/${locale}.json`);
    expect(Object.keys(words.default).sort()).toEqual(Object.keys(en).sort());
  }
  expect(wordsFor("pt-BR")("on")).toBe(en.on);
  expect(wordsFor("de-AT")("on")).toBe("Benachrichtigen");
});
