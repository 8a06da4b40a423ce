/**
 * Only inside the tab: adds a menu entry to posts and channels that creates a Teams link to them. The web app tells
 * the shell, its parent of the same origin, which asks the host (webapp/src/tab/inner.ts).
 */

import { type Language, languageOf } from "../../server/platform/i18n/language.ts";

export interface MenuRegistry {
  registerPostDropdownMenuAction?(text: string, action: (postId: string) => void): void;
  registerChannelHeaderMenuAction?(text: string, action: (channelId: string) => void): void;
}

const texts: Readonly<Record<Language, string>> = {
  en: "Share a link in Microsoft 365",
  de: "Link in Microsoft 365 teilen",
  fr: "Partager un lien dans Microsoft 365",
  es: "Compartir un enlace en Microsoft 365",
  ja: "Microsoft 365 でリンクを共有",
  ar: "\u2067مشاركة رابط في Microsoft 365\u2069",
};

export function registerInTab(registry: MenuRegistry, locale: string, inner: Window = window): void {
  const shell = shellOf(inner);
  if (!shell) return;
  const text = texts[languageOf(locale)];
  const share = (kind: "post" | "channel") => (id: string) =>
    // Everybody who gets the link sees the label, so it contains no name of a channel or person.
    shell.postMessage(
      { type: "mission_collaboration_share", subPageId: `${kind}_${id}`, label: "Mattermost" },
      inner.location.origin,
    );
  registry.registerPostDropdownMenuAction?.(text, share("post"));
  registry.registerChannelHeaderMenuAction?.(text, share("channel"));
}

/** Returns the parent if it is our page; on other parents even reading a property may throw. */
export function shellOf(inner: Window): Window | null {
  try {
    const { parent } = inner;
    return parent !== inner && parent.location.pathname.endsWith("/plugins/mission-collaboration/tab")
      ? parent
      : null;
  } catch {
    return null;
  }
}
