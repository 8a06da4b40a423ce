/** Tests signing in by another method: the pop-up, the code that it hands over, and a request for a provider. */

import AxeBuilder from "@axe-core/playwright";
import { expect, type Tab, test } from "./tab-fixture.ts";

test.describe("another method", () => {
  test.beforeEach(async ({ tab }) => {
    tab.standIn.session = () => ({ status: 403, json: { code: "no_account", requestId: "r" } });
  });

  test("a password in the pop-up: its code becomes a session of the tab", async ({ tab, context }) => {
    await tab.open();
    const opened = context.waitForEvent("page");
    await tab.card("no_account").getByRole("button", { name: "Sign in with another method" }).click();
    const popup = await opened;
    await expect(tab.card("other-method")).toBeVisible();
    tab.standIn.sessionsLive = true;
    const closed = popup.waitForEvent("close");
    await popup.frameLocator("iframe").locator("#password").click();
    await tab.mattermost.locator("#place").waitFor();
    await closed;
    const handover = tab.standIn.asked("/plugins/mission-collaboration/api/v1/session/handover");
    const redeem = tab.standIn.asked("/plugins/mission-collaboration/api/v1/session/redeem");
    const { challenge } = JSON.parse(handover[0]?.body ?? "") as { challenge: string };
    const { code, verifier } = JSON.parse(redeem[0]?.body ?? "") as { code: string; verifier: string };
    expect(code).toBe("c".repeat(43));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    expect(Buffer.from(digest).toString("base64url")).toBe(challenge);
    expect(popup.url()).not.toContain(verifier);
  });

  test("a provider: the window goes there and comes back", async ({ tab, context }) => {
    await tab.open();
    const opened = context.waitForEvent("page");
    await tab.card("no_account").getByRole("button", { name: "Sign in with another method" }).click();
    const popup = await opened;
    await popup.frameLocator("iframe").locator("#provider").click();
    await tab.mattermost.locator("#place").waitFor();
    expect(tab.standIn.asked("/login/sso/saml")).toHaveLength(1);
  });

  test("the pop-up is signed in already: it asks whether to continue as this person", async ({
    tab,
    context,
  }) => {
    await tab.open();
    const other = await context.newPage();
    await other.goto(`${tab.standIn.mattermost}/login/sso/saml?redirect_to=/`);
    const opened = context.waitForEvent("page");
    await tab.card("no_account").getByRole("button", { name: "Sign in with another method" }).click();
    const popup = await opened;
    await popup.getByRole("button", { name: "Continue as anna" }).click();
    await tab.mattermost.locator("#place").waitFor();
  });

  test("the person closes the pop-up: the tab shows the earlier text again", async ({ tab, context }) => {
    await tab.open();
    const opened = context.waitForEvent("page");
    await tab.card("no_account").getByRole("button", { name: "Sign in with another method" }).click();
    await (await opened).close();
    await expect(tab.card("no_account")).toBeVisible();
  });

  test("a code from a window that we did not open is ignored", async ({ tab, context }) => {
    await tab.open();
    const opened = context.waitForEvent("page");
    await tab.card("no_account").getByRole("button", { name: "Sign in with another method" }).click();
    await opened;
    await tab.host(
      `document.getElementById("tab").contentWindow.postMessage({ type: "mission_collaboration_code", code: "${"e".repeat(43)}" }, "*")`,
    );
    // The code of the right window is the only one that is redeemed.
    await (await opened).frameLocator("iframe").locator("#password").click();
    await tab.mattermost.locator("#place").waitFor();
    const redeemed = tab.standIn.asked("/plugins/mission-collaboration/api/v1/session/redeem");
    expect(redeemed.map(({ body }) => (JSON.parse(body) as { code: string }).code)).toEqual(["c".repeat(43)]);
  });
});

test.describe("the login page inside asks for a provider", () => {
  /** Asks like the web app's login page. */
  const asking = (href: string) => `
    window.acknowledged = new Promise((resolve) =>
      addEventListener("message", (event) => { if (event.data?.ack) resolve("acknowledged"); }));
    parent.postMessage({ type: "mattermost_external_auth_login", provider: "saml", href: ${JSON.stringify(href)} }, origin);`;
  const look = (tab: Tab, expression: string) => tab.mattermost.locator("body").evaluate(expression);

  test("is acknowledged at once, and the window goes there", async ({ tab, context }) => {
    await tab.arrive();
    const closed = context.waitForEvent("page").then((popup) => popup.waitForEvent("close"));
    // A window opens only for a person's click.
    await tab.mattermost.locator("#place").click();
    // In one step: the person may be signed in, and the frame replaced, before a second one begins.
    expect(await look(tab, `${asking("/login/sso/saml")} window.acknowledged`)).toBe("acknowledged");
    await closed;
    expect(tab.standIn.asked("/login/sso/saml")).toHaveLength(1);
    await expect
      .poll(() => tab.standIn.asked("/plugins/mission-collaboration/api/v1/session/redeem").length)
      .toBe(1);
    await tab.mattermost.locator("#place").waitFor();
  });

  test("another site's address is not opened", async ({ tab, context }) => {
    await tab.arrive();
    await tab.mattermost.locator("#place").click();
    for (const href of ["https://evil.example/login", "//evil.example/", "javascript:alert(1)"]) {
      await look(tab, `${asking(href)} null`);
      await tab.settled();
      expect(await look(tab, 'Promise.race([window.acknowledged, "no answer"])')).toBe("no answer");
    }
    expect(context.pages()).toHaveLength(1);
  });

  test("another window may not request it", async ({ tab, context }) => {
    await tab.arrive();
    await tab.mattermost.locator("#place").click();
    await tab.host(
      `document.getElementById("tab").contentWindow.postMessage({ type: "mattermost_external_auth_login", href: "/login/sso/saml" }, "*")`,
    );
    await tab.settled();
    expect(context.pages()).toHaveLength(1);
    await expect(tab.mattermost.locator("#place")).toBeVisible();
  });
});

test("the pop-up's own pages have no axe violation and keep their content security policy", async ({
  tab,
  page,
}) => {
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${tab.standIn.mattermost}/login/sso/saml?redirect_to=/`);
  const popup = `${tab.standIn.mattermost}/plugins/mission-collaboration/tab/popup`;
  await page.goto(`${popup}?challenge=${"a".repeat(43)}&via=window&locale=de&theme=dark`);
  await expect(page.getByRole("button", { name: "Weiter als anna" })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  // Without a challenge, no tab waits for a code.
  await page.evaluate("sessionStorage.clear()");
  await page.goto(popup);
  await expect(page.locator('[data-kind="failed"]')).toBeVisible();
  expect(complaints).toEqual([]);
});

test("nobody may frame the pop-up's page", async ({ tab, request }) => {
  const answer = await request.get(`${tab.standIn.mattermost}/plugins/mission-collaboration/tab/popup`);
  expect(answer.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
});
