/** Checks that hold for every view of the tab. */

import AxeBuilder from "@axe-core/playwright";
import { expect, type Tab } from "./tab-fixture.ts";

/** Fails with the elements that break a rule of axe. */
export async function accessible(tab: Tab): Promise<void> {
  // The host page is not ours; its frame is.
  const { violations } = await new AxeBuilder({ page: tab.page }).include(["#tab", "#root"]).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

/** No horizontal scrolling, and everything reachable by scrolling down. */
export async function fits(tab: Tab): Promise<void> {
  const wider = await tab.shell.locator("html").evaluate((root) => root.scrollWidth > root.clientWidth);
  expect(wider).toBe(false);
  for (const way of await tab.shell.locator(".way").all()) {
    await way.scrollIntoViewIfNeeded();
    await expect(way).toBeInViewport();
  }
}
