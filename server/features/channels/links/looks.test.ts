import { expect, test } from "bun:test";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import type { ChannelLink } from "./link-store.ts";
import { Looks } from "./looks.ts";

test("a link is checked after an hour, also when the clock is set back meanwhile", async () => {
  const clock = new FakeClock();
  const looks = new Looks(clock);
  const link = { id: "l", teamId: "t" } as ChannelLink;
  looks.happened(link);
  expect([looks.isDue(link), looks.isTurnOf(link)]).toEqual([false, false]);
  clock.jumpTo(clock.now() - 3 * 3_600_000);
  expect([looks.isDue(link), looks.isTurnOf(link)]).toEqual([false, false]);
  await clock.pass(1_000);
  expect(looks.isTurnOf(link)).toBe(true);
  await clock.pass(3_600_000);
  expect(looks.isDue(link)).toBe(true);
});
