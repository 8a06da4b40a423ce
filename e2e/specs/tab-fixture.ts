/** Playwright with a fresh stand-in of host and Mattermost for each spec, and third-party cookies blocked. */

import { expect, type FrameLocator, type Page } from "@playwright/test";
import type { HostSettings } from "../tab/host-page.ts";
import { TabStandIn } from "../tab/stand-in.ts";
import { test as base } from "./browser.ts";

export class Tab {
  readonly standIn: TabStandIn;
  readonly page: Page;
  constructor(standIn: TabStandIn, page: Page) {
    this.standIn = standIn;
    this.page = page;
  }
  /** The shell. */
  get shell(): FrameLocator {
    return this.page.frameLocator("#tab");
  }
  /** Mattermost inside the shell. */
  get mattermost(): FrameLocator {
    return this.shell.frameLocator("iframe.mattermost");
  }
  card(kind: string) {
    return this.shell.locator(`.card.words[data-kind="${kind}"]`);
  }
  /** Evaluates an expression over `host`, the host page's handle (e2e/tab/host-page.ts). */
  host<T>(expression: string): Promise<T> {
    return this.page.evaluate(expression) as Promise<T>;
  }
  /** How often the tab sent this message to the host. */
  calls(func: string): Promise<number> {
    return this.host(`host.count(${JSON.stringify(func)})`);
  }
  /** The tab's requests to the route that creates sessions. */
  get exchanges() {
    return this.standIn.asked("/plugins/mission-collaboration/api/v1/session");
  }
  async open(settings: Partial<HostSettings> = {}, query = ""): Promise<void> {
    await this.page.goto(this.standIn.hostUrl(settings, query));
  }
  /** Opens the tab and waits until the person sees Mattermost. */
  async arrive(settings: Partial<HostSettings> = {}): Promise<void> {
    await this.open(settings);
    await this.shell.locator("iframe.mattermost:not(.covered)").waitFor();
    await this.mattermost.locator("#place").waitFor();
  }
  /**
   * Waits until the tab has handled all earlier messages: it handles messages in order, and the host sees the effect of
   * the last one.
   */
  async settled(): Promise<void> {
    const label = `settled-${Math.random()}`;
    const message = { type: "mission_collaboration_share", subPageId: `post_${"s".repeat(26)}`, label };
    await this.mattermost.locator("body").evaluate(`parent.postMessage(${JSON.stringify(message)}, origin)`);
    const shared = "host.seen.filter(({ func }) => func === 'shareDeepLink').map(({ args }) => args[1])";
    await expect.poll(() => this.host<string[]>(shared)).toContain(label);
  }
}

export const test = base.extend<{ tab: Tab; options: { configured?: boolean; subpath?: string } }, object>({
  options: [{}, { option: true }],
  tab: async ({ page, options }, use) => {
    const standIn = await TabStandIn.start(options);
    await use(new Tab(standIn, page));
    await standIn.stop();
  },
});

export { expect };
