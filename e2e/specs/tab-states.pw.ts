/** Every state of the tab, with its words and its way on. */

import { expect, test } from "./tab-fixture.ts";

test("a member is simply there: token, session, Mattermost", async ({ tab }) => {
  await tab.arrive();
  await expect(tab.mattermost.locator("#place")).toHaveText("/");
  const [exchange] = tab.standIn.asked("/plugins/mission-collaboration/api/v1/session");
  expect(JSON.parse(exchange?.body ?? "")).toEqual({ token: "token-1" });
  // Success is said once, when Mattermost is there.
  expect(await tab.page.evaluate(() => window.host.count("appInitialization.appLoaded"))).toBe(1);
  await expect.poll(() => tab.page.evaluate(() => window.host.count("appInitialization.success"))).toBe(1);
  // The unread count of Mattermost is the title of the tab.
  await expect.poll(() => tab.shell.locator("title").textContent()).toBe("(2) Town Square - Team");
});
