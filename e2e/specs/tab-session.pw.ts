/** Tests sessions that are renewed, ended or handed over, and links to posts. */

import { expect, test } from "./tab-fixture.ts";

const POST = `post_${"p".repeat(26)}`;
const CHANNEL = `channel_${"c".repeat(26)}`;
/** The web app's own check of its session, which ends at the login page if it is over. */
const LOOK = "window.look()";

test.describe("the session ends", () => {
  test("expired: renewed silently, with the place and the typed text kept", async ({ tab }) => {
    await tab.arrive();
    await tab.mattermost.locator("#post_textbox").fill("half a sentence");
    const before = await tab.mattermost.locator("body").evaluate("window.startedAt");
    // Wait, because a session that ends within the first seconds is not renewed.
    await tab.page.waitForTimeout(5_200);
    tab.standIn.sessionsLive = false;
    await tab.mattermost.locator("body").evaluate(LOOK);
    await expect.poll(() => tab.exchanges.length).toBe(2);
    const box = tab.mattermost.locator("#post_textbox");
    await expect(box).toHaveValue("half a sentence");
    expect(await tab.mattermost.locator("body").evaluate("window.startedAt")).not.toBe(before);
    // The app draws its boxes again during its start; the restored text is not lost.
    await tab.page.waitForTimeout(2_000);
    await expect(box).toHaveValue("half a sentence");
    await box.press("Enter");
    await tab.page.waitForTimeout(1_000);
    await expect(box).toHaveValue("");
  });

  test("before its end: renewed, and the page stays as it is", async ({ tab }) => {
    tab.standIn.session = () => ({ json: { location: "/", renewInSeconds: 1 }, cookies: true });
    await tab.arrive();
    const before = await tab.mattermost.locator("body").evaluate("window.startedAt");
    await tab.mattermost.locator("#post_textbox").fill("still typing");
    await expect.poll(() => tab.exchanges.length).toBeGreaterThan(2);
    expect(await tab.mattermost.locator("body").evaluate("window.startedAt")).toBe(before);
    await expect(tab.mattermost.locator("#post_textbox")).toHaveValue("still typing");
  });

  test("deliberate log-out: not signed in again until the button is pressed, even when opened again", async ({
    tab,
  }) => {
    await tab.arrive();
    await tab.mattermost.locator("#leave").click();
    await expect(tab.card("signed_out")).toBeVisible();
    await tab.open();
    await expect(tab.card("signed_out")).toBeVisible();
    expect(tab.exchanges).toHaveLength(1);
    await tab.card("signed_out").getByRole("button", { name: "Sign in", exact: true }).click();
    await tab.mattermost.locator("#place").waitFor();
    await tab.open();
    await tab.mattermost.locator("#place").waitFor();
  });

  test("deliberate log-out, then expiry after the next sign-in: the expiry is renewed silently", async ({
    tab,
  }) => {
    await tab.arrive();
    await tab.mattermost.locator("#leave").click();
    await tab.card("signed_out").getByRole("button", { name: "Sign in", exact: true }).click();
    await tab.mattermost.locator("#place").waitFor();
    await tab.page.waitForTimeout(5_200);
    tab.standIn.sessionsLive = false;
    await tab.mattermost.locator("body").evaluate(LOOK);
    await expect.poll(() => tab.exchanges.length).toBe(3);
    await tab.mattermost.locator("#place").waitFor();
  });

  test("deliberate log-out: the cookies of the frame are cleared before the next sign-in", async ({
    tab,
    context,
  }) => {
    const left = async () =>
      (await context.cookies()).filter(({ name, partitionKey }) => /^MM/.test(name) && partitionKey);
    await tab.arrive();
    expect((await left()).map(({ name }) => name).sort()).toEqual(["MMAUTHTOKEN", "MMCSRF", "MMUSERID"]);
    await tab.mattermost.locator("#leave").click();
    await expect.poll(left).toEqual([]);
    await tab.card("signed_out").getByRole("button", { name: "Sign in", exact: true }).click();
    await tab.mattermost.locator("#place").waitFor();
    expect(await left()).toHaveLength(3);
  });

  test("deliberate log-out, then another person opens the tab: they are signed in", async ({ tab }) => {
    await tab.arrive();
    await tab.mattermost.locator("#leave").click();
    await expect(tab.card("signed_out")).toBeVisible();
    await tab.arrive({ context: { userObjectId: "00000000-0000-4000-8000-0000000000bb" } });
  });

  test("deliberate log-out in another window while suspended: respected at the resume", async ({ tab }) => {
    await tab.arrive();
    tab.standIn.sessionsLive = false;
    await tab.mattermost.locator("body").evaluate("localStorage.setItem('was_logged_in', 'false')");
    await tab.host("host.emit('beforeUnload', [])");
    await tab.host("host.emit('load', [{ entityId: 'mattermost', contentUrl: 'https://x.example/' }])");
    await expect(tab.card("signed_out")).toBeVisible();
    expect(tab.exchanges).toHaveLength(1);
  });

  test("expired while the tab was suspended: noticed at the resume", async ({ tab }) => {
    await tab.arrive();
    await tab.host("host.emit('beforeUnload', [])");
    await expect.poll(() => tab.calls("readyToUnload")).toBe(1);
    tab.standIn.sessionsLive = false;
    await tab.host("host.emit('load', [{ entityId: 'mattermost', contentUrl: 'https://x.example/' }])");
    await expect.poll(() => tab.exchanges.length).toBe(2);
    await tab.mattermost.locator("#place").waitFor();
    await expect.poll(() => tab.calls("appInitialization.success")).toBe(2);
  });
});

test.describe("offline", () => {
  test("while open: a notice appears, and disappears when the network is back", async ({ tab, context }) => {
    await tab.arrive();
    await context.setOffline(true);
    await expect(tab.shell.locator('.notice[data-kind="offline"]')).toBeVisible();
    await context.setOffline(false);
    await expect(tab.shell.locator(".notice")).toHaveCount(0);
  });
});

test.describe("links", () => {
  test("from an activity: sent with the sign-in", async ({ tab }) => {
    tab.standIn.session = () => ({ json: { location: "/team/pl/x" }, cookies: true });
    await tab.arrive({ context: { subEntityId: POST } });
    expect(JSON.parse(tab.exchanges[0]?.body ?? "")).toEqual({ token: "token-1", subPageId: POST });
    await expect(tab.mattermost.locator("#place")).toHaveText("/team/pl/x");
  });

  test("to a post that was deleted meanwhile: an explanation, no error page", async ({ tab }) => {
    tab.standIn.session = () => ({ json: { location: "/team/pl/gone" }, cookies: true });
    await tab.arrive({ context: { subEntityId: POST } });
    await expect(tab.shell.locator('.notice[data-kind="link_unavailable"]')).toBeVisible();
    await expect(tab.mattermost.locator("#place")).toHaveText("/");
  });

  test("to a deleted post while the tab is open: the person stays where they were", async ({ tab }) => {
    tab.standIn.session = () => ({ json: { location: "/team/channels/here" }, cookies: true });
    await tab.arrive();
    tab.standIn.location = () => ({ json: { location: "/team/pl/gone" } });
    await tab.host(`host.emit('contextChange', [{ ...host.context, subEntityId: "${POST}" }])`);
    await expect(tab.shell.locator('.notice[data-kind="link_unavailable"]')).toBeVisible();
    await expect(tab.mattermost.locator("#place")).toHaveText("/team/channels/here");
  });

  test("malformed: ignored", async ({ tab }) => {
    for (const id of ["post_short", "page_aaaaaaaaaaaaaaaaaaaaaaaaaa", "post_../../etc", "<script>"]) {
      tab.standIn.requests.length = 0;
      await tab.arrive({ context: { subEntityId: id } });
      expect(JSON.parse(tab.exchanges[0]?.body ?? "")).toEqual({ token: "token-1" });
    }
  });

  test("while the tab is open: moves inside Mattermost, no reload", async ({ tab }) => {
    await tab.arrive();
    const before = await tab.mattermost.locator("body").evaluate("window.startedAt");
    await tab.host(`host.emit('contextChange', [{ ...host.context, subEntityId: "${CHANNEL}" }])`);
    await expect(tab.mattermost.locator("#place")).toHaveText(`/team/channels/${CHANNEL}`);
    expect(await tab.mattermost.locator("body").evaluate("window.startedAt")).toBe(before);
    expect(tab.exchanges).toHaveLength(1);
  });

  test("to something that the person may not see: explained without its name, and they stay", async ({
    tab,
  }) => {
    await tab.arrive();
    tab.standIn.location = () => ({ status: 404, json: { code: "not_found", requestId: "r" } });
    await tab.host(`host.emit('contextChange', [{ ...host.context, subEntityId: "${CHANNEL}" }])`);
    await expect(tab.shell.locator('.notice[data-kind="link_unavailable"]')).toContainText("may not see");
    await expect(tab.mattermost.locator("#place")).toHaveText("/");
    await tab.shell.getByRole("button", { name: "Close" }).click();
    await expect(tab.shell.locator(".notice")).toHaveCount(0);
  });

  test("to share: an address of Mattermost becomes a link of the host", async ({ tab }) => {
    await tab.arrive();
    await tab.mattermost
      .locator("body")
      .evaluate(
        `parent.postMessage({ type: "mission_collaboration_share", subPageId: "${POST}", label: "A post" }, origin)`,
      );
    await expect
      .poll(() => tab.host("host.seen.filter((m) => m.func === 'shareDeepLink').map((m) => m.args)"))
      .toEqual([[POST, "A post", `${tab.standIn.mattermost}/_redirect/pl/${POST.slice(5)}`]]);
  });

  test("to share: names the team, for browsers in which none was chosen", async ({ tab }) => {
    tab.standIn.session = () => ({ json: { location: "/sailors/channels/deck" }, cookies: true });
    await tab.arrive();
    await tab.mattermost
      .locator("body")
      .evaluate(
        `parent.postMessage({ type: "mission_collaboration_share", subPageId: "${POST}", label: "A post" }, origin)`,
      );
    await expect
      .poll(() => tab.host("host.seen.filter((m) => m.func === 'shareDeepLink').map((m) => m.args[2])"))
      .toEqual([`${tab.standIn.mattermost}/sailors/pl/${POST.slice(5)}`]);
  });

  test("to share: nobody else may request it", async ({ tab }) => {
    await tab.arrive();
    await tab.host(
      `document.getElementById("tab").contentWindow.postMessage({ type: "mission_collaboration_share", subPageId: "${POST}", label: "x" }, "*")`,
    );
    await tab.settled();
    expect(await tab.calls("shareDeepLink")).toBe(1);
  });
});
