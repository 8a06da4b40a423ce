/** When a theme like that of Teams is offered. */

import { describe, expect, test } from "bun:test";
import { answerTheme, contrast, isDark, themeDiffers, themes } from "./theme.ts";

describe("the theme", () => {
  const ports = (preferences: object[], sent: unknown[] = []) => ({
    subpath: "",
    cookies: () => "MMUSERID=u1; MMCSRF=c",
    fetch: (async (_url: string, init?: RequestInit) => {
      if (init?.body) sent.push(JSON.parse(String(init.body)));
      return Response.json(preferences);
    }) as unknown as typeof globalThis.fetch,
  });
  const dark = { category: "theme", name: "", value: JSON.stringify({ centerChannelBg: "#191b1f" }) };
  const asked = { category: "mission_collaboration", name: "theme_asked", value: "true" };
  test("is offered when it differs, not when it matches or was offered before", async () => {
    expect(await themeDiffers(ports([]), "dark")).toBe(true);
    expect(await themeDiffers(ports([dark]), "light")).toBe(true);
    expect(await themeDiffers(ports([]), "light")).toBe(false);
    expect(await themeDiffers(ports([dark]), "dark")).toBe(false);
    expect(await themeDiffers(ports([asked]), "dark")).toBe(false);
  });
  test("high contrast is offered over Mattermost's own themes, not over one that has it", async () => {
    const black = { ...dark, value: JSON.stringify(themes.contrast) };
    expect(await themeDiffers(ports([]), "contrast")).toBe(true);
    expect(await themeDiffers(ports([dark]), "contrast")).toBe(true);
    expect(await themeDiffers(ports([black]), "contrast")).toBe(false);
    expect(await themeDiffers(ports([asked]), "contrast")).toBe(false);
  });
  test("the high-contrast theme has 7:1 for every text (WCAG 1.4.6)", () => {
    const it = themes.contrast;
    const pairs: [string, string][] = [
      [it.sidebarText, it.sidebarBg],
      [it.sidebarUnreadText, it.sidebarBg],
      [it.sidebarText, it.sidebarTextHoverBg],
      [it.sidebarTextActiveColor, it.sidebarBg],
      [it.sidebarHeaderTextColor, it.sidebarHeaderBg],
      [it.mentionColor, it.mentionBg],
      [it.centerChannelColor, it.centerChannelBg],
      [it.linkColor, it.centerChannelBg],
      [it.buttonColor, it.buttonBg],
      [it.errorTextColor, it.centerChannelBg],
      [it.mentionHighlightLink, it.mentionHighlightBg],
      [it.centerChannelColor, it.mentionHighlightBg],
    ];
    for (const [text, ground] of pairs) expect(contrast(text, ground)).toBeGreaterThanOrEqual(7);
    expect(Object.keys(it)).toEqual(Object.keys(themes.light));
    expect(contrast("#000000", "#ffffff")).toBe(21);
    expect(contrast("#fff", "red")).toBe(1);
  });
  test("the answer is stored with the account; no keeps the theme", async () => {
    const yes: unknown[] = [];
    await answerTheme(ports([], yes), "dark");
    expect(yes).toMatchObject([[{ name: "theme_asked" }, { category: "theme", name: "" }]]);
    const no: unknown[] = [];
    await answerTheme(ports([], no), null);
    expect(no).toEqual([[{ user_id: "u1", ...asked }]]);
  });
  describe("after a yes", () => {
    const answered = async (host: "light" | "dark") => {
      const sent: { category: string; name: string; value: string }[][] = [];
      await answerTheme(ports([], sent), host);
      return sent[0] ?? [];
    };
    test("a change back in the host is offered again", async () => {
      expect(await themeDiffers(ports(await answered("dark")), "light")).toBe(true);
      expect(await themeDiffers(ports(await answered("light")), "dark")).toBe(true);
    });
    test("nothing changed: no offer", async () => {
      expect(await themeDiffers(ports(await answered("dark")), "dark")).toBe(false);
    });
    test("no offer when the person chose another theme in Mattermost", async () => {
      const yes = await answered("dark");
      const own = { category: "theme", name: "", value: JSON.stringify({ centerChannelBg: "#ffffff" }) };
      expect(await themeDiffers(ports([...yes.slice(0, 1), own]), "dark")).toBe(false);
    });
    test("a change back and forth that already matches Mattermost: no offer", async () => {
      const yes = await answered("dark");
      expect(await themeDiffers(ports(yes.slice(0, 1)), "light")).toBe(false);
    });
  });
  test("dark or light by luminance", () => {
    expect(["#000000", "#191b1f", "#ffffff", "#ffd470", "red", ""].map(isDark)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
