/** Tests the dialog and the badge of linked channels. */

import type { Page } from "@playwright/test";
import { expect, type MemberPage, refused, test } from "./member-fixture.ts";
import { picture } from "./pictures.ts";

interface World {
  link: Record<string, unknown>;
}

function world(member: MemberPage): World {
  const state: World = { link: { linked: false, mayManage: true } };
  member.features = { channels: true };
  member.on("GET /api/v1/channels/links/*", () => ({ json: state.link }));
  member.on("GET /api/v1/channels/teams", ({ query }) => ({
    json: {
      teams: [
        { id: "t1", name: "Harbor Operations" },
        { id: "t2", name: "Pilots" },
      ].filter(({ name }) => name.toLowerCase().includes((query.get("search") ?? "").toLowerCase())),
    },
  }));
  member.on("GET /api/v1/channels/teams/*/channels", () => ({
    json: {
      channels: [
        { id: "c1", name: "General", membershipType: "standard", linked: true },
        { id: "c2", name: "Watch", membershipType: "private", linked: false },
      ],
    },
  }));
  member.on("GET /api/v1/channels/compare", () => ({
    json: {
      ...{ compared: true, mattermost: 9, teams: 12 },
      ...{ onlyInMattermost: ["Jo Lindqvist"], onlyInMattermostCount: 1 },
      ...{ onlyInTeams: ["Ada King", "Ben Ito", "Cleo Marsh", "Dan Roy"], onlyInTeamsCount: 4 },
    },
  }));
  member.on("POST /api/v1/channels/links", () => {
    state.link = {
      linked: true,
      mayManage: true,
      team: "Harbor Operations",
      channel: "Watch",
      paused: null,
      since: 1_780_000_000_000,
    };
    return { status: 201, json: { linked: true, team: "Harbor Operations", channel: "Watch" } };
  });
  member.on("DELETE /api/v1/channels/links/*", () => {
    state.link = { linked: false, mayManage: true };
    return { status: 204 };
  });
  return state;
}

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Link to a Teams channel" });
async function openDialog({ page }: MemberPage) {
  await page.getByRole("button", { name: "Operations channel menu" }).click();
  await page.getByRole("menuitem", { name: "Link to a Teams channel" }).click();
  await expect(dialogOf(page)).toBeVisible();
  return dialogOf(page);
}
const mark = (page: Page) => page.getByRole("button", { name: /^Linked to/ });

test("with the keyboard alone: chooses team, channel and audience, links, sees the badge, and unlinks", async ({
  member,
  page,
}) => {
  world(member);
  await member.open();
  await expect(mark(page)).toHaveCount(0);
  const dialog = await openDialog(member);
  await dialog.getByRole("combobox", { name: "Team in Microsoft Teams" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("listbox").getByRole("option")).toHaveText(["Harbor Operations", "Pilots"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("combobox", { name: "Team in Microsoft Teams" })).toHaveValue(
    "Harbor Operations",
  );
  const channel = dialog.getByRole("combobox", { name: "Channel in Microsoft Teams" });
  await expect(channel).toBeEnabled();
  await page.keyboard.press("Tab");
  await expect(channel).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: /General.*already linked/ })).toBeVisible();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("These 4 people are in Teams only.")).toBeVisible();
  await expect(dialog.getByText("Ada King, Ben Ito, Cleo Marsh, Dan Roy")).toBeVisible();
  await expect(dialog.getByText("This person is in Mattermost only.")).toBeVisible();
  await member.noViolations("dialog");
  await picture(page, "channels-link");
  await dialog.getByLabel("Copy earlier messages").selectOption("7");
  await dialog.getByRole("button", { name: "Link", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText(
    "This channel is now linked to Watch in Harbor Operations.",
  );
  expect(member.of("POST", "/api/v1/channels/links")[0]?.body).toEqual({
    ...{ channelId: expect.stringMatching(/^[a-z0-9]{26}$/), teamId: "t1", teamsChannelId: "c2", days: 7 },
  });
  await page.keyboard.press("Escape");
  await expect(mark(page)).toBeVisible();
  await member.noViolations('[data-part="channel-link"]');
  await picture(page, "channels-mark");

  await mark(page).focus();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "End the link" }).click();
  await expect(dialog.getByRole("alert")).toContainText("End the link?");
  await expect(dialog.getByRole("button", { name: "Yes, end it" })).toBeFocused();
  await member.noViolations("dialog");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("The link has ended.");
  await expect(mark(page)).toHaveCount(0);
});

test.describe("the web app of Mattermost 10.11", () => {
  test.use({ start: { webApp: 10 } });

  test("has no badge: the channel's menu names the linked channel", async ({ member, page }) => {
    const state = world(member);
    await member.open();
    await page.getByRole("button", { name: "Operations channel menu" }).click();
    await expect(page.getByRole("menuitem", { name: "Link to a Teams channel" })).toBeVisible();
    await page.keyboard.press("Escape");
    state.link = {
      linked: true,
      mayManage: true,
      team: "Harbor",
      channel: "Watch",
      paused: "teams_archived",
    };
    await page.reload();
    await page.getByRole("button", { name: "Operations channel menu" }).click();
    await page.getByRole("menuitem", { name: "Linked to Watch in Microsoft Teams, paused" }).click();
    await expect(dialogOf(page)).toBeVisible();
    await expect(mark(page)).toHaveCount(0);
  });
});

test("sends nothing without a choice, and reports a missing value at its field", async ({ member }) => {
  world(member);
  await member.open();
  const dialog = await openDialog(member);
  await dialog.getByRole("button", { name: "Link", exact: true }).click();
  const team = dialog.getByRole("combobox", { name: "Team in Microsoft Teams" });
  await expect(team).toBeFocused();
  await expect(team).toHaveAccessibleDescription("Choose a team.");
  expect(member.of("POST", "/api/v1/channels/links")).toHaveLength(0);
});

for (const [reason, says] of [
  ["not_channel_admin", "Only an admin of this channel"],
  ["guest", "Guests cannot link"],
] as const) {
  test(`${reason}: shows an explanation instead of the form`, async ({ member }) => {
    world(member).link = { linked: false, mayManage: false, reason };
    await member.open();
    const dialog = await openDialog(member);
    await expect(dialog.getByRole("alert")).toContainText(says);
    await expect(dialog.getByRole("button", { name: "Link", exact: true })).toHaveCount(0);
  });
}

test("quotes the server's reason, and allows a retry if Teams is unreachable", async ({ member, page }) => {
  world(member);
  let answer = refused(409, "link_refused", {
    reason: "teams_taken",
    message: "This Teams channel is linked with **Bridge** already.",
  });
  member.on("POST /api/v1/channels/links", () => answer);
  await member.open();
  const dialog = await openDialog(member);
  await dialog.getByRole("combobox", { name: "Team in Microsoft Teams" }).click();
  await page.getByRole("option", { name: "Pilots" }).click();
  await dialog.getByRole("combobox", { name: "Channel in Microsoft Teams" }).click();
  await page.getByRole("option", { name: /General/ }).click();
  await dialog.getByRole("button", { name: "Link", exact: true }).click();
  await expect(dialog.getByRole("alert")).toHaveText("This Teams channel is linked with Bridge already.");
  answer = refused(503, "link_refused", {
    reason: "teams_unreachable",
    message: "Microsoft 365 does not answer.",
  });
  await dialog.getByRole("button", { name: "Link", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("does not answer");
  await picture(page, "channels-link-failed");
  answer = { status: 201, json: { team: "Pilots", channel: "General", warning: "There is no bot account." } };
  await dialog.getByRole("button", { name: "Try again" }).click();
  await expect(dialog.getByText("There is no bot account.")).toBeVisible();
});

test("not connected: offers to connect", async ({ member }) => {
  world(member);
  member.connected = false;
  member.on("GET /api/v1/channels/teams", () => refused(409, "not_connected"));
  await member.open();
  const dialog = await openDialog(member);
  await dialog.getByRole("combobox", { name: "Team in Microsoft Teams" }).click();
  await expect(dialog.getByRole("button", { name: /^Connect/ })).toBeVisible();
});

test("paused: the badge and the dialog say so, and a member has no way to unlink", async ({
  member,
  page,
}) => {
  world(member).link = {
    linked: true,
    mayManage: false,
    team: "Harbor Operations",
    channel: "Watch",
    paused: "teams_archived",
  };
  await member.open();
  await page.getByRole("button", { name: "Linked to Watch in Microsoft Teams, paused" }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByText("Paused: the team is archived")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "End the link" })).toHaveCount(0);
});

test("direct messages have no entry and no badge, and cause no request", async ({ member, page }) => {
  world(member);
  await member.open("alex", "/harbor/messages/@sam");
  await expect(page.getByRole("button", { name: /channel menu/ })).toHaveCount(0);
  expect(member.asked.filter(({ path }) => path.includes("/links/"))).toEqual([]);
});

test("shows a link that is created elsewhere at once", async ({ member, page }) => {
  const state = world(member);
  await member.open();
  await expect.poll(() => member.asked.filter(({ path }) => path.includes("/links/")).length).toBe(1);
  const channelId = member.asked
    .find(({ path }) => path.includes("/links/"))
    ?.path.split("/")
    .at(-1);
  state.link = { linked: true, mayManage: false, team: "Pilots", channel: "General", paused: null };
  await member.tell("channels_link", { channel_id: channelId });
  await expect(mark(page)).toBeVisible();
});
