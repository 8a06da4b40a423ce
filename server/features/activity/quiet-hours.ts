/** Hours in which a person gets no activity, in minutes of their own day. */

/** `from` is inside, `to` is not; a span over midnight is meant when `from` is the later one. */
export function isQuiet(quiet: { from: number; to: number }, now: number, timezone: string): boolean {
  const minute = minuteOfDay(now, timezone);
  if (quiet.from === quiet.to) return false;
  return quiet.from < quiet.to
    ? minute >= quiet.from && minute < quiet.to
    : minute >= quiet.from || minute < quiet.to;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(now: number, timezone: string): number {
  let clock = clocks.get(timezone);
  if (!clock) {
    clock = clockOf(timezone);
    clocks.set(timezone, clock);
  }
  const [hour = "0", minute = "0"] = clock.format(now).split(":");
  return Number(hour) * 60 + Number(minute);
}

function clockOf(timezone: string): Intl.DateTimeFormat {
  const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-GB", { ...form, timeZone: timezone === "" ? "UTC" : timezone });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...form, timeZone: "UTC" });
  }
}
