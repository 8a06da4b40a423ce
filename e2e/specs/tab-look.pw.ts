/**
 * Tests how the tab looks, and that screen readers and the keyboard reach everything: light, dark, contrast, forced
 * colours, right to left, phone, desktop, 400 % zoom, and axe. PICTURES=1 also takes the pictures of
 * docs/user-guide.md.
 */

import type { Answer } from "../tab/stand-in.ts";
import { picture } from "./pictures.ts";
import { expect, type Tab, test } from "./tab-fixture.ts";
import { accessible, fits } from "./tab-views.ts";

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

test("axe finds nothing in the progress and in notices, either", async ({ tab }) => {
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
  await expect(again).toBeVisible();
  await expect(tab.shell.getByText("Mattermost ist nicht erreichbar")).toBeVisible();
  away = false;
  await again.click();
  await tab.mattermost.locator("#place").waitFor();
});

test("right to left: the page has Arabic text and direction, and fits", async ({ tab }) => {
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

test("with the keyboard alone: screen readers read the heading, Tab reaches every action, Enter runs it", async ({
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
  // The focus moves into Mattermost.
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
    const read = () => tab.standIn.requests.filter(({ path }) => path.endsWith("/preferences")).length;
    const before = read();
    await tab.arrive({ context: { theme: "dark" } });
    await expect.poll(read).toBeGreaterThan(before);
    await tab.settled();
    await expect(tab.shell.locator(".notice")).toHaveCount(0);
  });

  test("stays if the person declines, and the question does not come again", async ({ tab }) => {
    await tab.arrive({ context: { theme: "dark" } });
    await tab.shell.getByRole("button", { name: "No, keep mine" }).click();
    await expect.poll(() => tab.standIn.preferences.map(({ name }) => name)).toEqual(["theme_asked"]);
  });
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
