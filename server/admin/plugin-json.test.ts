import { describe, expect, test } from "bun:test";
import plugin from "../../plugin.json" with { type: "json" };
import { allSettings, parseSettings } from "../platform/settings/index.ts";

interface SettingRow {
  key: string;
  type: string;
  default?: unknown;
  secret?: boolean;
  options?: { value: string }[];
}

const sections = plugin.settings_schema.sections as {
  key: string;
  fallback: boolean;
  settings: SettingRow[];
}[];
const settings = sections.flatMap((section) => section.settings);
/** Entries of type `custom` are pages and buttons, not values. */
const values = settings.filter(({ type }) => type !== "custom");

test("the settings of plugin.json are those that the server reads", () => {
  expect(values.map(({ key }) => key).sort()).toEqual(Object.keys(allSettings).sort());
});

test("keys are lower case, as the server stores them", () => {
  for (const { key } of [...settings, ...sections]) expect(key).toBe(key.toLowerCase());
});

test("every section starts with a plain setting, because the System Console reads settings[0]", () => {
  for (const section of sections) {
    expect(section.settings.length).toBeGreaterThan(0);
    expect(section.fallback).toBe(section.settings.some(({ type }) => type !== "custom"));
  }
});

test("the defaults are valid, and equal in both places", () => {
  const stored = Object.fromEntries(values.map((setting) => [setting.key, setting.default]));
  const { settings: parsed, problems } = parseSettings(stored);
  expect(problems).toEqual([]);
  expect(parsed).toEqual(parseSettings({}).settings);
});

describe("a choice", () => {
  for (const setting of values.filter(({ options }) => options)) {
    test(`${setting.key} offers exactly what the server accepts`, () => {
      for (const { value } of setting.options ?? []) {
        expect(parseSettings({ [setting.key]: value }).problems).toEqual([]);
      }
      expect(parseSettings({ [setting.key]: "other" }).problems).toHaveLength(1);
    });
  }
});

test("settings that may contain a password are marked secret", () => {
  const secret = values.filter((setting) => setting.secret).map(({ key }) => key);
  expect(secret).toEqual([
    "m365_client_secret",
    "m365_client_secret_2",
    "m365_client_certificate",
    "outgoing_proxy",
    "encryption_key",
    "encryption_key_previous",
  ]);
});

/**
 * The System Console sets a boolean to false when it saves while the plugin is disabled (schema_admin_settings.tsx,
 * getSettingValue). One that is true by default would flip, so it is a dropdown.
 */
test("a boolean that is true by default is a dropdown of yes and no", () => {
  for (const setting of values.filter(({ type }) => type === "bool")) expect(setting.default).toBe(false);
  const on = values.filter((setting) => setting.default === true);
  expect(on.map(({ key }) => key)).toEqual(["chats_default_on", "channels_sync_guests"]);
  for (const { type, options } of on) {
    expect([type, options?.map(({ value }) => value)]).toEqual(["dropdown", ["true", "false"]]);
  }
});

test("the admin guide names every setting", async () => {
  const guide = await Bun.file(new URL("../../docs/admin-guide.md", import.meta.url)).text();
  for (const { key } of values) expect([key, guide.includes(`| \`${key}\` |`)]).toEqual([key, true]);
});
