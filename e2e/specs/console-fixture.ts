/** Steps in the System Console that all console specs share. */

import type { Locator, Page } from "@playwright/test";
import { test as base, expect } from "./fixtures.ts";
import { picture } from "./pictures.ts";

export type PageName =
  | "Overview"
  | "Connect to Microsoft"
  | "Teams app"
  | "Sign-in"
  | "Notifications"
  | "Connected accounts"
  | "Chats, channels, calendar"
  | "Changes"
  | "Checks"
  | "Teams chats"
  | "Linked channels"
  | "Calendar"
  | "Links";

const MICROSOFT_ADMIN = "sam.rivera@harbor.example";

export class Console {
  readonly page: Page;
  readonly sandbox: {
    openConsole(page: Page): Promise<void>;
    control<T>(path: string, body?: unknown): Promise<T>;
  };

  constructor(page: Page, sandbox: Console["sandbox"]) {
    this.page = page;
    this.sandbox = sandbox;
  }

  async open(name: PageName = "Connect to Microsoft"): Promise<void> {
    await this.sandbox.openConsole(this.page);
    await this.go(name);
  }

  async go(name: PageName): Promise<void> {
    await this.page.getByRole("tab", { name, exact: true }).click();
    await expect(this.page.getByRole("heading", { name, level: 2 })).toBeVisible();
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  async save(): Promise<void> {
    await this.button("Save").click();
    await expect(this.button("Save")).toBeDisabled();
  }

  /** Signs in with a device code, as if on another device. `null` declines. */
  async signIn(upn: string | null = MICROSOFT_ADMIN): Promise<void> {
    await expect(this.page.getByText("Waiting for the sign-in")).toBeVisible();
    const [code] = await this.sandbox.control<{ userCode: string }[]>("/entra/device");
    await expect(this.page.locator(".mc-dialog code")).toHaveText(code?.userCode ?? "");
    await this.sandbox.control("/entra/device", { userCode: code?.userCode, upn });
    if (upn !== null) await expect(this.page.getByText(`Signed in as ${upn}`)).toBeVisible();
  }

  /** Creates the registration from nothing, like a newcomer. */
  async setUp(): Promise<void> {
    await this.button("Set up with Microsoft").click();
    await this.signIn();
    await this.button("Show what will be done").click();
    await this.button("Make these changes").click();
    await expect(this.page.getByText("Done. The settings are filled in and saved.")).toBeVisible();
    await this.button("Close").click();
  }

  async addFrameAncestors(): Promise<void> {
    await this.button("Add the missing hosts").click();
    await expect(this.page.getByText("All hosts are allowed.")).toBeVisible();
  }

  async runChecks(): Promise<void> {
    await this.go("Checks");
    await this.button("Run the checks").click();
    await expect(this.page.getByRole("status").filter({ hasText: /^Run at/ })).toBeVisible();
  }

  check(id: string): Locator {
    return this.page.locator(`[data-check="${id}"]`);
  }

  /** For the admin guide. Kept only on request, because pixels differ between machines. */
  async picture(name: string): Promise<void> {
    if (!process.env.PICTURES) return;
    await expect(this.page.getByText("Looking…").filter({ visible: true })).toHaveCount(0);
    // The page scrolls inside the System Console; for a picture of the whole page it grows.
    const grow = await this.page.addStyleTag({
      content: `.console, .console-page, .wrapper--fixed { height: auto !important; min-height: 100vh; }
        .admin-console__wrapper { overflow: visible !important; }
        .admin-console__header small { visibility: hidden; }`,
    });
    await picture(this.page, name, { fullPage: true });
    await grow.evaluate((element) => element.parentNode?.removeChild(element));
  }
}

export const test = base.extend<{ console: Console }>({
  console: ({ page, sandbox }, use) => use(new Console(page, sandbox)),
});

export { expect };
