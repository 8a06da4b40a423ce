/** Tests that the week stays readable in a narrow calendar. */

import type { Locator } from "@playwright/test";
import { calendarWorld, day, event, openSidebar } from "./calendar-world.ts";
import { expect, test } from "./member-fixture.ts";
import { picture } from "./pictures.ts";

test.use({ timezoneId: "UTC" });

/** The words that are drawn on two lines. */
const brokenWords = (calendar: Locator): Promise<string[]> =>
  calendar.evaluate((root) => {
    const page = root.ownerDocument;
    const broken: string[] = [];
    const texts = page.createTreeWalker(root, 4 /* text nodes */);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (text.parentElement?.closest("style, .mc-unseen")) continue;
      for (const { 0: word, index } of (text.textContent ?? "").matchAll(/\S+/g)) {
        const range = page.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
          broken.push(word);
      }
    }
    return broken;
  });

for (const [name, columns, width] of [
  ["a list beside nothing, 320 px wide", "1fr", 320],
  ["a list beside a channel, 320 px wide", "120px 1fr 320px", 1280],
  ["columns, 640 px wide", "120px 1fr 641px", 1280],
] as const) {
  test(`week: no word is broken, and a long subject has an ellipsis (${name})`, async ({ member, page }) => {
    const subject = "Planungskonferenz der Hafenbetriebsgesellschaft mit Donaudampfschifffahrtskapitänen";
    const long = event("Long", "2026-11-30T09:45", "2026-11-30T11:00", {
      subject,
      location: "Besprechungsraum",
    });
    await calendarWorld(member, [...day(), long]);
    const calendar = await openSidebar(member);
    await calendar.getByRole("button", { name: "Week" }).click();
    await page.setViewportSize({ width, height: 800 });
    await page.addStyleTag({
      content: `.app[data-side="true"] { grid-template-columns: ${columns} !important; }`,
    });
    const button = calendar.getByRole("button", { name: subject });
    await expect(button).toHaveAttribute("title", /^Planungskonferenz .*kapitänen\n9:45/);
    await expect(calendar.locator(".mc-cal-agenda")).toHaveCount(name.startsWith("columns") ? 0 : 1);
    await expect.poll(() => brokenWords(calendar)).toEqual([]);
    const line = button.locator("strong");
    await expect(line).toHaveCSS("text-overflow", "ellipsis");
    expect(await line.evaluate(({ clientWidth, scrollWidth }) => scrollWidth > clientWidth)).toBe(true);
    const wide = await calendar
      .locator(":scope, .mc-cal-agenda, .mc-cal-scroll")
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
    expect(wide).toBe(0);
    await member.noViolations(".mc-cal");
    await picture(page, `calendar-week-${width}-${columns.length}`);
  });
}
