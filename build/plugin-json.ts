/**
 * Generates the settings of plugin.json and their table in the admin guide from the sections of settings, with the
 * English texts of the console.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Setting, sections } from "../server/platform/settings/index.ts";
import words from "../webapp/src/console/strings/en.json" with { type: "json" };
import { root } from "./architecture.ts";

/** A page of the System Console, which is a section of plugin.json. */
interface Page {
  readonly key: string;
  /** Key of the sentence below its title. */
  readonly lead: Key;
  /** Buttons and whole pages: rows of plugin.json without a value. */
  readonly custom?: Readonly<Record<string, Key>>;
}

type Key = keyof typeof words;

const pages: readonly Page[] = [
  { key: "overview", lead: "overview.lead", custom: { overview_page: "page.overview" } },
  { key: "connect", lead: "connect.lead" },
  { key: "teams_app", lead: "app.lead", custom: { app_package: "package.title" } },
  { key: "sign_in", lead: "signIn.lead" },
  { key: "notifications", lead: "notifications.lead" },
  { key: "accounts", lead: "accounts.lead" },
  { key: "features", lead: "features.lead" },
  { key: "chats", lead: "chats.lead", custom: { chats_page: "page.chats" } },
  { key: "channels", lead: "channels.lead", custom: { channels_page: "page.channels" } },
  { key: "calendar", lead: "calendar.lead", custom: { calendar_page: "page.calendar" } },
  { key: "changes", lead: "changes.lead", custom: { changes_page: "page.changes" } },
  { key: "checks", lead: "checks.lead", custom: { checks_page: "page.checks" } },
  { key: "links", lead: "links.lead", custom: { links_page: "page.links" } },
];

const said = (key: string): string | undefined => (words as Readonly<Record<string, string>>)[key];

function needed(key: string): string {
  const text = said(key);
  if (text === undefined) throw new Error(`webapp/src/console/strings/en.json has no "${key}"`);
  return text;
}

/** The System Console stores a list as the text that the admin typed. */
const defaultOf = ({ initial }: Setting<unknown>) => (Array.isArray(initial) ? "" : initial);

const optionName = (key: string, setting: Setting<unknown>, value: string): string =>
  typeof setting.initial === "boolean"
    ? needed(value === "true" ? "field.yes" : "field.no")
    : (said(`setting.${key}.${value}`) ?? value);

function row(key: string, setting: Setting<unknown>) {
  const { field, options, placeholder, secret } = setting;
  return {
    key,
    display_name: needed(`setting.${key}`),
    type: field,
    help_text: said(`setting.${key}.help`) ?? "",
    ...(options
      ? { options: options.map((value) => ({ display_name: optionName(key, setting, value), value })) }
      : {}),
    ...(placeholder === undefined ? {} : { placeholder }),
    default: defaultOf(setting),
    ...(secret ? { secret } : {}),
  };
}

const settingsOf = (page: string) =>
  sections.filter((one) => one.page === page).flatMap(({ settings }) => Object.entries(settings));

export function pluginJson(): string {
  const current = JSON.parse(readFileSync(join(root, "plugin.json"), "utf8"));
  const lost = sections.filter(({ page }) => !pages.some(({ key }) => key === page));
  if (lost.length > 0) throw new Error(`no page of the System Console has the key ${lost[0]?.page}`);
  current.settings_schema.sections = pages.map(({ key, lead, custom = {} }) => {
    const settings = settingsOf(key).map(([name, setting]) => row(name, setting));
    return {
      key,
      title: needed(`page.${key}`),
      subtitle: needed(lead),
      custom: true,
      // While our own page cannot be shown, the System Console shows the plain fields, if any.
      fallback: settings.length > 0,
      settings: [
        ...settings,
        ...Object.entries(custom).map(([name, title]) => ({
          ...{ key: name, display_name: needed(title), type: "custom", help_text: "" },
        })),
      ],
    };
  });
  return `${JSON.stringify(current, null, 2)}\n`;
}

const START = "| Key | What it does |\n|---|---|\n";

/** docs/admin-guide.md with a fresh table of settings. */
export function adminGuide(): string {
  const guide = readFileSync(join(root, "docs/admin-guide.md"), "utf8");
  const from = guide.indexOf(START) + START.length;
  const to = guide.indexOf("\n\n", from);
  if (from < START.length || to < 0) throw new Error("docs/admin-guide.md has no table of settings");
  const rows = pages.flatMap(({ key }) => settingsOf(key)).map(([key, setting]) => guideRow(key, setting));
  return guide.slice(0, from) + rows.join("\n") + guide.slice(to);
}

function guideRow(key: string, setting: Setting<unknown>): string {
  const initial = defaultOf(setting);
  const help = said(`setting.${key}.help`);
  const sentences = [
    `**${needed(`setting.${key}`)}**.`,
    ...(help ? [help] : []),
    ...(setting.options ? [`${setting.options.map((value) => `\`${value}\``).join(", ")}.`] : []),
    ...(initial === "" ? [] : [`Default \`${initial}\`.`]),
    ...(setting.secret ? ["Secret."] : []),
  ];
  return `| \`${key}\` | ${sentences.join(" ").replaceAll("|", "\\|")} |`;
}
