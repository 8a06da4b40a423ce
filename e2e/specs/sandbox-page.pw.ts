/** Tests that the sandbox's page leads a visitor through the first chapter with its five buttons. */

import { expect, test } from "./fixtures.ts";
import { picture } from "./pictures.ts";

test.use({ start: { installed: false }, viewport: { width: 1600, height: 1000 } });

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test("each of the five buttons gets its tick", async ({ sandbox, page }) => {
      test.slow();
      await page.goto(sandbox.url);
      const steps = page.locator(".steps li");
      const done = (count: number) => expect(page.locator('.steps li[data-done="true"]')).toHaveCount(count);
      const teams = page.frameLocator('iframe[title="Teams"]');
      const mattermost = teams
        .frameLocator('iframe[name="embedded-page-container"]')
        .frameLocator("iframe.mattermost");
      await done(0);

      const console = page.frameLocator('iframe[title="System Console"]');
      await console.getByRole("tab", { name: "Teams app" }).click();
      await Promise.all([
        page.waitForEvent("download"),
        console
          .getByRole("button", { name: /download/i })
          .first()
          .click(),
      ]);
      await done(1);

      await steps.nth(1).getByRole("button").click();
      await expect(teams.getByRole("button", { name: "Open" })).toBeVisible();
      await done(2);

      await steps.nth(2).getByRole("button").click();
      await expect(mattermost.locator('.app[data-user="alex"] .post').first()).toBeVisible();
      await done(3);

      await steps.nth(3).getByRole("button").click();
      await expect(teams.locator(".feed-item").first()).toContainText("Operations");
      await done(4);
      await picture(page, `sandbox-feed-${colorScheme}`);

      await teams.locator(".feed-item").first().click();
      await expect(mattermost.locator('.post[data-focused="true"]')).toContainText("@alex");
      await done(5);
      // In a dark host the tab also offers to make Mattermost dark.
      if (colorScheme === "dark") {
        const shell = teams.frameLocator('iframe[name="embedded-page-container"]');
        await shell.getByRole("button", { name: "Yes, match it" }).click();
        await expect(mattermost.locator("html")).toHaveCSS("color-scheme", "dark");
      }
      await picture(page, `sandbox-${colorScheme}`);
    });
  });
}

test.describe("with the app in Teams", () => {
  test.use({ start: { installed: true } });
  test("a button that is pressed before Teams has loaded still shows its view", async ({ sandbox, page }) => {
    let load: () => void = () => undefined;
    const mayLoad = new Promise<void>((resolve) => {
      load = resolve;
    });
    await page.route(`${sandbox.info.teamsUrl}/?theme=*`, async (route) => {
      await mayLoad;
      await route.continue();
    });
    await page.goto(sandbox.url);
    const step = page.locator(".steps li").filter({ hasText: "Be mentioned" }).getByRole("button");
    await step.click();
    await expect(step).toBeEnabled();
    load();
    const teams = page.frameLocator('iframe[title="Teams"]');
    await expect(teams.getByRole("region", { name: "Activity feed" })).toBeVisible();
  });
});

test("failures can be switched on and off", async ({ sandbox, page }) => {
  await page.goto(sandbox.url);
  await page.getByRole("button", { name: "Faults" }).click();
  await page.getByLabel(/The token has expired/).check();
  await page.locator(".steps li").nth(1).getByRole("button").click();
  await expect(page.locator('.steps li[data-done="true"]')).toHaveCount(2);
  await page.locator(".steps li").nth(2).getByRole("button").click();
  const shell = page
    .frameLocator('iframe[title="Teams"]')
    .frameLocator('iframe[name="embedded-page-container"]');
  await expect(shell.locator(".card.words[data-kind]")).toBeVisible();
  await picture(page, "sandbox-faults");
  await page.getByRole("button", { name: "Everything works again" }).click();
  await page.locator(".steps li").nth(2).getByRole("button").click();
  await expect(shell.frameLocator("iframe.mattermost").locator('.app[data-user="alex"]')).toBeVisible();
});
