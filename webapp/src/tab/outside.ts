/** The shown place outside the tab: in a browser window, in the desktop app, as a link to pass on. */

import type { PageConfig } from "./page-config.ts";

/** `place`: path of the frame. The protocol of the desktop app is `mattermost:`. */
export function outside(place: string | null, config: PageConfig): { browser: string; desktop: string } {
  const browser = config.siteUrl + (place?.slice(config.subpath.length) ?? "/");
  return { browser, desktop: browser.replace(/^https?:/, "mattermost:") };
}

/**
 * For somebody who opens the link outside Microsoft 365: the post, or the shown place. With the team where the person shares it: the web app's
 * own `_redirect` knows a team only where one was chosen before.
 */
export function webUrlOf(subPageId: string, place: string | null, config: PageConfig): string {
  const [kind, id] = subPageId.split("_");
  if (kind !== "post" && kind !== "thread") return outside(place, config).browser;
  const path = place?.slice(config.subpath.length) ?? "";
  const team = /^\/([a-z0-9-]+)\/(?:channels|messages|threads|pl)(?:[/?#]|$)/.exec(path)?.[1];
  return `${config.siteUrl}/${team ?? "_redirect"}/pl/${id}`;
}
