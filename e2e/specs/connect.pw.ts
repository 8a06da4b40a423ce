/** Tests how a member connects a Microsoft 365 account in Mattermost, and how an admin sees it. */

import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { Console } from "./console-fixture.ts";
import { expect, type SandboxHandle, test } from "./fixtures.ts";
import { picture } from "./pictures.ts";

const ALEX = "alex.morgan@harbor.example";

// The browser does not know the certificate of the fake Entra.
test.use({ start: { settings: { calendar_enabled: true } }, ignoreHTTPSErrors: true });

/** At the site URL, to which Microsoft redirects the person. */
const enter = (sandbox: SandboxHandle, page: Page, as: string, to = "/") =>
  page.goto(`${new URL(sandbox.info.siteUrl).origin}/sandbox/enter?as=${as}&to=${encodeURIComponent(to)}`);

async function panel(sandbox: SandboxHandle, page: Page): Promise<Locator> {
  await enter(sandbox, page, "alex");
  await page.getByRole("button", { name: "Settings" }).click();
  const found = page.locator('[data-part="connection"]');
  await expect(found).toBeVisible();
  return found;
}

/** The person's actions in the window that `click` opens. */
async function signIn(page: Page, click: () => Promise<void>, answer: "Agree" | "Cancel" = "Agree") {
  const [popup] = await Promise.all([page.context().waitForEvent("page"), click()]);
  await popup.getByLabel("Alex Morgan").check();
  await popup.getByRole("button", { name: answer }).click();
  await popup.waitForSelector("main[data-outcome]");
  return popup;
}

const noViolations = async (page: Page, part: string) => {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
};

test.describe("the panel of the user settings", () => {
  test("connects in a window, says so without a reload, and disconnects after a confirmation", async ({
    sandbox,
    page,
  }) => {
    const found = await panel(sandbox, page);
    await expect(found).toHaveAttribute("data-state", "open");
    const popup = await signIn(page, () => found.getByRole("button", { name: "Connect account" }).click());
    await expect(popup.locator("main")).toHaveAttribute("data-outcome", "connected");
    await expect(found).toHaveAttribute("data-state", "connected");
    await expect(found).toContainText(`Connected with ${ALEX}`);
    await popup.close();
    await noViolations(page, '[data-part="connection"]');
    await picture(page, "account-panel");

    await found.getByRole("button", { name: "Disconnect" }).click();
    await expect(found.getByRole("button", { name: "Disconnect now" })).toBeFocused();
    await found.getByRole("button", { name: "Keep it connected" }).click();
    await expect(found).toHaveAttribute("data-state", "connected");
    await found.getByRole("button", { name: "Disconnect" }).click();
    await page.keyboard.press("Enter");
    await expect(found).toHaveAttribute("data-state", "open");
    await expect(found.getByRole("heading", { name: "Microsoft 365 account" })).toBeFocused();
  });

  test("stays unchanged if the person declines at Microsoft", async ({ sandbox, page }) => {
    const found = await panel(sandbox, page);
    const popup = await signIn(
      page,
      () => found.getByRole("button", { name: "Connect account" }).click(),
      "Cancel",
    );
    await expect(popup.locator("main")).toHaveAttribute("data-outcome", "cancelled");
    await popup.close();
    await expect(found.getByRole("button", { name: "Open the window again" })).toBeVisible();
    await expect(found).toHaveAttribute("data-state", "open");
  });

  test("asks for the permissions of a feature that was switched on later, and after a loss", async ({
    sandbox,
    page,
  }) => {
    const found = await panel(sandbox, page);
    await (await signIn(page, () => found.getByRole("button", { name: "Connect account" }).click())).close();
    await sandbox.control("/settings", { chats_enabled: true });
    const again = await panel(sandbox, page);
    await expect(again).toHaveAttribute("data-state", "missing");
    await (await signIn(page, () => again.getByRole("button", { name: "Allow" }).click())).close();
    await expect(again).toHaveAttribute("data-state", "connected");

    await sandbox.control("/connections/lose", { username: "alex" });
    await expect(again).toHaveAttribute("data-state", "lost");
    await (await signIn(page, () => again.getByRole("button", { name: "Connect again" }).click())).close();
    await expect(again).toHaveAttribute("data-state", "connected");
  });

  test("is in the person's language", async ({ sandbox, page }) => {
    await sandbox.control("/user", { username: "alex", patch: { Locale: "de" } });
    const found = await panel(sandbox, page);
    await expect(found.getByRole("button", { name: "Konto verbinden" })).toBeVisible();
  });
});

test("the panel is hidden while no feature needs an account", async ({ sandbox, page }) => {
  await sandbox.control("/settings", { calendar_enabled: false });
  await enter(sandbox, page, "alex");
  await page.getByRole("button", { name: "Settings" }).click();
  await expect(
    page.getByRole("dialog", { name: "Settings" }).getByText("As my admin decided: "),
  ).toBeVisible();
  await expect(page.locator('[data-part="connection"]')).toHaveCount(0);
});

test.describe("the dialog of enforced accounts", () => {
  const dialog = (page: Page) => page.getByRole("dialog", { name: "Connect your Microsoft 365 account" });

  test("cannot be left: no Escape, the focus stays inside, and connecting ends it", async ({
    sandbox,
    page,
  }) => {
    await sandbox.control("/settings", { enforce_connected_accounts: true });
    await enter(sandbox, page, "alex");
    await expect(dialog(page)).toBeFocused();
    await noViolations(page, '[data-part="connect-dialog"]');
    await picture(page, "connect-dialog");
    await page.keyboard.press("Escape");
    await expect(dialog(page)).toBeVisible();
    await expect(dialog(page).getByRole("button", { name: "Skip for now" })).toHaveCount(0);
    for (let press = 0; press < 4; press += 1) {
      await page.keyboard.press(press % 2 === 0 ? "Tab" : "Shift+Tab");
      await expect(dialog(page).locator(":focus")).toHaveCount(1);
    }
    await page.evaluate(`document.querySelector("#post_textbox")?.focus()`);
    await expect(dialog(page)).toBeFocused();
    await (
      await signIn(page, () => dialog(page).getByRole("button", { name: "Connect account" }).click())
    ).close();
    await expect(dialog(page)).toHaveCount(0);
  });

  test("can be skipped with Escape if the admin allows it, until the page is loaded again", async ({
    sandbox,
    page,
  }) => {
    await sandbox.control("/settings", { enforce_connected_accounts: true, allow_skip_connecting: true });
    await enter(sandbox, page, "alex");
    await expect(dialog(page).getByRole("button", { name: "Skip for now" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog(page)).toHaveCount(0);
    await page.reload();
    await dialog(page).getByRole("button", { name: "Skip for now" }).click();
    await expect(dialog(page)).toHaveCount(0);
  });

  test("does not cover the System Console, where an admin repairs things", async ({ sandbox, page }) => {
    await sandbox.control("/settings", { enforce_connected_accounts: true });
    await new Console(page, sandbox).open();
    await expect(page.getByRole("heading", { name: "Connect to Microsoft", level: 2 })).toBeVisible();
    await expect(dialog(page)).toHaveCount(0);
  });

  test("does not appear while Microsoft is unreachable", async ({ sandbox, page }) => {
    await sandbox.control("/faults/entra", { unreachable: true });
    await sandbox.control("/settings", { enforce_connected_accounts: true });
    await enter(sandbox, page, "alex");
    await expect(page.locator("#post_textbox")).toBeVisible();
    await expect(dialog(page)).toHaveCount(0);
  });
});

test("inside the tab the account is connected without a window, and with missing consent after one more click", async ({
  sandbox,
  page,
}) => {
  await sandbox.control("/tenant/consent", { scopes: "User.Read Calendars.ReadWrite MailboxSettings.Read" });
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await teams.mattermost.getByRole("button", { name: "Settings" }).click();
  const found = teams.mattermost.locator('[data-part="connection"]');
  await found.getByRole("button", { name: "Connect account" }).click();
  await expect(found).toHaveAttribute("data-state", "connected");
  expect(page.context().pages()).toHaveLength(1);

  await sandbox.control("/settings", { chats_enabled: true });
  await sandbox.control("/faults/entra", { consent: "missing" });
  await page.reload();
  await teams.arrive("alex");
  await teams.mattermost.getByRole("button", { name: "Settings" }).click();
  await found.getByRole("button", { name: "Allow" }).click();
  await expect(found.getByText("Microsoft needs your agreement first.")).toBeVisible();
  expect(page.context().pages()).toHaveLength(1);
  await sandbox.control("/healthy", {});
  await (await signIn(page, () => found.getByRole("button", { name: "Allow" }).click())).close();
  await expect(found).toHaveAttribute("data-state", "connected");
});

test.describe("the accounts page of the System Console", () => {
  test("shows who is connected, ends a connection, and gives the report", async ({
    sandbox,
    page,
    browser,
  }) => {
    const own = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    const found = await panel(sandbox, own);
    await signIn(own, () => found.getByRole("button", { name: "Connect account" }).click());
    await expect(found).toHaveAttribute("data-state", "connected");

    const console = new Console(page, sandbox);
    await console.open();
    await console.go("Connected accounts");
    const row = page.locator('tr[data-row="alex"]');
    await expect(row).toContainText(ALEX);
    await expect(page.getByText("1 connected, ")).toBeVisible();
    await console.picture("accounts");
    await noViolations(page, '[data-part="connected"]');
    await page.getByRole("searchbox", { name: "Search by name, email or object ID" }).last().fill("nobody");
    await expect(row).toHaveCount(0);
    await page.getByRole("searchbox", { name: "Search by name, email or object ID" }).last().fill("morgan");
    await expect(row).toBeVisible();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      console.button("Download report").click(),
    ]);
    expect(download.suggestedFilename()).toBe("connected-accounts.csv");
    await console.button("Disconnect the account of alex").click();
    await row.getByRole("button", { name: "Disconnect now" }).click();
    await expect(row).toHaveCount(0);
    await expect(found).toHaveAttribute("data-state", "open");
  });

  test("imports a list, and names the lines that are wrong", async ({ sandbox, page }) => {
    const console = new Console(page, sandbox);
    await console.open();
    await console.go("Connected accounts");
    const upload = (text: string) =>
      page
        .getByLabel("Upload a list")
        .setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await upload(`Email\n${ALEX}\nnobody@harbor.example\n`);
    await expect(page.getByText("The list has 1 person now.")).toBeVisible();
    await expect(page.getByText("they were left out: 3")).toBeVisible();
    await upload(`Email\n${ALEX}\nno address\n`);
    await expect(page.getByText("Lines to look at: 3")).toBeVisible();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      console.button("Download the list").click(),
    ]);
    expect(download.suggestedFilename()).toBe("allowed-accounts.csv");
  });

  test("connects and disconnects the bot account", async ({ sandbox, page }) => {
    await sandbox.control("/tenant/consent", {
      scopes:
        "User.Read ChannelMessage.Read.All ChannelMessage.Send Team.ReadBasic.All Channel.ReadBasic.All",
    });
    await sandbox.control("/settings", { channels_enabled: true });
    const console = new Console(page, sandbox);
    await enter(sandbox, page, "sam", `/admin_console/plugins/plugin_${sandbox.info.pluginId}`);
    await console.go("Connected accounts");
    const bot = page.locator('[data-part="bot-account"]');
    await expect(bot).toHaveAttribute("data-state", "none");
    const [popup] = await Promise.all([
      page.context().waitForEvent("page"),
      console.button("Connect a bot account").click(),
    ]);
    await popup.getByLabel("Robin Okafor").check();
    await popup.getByRole("button", { name: "Agree" }).click();
    await expect(popup.locator("main")).toHaveAttribute("data-outcome", "bot_connected");
    await popup.close();
    await page.evaluate(`window.dispatchEvent(new Event("focus"))`);
    await expect(bot).toHaveAttribute("data-state", "connected");
    await expect(bot).toContainText("robin.okafor@harbor.example is connected.");
    await console.button("Disconnect the bot account").click();
    await bot.getByRole("button", { name: "Disconnect now" }).click();
    await expect(bot).toHaveAttribute("data-state", "none");
  });
});
