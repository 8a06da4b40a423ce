import { useEffect } from "react";

/**
 * Maps keys of a Mattermost theme to CSS variables of the web app; each also gets a `-rgb` variable with three
 * numbers.
 */
const variables: Readonly<Record<string, string>> = {
  sidebarBg: "--sidebar-bg",
  sidebarText: "--sidebar-text",
  sidebarTextHoverBg: "--sidebar-hover",
  centerChannelBg: "--center-channel-bg",
  centerChannelColor: "--center-channel-color",
  buttonBg: "--button-bg",
  buttonColor: "--button-color",
  linkColor: "--link-color",
  errorTextColor: "--error-text",
  mentionHighlightBg: "--mention-highlight-bg",
  mentionBg: "--mention-bg",
  mentionColor: "--mention-color",
};

/** The person's theme: the JSON of their preference of category `theme`. */
export function useTheme(json: string): void {
  useEffect(() => {
    const theme = parse(json);
    const { style } = document.documentElement;
    for (const [key, variable] of Object.entries(variables)) {
      const colour = theme[key];
      if (typeof colour === "string" && /^#[0-9a-f]{6}$/i.test(colour)) {
        const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
        style.setProperty(variable, colour);
        style.setProperty(`${variable}-rgb`, parts.join(", "));
      } else {
        style.removeProperty(variable);
        style.removeProperty(`${variable}-rgb`);
      }
    }
    style.colorScheme = /^#[0-5]/.test(String(theme.centerChannelBg ?? "")) ? "dark" : "light";
  }, [json]);
}

function parse(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    return {};
  }
}
