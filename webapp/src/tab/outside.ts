/** Addresses of the shown place outside the tab: for a browser window, the desktop app, and a link to share. */

import type { PageConfig } from "./page-config.ts";

/** `place`: path of the frame. The protocol of the desktop app is `mattermost:`. */
export function outside(place: string | null, config: PageConfig): { browser: string; desktop: string } {
  const browser = config.siteUrl + (place?.slice(config.subpath.length) ?? "/");
  return { browser, desktop: browser.replace(/^https?:/, "mattermost:") };
}

/**
 * The address for somebody who opens the link outside Microsoft 365: the post, or the shown place. It names the team
 * in which the person shares the post, because the web app's own `_redirect` works only in a browser in which a team
 * was chosen before.
 */
export function webUrlOf(subPageId: string, place: string | null, config: PageConfig): string {
  const [kind, id] = subPageId.split("_");
  if (kind !== "post" && kind !== "thread") return outside(place, config).browser;
  const path = place?.slice(config.subpath.length) ?? "";
  const team = /^\/([a-z0-9-]+)\/(?:channels|messages|threads|pl)(?:[/?#]|$)/.exec(path)?.[1];
  return `${config.siteUrl}/${team ?? "_redirect"}/pl/${id}`;
}
