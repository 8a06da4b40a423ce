/**
 * "Match Teams": offered when host and Mattermost differ in light and dark, until the person says no. After a yes
 * it is offered again when the host changes, but not when the person chooses another theme in Mattermost. Both the
 * answer and the theme are preferences of the account, so other devices know; the web app follows the change by
 * itself.
 */

import { cookie } from "./server.ts";

/** Mattermost's own themes of these names (packages/mattermost-redux/src/constants/preferences.ts). */
const themes = {
  light: {
    type: "Denim",
    sidebarBg: "#1e325c",
    sidebarText: "#ffffff",
    sidebarUnreadText: "#ffffff",
    sidebarTextHoverBg: "#28427b",
    sidebarTextActiveBorder: "#5d89ea",
    sidebarTextActiveColor: "#ffffff",
    sidebarHeaderBg: "#192a4d",
    sidebarTeamBarBg: "#162545",
    sidebarHeaderTextColor: "#ffffff",
    onlineIndicator: "#3db887",
    awayIndicator: "#ffbc1f",
    dndIndicator: "#d24b4e",
    mentionBg: "#ffffff",
    mentionBj: "#ffffff",
    mentionColor: "#1e325c",
    centerChannelBg: "#ffffff",
    centerChannelColor: "#3f4350",
    newMessageSeparator: "#cc8f00",
    linkColor: "#386fe5",
    buttonBg: "#1c58d9",
    buttonColor: "#ffffff",
    errorTextColor: "#d24b4e",
    mentionHighlightBg: "#ffd470",
    mentionHighlightLink: "#1b1d22",
    codeTheme: "github",
  },
  dark: {
    type: "Onyx",
    sidebarBg: "#202228",
    sidebarText: "#ffffff",
    sidebarUnreadText: "#ffffff",
    sidebarTextHoverBg: "#25262a",
    sidebarTextActiveBorder: "#4a7ce8",
    sidebarTextActiveColor: "#ffffff",
    sidebarHeaderBg: "#24272d",
    sidebarTeamBarBg: "#292c33",
    sidebarHeaderTextColor: "#ffffff",
    onlineIndicator: "#3db887",
    awayIndicator: "#f5ab00",
    dndIndicator: "#d24b4e",
    mentionBg: "#4b7ce7",
    mentionBj: "#4b7ce7",
    mentionColor: "#ffffff",
    centerChannelBg: "#191b1f",
    centerChannelColor: "#e3e4e8",
    newMessageSeparator: "#1adbdb",
    linkColor: "#5d89ea",
    buttonBg: "#4a7ce8",
    buttonColor: "#ffffff",
    errorTextColor: "#da6c6e",
    mentionHighlightBg: "#0d6e6e",
    mentionHighlightLink: "#a4f4f4",
    codeTheme: "monokai",
  },
} as const;

const ASKED = { category: "mission_collaboration", name: "theme_asked" } as const;
/** Its values: "true" is a no; a yes names the theme of the host that Mattermost was matched to. */
const DECLINED = "true";
const matched = (host: "light" | "dark") => `matched_${host}`;

interface Preference {
  readonly category: string;
  readonly name: string;
  readonly value: string;
}

export interface ThemeDoor {
  readonly subpath: string;
  readonly fetch: typeof globalThis.fetch;
  readonly cookies: () => string;
}

/** True when the person should be asked. Never when the question cannot be answered for certain. */
export async function themeDiffers(door: ThemeDoor, host: "light" | "dark"): Promise<boolean> {
  try {
    const response = await door.fetch(`${door.subpath}/api/v4/users/me/preferences`);
    if (!response.ok) return false;
    const preferences = (await response.json()) as Preference[];
    const find = (category: string, name: string) =>
      preferences.find((one) => one.category === category && one.name === name)?.value;
    const asked = find(ASKED.category, ASKED.name);
    if (asked !== undefined && asked !== matched(host === "dark" ? "light" : "dark")) return false;
    const theme = JSON.parse(find("theme", "") ?? JSON.stringify(themes.light)) as {
      centerChannelBg?: string;
    };
    return isDark(theme.centerChannelBg ?? "") !== (host === "dark");
  } catch {
    return false;
  }
}

export async function answerTheme(door: ThemeDoor, match: "light" | "dark" | null): Promise<void> {
  const userId = cookie(door.cookies(), "MMUSERID");
  if (!userId) return;
  const preferences = [{ user_id: userId, ...ASKED, value: match === null ? DECLINED : matched(match) }];
  if (match !== null) {
    preferences.push({
      user_id: userId,
      category: "theme",
      name: "",
      value: JSON.stringify(themes[match]),
    } as never);
  }
  await door
    .fetch(`${door.subpath}/api/v4/users/${userId}/preferences`, {
      method: "PUT",
      headers: {
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
        "X-CSRF-Token": cookie(door.cookies(), "MMCSRF") ?? "",
      },
      body: JSON.stringify(preferences),
    })
    .catch(() => {});
}

/** By relative luminance of the background, `#rrggbb`. */
export function isDark(color: string): boolean {
  const parts = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color.trim());
  if (!parts) return false;
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16) / 255);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4;
}
