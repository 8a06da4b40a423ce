/** Starts a DayWorld with one member who has one meeting. */

import { DayWorld } from "./day-world.ts";

/** A member with a meeting from ten to eleven, driven from nine o'clock on. */
async function startWithMeeting(
  settings: Parameters<DayWorld["member"]>[1],
  part: Record<string, unknown> = {},
) {
  const world = new DayWorld();
  const sam = world.member("sam", settings);
  const meeting = world.meeting(sam, "10:00", "11:00", part);
  const node = await world.start();
  return { world, sam, meeting, node };
}

/** For tests that stop the world after each of them: `keep` gets it once it has started. */
export function meetingKeptBy(keep: (world: DayWorld) => void): typeof startWithMeeting {
  return async (...meeting) => {
    const started = await startWithMeeting(...meeting);
    keep(started.world);
    return started;
  };
}
