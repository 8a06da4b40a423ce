/** Parses the admin's list of further tabs: one per line, `Name | address on this Mattermost server`. */

import { type Problem, problemWith, type SiteUrl } from "../../platform/settings/index.ts";

export interface ExtraTab {
  /** Stable for the same address, so that renaming a tab does not unpin it for people. */
  readonly entityId: string;
  readonly name: string;
  /** Path on the Mattermost server below its sub-path, with a leading slash. */
  readonly path: string;
}

/** The schema allows 16 tabs, and Mattermost and About take two. */
const MAX_EXTRA_TABS = 14;
const MAX_NAME = 128;
const setting = "app_extra_tabs";

export function readExtraTabs(text: string, site: SiteUrl | null): { tabs: ExtraTab[]; problems: Problem[] } {
  const tabs: ExtraTab[] = [];
  const problems: Problem[] = [];
  const lines = text.split("\n").map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const at = index + 1;
    const bar = line.indexOf("|");
    const name = line.slice(0, bar).trim();
    const path = site && toPath(line.slice(bar + 1).trim(), site);
    if (bar < 0) problems.push(problemWith(setting, "tab_no_bar", { line: at }));
    else if (name === "" || [...name].length > MAX_NAME)
      problems.push(problemWith(setting, "tab_name", { line: at, most: MAX_NAME }));
    else if (site && !path) problems.push(problemWith(setting, "tab_page", { line: at, site: site.url }));
    else if (path && tabs.some((tab) => tab.path === path))
      problems.push(problemWith(setting, "tab_repeats", { line: at }));
    else if (path) tabs.push({ entityId: entityId(path), name, path });
  }
  if (tabs.length > MAX_EXTRA_TABS) {
    problems.push(problemWith(setting, "tabs_many", { tabs: tabs.length, most: MAX_EXTRA_TABS }));
  }
  return { tabs, problems };
}

/** Returns `null` unless the address is a page of this Mattermost server. */
function toPath(address: string, site: SiteUrl): string | null {
  let url: URL;
  try {
    url = new URL(address.startsWith("/") ? `${site.url}${address}` : address);
  } catch {
    return null;
  }
  const path = url.pathname.slice(site.subpath.length) + url.search;
  const ours = url.origin === site.origin && `${url.pathname}/`.startsWith(`${site.subpath}/`);
  // A path that starts with "//host" would lead the browser to another site.
  return ours && /^\/[^/\\]/.test(path) ? path : null;
}

/** `page-` and 16 hex digits: letters, digits and dashes only, far below the limit of 64. */
function entityId(path: string): string {
  return `page-${new Bun.CryptoHasher("sha256").update(path).digest("hex").slice(0, 16)}`;
}
