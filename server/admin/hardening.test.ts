/** The hardening profile: docs/hardening.md, the console's button and the server's rules agree. */

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import english from "../../webapp/src/console/strings/en.json";
import { hardening } from "../platform/settings/hardening.ts";
import { allSettings, parseSettings, type Settings } from "../platform/settings/settings.ts";

const words: Readonly<Record<string, string>> = english;
const defaults = parseSettings({}).settings;
const rowOf = (setting: keyof Settings) => {
  const row = hardening.find((one) => one.setting === setting);
  if (!row) throw new Error(`${setting} is not in the profile`);
  return row;
};

test("docs/hardening.md prints the profile, row by row", async () => {
  const text = await readFile(new URL("../../docs/hardening.md", import.meta.url), "utf8");
  const [, table = ""] = /\| Setting \| Hardened value \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(text) ?? [];
  const printed = table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(printed).toEqual(
    hardening.map(({ setting, value }) => [
      `\`${setting}\``,
      `\`${value}\``,
      words[`harden.why.${setting}`] ?? "",
      words[`harden.cost.${setting}`] ?? "",
    ]),
  );
});

test("the server accepts every value unchanged", () => {
  const settings = Object.fromEntries(hardening.map(({ setting, value }) => [setting, value]));
  const parsed = parseSettings(settings);
  expect(parsed.problems).toEqual([]);
  expect(parsed.settings).toMatchObject(settings);
});

describe("the button never loosens a setting", () => {
  test("the hardened value and the strict fallback count as strict enough", () => {
    for (const { setting, value, isEnough } of hardening) {
      expect([setting, isEnough(value)]).toEqual([setting, true]);
      expect([setting, isEnough(String(value))]).toEqual([setting, true]);
      const unreadable = allSettings[setting]?.unreadable;
      if (!unreadable || unreadable === "default") throw new Error(`${setting} has no strict side`);
      expect([setting, isEnough(unreadable.value)]).toEqual([setting, true]);
    }
  });
  const lax: [setting: keyof Settings, value: unknown][] = [
    ["email_source", "directory_or_token"],
    ["unverified_emails", "closed_server"],
    ["allow_guests", true],
    ["allow_guests", "true"],
    ["system_admin_sign_in", "directory"],
    ["system_admin_sign_in", "always"],
    ["mfa_accounts", "trust_entra"],
    ["provision_accounts", true],
    ["session_hours", 0],
    ["session_hours", "0"],
    ["session_hours", 9],
    ["session_hours", ""],
    ["session_hours", undefined],
    ["notification_content", "server"],
    ["notification_content", "sender_and_channel"],
    ["notification_content", "sender"],
  ];
  for (const [setting, value] of lax)
    test(`${setting} ${JSON.stringify(value)} is not strict enough`, () =>
      expect(rowOf(setting).isEnough(value)).toBe(false));
  for (const [setting, value] of [
    ["mfa_accounts", "never"],
    ["session_hours", 1],
    ["session_hours", "8"],
  ] as const)
    test(`${setting} ${JSON.stringify(value)} is kept`, () =>
      expect(rowOf(setting).isEnough(value)).toBe(true));
});

test("the profile changes something: the defaults are not hardened already", () => {
  const changed = hardening.filter(({ setting, isEnough }) => !isEnough(defaults[setting]));
  expect(changed.map(({ setting }) => setting)).toEqual([
    "email_source",
    "unverified_emails",
    "system_admin_sign_in",
    "session_hours",
    "notification_content",
  ]);
});
