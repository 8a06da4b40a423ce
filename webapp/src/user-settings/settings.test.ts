import { describe, expect, test } from "bun:test";
import { readOwnChoices } from "../../../server/features/activity/members/own-settings.ts";
import { activityPreferences } from "../../../server/features/activity/members/preferences.ts";
import { reasons } from "../../../server/features/activity/rules/reasons.ts";
import { type AdminDefaults, userSettings } from "./settings.ts";
import en from "./words/en.json";
import { wordsFor } from "./words.ts";

const parts = { reasons: null, whileOnline: null, quietHours: null };
const sectionsFor = (locale: string, admin: AdminDefaults | null = null) =>
  userSettings(wordsFor(locale), parts, admin).sections;
type Drawn = Extract<ReturnType<typeof sectionsFor>[number], { settings: unknown }>;
const [section] = sectionsFor("en") as readonly Drawn[];
const all = section?.settings ?? [];
const read = (Name: string, Value: string) =>
  readOwnChoices([{ Category: "pp_mission-collaboration", Name, Value }]);

describe("the page and the server use the same rows", () => {
  test("the same names, no more and no fewer", () => {
    const drawn = all.flatMap(({ name }) =>
      name === "notifications_reasons" ? reasons.map((reason) => `notifications_${reason}`) : [name],
    );
    const defined = Object.values(activityPreferences.all).map(({ name }) => name);
    expect(drawn.sort()).toEqual(defined.sort());
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

test("there is one section, so that there is one Save button", () => {
  for (const locale of ["en", "de", "fr", "es", "ja"]) expect(sectionsFor(locale)).toHaveLength(1);
});

test("a radio button names its subject, because the web app hides the titles of settings", () => {
  for (const setting of all) {
    if (setting.type !== "radio") continue;
    for (const { value, text } of setting.options) {
      if (value !== "default") expect(text).toContain("Microsoft Teams");
    }
  }
});

test("the default names the admin's decision, once that is known", () => {
  const textOf = (admin: AdminDefaults | null) => {
    const first = (sectionsFor("en", admin) as readonly Drawn[])[0]?.settings[0];
    return first?.type === "radio" ? [first.options[0]?.text, first.helpText] : [];
  };
  const defaults = { available: true, notify: true, onlyWhenAway: false };
  expect(textOf(null)[0]).toBe("As my admin decided");
  expect(textOf(defaults)[0]).toBe("As my admin decided: notify me");
  expect(textOf({ ...defaults, notify: false })[0]).toBe("As my admin decided: do not notify me");
  expect(textOf({ ...defaults, available: false })[1]).toContain("for everybody");
});

test("every language has every text", async () => {
  for (const locale of ["de", "fr", "es", "ja"]) {
    const words = await import(`./words/${locale}.json`);
    expect(Object.keys(words.default).sort()).toEqual(Object.keys(en).sort());
  }
  expect(wordsFor("pt-BR")("away.on")).toBe(en["away.on"]);
  expect(wordsFor("de-AT")("away.on")).toBe("Nicht benachrichtigen");
});
