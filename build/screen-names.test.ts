// In documents, *italic* marks a name on a screen. Tests that each name is on one of our screens, or is listed here.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import plugin from "../plugin.json" with { type: "json" };
import { eventWords } from "../server/features/calendar/events/events-words.ts";
import { chatWords } from "../server/features/chats/words.ts";
import { root } from "./architecture.ts";

/**
 * Pages about code: italic is emphasis there, or generated. The table of docs/hardening.md has its own test.
 */
const OTHER = /^docs\/(plugin-protocol|writing-a-plugin|performance|server-versions|errors|hardening)\.md$/;

/** Screens of other products, with their English texts. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  Mattermost: [
    "System Console",
    "Plugins",
    "Plugin Management",
    "Upload Plugin",
    "User Management",
    "Users",
    "Delegated Granular Administration",
    "Remove sessions",
    "Deactivate",
    "Site Configuration",
    "Push Notification Contents",
    "Send Push Notifications",
    "Download Support Packet",
    "failed to stay running",
    "Log out",
    "Settings",
    "Plugin preferences",
  ],
  "Entra and the Azure portal": [
    "Entra ID",
    "App registrations",
    "Certificates & secrets",
    "Expose an API",
    "Monitoring",
    "Sign-in logs",
    "Service principal sign-ins",
    "Users",
    "Revoke sessions",
    "Consent on behalf of your organization",
    "My apps",
  ],
  "Teams and its admin center": [
    "Teams apps",
    "Manage apps",
    "Actions",
    "Upload new app",
    "Apps",
    "Built for your org",
    "Add",
    "More apps",
    "More",
  ],
  GitHub: ["Security", "Report a vulnerability"],
  Grafana: ["Dashboards", "New", "Import"],
};

/** A word in a path that stands for the reader's own object. */
const PLACES = ["the app", "the person"];

/** Our names, from the same files that the screens use. */
async function ownNames(): Promise<Set<string>> {
  const names = new Set<string>([plugin.name]);
  const take = (value: unknown): void => {
    if (typeof value === "string") names.add(value.replace(/\{\w+\}/g, "…"));
    else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) take(each);
  };
  for (const pattern of ["webapp/src/**/en.json", "server/**/en.json"])
    for await (const file of new Glob(pattern).scan(root)) take(await Bun.file(join(root, file)).json());
  for (const { title, settings } of plugin.settings_schema.sections) {
    names.add(title);
    for (const setting of settings) {
      names.add(setting.display_name);
      for (const { display_name } of "options" in setting ? (setting.options ?? []) : [])
        names.add(display_name);
    }
  }
  take(eventWords.table.en);
  take(chatWords.table.en);
  // Written in the code of user-settings and of the menus, not in a table.
  for (const name of ["Microsoft 365", "Share a link in Microsoft 365", "Save"]) names.add(name);
  return names;
}

const known = new Set([...(await ownNames()), ...Object.values(foreign).flat(), ...PLACES]);

/** Texts in single asterisks, outside code. */
const italics = (markdown: string) =>
  [
    ...markdown
      .replace(/^ *```[\s\S]*?^ *```/gm, "")
      .replace(/`[^`\n]*`/g, "`")
      .matchAll(/(?<![*\w])\*(?![*\s])([^*]+?)\*(?![*\w])/g),
  ].map(([, text = ""]) => text.replace(/\s+/g, " "));

/** `Page > Setting` and `Setting: Choice` contain several names. */
const unknown = (markdown: string) =>
  italics(markdown).filter(
    (text) => !known.has(text) && !text.split(/ > |: /).every((name) => known.has(name)),
  );

const documents = ["*.md", "docs/*.md"]
  .flatMap((pattern) => [...new Glob(pattern).scanSync(root)])
  .filter((path) => !OTHER.test(path))
  .sort();

describe("names on the screen", () => {
  for (const path of documents) {
    test(path, async () => {
      expect(unknown(await Bun.file(join(root, path)).text())).toEqual([]);
    });
  }

  test("the guides are among the documents", () => {
    for (const name of ["README.md", "docs/admin-guide.md", "docs/incidents.md"])
      expect(documents).toContain(name);
  });

  test("a name that no screen has is found", () => {
    expect(
      unknown("*Own certificate authorities*, *Checks*, *Links > Remove*, **bold**, `*`, 2 * 3 * 4"),
    ).toEqual(["Own certificate authorities"]);
    expect(unknown("*Checks > Nothing*\n\n*System admins: Never*\n\n*System admins: Perhaps*")).toEqual([
      "Checks > Nothing",
      "System admins: Perhaps",
    ]);
  });

  test("every name that is listed for another product occurs in a document", async () => {
    const all = await Promise.all(documents.map((path) => Bun.file(join(root, path)).text()));
    const used = new Set(all.flatMap(italics).flatMap((text) => text.split(/ > |: /)));
    const idle = Object.values(foreign)
      .flat()
      .filter((name) => !used.has(name) && name !== "Consent on behalf of your organization");
    expect(idle).toEqual([]);
  });
});
