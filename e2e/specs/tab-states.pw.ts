/** Tests every state of the tab, with its text and the next step that it offers. */

import { expect, test } from "./tab-fixture.ts";

test.describe("arriving", () => {
  test("signs in silently: token, session, Mattermost", async ({ tab }) => {
    await tab.arrive();
    await expect(tab.mattermost.locator("#place")).toHaveText("/");
    expect(tab.exchanges.map(({ body }) => JSON.parse(body))).toEqual([{ token: "token-1" }]);
    expect(await tab.calls("appInitialization.appLoaded")).toBe(1);
    await expect.poll(() => tab.calls("appInitialization.success")).toBe(1);
    await expect.poll(() => tab.shell.locator("title").textContent()).toBe("(2) Town Square - Team");
  });

  test("the token stays out of every address and header", async ({ tab }) => {
    const sent: string[] = [];
    tab.page.on("request", (request) => sent.push(request.url() + JSON.stringify(request.headers())));
    await tab.arrive();
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.filter((text) => text.includes("token-1"))).toEqual([]);
  });

  test("sends nothing off the machine, and the page's own policy refuses nothing", async ({ tab }) => {
    const hosts = new Set<string>();
    const complaints: string[] = [];
    tab.page.on("request", (request) => hosts.add(new URL(request.url()).hostname));
    tab.page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    tab.page.on("pageerror", (error) => complaints.push(error.message));
    await tab.arrive();
    expect([...hosts].sort()).toEqual(["127.0.0.1", "localhost"]);
    expect(complaints).toEqual([]);
  });

  test("works without third-party cookies, in a separate partition", async ({ tab, context }) => {
    await tab.arrive();
    const cookies = await context.cookies(tab.standIn.mattermost);
    expect(cookies.find(({ name }) => name === "MMAUTHTOKEN")).toMatchObject({
      partitionKey: "http://127.0.0.1",
    });
  });

  test("works in a host that does not support suspending", async ({ tab }) => {
    await tab.arrive({ supports: { app: {}, pages: {} } });
  });

  test("works with a host that answers everything twice", async ({ tab }) => {
    await tab.arrive({ answers: "twice" });
    expect(tab.exchanges).toHaveLength(1);
    expect(JSON.parse(tab.exchanges[0]?.body ?? "")).toEqual({ token: "token-1" });
  });

  test("Mattermost may use what Calls needs", async ({ tab }) => {
    await tab.arrive();
    const allow = await tab.shell.locator("iframe.mattermost").getAttribute("allow");
    for (const feature of [
      "camera",
      "microphone",
      "display-capture",
      "clipboard-write",
      "fullscreen",
      "autoplay",
    ]) {
      expect(allow).toContain(feature);
    }
    expect(await tab.shell.locator("iframe.mattermost").getAttribute("sandbox")).toBeNull();
  });
});

test.describe("under a sub-path", () => {
  test.use({ options: { subpath: "/chat" } });
  test("the person is signed in", async ({ tab }) => {
    await tab.arrive({ context: { subEntityId: `channel_${"c".repeat(26)}` } });
    expect(await tab.shell.locator("iframe.mattermost").getAttribute("src")).toBe("/chat/");
  });
});

test.describe("the host", () => {
  test("never answers: an explanation within half a minute, not after 60 seconds", async ({ tab }) => {
    await tab.open({ answers: "never" });
    await expect(tab.shell.getByRole("status")).toHaveText("Signing you in…");
    await expect(tab.card("host_silent")).toBeVisible();
    expect(tab.exchanges).toHaveLength(0);
  });

  test("does not exist: the page explains that it belongs inside Microsoft 365", async ({ tab, page }) => {
    await page.goto(`${tab.standIn.mattermost}/plugins/mission-collaboration/tab`);
    const card = page.locator('[data-kind="host_missing"]');
    await expect(card.getByRole("link", { name: "Open in browser" })).toHaveAttribute(
      "href",
      `${tab.standIn.mattermost}/`,
    );
    await expect(card.getByRole("link", { name: "Open in desktop app" })).toHaveAttribute(
      "href",
      `${tab.standIn.mattermost}/`.replace("http:", "mattermost:"),
    );
    expect(tab.exchanges).toHaveLength(0);
  });

  test("on a foreign origin may not show the page", async ({ tab, page }) => {
    const url = tab.standIn.hostUrl().replace("127.0.0.1", "localhost");
    await page.goto(url);
    await expect(page.frameLocator("#tab").locator("#root")).toHaveCount(0);
    expect(await page.evaluate("host.seen.length")).toBe(0);
  });

  test("on a foreign origin: its messages are ignored, even without the frame policy", async ({
    tab,
    page,
  }) => {
    await page.route("**/plugins/mission-collaboration/tab", async (route) => {
      const answer = await route.fetch();
      const { "content-security-policy": _, ...headers } = answer.headers();
      await route.fulfill({ response: answer, headers });
    });
    await page.goto(tab.standIn.hostUrl().replace("127.0.0.1", "localhost"));
    await expect(page.frameLocator("#tab").locator('[data-kind="host_silent"]')).toBeVisible();
    expect(await page.evaluate("host.count('initialize')")).toBe(1);
    expect(await page.evaluate("host.tokens.length")).toBe(0);
  });

  test("is a phone: it has no parent window, and uses the native bridge", async ({ tab, page }) => {
    await page.addInitScript(`
      if (window === top) {
        const runtime = JSON.stringify({ apiVersion: 4, isLegacyTeams: false, supports: { app: {}, pages: {} } });
        window.asked = [];
        window.nativeInterface = { framelessPostMessage(text) {
          const message = JSON.parse(text);
          window.asked.push(message.func);
          const args = { initialize: ["content", "android", runtime, "2.0.1"],
            getContext: [{ locale: "de", theme: "dark", userObjectId: "u", tid: "t" }],
            "authentication.getAuthToken": [true, "token-phone"] }[message.func];
          if (args) setTimeout(() => window.onNativeMessage({ data: { id: message.id, uuidAsString: message.uuidAsString, args } }));
        } };
      }`);
    await page.goto(`${tab.standIn.mattermost}/plugins/mission-collaboration/tab`);
    await page.frameLocator("iframe.mattermost").locator("#place").waitFor();
    expect(tab.exchanges.map(({ body }) => JSON.parse(body))).toEqual([{ token: "token-phone" }]);
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
  });
});

test.describe("consent", () => {
  test("is requested by a button, and only then with a dialog", async ({ tab }) => {
    await tab.open({ tokenAnswers: [{ error: "resourceRequiresConsent" }, "token-2"] });
    await tab.card("consent").getByRole("button", { name: "Sign in", exact: true }).click();
    await tab.mattermost.locator("#place").waitFor();
    expect(await tab.host("host.tokens.map((asked) => asked.silent)")).toEqual([true, false]);
    expect(JSON.parse(tab.exchanges[0]?.body ?? "")).toEqual({ token: "token-2" });
  });

  test("refused: the page explains whom to ask, and offers another method", async ({ tab }) => {
    await tab.open({ tokenAnswers: [{ error: "CancelledByUser" }] });
    await tab.card("consent").getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(tab.shell.getByText("Ask your Mattermost admin")).toBeVisible();
    await expect(tab.shell.getByRole("button", { name: "Sign in with another method" })).toBeVisible();
  });

  test("for an address that Microsoft does not know: the page says that the admin must repair it", async ({
    tab,
  }) => {
    await tab.open({ tokenAnswers: [{ error: "resourceDisabled" }] });
    await expect(tab.card("registration_mismatch")).toBeVisible();
  });

  test("an undocumented error: two silent retries, then a button", async ({ tab }) => {
    await tab.open({ tokenAnswers: [{ error: "Unexpected" }] });
    await expect(tab.card("consent")).toBeVisible();
    expect(await tab.host("host.tokens.length")).toBe(3);
  });
});

test.describe("refusals of the server", () => {
  const refusals: [status: number, code: string, kind: string][] = [
    [401, "sign_in_refused", "sign_in_refused"],
    [403, "no_account", "no_account"],
    [403, "account_deactivated", "account_deactivated"],
    [403, "mfa_required", "account_refused"],
    [403, "account_conflict", "account_refused"],
    [429, "rate_limited", "too_many_attempts"],
    [503, "not_configured", "not_configured"],
    [503, "sign_in_unavailable", "microsoft_unavailable"],
    [503, "tenant_unknown", "tenant_unknown"],
    [403, "directory_refused", "directory_refused"],
    [500, "internal", "unknown"],
  ];
  test("each have a text, the request id and a next step", async ({ tab }) => {
    for (const [status, code, kind] of refusals) {
      tab.standIn.session = () => ({ status, json: { code, message: "…", requestId: `req-${code}` } });
      await tab.open();
      const card = tab.card(kind);
      await expect(card.getByRole("heading")).toBeFocused();
      await expect(card.getByText(`req-${code}`)).toBeVisible();
      expect(await card.locator(".way").count()).toBeGreaterThan(0);
      await expect.poll(() => tab.calls("appInitialization.success")).toBe(1);
    }
  });

  test("of a token of another organisation explain that this Mattermost belongs to another one", async ({
    tab,
  }) => {
    tab.standIn.session = () => ({ status: 401, json: { code: "sign_in_refused", requestId: "r" } });
    await tab.open({ context: { tid: "99999999-0000-4000-8000-000000000009" } });
    await expect(tab.card("other_organisation")).toBeVisible();
  });

  test("plugin disabled: the server's own 404", async ({ tab }) => {
    tab.standIn.session = () => ({ status: 404, html: "<h1>Not found</h1>" });
    await tab.open();
    await expect(tab.card("plugin_disabled")).toBeVisible();
  });

  test("upgrading: a proxy answers, and the page opens afterwards without a click", async ({ tab }) => {
    const fine = tab.standIn.session;
    tab.standIn.session = () => ({ status: 503, html: "<h1>Unavailable</h1>" });
    await tab.open();
    await expect(tab.card("server_upgrading")).toContainText("This page tries again");
    tab.standIn.session = fine;
    await tab.mattermost.locator("#place").waitFor();
  });

  test("a proxy's page instead of Mattermost is not shown, and Mattermost opens when it is back", async ({
    tab,
  }) => {
    tab.standIn.proxyPage = "<h1>Bad gateway</h1>";
    await tab.open();
    await expect(tab.card("server_unreachable")).toBeVisible();
    tab.standIn.proxyPage = null;
    await tab.mattermost.locator("#place").waitFor();
  });

  test("an address outside Mattermost is never opened", async ({ tab }) => {
    for (const location of [
      "https://evil.example/",
      "//evil.example/",
      "/\\evil.example",
      "javascript:alert(1)",
    ]) {
      tab.standIn.session = () => ({ json: { location }, cookies: true });
      await tab.open();
      await expect(tab.card("unknown")).toBeVisible();
    }
  });

  test("the server is unreachable: says so, and the button works when it is back", async ({ tab, page }) => {
    await page.route("**/api/v1/session", (route) => route.abort());
    await tab.open();
    await expect(tab.card("server_unreachable")).toBeVisible();
    await page.unroute("**/api/v1/session");
    await tab.card("server_unreachable").getByRole("button", { name: "Try again" }).click();
    await tab.mattermost.locator("#place").waitFor();
  });
});

test.describe("cookies that are refused", () => {
  test("by the browser: the page offers the browser and the desktop app", async ({ tab }) => {
    tab.standIn.partitioned = false;
    await tab.open();
    const card = tab.card("cookies_refused");
    await expect(card).toBeVisible();
    await expect(card.getByRole("link", { name: "Open in browser" })).toBeVisible();
    await expect(card.getByRole("link", { name: "Open in desktop app" })).toBeVisible();
    await expect(tab.shell.locator("iframe.mattermost")).toHaveCount(0);
  });
});

test.describe("not configured yet", () => {
  test.use({ options: { configured: false } });
  test("requests no token, and says that the admin has to finish the set-up", async ({ tab }) => {
    await tab.open();
    await expect(tab.card("not_configured")).toContainText("admin has to finish");
    expect(await tab.host("host.tokens.length")).toBe(0);
    expect(tab.exchanges).toHaveLength(0);
  });
});
