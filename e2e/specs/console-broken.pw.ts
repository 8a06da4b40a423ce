/**
 * Tests the System Console in error cases: it says what is wrong, where and how to repair it, and no typed text is
 * lost.
 */

import { expect, test } from "./console-fixture.ts";
import { expiredCertificate } from "./expired-certificate.ts";

test("a wrong secret is reported by Microsoft's code, with a link to the field", async ({
  console: page,
}) => {
  await page.open();
  await page.field("Client secret").fill("not-the-secret");
  await page.save();
  await page.runChecks();
  const row = page.check("credential");
  await expect(row).toHaveAttribute("data-state", "problem");
  await expect(row).toContainText("AADSTS7000215");
  await expect(row).toContainText("Copy the value of the secret, not its ID");
  await page.picture("checks-wrong-secret");
  await row.getByRole("button", { name: "Go to the setting" }).click();
  await expect(page.field("Client secret")).toBeFocused();
});

test("a change is checked automatically, and nobody gets a message while an admin is at work", async ({
  console: page,
  sandbox,
}) => {
  await page.open();
  await page.field("Client secret").fill("not-the-secret");
  await page.save();
  const address = `${new URL(sandbox.info.colleagueUrl).origin}/plugins/${sandbox.info.pluginId}/api/v1/checks`;
  const credential = async () => {
    const { report } = (await (await page.page.request.get(address)).json()) as {
      report: { rows: { id: string; state: string }[] } | null;
    };
    return report?.rows.find(({ id }) => id === "credential")?.state;
  };
  await expect.poll(credential, { timeout: 30_000 }).toBe("problem");
  const posts = await sandbox.log();
  expect(posts.filter(({ wire, what }) => wire === "api" && what === "createPost")).toEqual([]);
});

test("missing consent is found by the checks and repaired by the set-up", async ({
  console: page,
  sandbox,
}) => {
  await sandbox.control("/tenant/consent", { revoke: ["TeamsActivity.Send"] });
  await page.open();
  await page.runChecks();
  await expect(page.check("roles")).toHaveAttribute("data-state", "problem");
  await expect(page.check("roles")).toContainText("TeamsActivity.Send is missing");

  await page.go("Connect to Microsoft");
  await page.button("Set up with Microsoft").click();
  await page.signIn();
  await page.button("Show what will be done").click();
  await expect(page.page.locator('[data-step="roles"]')).toContainText("TeamsActivity.Send");
  await expect(page.page.locator('[data-step="application"]')).toContainText("Stays");
  await page.picture("setup-repair");
  await page.button("Make these changes").click();
  await expect(page.page.getByText("Done. The settings are filled in and saved.")).toBeVisible();
  await page.runChecks();
  await expect(page.check("roles")).toHaveAttribute("data-state", "ok");
});

test("a missing right to read the catalog is reported, and not as a fault of the app", async ({
  console: page,
  sandbox,
}) => {
  await sandbox.control("/tenant/consent", { revoke: ["AppCatalog.Read.All"] });
  await page.open();
  await page.runChecks();
  await expect(page.check("roles")).toHaveAttribute("data-state", "warning");
  await expect(page.check("catalog")).toHaveAttribute("data-state", "unknown");
  await expect(page.check("catalog")).toContainText("AppCatalog.Read.All is not granted");
});

test("with the wrong cloud, the checks report that the tenant does not exist there", async ({
  console: page,
  sandbox,
}) => {
  await page.open();
  await page.field("Sign-in address").fill(sandbox.info.graphUrl);
  await page.save();
  await page.runChecks();
  await expect(page.check("entra_reachable")).toContainText("knows no such tenant");
  await expect(page.check("entra_reachable")).toContainText("Compare the Directory (tenant) ID");
  await expect(page.check("credential")).toHaveAttribute("data-state", "problem");
});

test("an account without the right role cannot publish, and reads Microsoft's own reason", async ({
  console: page,
  sandbox,
}) => {
  await page.open("Teams app");
  await page.field("Name").fill("Harbor chat");
  await page.save();
  await page.button("Publish to Teams").click();
  await page.signIn("alex.morgan@harbor.example");
  await page.button("Publish now").click();
  const dialog = page.page.locator(".mc-dialog");
  await expect(dialog.getByRole("alert")).toContainText("Microsoft refused the request");
  await expect(dialog.getByRole("alert")).toContainText("403");
  const [app] = await sandbox.control<{ definitions: unknown[] }[]>("/tenant/catalog");
  expect(app?.definitions).toHaveLength(1);
});

test("a declined sign-in changes nothing", async ({ console: page }) => {
  await page.open();
  await page.button("Set up with Microsoft").click();
  await page.signIn(null);
  await expect(page.page.getByText("The sign-in was declined.")).toBeVisible();
  await page.button("Close").click();
  await expect(page.button("Set up with Microsoft")).toBeVisible();
});

test("a wrong value is reported at once, kept, and not put into the package", async ({ console: page }) => {
  await page.open("Teams app");
  await page.field("Name").fill("x".repeat(31));
  const field = page.page.locator('[data-setting="app_name"]');
  await expect(field.getByRole("alert")).toContainText("must have 1 to 30 characters");
  await expect(page.field("Name")).toHaveAttribute("aria-invalid", "true");
  await page.field("Accent colour").fill("navy");
  const panel = page.page.locator('[data-setting="app_package"]');
  await expect(panel).toContainText("Before the package can be made");
  await expect(panel.getByRole("listitem")).toHaveCount(2);
  await page.picture("package-problems");
  await panel.getByRole("button", { name: "Name", exact: true }).click();
  await expect(page.field("Name")).toBeFocused();
  await page.go("Sign-in");
  await page.go("Teams app");
  await expect(page.field("Accent colour")).toHaveValue("navy");
});

test("two admins at once get one version, and the later change gets the next", async ({
  console: page,
  sandbox,
  browser,
}) => {
  const other = new (page.constructor as typeof import("./console-fixture.ts").Console)(
    await (await browser.newContext()).newPage(),
    sandbox,
  );
  await Promise.all([page.open("Teams app"), other.open("Teams app")]);
  const download = async (console: typeof page) => {
    const [file] = await Promise.all([
      console.page.waitForEvent("download"),
      console.button("Download Manifest").click(),
    ]);
    return file.suggestedFilename();
  };
  const [mine, theirs] = await Promise.all([download(page), download(other)]);
  expect(mine).toBe(theirs);
  await page.field("Name").fill("Harbor");
  await page.save();
  const next = await download(page);
  expect(next).not.toBe(mine);
  expect(await download(other)).toBe(next);
});

test.describe("a new server", () => {
  test.use({ start: { fresh: true } });

  test("a failing step undoes everything", async ({ console: page, sandbox }) => {
    await page.open();
    await page.button("Set up with Microsoft").click();
    await page.signIn();
    await page.button("Show what will be done").click();
    await sandbox.control("/faults/graph", { status: 500, failPath: "/addPassword" });
    await page.button("Make these changes").click();
    await expect(page.page.getByText("A step failed, and everything was taken back.")).toBeVisible();
    await expect(page.page.locator('[data-step="secret"]')).toContainText("Failed");
    await expect(page.page.locator('[data-step="application"]')).toContainText("Taken back");
    await page.picture("setup-failed");
    await sandbox.control("/healthy", {});
    expect(await sandbox.control<unknown[]>("/tenant/applications")).toEqual([]);
  });

  test("a configuration that cannot be written: the values are shown once", async ({
    console: page,
    sandbox,
  }) => {
    await sandbox.control("/faults/api", { methods: ["savePluginConfig"] });
    await page.open();
    await page.button("Set up with Microsoft").click();
    await page.signIn();
    await page.button("Show what will be done").click();
    await page.button("Make these changes").click();
    await expect(page.page.getByText("cannot be changed from here")).toBeVisible();
    await expect(page.button("Copy Client secret")).toBeVisible();
    await page.picture("setup-locked");
  });
});

test.describe("an http site URL", () => {
  test.use({ start: { siteUrl: "http://chat.example.com", installed: false } });

  test("is reported first, and no package is made for it", async ({ console: page }) => {
    await page.open();
    await expect(page.page.getByText("The Site URL of this server must be https")).toBeVisible();
    await page.go("Teams app");
    await expect(page.button("Download Manifest")).toBeDisabled();
    await expect(page.page.locator('[data-setting="app_package"]')).toContainText("must be https");
    await page.runChecks();
    await expect(page.check("site_url")).toHaveAttribute("data-state", "problem");
    await expect(page.check("site_url")).toContainText("Serve Mattermost over https");
    await page.picture("checks-http");
  });
});

test.describe("an expired certificate", () => {
  test.use({ start: { settings: { m365_client_certificate: expiredCertificate } } });

  test("is reported with its date", async ({ console: page }) => {
    await page.open();
    await page.runChecks();
    await expect(page.check("credential_expiry")).toHaveAttribute("data-state", "problem");
    await expect(page.check("credential_expiry")).toContainText("Expired on 2021-01-01");
    await page.check("credential_expiry").getByRole("button", { name: "Go to the setting" }).click();
    await expect(page.field("Client certificate")).toBeFocused();
    await expect(page.field("Client certificate")).toHaveValue("");
    expect(await page.page.content()).not.toContain("PRIVATE KEY-----\n");
  });
});

test.describe("under a sub-path", () => {
  test.use({ start: { subpath: "/chat", installed: false } });

  test("addresses contain it, the Application ID URI does not", async ({ console: page }) => {
    await page.open();
    await expect(page.page.getByText(/^api:\/\/localhost\/[0-9a-f-]{36}$/)).toBeVisible();
    await page.go("Teams app");
    const [file] = await Promise.all([
      page.page.waitForEvent("download"),
      page.button("Download Manifest").click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.zip$/);
    await page.runChecks();
    await expect(page.check("site_url")).toContainText("/chat");
  });
});

test.describe("settings held by the environment", () => {
  test.use({ start: { fresh: true, locked: ["ServiceSettings.FrameAncestors"] } });

  test("frame ancestors: the variable and its value, ready to copy", async ({ console: page, sandbox }) => {
    await page.open();
    const panel = page.page.locator('[data-part="frame-ancestors"]');
    await expect(panel).toContainText("MM_SERVICESETTINGS_FRAMEANCESTORS");
    await expect(panel.locator("code").last()).toHaveText(new URL(sandbox.info.teamsUrl).origin);
    await expect(page.button("Add the missing hosts")).toBeDisabled();
    await page.picture("frames-locked");
  });
});
