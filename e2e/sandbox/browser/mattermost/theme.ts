import { useEffect } from "react";
import { api, type ServerEvent } from "./api.ts";

/** Keys of a Mattermost theme → CSS variables of the web app; those with `-rgb` come as three numbers too. */
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

interface Preference {
  readonly category: string;
  readonly name: string;
  readonly value: string;
}

function apply(theme: Record<string, unknown>): void {
  const style = document.documentElement.style;
  for (const [key, variable] of Object.entries(variables)) {
    const colour = theme[key];
    if (typeof colour !== "string" || !/^#[0-9a-f]{6}$/i.test(colour)) {
      style.removeProperty(variable);
      style.removeProperty(`${variable}-rgb`);
      continue;
    }
    style.setProperty(variable, colour);
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    style.setProperty(`${variable}-rgb`, parts.join(", "));
  }
  const dark = /^#[0-5]/.test(String(theme.centerChannelBg ?? ""));
  style.colorScheme = dark ? "dark" : "light";
}

/** The person's theme, a preference of category `theme`; followed as it changes. */
export function useTheme(signedIn: boolean): void {
  useEffect(() => {
    if (!signedIn) return;
    const load = async () => {
      const preferences = await api<Preference[]>("/users/me/preferences");
      const theme = preferences.findLast((each) => each.category === "theme");
      try {
        apply(JSON.parse(theme?.value ?? "{}"));
      } catch {
        apply({});
      }
    };
    void load().catch(() => {});
    const listener = (event: Event) => {
      if ((event as CustomEvent<ServerEvent>).detail.event === "preferences_changed")
        void load().catch(() => {});
    };
    window.addEventListener("server-event", listener);
    return () => window.removeEventListener("server-event", listener);
  }, [signedIn]);
}
