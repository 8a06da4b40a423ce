// Runs the day of many people on the platform's alarms, in the same loop as the feature.
import { expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { Alarms } from "../../../platform/work/alarms.ts";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import { afterStep, type DayMemory, emptyDay, nextMoment, type PersonDay, stepsAt } from "./day.ts";
import { settingsAfterConnecting } from "./settings.ts";
import { meeting, on } from "./testing/simulated-person.ts";

test("A52: sets one alarm each for 5,000 people with a meeting at ten, all at ten, without an earlier look", async () => {
  const clock = new FakeClock(on("09:00"));
  const alarms = new Alarms(clock);
  const stop = new AbortController();
  const running = alarms.run(stop.signal);
  const looks = new Map<string, number[]>();
  const changed: string[] = [];

  const look = (id: string, memory: DayMemory) => {
    const now = clock.now();
    looks.set(id, [...(looks.get(id) ?? []), now]);
    const day: PersonDay = {
      events: [meeting(id, "10:00", "11:00")],
      settings: { ...settingsAfterConnecting, status: "dnd" },
      zone: zoneOf("UTC") as ZoneId,
      memory,
      mattermost: { status: { status: memory.status?.status ?? "online", manual: false }, custom: null },
      inMeeting: { emoji: "calendar", text: "In a meeting" },
      focusing: { emoji: "dart", text: "Focusing" },
    };
    let after = memory;
    for (const step of stepsAt(day, now).steps) {
      if (step.do === "status") changed.push(step.decision.do);
      after = afterStep(after, step);
    }
    const next = nextMoment({ ...day, memory: after }, now);
    if (next !== null) alarms.set(id, next, () => look(id, after));
  };
  for (let n = 0; n < 5000; n += 1) look(`u${n}`, emptyDay);

  expect(alarms.size).toBe(5000);
  await clock.pass(on("09:59:59") - clock.now());
  expect(changed).toEqual([]);
  await clock.pass(1000);
  expect(changed.filter((what) => what === "set").length).toBe(5000);
  await clock.pass(on("11:01:30") - clock.now());
  expect(changed.filter((what) => what === "restore").length).toBe(5000);
  expect(alarms.size).toBe(0);
  // The first look, the start, the end, and a look after the server's own job.
  expect(looks.get("u0")).toEqual(["09:00", "10:00", "11:00", "11:00:03"].map(on));
  stop.abort();
  await running;
});
