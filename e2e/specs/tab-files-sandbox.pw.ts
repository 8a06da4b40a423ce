/**
 * Tests files and windows with the real plugin: the rights of a person, and the expiry of tickets and sessions.
 * tab-files.pw.ts tests the cases of the web app.
 */

import { readFile, stat } from "node:fs/promises";
import { expect, type SandboxHandle, type TeamsPage, test } from "./fixtures.ts";

const LARGE = 33 * 1024 * 1024;

async function arriveWithFile(sandbox: SandboxHandle, teams: TeamsPage, file: object) {
  await teams.arrive("alex");
  const body = { as: "sam", channel: "operations", ...file };
  const { fileId } = await sandbox.control<{ fileId: string }>("/file", body);
  await teams.mattermost.getByText("Operations", { exact: true }).first().click();
  return { fileId, link: teams.mattermost.locator(`a.attachment[href*="${fileId}"]`) };
}

/** Requests a ticket like the tab, with the cookies of the frame. */
const ticketFor = (sandbox: SandboxHandle, teams: TeamsPage, fileId: string): Promise<string> =>
  teams.mattermost.locator("body").evaluate(
    `fetch("/plugins/${sandbox.info.pluginId}/api/v1/files/ticket", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest",
        "X-CSRF-Token": /MMCSRF=([^;]+)/.exec(document.cookie)[1] },
      body: JSON.stringify({ fileId: "${fileId}" }),
    }).then((response) => response.json()).then(({ ticket }) => ticket)`,
  );

test("a file is saved; a large one with a ticket, after the server has checked the person's rights", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  const small = await arriveWithFile(sandbox, teams, {
    name: "Ladeliste 2.csv",
    text: "pallet;load\n1;insulin\n",
  });
  const [saved] = await Promise.all([page.waitForEvent("download"), small.link.click()]);
  expect(saved.suggestedFilename()).toBe("Ladeliste 2.csv");
  expect(await readFile(await saved.path(), "utf8")).toBe("pallet;load\n1;insulin\n");

  const large = await arriveWithFile(sandbox, teams, { name: "film.mov", size: LARGE });
  const [film] = await Promise.all([page.waitForEvent("download"), large.link.click()]);
  expect(film.suggestedFilename()).toBe("film.mov");
  expect((await stat(await film.path())).size).toBe(LARGE);
  // The browser's cookie is for this one file, and the ordinary browser stays signed out.
  const own = (await page.context().cookies()).filter(
    ({ partitionKey }) => partitionKey !== "http://127.0.0.1",
  );
  expect(own.map(({ name, path }) => [name, path])).toEqual([
    ["MMAUTHTOKEN", `/api/v4/files/${large.fileId}`],
  ]);
});

test("a ticket works once, and not for a file that the person may not read", async ({ sandbox, page }) => {
  const teams = await sandbox.openTeams(page);
  const { fileId } = await arriveWithFile(sandbox, teams, { name: "plan.txt", text: "north gate" });
  const { request } = await page.context().browser()!.newContext();
  const redeem = (ticket: string) =>
    request.get(`${sandbox.info.siteUrl}/plugins/${sandbox.info.pluginId}/files/${ticket}`);
  const good = await ticketFor(sandbox, teams, fileId);
  expect(await (await redeem(good)).text()).toBe("north gate");
  expect((await redeem(good)).status()).toBe(404);

  // A ticket may be requested for any id; the server decides when the ticket is used. Alex is not in this private
  // channel.
  const { fileId: secret } = await sandbox.control<{ fileId: string }>("/file", {
    as: "sam",
    channel: "watch-room",
    name: "secret.txt",
    text: "leads only",
  });
  expect((await redeem(await ticketFor(sandbox, teams, secret))).status()).toBe(403);

  const orphan = await ticketFor(sandbox, teams, fileId);
  await sandbox.control("/sessions/revoke", { username: "alex" });
  expect((await redeem(orphan)).status()).toBe(404);
});

test("a pop-out is signed in with the tab's own session, and ends with it", async ({ sandbox, page }) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  const [popout] = await Promise.all([
    page.context().waitForEvent("page"),
    teams.mattermost.getByRole("button", { name: "Open in a new window" }).click(),
  ]);
  await expect(popout.locator('.app[data-user="alex"] .post').first()).toBeVisible();
  expect(popout.url()).toMatch(/\/_popout\/channel\/harbor\/channels\/[a-z-]+$/);
  const ordinary = (await page.context().cookies()).filter(({ partitionKey }) => partitionKey === undefined);
  expect(ordinary.map(({ name }) => name).sort()).toEqual(["MMAUTHTOKEN", "MMCSRF", "MMUSERID"]);
  for (const cookie of ordinary) expect(cookie).toMatchObject({ sameSite: "Lax", path: "/" });

  // The window itself soon goes to the login page; a request with its cookies shows the same.
  const me = () => page.context().request.get(`${sandbox.info.siteUrl}/api/v4/users/me`);
  expect((await me()).status()).toBe(200);
  await sandbox.control("/sessions/revoke", { username: "alex" });
  expect((await me()).status()).toBe(401);
});
