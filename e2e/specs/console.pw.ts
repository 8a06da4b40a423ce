/** Tests the happy paths of the System Console: an admin starts with nothing and ends with the app in Teams. */

import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./console-fixture.ts";

test.describe("a new server", () => {
  test.use({ start: { fresh: true } });

  test("from the first page to the signed-in tab", async ({ console: page, sandbox, browser }, info) => {
    const started = Date.now();
    await page.open();
    await expect(page.page.locator('[data-setting="m365_tenant_id"]')).toContainText("is missing");
    await page.picture("connect-empty");
    await page.button("Set up with Microsoft").click();
    await expect(page.page.getByText("Waiting for the sign-in")).toBeVisible();
    await page.picture("setup-device-code");
    await page.signIn();
    await page.button("Show what will be done").click();
    await expect(page.page.locator('[data-step="application"]')).toContainText("Will be made");
    expect(await sandbox.control<unknown[]>("/tenant/applications")).toEqual([]);
    await page.picture("setup-plan");
    await page.button("Make these changes").click();
    await expect(page.page.getByText("Done. The settings are filled in and saved.")).toBeVisible();
    await expect(page.page.locator('[data-step="clients"]')).toContainText("Done");
    await page.picture("setup-done");
    await page.button("Close").click();
    await expect(page.field("Application (client) ID")).toHaveValue(/^[0-9a-f-]{36}$/);
    await expect(page.field("Client secret")).toHaveValue("");
    await page.addFrameAncestors();
    await page.picture("connect-done");

    await page.go("Teams app");
    await page.button("Publish to Teams").click();
    await page.signIn();
    await page.button("Publish now").click();
    await expect(page.page.getByText("Version 1.0.0 is in the catalog.")).toBeVisible({ timeout: 30_000 });
    await page.picture("publish");

    const [app] = await sandbox.control<{ id: string }[]>("/tenant/catalog");
    const alex = sandbox.info.people.find(({ displayName }) => displayName === "Alex Morgan");
    await fetch(`${sandbox.info.teamsUrl}/api/apps/${app?.id}/install?person=${alex?.objectId}`, {
      method: "POST",
    });
    const member = await browser.newContext();
    const teams = await sandbox.openTeams(await member.newPage());
    await teams.arrive("alex");
    info.annotations.push({
      type: "newcomer",
      description: `${((Date.now() - started) / 1000).toFixed(1)} s`,
    });
    console.log(`first page to signed-in tab: ${((Date.now() - started) / 1000).toFixed(1)} s`);

    await page.runChecks();
    for (const id of [
      "settings",
      "site_url",
      "frame_ancestors",
      "frame_headers",
      "entra_reachable",
      "credential",
      "roles",
      "consent",
      "catalog",
    ]) {
      await expect(page.check(id), id).toHaveAttribute("data-state", "ok");
    }
    await page.picture("checks-green");
    await page.go("Links");
    await expect(page.page.locator('[data-row="alex"]')).toBeVisible();
    await page.picture("links");
  });

  test("a registration by hand: every value can be copied, and there are two scripts", async ({
    console: page,
  }) => {
    await page.open();
    await page.page.getByText("Do it by hand, or with a script").click();
    const guide = page.page.locator('[data-part="guide"]');
    await expect(guide).toContainText("api://localhost/{Application (client) ID}");
    await expect(guide).toContainText("1fec8e78-bce4-4aaf-ab1b-5451cc387264");
    await page.page.getByText("Azure CLI", { exact: true }).click();
    await expect(guide.locator('[data-part="script Azure CLI"] pre')).toContainText("az ad app create");
    await page.page.getByText("Graph PowerShell", { exact: true }).click();
    await expect(guide.locator('[data-part="script Graph PowerShell"] pre')).toContainText(
      "New-MgApplication",
    );
    await page.picture("guide");
  });

  test("a secret is typed once and never shown again", async ({ console: page, sandbox }) => {
    await page.open();
    await page.field("Client secret").fill("a~secret");
    await page.save();
    await page.open();
    await expect(page.field("Client secret")).toHaveValue("");
    await expect(page.field("Client secret")).toHaveAttribute("placeholder", "Stored. Type to replace it.");
    expect(await page.page.content()).not.toContain("a~secret");
    const config = await sandbox.control<{
      PluginSettings: { Plugins: Record<string, Record<string, unknown>> };
    }>("/config");
    expect(config.PluginSettings.Plugins["mission-collaboration"]?.m365_client_secret).toBe("a~secret");
  });
});

for (const [purpose, page, rights] of [
  [
    "setup",
    "Connect to Microsoft",
    [
      "Application.ReadWrite.All",
      "AppRoleAssignment.ReadWrite.All",
      "DelegatedPermissionGrant.ReadWrite.All",
    ],
  ],
  ["publish", "Teams app", ["AppCatalog.ReadWrite.All"]],
] as const) {
  test(`${purpose}: names client, rights, what stays and how to remove it before anybody signs in`, async ({
    console: admin,
    sandbox,
  }) => {
    await admin.open(page);
    const box = admin.page.locator(`[data-rights="${purpose}"]`);
    await expect(box).toBeVisible();
    for (const words of [
      "Microsoft Graph Command Line Tools",
      "14d82eec-204b-4c2f-b7e8-296a70dab67e",
      "What stays: your consent",
      "To remove it afterwards",
      "With less",
    ])
      await expect(box).toContainText(words);
    await expect(box.locator("tbody th")).toHaveText([...rights]);
    for (const reason of await box.locator("tbody td").allTextContents())
      expect(reason.length).toBeGreaterThan(20);
    expect(await sandbox.control<unknown[]>("/entra/device")).toEqual([]);
  });
}

test("a warning and a certificate are part of their field's description", async ({ console: page }) => {
  await page.open();
  const client = page.field("Application (client) ID");
  const good = await client.inputValue();
  await client.fill(await page.field("Directory (tenant) ID").inputValue());
  await expect(client).toHaveAccessibleDescription(/is the same as the tenant ID/);
  await client.fill(good);
  await expect(client).not.toHaveAccessibleDescription(/is the same as/);
  await page.page.getByText("Network: proxy, certificate authorities").click();
  await expect(page.field("Additional certificate authorities")).toHaveAccessibleDescription(
    /CN=.*, valid until \d{4}-\d\d-\d\d/,
  );
});

test("the hardening profile fills in the fields, loosens nothing and saves nothing", async ({
  console: page,
  sandbox,
}) => {
  await page.open("Sign-in");
  await page.field("Session length in hours").fill("4");
  await page.page.getByText("Hardening profile", { exact: true }).click();
  await page.button("Fill in the fields").click();
  await expect(page.page.getByText("Every field has its hardened value or a stricter one.")).toBeVisible();
  await expect(page.button("Fill in the fields")).toBeDisabled();
  await expect(page.field("System admins")).toHaveValue("never");
  await expect(page.field("Email of a first sign-in")).toHaveValue("directory_only");
  await expect(page.field("Session length in hours")).toHaveValue("4");
  const config = await sandbox.control<{
    PluginSettings: { Plugins: Record<string, Record<string, unknown>> };
  }>("/config");
  expect(config.PluginSettings.Plugins["mission-collaboration"]?.system_admin_sign_in).not.toBe("never");
});

test("the set-up can be undone", async ({ console: page, sandbox }) => {
  await page.open();
  const before = await sandbox.control<unknown[]>("/tenant/applications");
  await page.button("Set up with Microsoft").click();
  await page.signIn();
  await page.page.getByText("Make a new one").click();
  await page.button("Show what will be done").click();
  await page.button("Make these changes").click();
  await page.button("Undo").click();
  await expect(page.page.getByText("Everything was taken back.")).toBeVisible();
  expect(await sandbox.control<unknown[]>("/tenant/applications")).toHaveLength(before.length);
  await expect(page.field("Application (client) ID")).toHaveValue(sandbox.info.clientId ?? "");
});

test("everything can be reached by keyboard", async ({ console: page }) => {
  await page.open();
  await page.page.getByRole("tab", { name: "Connect to Microsoft" }).focus();
  await page.page.keyboard.press("ArrowRight");
  await expect(page.page.getByRole("tab", { name: "Teams app" })).toBeFocused();
  await expect(page.field("Name")).toBeVisible();
  await page.page.keyboard.press("End");
  await expect(page.page.getByRole("tab", { name: "Links" })).toHaveAttribute("aria-selected", "true");
  await page.page.keyboard.press("Home");
  await expect(page.page.getByRole("tab", { name: "Overview" })).toHaveAttribute("aria-selected", "true");
  await page.page.keyboard.press("ArrowRight");
  await expect(page.field("Microsoft cloud")).toBeVisible();
  await page.page.keyboard.press("Tab");
  await expect(page.field("Microsoft cloud")).toBeFocused();
});

for (const [locale, heading, check] of [
  ["de", "Überblick", "Jetzt prüfen"],
  ["ja", "概要", "今すぐ確認"],
  ["pt-BR", "Overview", "Check now"],
] as const) {
  test(`in the language of the admin: ${locale}`, async ({ sandbox, page }) => {
    await sandbox.control("/user", { username: "sam", patch: { Locale: locale } });
    await sandbox.openConsole(page);
    await expect(page.getByRole("heading", { name: heading, level: 2 })).toBeVisible();
    await expect(page.getByRole("button", { name: check })).toBeVisible();
  });
}

test("is accessible", async ({ console: page }) => {
  await page.open();
  for (const name of [
    "Overview",
    "Connect to Microsoft",
    "Teams app",
    "Sign-in",
    "Notifications",
    "Connected accounts",
    "Chats, channels, calendar",
    "Teams chats",
    "Linked channels",
    "Calendar",
    "Changes",
    "Checks",
    "Links",
  ] as const) {
    await page.go(name);
    const { violations } = await new AxeBuilder({ page: page.page }).include(".mc-console").analyze();
    const found = violations.map(
      ({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join(" ")}`,
    );
    expect(found).toEqual([]);
  }
});
