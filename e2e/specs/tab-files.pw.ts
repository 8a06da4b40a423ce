/**
 * Tests files and windows that leave the frame. The browser sends them as top-level requests, which lack the cookies
 * of the frame's partition; the stand-in answers those like the server.
 */

import { readFile, stat } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { FILE_NAME, FILES, LARGE_SIZE, SMALL_TEXT } from "../tab/mattermost-links.ts";
import { expect, type Tab, test } from "./tab-fixture.ts";

const TICKET = "/plugins/mission-collaboration/api/v1/files/ticket";

async function press(tab: Tab, id: string): Promise<Download> {
  const [download] = await Promise.all([
    tab.page.waitForEvent("download"),
    tab.mattermost.locator(`#${id}`).click(),
  ]);
  return download;
}

const text = async (download: Download) => readFile(await download.path(), "utf8");

test.describe("a file is saved completely and under its name", () => {
  for (const id of [
    "file-attribute",
    "file-query",
    "file-link",
    "file-stopped",
    "file-script",
    "file-opened",
    "file-assigned",
  ]) {
    test(id, async ({ tab, context }) => {
      await tab.arrive();
      const before = await tab.mattermost.locator("body").evaluate("window.startedAt");
      const download = await press(tab, id);
      expect(await text(download)).toBe(SMALL_TEXT);
      expect(download.suggestedFilename()).toBe(FILE_NAME);
      // No window is left open, and Mattermost was not reloaded.
      expect(context.pages()).toHaveLength(1);
      expect(await tab.mattermost.locator("body").evaluate("window.startedAt")).toBe(before);
    });
  }

  test("but the browser saves files that the web app itself generated", async ({ tab }) => {
    await tab.arrive();
    const download = await press(tab, "file-blob");
    expect(await text(download)).toBe("made here");
    await expect(tab.shell.locator(".downloads")).toHaveCount(0);
  });

  test("also if several are saved at once", async ({ tab }) => {
    await tab.arrive();
    const saved: Download[] = [];
    tab.page.on("download", (download) => saved.push(download));
    for (const id of ["file-attribute", "file-query", "file-script", "file-link"])
      await tab.mattermost.locator(`#${id}`).click();
    await expect.poll(() => saved.length).toBe(4);
    for (const download of saved) expect(await text(download)).toBe(SMALL_TEXT);
    await expect(tab.shell.locator('.downloads [data-state="saved"]')).toHaveCount(4);
  });
});

test("also if it is large: the browser itself downloads it with a ticket", async ({ tab }) => {
  await tab.arrive();
  const download = await press(tab, "file-large");
  expect((await stat(await download.path())).size).toBe(LARGE_SIZE);
  expect(download.suggestedFilename()).toBe(FILE_NAME);
  expect(tab.standIn.asked(TICKET).map(({ body }) => JSON.parse(body))).toEqual([{ fileId: FILES.large }]);
  // No address contains the session.
  const addresses = tab.standIn.requests.map(({ path }) => path).join(" ");
  expect(addresses).not.toContain("live");
  await expect(tab.shell.locator('.downloads [data-state="with_browser"]')).toBeVisible();
});

test.describe("explains why a file cannot be saved", () => {
  test("the person may not read it, or it is gone", async ({ tab }) => {
    await tab.arrive();
    await tab.mattermost.locator("#file-refused").click();
    await expect(tab.shell.getByRole("alert")).toContainText(
      "secret.txt could not be saved: it no longer exists",
    );
    await tab.shell.getByRole("button", { name: "Close: secret.txt" }).click();
    await expect(tab.shell.getByRole("alert")).toHaveCount(0);
  });

  test("the session has ended, and the second try works", async ({ tab }) => {
    await tab.arrive();
    tab.standIn.sessionsLive = false;
    await tab.mattermost.locator("#file-attribute").click();
    await expect(tab.shell.getByRole("alert")).toContainText("you are signed out");
    tab.standIn.sessionsLive = true;
    const [download] = await Promise.all([
      tab.page.waitForEvent("download"),
      tab.shell.getByRole("button", { name: "Try again" }).click(),
    ]);
    expect(await text(download)).toBe(SMALL_TEXT);
  });

  test("the connection broke: no partial file is saved", async ({ tab }) => {
    const saved: Download[] = [];
    tab.page.on("download", (download) => saved.push(download));
    await tab.arrive();
    await tab.mattermost.locator("#file-broken").click();
    await expect(tab.shell.getByRole("alert")).toContainText("the connection was interrupted");
    expect(saved).toEqual([]);
  });

  test("the plugin gives no ticket", async ({ tab }) => {
    tab.standIn.ticket = () => ({ status: 404, html: "404 page not found" });
    await tab.arrive();
    await tab.mattermost.locator("#file-large").click();
    await expect(tab.shell.getByRole("alert")).toContainText("the server did not send it");
  });
});

test.describe("windows", () => {
  const opened = async (tab: Tab, id: string): Promise<Page> => {
    const [page] = await Promise.all([
      tab.page.context().waitForEvent("page"),
      tab.mattermost.locator(`#${id}`).click(),
    ]);
    return page;
  };

  test("a pop-out is signed in, and can still talk to the web app that opened it", async ({ tab }) => {
    await tab.arrive();
    const popout = await opened(tab, "pop-out");
    await expect(popout.locator("#place")).toHaveText("/_popout/thread/team/x");
    await expect
      .poll(() => tab.mattermost.locator("body").evaluate("window.popout"))
      .toBe("/_popout/thread/team/x");
    // One code, for a challenge whose verifier only the window knows.
    const [asked, redeemed] = ["session/window", "session/window/redeem"].map(
      (path) => tab.standIn.asked(`/plugins/mission-collaboration/api/v1/${path}`)[0],
    );
    const { challenge } = JSON.parse(asked?.body ?? "") as { challenge: string };
    const { verifier } = JSON.parse(redeemed?.body ?? "") as { verifier: string };
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    expect(Buffer.from(digest).toString("base64url")).toBe(challenge);
  });

  test("a link to the server's own page is signed in, and has no opener", async ({ tab }) => {
    await tab.arrive();
    const page = await opened(tab, "page-blank");
    await expect(page.locator("#place")).toHaveText("/team/channels/off-topic");
    expect(await page.evaluate("window.opener")).toBe(null);
  });

  test("a link that is opened with the control key is signed in, too", async ({ tab }) => {
    await tab.arrive();
    const [page] = await Promise.all([
      tab.page.context().waitForEvent("page"),
      tab.mattermost.locator("#page-plain").click({ modifiers: ["ControlOrMeta"] }),
    ]);
    await expect(page.locator("#place")).toHaveText("/team/channels/planning");
  });

  test("a link that the web app follows itself opens no window", async ({ tab, context }) => {
    await tab.arrive();
    await tab.mattermost.locator("#page-inside").click();
    await expect(tab.mattermost.locator("#place")).toHaveText("/team/pl/x");
    expect(context.pages()).toHaveLength(1);
  });

  test("other sites open in the browser as usual", async ({ tab }) => {
    await tab.arrive();
    const page = await opened(tab, "external");
    expect(page.url()).not.toContain("/tab/window");
    expect(tab.standIn.asked("/plugins/mission-collaboration/api/v1/session/window")).toHaveLength(0);
  });

  test("a window without a code shows an explanation, and a way to sign in", async ({ tab }) => {
    tab.standIn.window = () => ({ status: 401, json: { code: "not_signed_in", requestId: "r" } });
    await tab.arrive();
    const page = await opened(tab, "pop-out");
    await expect(page.locator('[data-kind="window_failed"]')).toBeVisible();
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.locator("#login")).toBeVisible();
  });

  test("a window that the tab did not open gets no code", async ({ tab }) => {
    await tab.arrive();
    const ask = `document.getElementById("tab").contentWindow.postMessage(
      { type: "mission_collaboration_window", challenge: "${"a".repeat(43)}" }, "*")`;
    await tab.host(ask);
    // Mattermost itself gets no code either, nor does a script that runs in it.
    await tab.mattermost
      .locator("body")
      .evaluate(
        `parent.postMessage({ type: "mission_collaboration_window", challenge: "${"a".repeat(43)}" }, origin)`,
      );
    await tab.settled();
    expect(tab.standIn.asked("/plugins/mission-collaboration/api/v1/session/window")).toHaveLength(0);
  });

  test("a window may only open an address on this server", async ({ tab, page }) => {
    for (const to of ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]) {
      await page.goto(`${tab.standIn.mattermost}/login/sso/saml?redirect_to=/`);
      const url = `${tab.standIn.mattermost}/plugins/mission-collaboration/tab/window`;
      await page.goto(`${url}?to=${encodeURIComponent(to)}`);
      await expect(page.locator("#place")).toHaveText("/");
    }
  });
});

test.describe("under a sub-path", () => {
  test.use({ options: { subpath: "/chat" } });
  test("files are saved, and windows are signed in", async ({ tab }) => {
    await tab.arrive();
    expect(await text(await press(tab, "file-query"))).toBe(SMALL_TEXT);
    expect((await stat(await (await press(tab, "file-large")).path())).size).toBe(LARGE_SIZE);
    const [popout] = await Promise.all([
      tab.page.context().waitForEvent("page"),
      tab.mattermost.locator("#pop-out").click(),
    ]);
    await expect(popout.locator("#place")).toHaveText("/chat/_popout/thread/team/x");
  });
});
