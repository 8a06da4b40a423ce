/** Tests pinning a Mattermost channel as a tab of a Teams channel, chat or meeting. */

import { expect, test } from "./tab-fixture.ts";

const TEAM = { id: "t1", name: "harbor", display_name: "Harbor" };
const channel = (id: string, display_name: string, type = "O") => ({
  id,
  display_name,
  type,
  team_id: TEAM.id,
  delete_at: 0,
});
const ROADMAP = "r".repeat(26);

test.beforeEach(({ tab }) => {
  tab.standIn.teams = [TEAM];
  tab.standIn.channels = [
    channel("o".repeat(26), "Town Square"),
    channel(ROADMAP, "Roadmap", "P"),
    { ...channel("d".repeat(26), "ben"), type: "D", team_id: "" },
    { ...channel("x".repeat(26), "Closed"), delete_at: 5 },
  ];
});

type TabFixture = Parameters<Parameters<typeof test>[2]>[0]["tab"];
const configure = (tab: TabFixture, more: object = {}) =>
  tab.open(
    { frameContext: "settings", context: { entityId: "", frameContext: "settings" }, ...more },
    "/configure",
  );
const seen = (tab: TabFixture, func: string) =>
  tab.host<unknown[][]>(
    `host.seen.filter((message) => message.func === ${JSON.stringify(func)}).map(({ args }) => args)`,
  );

test("a member chooses one of their channels, and Teams stores its address", async ({ tab }) => {
  await configure(tab);
  await expect(tab.shell.getByRole("heading", { name: "Pin a Mattermost channel" })).toBeVisible();
  // Direct messages and archived channels are not offered.
  await expect(tab.shell.getByRole("radio")).toHaveCount(2);
  expect((await seen(tab, "settings.setValidityState")).at(-1)).toEqual([false]);

  await tab.shell.getByLabel("Search channels").fill("road");
  await expect(tab.shell.getByRole("radio")).toHaveCount(1);
  await tab.shell.getByRole("radio", { name: "Roadmap Harbor · private" }).check();
  await expect.poll(async () => (await seen(tab, "settings.setValidityState")).at(-1)).toEqual([true]);

  await tab.host("host.emit('settings.save', [{}])");
  await expect.poll(() => tab.calls("settings.save.success")).toBe(1);
  const place = `/harbor/channels/${ROADMAP}`;
  expect(await seen(tab, "settings.setSettings")).toEqual([
    [
      {
        entityId: `channel_${ROADMAP}`,
        suggestedDisplayName: "Roadmap",
        contentUrl: `${tab.standIn.mattermost}/plugins/mission-collaboration/tab?theme={app.theme}&locale={app.locale}&open=${encodeURIComponent(place)}`,
        websiteUrl: `${tab.standIn.mattermost}${place}`,
      },
    ],
  ]);
});

test("the pinned tab opens its channel, with the same sign-in", async ({ tab }) => {
  await tab.open({}, `?open=${encodeURIComponent(`/harbor/channels/${ROADMAP}`)}`);
  await expect(tab.mattermost.locator("#place")).toHaveText(`/harbor/channels/${ROADMAP}`);
});

test("the settings of an existing tab show its channel", async ({ tab }) => {
  const contentUrl = `${tab.standIn.mattermost}/plugins/mission-collaboration/tab?open=${encodeURIComponent(`/harbor/channels/${ROADMAP}`)}`;
  await configure(tab, { tabSettings: { entityId: "x", contentUrl } });
  await expect(tab.shell.getByRole("radio", { name: /^Roadmap/ })).toBeChecked();
  await expect.poll(async () => (await seen(tab, "settings.setValidityState")).at(-1)).toEqual([true]);
});

test("a channel can be chosen with the keyboard alone", async ({ tab }) => {
  await configure(tab);
  const townSquare = tab.shell.getByRole("radio", { name: /^Town Square/ });
  await expect(townSquare).toBeVisible();
  await tab.shell.getByLabel("Search channels").focus();
  await tab.page.keyboard.press("Tab");
  await tab.page.keyboard.press("Space");
  await tab.page.keyboard.press("ArrowDown");
  await expect(townSquare).toBeChecked();
});

test("a search without results says so", async ({ tab }) => {
  await configure(tab);
  await tab.shell.getByLabel("Search channels").fill("nowhere");
  await expect(tab.shell.getByText("You are in no channel with this name.")).toBeVisible();
});

test("a person without an account gets an explanation, and cannot choose", async ({ tab }) => {
  tab.standIn.session = () => ({ status: 403, json: { code: "no_account" } });
  await configure(tab);
  await expect(tab.card("no_account")).toBeVisible();
  expect(await seen(tab, "settings.setValidityState")).toEqual([]);
});

test("a failed read of the channels shows an explanation and a next step", async ({ tab }) => {
  tab.standIn.channels = null as never;
  await configure(tab);
  await expect(tab.card("server_unreachable")).toBeVisible();
});
