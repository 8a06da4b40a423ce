/**
 * "Match Teams": offered when host and Mattermost differ in light, dark or high contrast, until the person says no.
 * After a yes it is offered again when the host changes, but not when the person chooses another theme in Mattermost.
 * Both the answer and the theme are preferences of the account, so they apply on other devices; the web app reacts to
 * the change by itself.
 */

import { cookie } from "./server.ts";

/**
 * Light and dark are Mattermost's own themes of these names (packages/mattermost-redux/src/constants/preferences.ts).
 * It has none with high contrast, so that one is a custom theme: black and white, with the yellow and cyan that Teams
 * and Windows use. Every text has at least 7:1 (WCAG 1.4.6).
 */
export const themes = {
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
  contrast: {
    type: "custom",
    sidebarBg: "#000000",
    sidebarText: "#ffffff",
    sidebarUnreadText: "#ffffff",
    sidebarTextHoverBg: "#333333",
    sidebarTextActiveBorder: "#ffff01",
    sidebarTextActiveColor: "#ffff01",
    sidebarHeaderBg: "#000000",
    sidebarTeamBarBg: "#000000",
    sidebarHeaderTextColor: "#ffffff",
    onlineIndicator: "#3ff23f",
    awayIndicator: "#ffff01",
    dndIndicator: "#ff8080",
    mentionBg: "#ffff01",
    mentionBj: "#ffff01",
    mentionColor: "#000000",
    centerChannelBg: "#000000",
    centerChannelColor: "#ffffff",
    newMessageSeparator: "#1aebff",
    linkColor: "#1aebff",
    buttonBg: "#ffff01",
    buttonColor: "#000000",
    errorTextColor: "#ff8080",
    mentionHighlightBg: "#003f5c",
    mentionHighlightLink: "#ffffff",
    codeTheme: "monokai",
  },
} as const;

/** Black on white has 21; Mattermost's own themes have 10 to 14. */
const HIGH_CONTRAST = 15;

const ASKED = { category: "mission_collaboration", name: "theme_asked" } as const;
/** The preference's values: "true" is a no; a yes names the host theme that Mattermost was matched to. */
const DECLINED = "true";
const matched = (host: keyof typeof themes) => `matched_${host}`;

interface Preference {
  readonly category: string;
  readonly name: string;
  readonly value: string;
}

export interface ThemePorts {
  readonly subpath: string;
  readonly fetch: typeof globalThis.fetch;
  readonly cookies: () => string;
}

/** True when the person should be asked. False whenever that is uncertain. */
export async function themeDiffers(ports: ThemePorts, host: keyof typeof themes): Promise<boolean> {
  try {
    const response = await ports.fetch(`${ports.subpath}/api/v4/users/me/preferences`);
    if (!response.ok) return false;
    const preferences = (await response.json()) as Preference[];
    const find = (category: string, name: string) =>
      preferences.find((one) => one.category === category && one.name === name)?.value;
    const asked = find(ASKED.category, ASKED.name);
    const matchedBefore = (Object.keys(themes) as (keyof typeof themes)[]).find(
      (one) => matched(one) === asked,
    );
    if (asked !== undefined && (matchedBefore === undefined || matchedBefore === host)) return false;
    const theme = JSON.parse(find("theme", "") ?? JSON.stringify(themes.light)) as {
      centerChannelBg?: string;
      centerChannelColor?: string;
    };
    if (host === "contrast") {
      const { centerChannelBg = "", centerChannelColor = "" } = theme;
      return contrast(centerChannelBg, centerChannelColor) < HIGH_CONTRAST;
    }
    return isDark(theme.centerChannelBg ?? "") !== (host === "dark");
  } catch {
    return false;
  }
}

export async function answerTheme(ports: ThemePorts, match: keyof typeof themes | null): Promise<void> {
  const userId = cookie(ports.cookies(), "MMUSERID");
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
  await ports
    .fetch(`${ports.subpath}/api/v4/users/${userId}/preferences`, {
      method: "PUT",
      headers: {
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
        "X-CSRF-Token": cookie(ports.cookies(), "MMCSRF") ?? "",
      },
      body: JSON.stringify(preferences),
    })
    .catch(() => {});
}

/** By the brightness of a background `#rrggbb`. */
export function isDark(color: string): boolean {
  const parts = channels(color);
  if (!parts) return false;
  const [red, green, blue] = parts;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4;
}

/** Contrast ratio of two colours `#rrggbb` (WCAG 2.2), 1 to 21; 1 when one is invalid. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return a === null || b === null ? 1 : (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(color: string): number | null {
  const linear = channels(color)?.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  if (!linear) return null;
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color: string): [red: number, green: number, blue: number] | null {
  const parts = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color.trim());
  if (!parts) return null;
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16) / 255);
  return [red, green, blue];
}
