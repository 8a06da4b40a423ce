/** Tests activities that lead into the tab, with the real plugin. */

import { expect, type SandboxHandle, test } from "./fixtures.ts";

for (const subpath of ["", "/chat"]) {
  test.describe(`an activity is the first contact of this browser${subpath && ", under a sub-path"}`, () => {
    test.use({ start: { subpath } });
    const links: Record<
      string,
      { write: (sandbox: SandboxHandle) => Promise<{ id: string }>; text: string }
    > = {
      "to a post in a channel": {
        write: (sandbox) => sandbox.post("sam", "planning", "@alex the depot is open"),
        text: "the depot is open",
      },
      "to a direct message": {
        write: (sandbox) => sandbox.post("sam", "@alex", "call me"),
        text: "call me",
      },
    };
    for (const [name, { write, text }] of Object.entries(links)) {
      test(`${name}: it opens the post`, async ({ sandbox, page, browser }) => {
        const elsewhere = await browser.newContext();
        await (await sandbox.openTeams(await elsewhere.newPage())).arrive("alex");
        await elsewhere.close();
        await write(sandbox);
        await expect.poll(async () => (await sandbox.activities()).length).toBe(1);
        const teams = await sandbox.openTeams(page, { view: "activity" });
        await page.getByRole("region", { name: "Activity feed" }).getByRole("button").first().click();
        await expect(teams.mattermost.locator('.post[data-focused="true"]')).toContainText(text);
      });
    }
  });
}

test("an activity whose post was deleted: an explanation, and Mattermost unchanged", async ({
  sandbox,
  page,
  browser,
}) => {
  const elsewhere = await browser.newContext();
  await (await sandbox.openTeams(await elsewhere.newPage())).arrive("alex");
  await elsewhere.close();
  const { id } = await sandbox.post("sam", "operations", "@alex never mind");
  await expect.poll(async () => (await sandbox.activities()).length).toBe(1);
  await sandbox.control("/post/delete", { id });
  const teams = await sandbox.openTeams(page, { view: "activity" });
  await page.getByRole("region", { name: "Activity feed" }).getByRole("button").first().click();
  await teams.arrive("alex");
  await expect(teams.shell.locator('.notice[data-kind="link_unavailable"]')).toBeVisible();
});
