/**
 * Tests the story of the sandbox, each step by hand in a real browser: console → Teams → tab → mention → post.
 */

import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.ts";

test.describe("from an empty catalog to the first post", () => {
  test.use({ start: { installed: false } });

  test("an admin downloads and uploads the app; a member is signed in, is mentioned, and opens the post", async ({
    sandbox,
    browser,
  }) => {
    const colleague = await browser.newContext();
    const member = await browser.newContext();
    const admin = await colleague.newPage();

    await sandbox.openConsole(admin);
    await admin.getByRole("tab", { name: "Teams app" }).click();
    const [download] = await Promise.all([
      admin.waitForEvent("download"),
      admin
        .getByRole("button", { name: /download/i })
        .first()
        .click(),
    ]);
    const zip = await readFile(await download.path());
    expect(zip.subarray(0, 2).toString()).toBe("PK");

    const page = await member.newPage();
    const teams = await sandbox.openTeams(page);
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name: download.suggestedFilename(), mimeType: "application/zip", buffer: zip });
    await page.getByRole("button", { name: "Open" }).click();
    await teams.arrive("alex");
    expect((await page.context().cookies()).find((cookie) => cookie.name === "MMAUTHTOKEN")).toMatchObject({
      partitionKey: "http://127.0.0.1",
      httpOnly: true,
      secure: true,
      sameSite: "None",
    });

    await sandbox.enter(admin, "sam", "/harbor/channels/operations");
    await admin.locator("#post_textbox").fill("@alex please confirm truck 2");
    await admin.locator("#post_textbox").press("Enter");
    await teams.rail.getByRole("button", { name: "Activity" }).click();
    const entry = page
      .getByRole("region", { name: "Activity feed" })
      .getByRole("button", { name: /Operations/ });
    await entry.click();
    const post = teams.mattermost.locator('.post[data-focused="true"]');
    await expect(post).toContainText("please confirm truck 2");

    // All of it went over the real wires.
    const log = await sandbox.log();
    for (const [wire, what] of [
      ["hook", "messageHasBeenPosted"],
      ["api", "createSession"],
      ["entra", "GET /{tenant}/discovery/v2.0/keys"],
      ["graph", "POST /v1.0/teamwork/sendActivityNotificationToRecipients"],
    ] as const) {
      expect(
        log.some((each) => each.wire === wire && each.what === what && each.ok),
        `${wire} ${what}`,
      ).toBe(true);
    }
  });
});

test("one post causes one activity, only for people who have signed in from Teams", async ({
  sandbox,
  page,
}) => {
  // Until the plugin has read who is linked, a post waits: Alex might have signed in by then.
  await expect
    .poll(async () => (await sandbox.log()).some(({ detail }) => detail === "accounts.3f"))
    .toBe(true);
  await sandbox.post("sam", "operations", "@alex before the first sign-in");
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await sandbox.post("sam", "operations", "@alex @alex, and @jo, who is not in Teams");
  await expect.poll(async () => (await sandbox.activities()).length).toBe(1);
  const [activity] = await sandbox.activities();
  expect(activity).toMatchObject({
    recipient: "alex.morgan@harbor.example",
    activityType: "mention",
    preview: "@alex @alex, and @jo, who is not in Teams",
  });
  const sent = (await sandbox.log()).filter((each) => each.what.includes("sendActivityNotification"));
  expect(sent).toHaveLength(1);
});

test("a member without an account gets an explanation and no session", async ({ sandbox, page }) => {
  const robin = sandbox.info.people.find((each) => each.displayName === "Robin Okafor");
  const app = (await sandbox.control<{ id: string }[]>("/tenant/catalog"))[0];
  await fetch(`${sandbox.info.teamsUrl}/api/apps/${app?.id}/install?person=${robin?.objectId}`, {
    method: "POST",
  });
  const teams = await sandbox.openTeams(page, { person: robin?.objectId ?? "" });
  await expect(teams.shell.getByText(/no Mattermost account/i).first()).toBeVisible();
  expect((await page.context().cookies()).some((cookie) => cookie.name === "MMAUTHTOKEN")).toBe(false);
});

test("a token with another key is refused", async ({ sandbox, page }) => {
  await sandbox.control("/faults/teams", { kind: "unknown key" });
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator("[data-kind]").first()).toBeVisible();
  const log = await sandbox.log();
  expect(log.some((each) => each.what === "serveHTTP POST /api/v1/session" && each.detail === "401")).toBe(
    true,
  );
  expect(log.some((each) => each.what === "createSession")).toBe(false);
});

test("the plugin crashes and restarts, and the next mention arrives", async ({ sandbox, page }) => {
  test.slow();
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await sandbox.control("/plugin/crash", {});
  await expect
    .poll(async () => (await sandbox.log()).filter((each) => each.what.startsWith("plugin active")).length)
    .toBe(2);
  await sandbox.post("sam", "@alex", "still there?");
  // The dead process still holds the lease of the outbox; the new one waits until the lease has run out.
  await expect
    .poll(async () => (await sandbox.activities()).map((each) => each.preview), { timeout: 40_000 })
    .toEqual(["still there?"]);
});

test.describe("under a sub-path, with version 1 tokens", () => {
  test.use({ start: { subpath: "/chat", tokenVersion: 1 } });
  test("a member is signed in", async ({ sandbox, page }) => {
    const teams = await sandbox.openTeams(page);
    await teams.arrive("alex");
    const paths = (await page.context().cookies())
      .filter((each) => each.name.startsWith("MM"))
      .map((each) => each.path);
    expect(new Set(paths)).toEqual(new Set(["/chat"]));
  });
});
