/**
 * How the tab looks, and how screen readers and the keyboard reach it: light, dark, contrast, forced colours, right to left, phone, desktop,
 * 400 % zoom, keyboard, and axe without violations. PICTURES=1 also takes the pictures of docs/user-guide.md.
 */

import AxeBuilder from "@axe-core/playwright";
import type { Answer } from "../tab/stand-in.ts";
import { picture } from "./pictures.ts";
import { expect, type Tab, test } from "./tab-fixture.ts";

const refuse =
  (status: number, code: string): Answer =>
  () => ({ status, json: { code, message: "…", requestId: "c7m4r1wq3tnk8e5y6z9xbahfjd" } });

/** States that consist of text alone, reached like people reach them. */
const states: Record<string, (tab: Tab, context: Record<string, unknown>) => Promise<void>> = {
  consent: (tab, context) => tab.open({ context, tokenAnswers: [{ error: "resourceRequiresConsent" }] }),
  no_account: (tab, context) => {
    tab.standIn.session = refuse(403, "no_account");
    return tab.open({ context });
  },
  account_deactivated: (tab, context) => {
    tab.standIn.session = refuse(403, "account_deactivated");
    return tab.open({ context });
  },
  server_upgrading: (tab, context) => {
    tab.standIn.session = () => ({ status: 503, html: "…" });
    return tab.open({ context });
  },
  cookies_refused: (tab, context) => {
    tab.standIn.partitioned = false;
    return tab.open({ context });
  },
};

async function accessible(tab: Tab): Promise<void> {
  // The host page is not ours; its frame is.
  const { violations } = await new AxeBuilder({ page: tab.page }).include(["#tab", "#root"]).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

/** No horizontal scrolling, and everything reachable by scrolling down. */
async function fits(tab: Tab): Promise<void> {
  const wider = await tab.shell.locator("html").evaluate((root) => root.scrollWidth > root.clientWidth);
  expect(wider).toBe(false);
  for (const way of await tab.shell.locator(".way").all()) {
    await way.scrollIntoViewIfNeeded();
    await expect(way).toBeInViewport();
  }
}

for (const theme of ["default", "dark", "contrast"] as const) {
  test(`${theme}: axe finds nothing in any state, and everything fits`, async ({ tab }) => {
    // Five states, each checked by axe.
    test.slow();
    const healthy = tab.standIn.session;
    for (const [name, reach] of Object.entries(states)) {
      tab.standIn.session = healthy;
      tab.standIn.partitioned = true;
      await reach(tab, { theme });
      await tab.card(name).waitFor();
      await accessible(tab);
      await fits(tab);
    }
  });
}

test("progress and notices, too", async ({ tab }) => {
  await tab.open({ answers: "never" });
  await tab.shell.getByRole("status").waitFor();
  await accessible(tab);
  await tab.arrive({ context: { theme: "dark" } });
  await tab.shell.locator('.notice[data-kind="theme_offer"]').waitFor();
  await accessible(tab);
});

test("the first paint has theme and language before any script ran", async ({ tab, page }) => {
  await page.route("**/public/tab/*.js", () => {});
  await page.goto(tab.standIn.hostUrl({}, "?theme=dark&locale=ar-sa"), { waitUntil: "commit" });
  await expect(tab.shell.getByRole("status")).toContainText("جارٍ تسجيل دخولك");
  await expect(tab.shell.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(tab.shell.locator("body")).toHaveCSS("background-color", "rgb(31, 31, 31)");
});

test("the script does not load, as during a server restart: text, and a link that reloads the page", async ({
  tab,
  page,
}) => {
  let away = true;
  await page.route("**/public/tab/*.js", (route) =>
    away ? route.fulfill({ status: 502, body: "Bad Gateway" }) : route.continue(),
  );
  await page.goto(tab.standIn.hostUrl({}, "?theme=dark&locale=de-de"));
  const again = tab.shell.getByRole("link", { name: "Erneut versuchen" });
  await expect(tab.shell.getByRole("status")).toContainText("Sie werden angemeldet");
  await expect(again).toBeHidden();
  await expect(again).toBeVisible({ timeout: 20_000 });
  await expect(tab.shell.getByText("Mattermost ist nicht erreichbar")).toBeVisible();
  away = false;
  await again.click();
  await tab.mattermost.locator("#place").waitFor();
});

test("right to left: text, direction, and it fits", async ({ tab }) => {
  await states.no_account?.(tab, { locale: "ar-sa" });
  await expect(tab.shell.getByRole("heading")).toHaveText("ليس لديك حساب في Mattermost بعد");
  await expect(tab.shell.locator("html")).toHaveAttribute("dir", "rtl");
  await accessible(tab);
  await fits(tab);
});

for (const [name, size] of Object.entries({
  phone: { width: 360, height: 640 },
  "400 % zoom": { width: 320, height: 256 },
})) {
  test(`${name}: every state fits without horizontal scrolling`, async ({ tab, page }) => {
    await page.setViewportSize(size);
    await states.cookies_refused?.(tab, {});
    await tab.card("cookies_refused").waitFor();
    await fits(tab);
  });
}

test("forced colours: buttons keep an outline, progress keeps its ring", async ({ tab, page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await states.no_account?.(tab, {});
  await expect(tab.shell.locator(".way.first")).toHaveCSS("border-top-width", "2px");
});

test("reduced motion: nothing spins", async ({ tab, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await tab.open({ answers: "never" });
  await expect(tab.shell.locator(".turning")).toHaveCSS("animation-name", "none");
});

test("keyboard alone: the heading is read, Tab reaches every action, Enter runs it", async ({
  tab,
  page,
}) => {
  await states.no_account?.(tab, {});
  await expect(tab.card("no_account").getByRole("heading")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(tab.shell.getByRole("button", { name: "Try again" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(tab.shell.getByRole("button", { name: "Sign in with another method" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  tab.standIn.session = () => ({ json: { location: "/" }, cookies: true });
  await page.keyboard.press("Enter");
  await tab.mattermost.locator("#place").waitFor();
  // The focus goes where the person wants to be.
  await expect(tab.shell.locator("iframe.mattermost")).toBeFocused();
});

test("Mattermost fills the tab, with no second scroll bar", async ({ tab }) => {
  await tab.arrive();
  const [inner, outer] = await Promise.all([
    tab.shell.locator("iframe.mattermost").boundingBox(),
    tab.page.locator("#tab").boundingBox(),
  ]);
  expect(inner).toEqual(outer);
  const scrolls = await tab.shell.locator("html").evaluate((root) => root.scrollHeight > root.clientHeight);
  expect(scrolls).toBe(false);
});

test.describe("the theme", () => {
  test("after a yes, another change in the host is offered at once", async ({ tab }) => {
    await tab.arrive({ context: { theme: "dark" } });
    await tab.shell.getByRole("button", { name: "Yes, match it" }).click();
    await expect.poll(() => tab.standIn.preferences.map(({ value }) => value)).toContain("matched_dark");
    await tab.host("host.emit('themeChange', ['default'])");
    await tab.shell.getByRole("button", { name: "Yes, match it" }).click();
    await expect.poll(() => tab.standIn.preferences.map(({ value }) => value)).toContain("matched_light");
    const theme = tab.standIn.preferences.find(({ category }) => category === "theme");
    expect(JSON.parse(theme?.value ?? "")).toMatchObject({ type: "Denim" });
  });

  test("follows the host, also while open", async ({ tab }) => {
    await tab.arrive({ context: { theme: "dark" } });
    await expect(tab.shell.locator("html")).toHaveAttribute("data-theme", "dark");
    await tab.host("host.emit('themeChange', ['contrast'])");
    await expect(tab.shell.locator("html")).toHaveAttribute("data-theme", "contrast");
  });

  test("is offered to Mattermost once per person", async ({ tab }) => {
    await tab.arrive({ context: { theme: "dark" } });
    await tab.shell.getByRole("button", { name: "Yes, match it" }).click();
    await expect.poll(() => tab.standIn.preferences.length).toBe(2);
    const theme = tab.standIn.preferences.find(({ category }) => category === "theme");
    expect(JSON.parse(theme?.value ?? "")).toMatchObject({ type: "Onyx" });
    await tab.arrive({ context: { theme: "dark" } });
    await tab.page.waitForTimeout(500);
    await expect(tab.shell.locator(".notice")).toHaveCount(0);
  });

  test("declined: nothing changes, and the question does not come again", async ({ tab }) => {
    await tab.arrive({ context: { theme: "dark" } });
    await tab.shell.getByRole("button", { name: "No, keep mine" }).click();
    await expect.poll(() => tab.standIn.preferences.map(({ name }) => name)).toEqual(["theme_asked"]);
  });
});

/** A host in `theme` and a Mattermost with another theme, so that the theme is offered; plus a failed download. */
async function withBars(tab: Tab, theme: string): Promise<void> {
  const background = theme === "default" ? "#191b1f" : "#ffffff";
  const value = JSON.stringify({ centerChannelBg: background, centerChannelColor: "#808080" });
  tab.standIn.preferences = [{ category: "theme", name: "", value }];
  await tab.arrive({ context: { theme } });
  await tab.shell.locator('.notice[data-kind="theme_offer"]').waitFor();
  await tab.mattermost.locator("#file-refused").click();
  await tab.shell.getByRole("alert").waitFor();
}

test.describe("notices and the bar of downloads", () => {
  for (const theme of ["default", "dark", "contrast"]) {
    test(`${theme}: they cover nothing of Mattermost, and axe finds nothing`, async ({ tab }) => {
      await withBars(tab, theme);
      const box = async (of: string) => {
        const found = await tab.shell.locator(of).boundingBox();
        if (!found) throw new Error(`${of} is not drawn`);
        return found;
      };
      const all = await tab.page.locator("#tab").boundingBox();
      const [frame, ...bars] = [
        await box("iframe.mattermost"),
        await box(".notice"),
        await box(".downloads"),
      ];
      for (const bar of bars) {
        expect(bar.height).toBeGreaterThan(20);
        expect(bar.y + bar.height).toBeLessThanOrEqual(frame.y);
      }
      // All of Mattermost is inside the tab: its bottom is not pushed out.
      expect(frame.y + frame.height).toBeCloseTo((all?.y ?? 0) + (all?.height ?? 0), 0);
      await accessible(tab);
    });
  }

  test("on a phone, too", async ({ tab, page }) => {
    await page.setViewportSize({ width: 360, height: 640 });
    await withBars(tab, "dark");
    const frame = await tab.shell.locator("iframe.mattermost").boundingBox();
    const notice = await tab.shell.locator(".notice").boundingBox();
    expect((notice?.y ?? 0) + (notice?.height ?? 0)).toBeLessThanOrEqual(frame?.y ?? 0);
    expect(frame?.height).toBeGreaterThan(200);
    await fits(tab);
  });

  test("the keyboard reaches the answers in order, then Mattermost", async ({ tab, page }) => {
    await withBars(tab, "dark");
    await tab.shell.getByRole("button", { name: "Close: secret.txt" }).click();
    const notice = tab.shell.locator(".notice");
    await notice.getByRole("button", { name: "Yes, match it" }).focus();
    for (const name of ["No, keep mine", "Close"]) {
      await page.keyboard.press("Tab");
      await expect(notice.getByRole("button", { name, exact: true })).toBeFocused();
    }
    await page.keyboard.press("Tab");
    await expect(tab.shell.locator("iframe.mattermost")).toBeFocused();
  });

  for (const way of ["Escape", "Close by Enter", "Close by a click"]) {
    test(`${way}: closes the notice without an answer, and Mattermost has the keyboard`, async ({
      tab,
      page,
    }) => {
      await tab.arrive({ context: { theme: "dark" } });
      const notice = tab.shell.locator(".notice");
      const close = notice.getByRole("button", { name: "Close", exact: true });
      if (way === "Close by a click") await close.click();
      else {
        await (way === "Escape" ? notice.getByRole("button", { name: "Yes, match it" }) : close).focus();
        await page.keyboard.press(way === "Escape" ? "Escape" : "Enter");
      }
      await expect(notice).toHaveCount(0);
      await expect(tab.shell.locator("iframe.mattermost")).toBeFocused();
      expect(tab.standIn.preferences).toEqual([]);
    });
  }

  for (const status of [404, 501]) {
    test(`the plugin is switched off (${status}): the notice says so, and disappears when it is on`, async ({
      tab,
    }) => {
      test.slow();
      await tab.arrive();
      const before = await tab.mattermost.locator("body").evaluate("window.startedAt");
      tab.standIn.pluginStatus = status;
      await tab.shell.locator("body").evaluate("window.dispatchEvent(new Event('online'))");
      const notice = tab.shell.locator('.notice[data-kind="plugin_off"]');
      await expect(notice).toContainText("switched off the connection to Microsoft 365");
      tab.standIn.pluginStatus = 200;
      await expect(notice).toHaveCount(0);
      expect(await tab.mattermost.locator("body").evaluate("window.startedAt")).toBe(before);
    });
  }
});

if (process.env.PICTURES) {
  test.describe("pictures", () => {
    test.use({ viewport: { width: 900, height: 560 } });
    for (const name of Object.keys(states)) {
      test(name, async ({ tab }) => {
        await states[name]?.(tab, { theme: name === "cookies_refused" ? "dark" : "default" });
        await tab.card(name).waitFor();
        await picture(tab.page, `tab-${name.replaceAll("_", "-")}`);
      });
    }
    test("right to left", async ({ tab }) => {
      await states.no_account?.(tab, { locale: "ar" });
      await tab.card("no_account").waitFor();
      await picture(tab.page, "tab-right-to-left");
    });
    test("contrast", async ({ tab }) => {
      await states.consent?.(tab, { theme: "contrast" });
      await tab.card("consent").waitFor();
      await picture(tab.page, "tab-contrast");
    });
    test("phone", async ({ tab, page }) => {
      await page.setViewportSize({ width: 360, height: 640 });
      await states.no_account?.(tab, { theme: "dark" });
      await tab.card("no_account").waitFor();
      await picture(tab.page, "tab-phone");
    });
  });
}
