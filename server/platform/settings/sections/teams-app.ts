/** Settings of the Teams app package. */

import { pastedWords } from "../pasted.ts";
import { choice, flag, guid, lines, optional, text, trimmed } from "../rule.ts";
import { plain, section } from "../section.ts";

/** An address of a page for people; unlike an endpoint, it may have a query and a fragment. */
const pageUrl = optional(trimmed("page_url", isPage, { tidy: tidyPage }));

function isPage(text: string): boolean {
  if (!URL.canParse(text) || text.length > 2048) return false;
  const { protocol, username, password } = new URL(text);
  return protocol === "https:" && username === "" && password === "";
}

/** The manifest accepts ASCII only: other letters and spaces are escaped, and the host becomes Punycode. */
function tidyPage(text: string): string {
  const plain = /[^\x21-\x7e]/.test(text) && URL.canParse(text) ? new URL(text).href : text;
  return /[?#]/.test(plain) ? plain : plain.replace(/\/+$/, "");
}

const name = trimmed("app_name", (text) => text !== "" && [...text].length <= 30, {
  initial: "Mattermost",
  clean: pastedWords,
});

const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;
const version = trimmed("version", (text) => VERSION.test(text), { initial: "1.0.0" });
const color = trimmed("color", (text) => /^#[0-9a-f]{6}$/i.test(text), { initial: "#1E325C" });

export const teamsAppSettings = section("teams_app", {
  app_name: plain(name, { placeholder: "Mattermost" }),
  app_full_name: plain(text(100)),
  app_short_description: plain(text(80)),
  app_full_description: plain(lines(text(4000))),
  app_publisher: plain(text(32)),
  app_website_url: plain(pageUrl, { placeholder: "https://www.example.com" }),
  app_privacy_url: plain(pageUrl, { placeholder: "https://www.example.com/privacy" }),
  app_terms_url: plain(pageUrl, { placeholder: "https://www.example.com/terms" }),
  app_accent_color: plain(color, { placeholder: "#1E325C" }),
  /** One tab per line, `Name | address`. server/features/teams-app parses and validates the lines. */
  app_extra_tabs: plain(lines(text(8000)), {
    placeholder: "Operations | https://chat.example.com/ops/channels/town-square",
  }),
  app_id: plain(guid, { placeholder: "11111111-2222-3333-4444-555555555555" }),
  app_version: plain(version, { placeholder: "1.0.0" }),
  app_manifest_version: plain(choice("latest", "1.22", "1.19", "1.17", "1.16", "1.13")),
  /**
   * When off, the tenant-wide TeamsActivity.Send is granted, and installing stays simple (docs/facts/microsoft.md
   * 5.2).
   */
  app_resource_specific_consent: plain(flag),
});
