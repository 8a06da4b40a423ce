/**
 * Tests the overview and the pages of the systems: the working systems, the affected people, and the next actions.
 */

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { type Console, expect, test } from "./console-fixture.ts";
import { darken } from "./member-fixture.ts";

const panel = (page: Console) => page.page.locator(".mc-panel:not([hidden])");
const system = (page: Console, id: string) => panel(page).locator(`[data-system="${id}"]`);

async function noViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include(".mc-console").analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
}

/**
 * Checks light, dark, and 320 px wide: no axe violations, and nothing wider than the window except tables that
 * scroll.
 */
async function looksGood(page: Page): Promise<void> {
  await noViolations(page);
  await darken(page);
  await noViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await noViolations(page);
  const wide = await page
    .locator(".mc-panel:not([hidden]) > *:not(.mc-scroll)")
    .evaluateAll((all) =>
      all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className),
    );
  expect(wide).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test.describe("a server that was set up a moment ago", () => {
  test.use({ start: { fresh: true } });

  test("overview, switch, permissions, repair and working state, without leaving the page", async ({
    console: page,
    sandbox,
  }) => {
    await sandbox.openConsole(page.page);
    await expect(page.page.getByRole("tab", { name: "Connect to Microsoft" })).toHaveAttribute(
      "aria-selected",
      "true",
    );
    await page.go("Overview");
    await expect(system(page, "tab")).toHaveAttribute("data-health", "broken");
    await page.page.getByRole("button", { name: "Set up with Microsoft" }).first().click();
    await expect(page.button("Set up with Microsoft")).toBeFocused();
    await page.setUp();
    await page.addFrameAncestors();

    await sandbox.openConsole(page.page);
    await expect(page.page.getByRole("heading", { name: "Overview", level: 2 })).toBeVisible();
    await page.button("Check now").click();
    await expect(system(page, "chats")).toHaveAttribute("data-health", "off");
    await page.picture("overview-set-up");

    await system(page, "chats").getByRole("button", { name: "Switch it on" }).click();
    await expect(
      page.page.locator('[data-setting="chats_enabled"]').getByRole("radio", { name: "Yes" }),
    ).toBeFocused();
    await page.page.locator('[data-setting="chats_enabled"]').getByRole("radio", { name: "Yes" }).check();
    const state = page.page.locator('[data-part="state-chats"]');
    await expect(state).toContainText("Save, then repair the registration here.");
    await expect(state.locator("[data-permission-names]")).toContainText("Chat.Read.All");
    await page.save();
    await expect(state).toHaveAttribute("data-health", "broken", { timeout: 60_000 });
    await expect(state).toContainText("Chat.Read.All is missing.");
    await page.picture("feature-broken");

    await state.getByRole("button", { name: "Repair the registration" }).click();
    await page.signIn();
    await state.getByRole("button", { name: "Show what will be done" }).click();
    await state.getByRole("button", { name: "Make these changes" }).click();
    await expect(page.page.getByText("Done. The settings are filled in and saved.")).toBeVisible();
    await expect(state).toHaveAttribute("data-health", "working", { timeout: 90_000 });
    await page.picture("feature-working");

    await page.go("Overview");
    await expect(system(page, "chats")).toHaveAttribute("data-health", "working");
    await page.picture("overview");
    await looksGood(page.page);
  });
});

test.describe("with everything switched on", () => {
  test.use({
    start: { settings: { chats_enabled: true, channels_enabled: true, calendar_enabled: true } },
  });

  test("Teams chats: the test shows which step fails and what to do, and the page is accessible", async ({
    console: page,
  }) => {
    await page.open("Teams chats");
    await expect(panel(page).locator('[data-figure="delivered"]')).toHaveText("0");
    const send = page.button("Send a test message to myself");
    await expect(async () => {
      await send.click();
      await expect(page.page.locator('[data-step="recipient"]')).toBeVisible({ timeout: 15_000 });
    }).toPass({ timeout: 120_000 });
    const steps = page.page.locator("[data-step]");
    await expect(steps).toHaveCount(4);
    for (const id of ["subscription", "notification", "decrypt"])
      await expect(page.page.locator(`[data-step="${id}"]`)).toHaveClass("mc-good");
    await expect(page.page.locator('[data-step="recipient"]')).toHaveClass("mc-problem");
    await expect(page.page.locator('[data-step="recipient"]')).toContainText("/msteams connect");
    await page.picture("console-chats");
    await looksGood(page.page);
  });

  test("Linked channels: a row for each link, searched, tried again and unlinked by the keyboard", async ({
    console: page,
  }) => {
    const links = [link("one", { channel: "Operations" }), link("two", { paused: "teams_gone", parked: 3 })];
    const asked: string[] = [];
    await page.page.route("**/api/v1/admin/channels/links{,/**}", (route) => {
      const request = route.request();
      const path = new URL(request.url()).pathname.split("/admin/channels/links")[1] ?? "";
      asked.push(`${request.method()} ${path}`);
      if (request.method() === "GET") return route.fulfill({ json: { botAccount: null, links } });
      if (request.method() === "DELETE") links.splice(1, 1);
      return route.fulfill({ status: 204 });
    });
    await page.open("Linked channels");
    await expect(system(page, "channels")).toBeVisible();
    await expect(panel(page).locator('[data-figure="links"]')).toBeVisible();
    const rows = page.page.locator("[data-row]");
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText("Paused");
    await expect(rows.first()).toContainText("The Teams channel is gone.");
    await expect(rows.first()).toContainText("3 changes failed again and again");
    await expect(rows.last()).toContainText("Works");
    await expect(panel(page).getByText("Checking…")).toHaveCount(0);
    await page.picture("console-channels");
    await looksGood(page.page);

    await page.field("Search links").fill("operat");
    await expect(rows).toHaveCount(1);
    await expect(page.page.getByText("1 link", { exact: true })).toBeVisible();
    await page.field("Search links").fill("");
    await expect(rows).toHaveCount(2);
    const first = rows.first();
    await first.getByRole("button", { name: /^Try / }).focus();
    await page.page.keyboard.press("Enter");
    await expect(() => expect(asked).toContain("POST /two/retry")).toPass();
    await first.getByRole("button", { name: /^Unlink / }).focus();
    await page.page.keyboard.press("Enter");
    await first.getByRole("button", { name: "Really unlink" }).press("Enter");
    await expect(rows).toHaveCount(1);
    expect(asked).toContain("DELETE /two");
  });

  test("Calendar: the test reads a mailbox as the app and as the member", async ({
    console: page,
    sandbox,
  }) => {
    await page.open("Calendar");
    await expect(panel(page).locator('[data-figure="members"]')).toHaveText("0");
    await page.field("User name").fill("nobody.here");
    await page.field("User name").press("Enter");
    await expect(page.page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
    await page.field("User name").fill("@alex");
    await page.button("Try the mailbox").click();
    await expect(page.page.locator('[data-step="account"]')).toHaveClass("mc-problem");
    const teams = await sandbox.openTeams(await page.page.context().newPage());
    await teams.arrive("alex");
    await page.button("Try the mailbox").click();
    await expect(page.page.locator('[data-step="app"]')).toBeVisible();
    await expect(page.page.locator('[data-step="verdict"]')).toBeVisible();
    await page.picture("console-calendar");
    await looksGood(page.page);
  });

  test("Overview: counts the people for whom it does not work, and links to the list", async ({
    console: page,
  }) => {
    await page.page.route("**/api/v1/admin/systems", (route) =>
      route.fulfill({
        json: { checkedAt: null, checking: false, problems: 0, warnings: 0, systems: [lost] },
      }),
    );
    await page.open("Overview");
    await expect(system(page, "connections")).toHaveAttribute("data-health", "attention");
    await expect(page.page.getByText("0 of 1 systems work.")).toBeVisible();
    await system(page, "connections").getByRole("button", { name: "Go to Connected accounts" }).focus();
    await page.page.keyboard.press("Enter");
    await expect(page.page.getByRole("heading", { name: "Connected accounts", level: 2 })).toBeVisible();
    await expect(panel(page).getByRole("searchbox")).toBeFocused();
  });
});

const lost = {
  ...{
    id: "connections",
    title: "Connected accounts",
    health: "attention",
    page: "accounts",
    setting: null,
  },
  ...{ test: null, reasons: [], reasonsTitle: "", trouble: [], permissions: [] },
  figures: [{ code: "connected", says: "Connected people", count: 12 }],
  failing: [
    { says: "3 people have to connect again.", count: 3, place: { page: "accounts", part: "connected" } },
  ],
};

function link(id: string, { channel = "Plans", ...part }: { channel?: string } & Record<string, unknown>) {
  return {
    id,
    mattermost: { channelId: id, channel, team: "Harbor", isPrivate: false },
    teams: {
      ...{ teamId: "t", channelId: "c", team: "Harbor in Teams" },
      ...{ channel: `${channel} in Teams`, membershipType: "standard" },
    },
    ...{ createdAt: 1, createdBy: "sam", paused: null, pausedAt: null, lastFailure: null, failed: 0 },
    ...{ lastToTeams: Date.UTC(2026, 10, 28, 9), lastToMattermost: null, parked: 0 },
    ...{ waiting: 0, waitingToTeams: 0, waitingToMattermost: 0, waitingSince: null },
    ...part,
  };
}
